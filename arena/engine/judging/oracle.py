"""What positions on a simulated market are worth in expectation, and the best that can be held.

No luck of the draw is in it: a position earns what the law of the next bar promises, less the
costs of the changes and, for a short one, its variance. All is at full size, in log growth.

The best is exact where `arena.engine.judging.chains` solves the market. Elsewhere it is a declared
numerical method: hold one side until the conditional mean passes a threshold on the other, which
was chosen on OTHER_BARS bars of the same law.
"""

from functools import lru_cache

import numpy as np

from agents.strategies.sides import of_forecasts, traded
from arena.engine.judging.ceiling import ceiling
from arena.engine.judging.chains import CHAINS, NoCeiling, check_terms
from arena.engine.judging.law import LAWS, Columns, Law, law_of
from arena.prices.market.bars import COLUMNS
from arena.prices.market.simulators import SIMULATORS, simulate
from arena.settings_schema import Costs, Settings
from ml.rng import Purpose, stream

OTHER_BARS = 60_000
# thresholds that are tried beside 0, as quantiles of the size of the conditional mean
TRIED = np.linspace(0.005, 0.995, 199)


def expected_growth(positions: np.ndarray, law: Law, costs: Costs) -> float:
    """Log growth that `positions`, float64 [n], each held over the next bar, may expect."""
    growth = np.where(positions < 0.0, -law.mean - law.variance - law.mean**2, law.mean)
    return float(growth @ np.abs(positions)) - side_cost(costs) * traded(positions)


def side_cost(costs: Costs) -> float:
    """What buying or selling costs, of notional, where orders do not move the price."""
    return costs.fee + costs.half_spread + costs.slippage


def best_growth(bars: Columns, stretch: tuple[int, int], settings: Settings) -> float:
    """What the best policy may expect on bars stretch[0] .. stretch[1] - 1; at least 0."""
    start, stop = stretch
    if settings.market.kind in CHAINS:
        return ceiling(settings).growth * (stop - start - 1)
    law, short = law_of(bars, settings.market), settings.life.direction == "long_short"
    part = Law(*(each[start : stop - 1] for each in law))
    positions = of_forecasts(part.mean, best_threshold(settings), short)
    return max(expected_growth(positions, part, settings.costs), 0.0)


@lru_cache(maxsize=256)
def best_a_bar(settings: Settings) -> float | None:
    """What the best policy on the settings' market may expect, in log growth a bar; at least 0.

    None where the market's law is not known, or what its costs come to. Elsewhere than on a chain
    it is that of the best threshold, on the very bars that it was chosen on; an opening and a
    closing trade are spread over all of them.
    """
    if settings.market.kind not in CHAINS.keys() | LAWS.keys():
        return None
    try:
        check_terms(settings)
        if settings.market.kind in CHAINS:
            return ceiling(settings).growth
    except NoCeiling:
        return None
    return max(_on_other_bars(settings)[1] / OTHER_BARS, 0.0)


def best_threshold(settings: Settings) -> float:
    """The threshold of greatest expected growth on other bars; infinite where none earns any."""
    threshold, growth = _on_other_bars(settings)
    return threshold if growth > 0.0 else np.inf


@lru_cache(maxsize=256)
def _on_other_bars(settings: Settings) -> tuple[float, float]:
    """The best threshold on OTHER_BARS bars of the market's law, and the log growth it expects."""
    market, short = settings.market, settings.life.direction == "long_short"
    figures = {name: getattr(market, name) for name in SIMULATORS[market.kind].figures}
    # round 0 of this address drew the market itself
    draw = stream(settings.seed, Purpose.MARKET, 1)
    other = simulate(market.kind, OTHER_BARS, draw, **figures)
    law = law_of(tuple(getattr(other, name) for name in COLUMNS[1:]), market)
    tried = np.unique([0.0, *np.quantile(np.abs(law.mean), TRIED)])
    sides = (of_forecasts(law.mean, threshold, short) for threshold in tried)
    growth = [expected_growth(side, law, settings.costs) for side in sides]
    best = int(np.argmax(growth))
    return float(tried[best]), float(growth[best])
