"""What an agent sees: the market's public features and its own four private inputs (RULES section 2)."""

import numpy as np

from arena.engine.ledger import exposure_of
from ml.compiled import kernel
from ml.networks.base import PREMIUM_FROM, PRIVATE, PUBLIC
from ml.products import copy_part, matrix

PRIVATE_NAMES = ("exposure", "unrealised return x 10", "drawdown", "cost multiplier - 1")


@kernel
def private_inputs(account, position, price, multiplier, out):
    """out float32 [4]: exposure to a symbol, 10 x unrealised return of its position, and of the account drawdown and cost multiplier - 1.

    Each within [-5, 5].
    """
    exposure, unrealised, drawdown = 0.0, 0.0, 0.0
    if position.quantity != 0.0:
        exposure = exposure_of(position, price, account.equity)
        side = 1.0 if position.quantity > 0.0 else -1.0
        unrealised = 10.0 * side * (price / position.entry_price - 1.0)
    if account.peak > 0.0:
        drawdown = 1.0 - account.equity / account.peak
    out[0] = min(max(exposure, -5.0), 5.0)
    out[1] = min(max(unrealised, -5.0), 5.0)
    out[2] = min(max(drawdown, -5.0), 5.0)
    out[3] = min(max(multiplier - 1.0, -5.0), 5.0)


@kernel
def observe(features, row, private, premium, out):
    """out float32 [24]: public features of a row, then private inputs; higher timeframes are 0 without `premium`."""
    copy_part(features, row, matrix(out, 0, 1, out.shape[0]), 0, 0, PUBLIC)
    if not premium:
        for j in range(PREMIUM_FROM, PUBLIC):
            out[j] = np.float32(0.0)
    for j in range(PRIVATE):
        out[PUBLIC + j] = private[j]
