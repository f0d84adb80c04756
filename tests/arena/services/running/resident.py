"""How large a process grows that plays an experiment's blocks and packs them, in a process of its
own.
"""

from pathlib import Path
from typing import Any

from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block, play
from arena.engine.schedule import bars_needed, plan
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import parse
from arena.store.blocks import block_pack
from ml.checkpoint import unpack
from ml.rng import Purpose, stream

# what getrusage tells is inherited from the process that started this one
STATUS = Path("/proc/self/status")


def grown(raw: dict[str, Any]) -> int:
    """The most bytes that this process ever held: a block after the other is played, packed as
    files are, and read back.
    """
    settings = parse(raw)
    market = MarketView.of(
        [simulate("gbm", bars_needed(settings), stream(1, Purpose.MARKET), volatility=0.002)]
    )
    for first in range(0, settings.population, 64):
        block = fresh_block(founders(settings, range(first, first + 64)), settings, 1)
        result = play(block, market, plan(len(market), settings, 0), settings)
        packed = block_pack(block, result.digests)
        unpack(packed.memory)
    status = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024
