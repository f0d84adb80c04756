"""What an agent sees: the market's public features and its own four private inputs.

The rules: docs/RULES.md#observation.
"""

import numpy as np

from arena.engine.trading.ledger import exposure_of
from ml.kernels.compiled import kernel
from ml.kernels.products import copy_part, matrix
from ml.networks.base import PREMIUM_FROM, PRIVATE, PUBLIC

# what the unrealised return is multiplied by, and how far from 0 a private input may lie
UNREALISED, FARTHEST = 10.0, 5.0
PRIVATE_NAMES = ("exposure", "unrealised return x 10", "drawdown", "cost multiplier - 1")


@kernel
def private_inputs(account, position, price, multiplier, out):
    """out float32 [4]: exposure to a symbol and UNREALISED x unrealised return of its position;
    drawdown of the account, and cost multiplier - 1. Each within +-FARTHEST.
    """
    exposure, unrealised, drawdown = 0.0, 0.0, 0.0
    if position.quantity != 0.0:
        exposure = exposure_of(position, price, account.equity)
        side = 1.0 if position.quantity > 0.0 else -1.0
        unrealised = UNREALISED * side * (price / position.entry_price - 1.0)
    if account.peak > 0.0:
        drawdown = 1.0 - account.equity / account.peak
    out[0] = min(max(exposure, -FARTHEST), FARTHEST)
    out[1] = min(max(unrealised, -FARTHEST), FARTHEST)
    out[2] = min(max(drawdown, -FARTHEST), FARTHEST)
    out[3] = min(max(multiplier - 1.0, -FARTHEST), FARTHEST)


@kernel
def observe(features, row, private, premium, out):
    """out float32 [24]: public features of a row, then private inputs; higher timeframes are 0
    without `premium`.
    """
    copy_part(features, row, matrix(out, 0, 1, out.shape[0]), 0, 0, PUBLIC)
    if not premium:
        for j in range(PREMIUM_FROM, PUBLIC):
            out[j] = np.float32(0.0)
    for j in range(PRIVATE):
        out[PUBLIC + j] = private[j]
