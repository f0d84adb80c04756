"""Markets made from random numbers: each simulator draws one fine path of log prices, from which
bars are cut.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena.prices.market import jumps as leaps
from arena.prices.market import planted as plant
from arena.prices.market.autoregression import autoregression
from arena.prices.market.bars import Bars

BASE_PRICE = 100.0
BASE_VOLUME = 1000.0
STEPS = 4
HOUR_MS = 3_600_000
START_MS = 1_577_836_800_000  # 2020-01-01 UTC
# beyond this the price of a float64 would soon overflow or vanish
LOG_PRICE_LIMIT = 600.0

# regimes: drift and volatility of each as multiples, and the chance per bar that it ends (then
# either other, evenly)
REGIMES = ("bull", "bear", "flat")
REGIME_DRIFT = np.array([4.0, -4.0, 0.0])
REGIME_VOLATILITY = np.array([1.0, 1.5, 0.5])
REGIME_END = 1 / 250
# the rule of two features: a busy bar has so many times the volume of a usual one, a quiet bar so
# small a part of it
BUSY = 3.0


class SimulatorError(ValueError):
    """Settings from which no market can be made; the text says which and the remedy."""


@dataclass(frozen=True)
class Shape:
    """What a simulator may look at.

    Drift: log return per 1,000 bars; volatility: deviation of one bar's log return; edge: a
    chance; persistence: correlation of a bar's return with the one before; pull: share of its
    distance from the middle that a log price loses in a bar; signal: an expected move, in
    volatilities. The others are those of jumps.LeapLaw.
    """

    bars: int
    drift: float = 0.0
    volatility: float = 0.0
    period: int = 64
    amplitude: float = 0.0
    edge: float = 0.9
    persistence: float = 0.1
    pull: float = 0.1
    signal: float = 0.25
    unrest: float = 0.5
    jump_rate: float = 5.0
    jump_size: float = 5.0
    swan_rate: float = 2.0
    swan_drop: float = 0.15


class Path(NamedTuple):
    """log_price float64 [bars * STEPS + 1]; activity multiplies volume, float64 [bars] or 1; swans:
    bars that one struck, int64 [any].
    """

    log_price: np.ndarray
    activity: np.ndarray | float = 1.0
    swans: np.ndarray = np.empty(0, np.int64)


Draw = Callable[[Shape, np.random.Generator], Path]


class Simulator(NamedTuple):
    """How a market is drawn, which figures of its Shape it looks at, and what forms call it."""

    draw: Draw
    figures: tuple[str, ...]
    title: str


def simulate(
    kind: str,
    bars: int,
    rng: np.random.Generator,
    *,
    timeframe_ms: int = HOUR_MS,
    start_ms: int = START_MS,
    **figures: float,
) -> Bars:
    """`simulated` without its black swans."""
    return simulated(kind, bars, rng, timeframe_ms=timeframe_ms, start_ms=start_ms, **figures)[0]


def simulated(
    kind: str,
    bars: int,
    rng: np.random.Generator,
    *,
    timeframe_ms: int = HOUR_MS,
    start_ms: int = START_MS,
    **figures: float,
) -> tuple[Bars, np.ndarray]:
    """`bars` bars of the market `kind`, a key of SIMULATORS, and which of them a black swan struck,
    int64 [any].

    figures: of its Shape, the others at their defaults. The same generator state gives the same
    bits. Raises `SimulatorError` for an unknown kind, no bars, or prices that would leave the range
    of numbers.
    """
    if kind not in SIMULATORS:
        raise SimulatorError(f"unknown market {kind!r:.40}; choose one of {', '.join(SIMULATORS)}")
    if bars < 1:
        raise SimulatorError(f"a market needs at least 1 bar, got {bars}")
    path = SIMULATORS[kind].draw(Shape(bars, **figures), rng)  # type: ignore[arg-type]
    if not np.abs(path.log_price).max() <= LOG_PRICE_LIMIT:
        remedy = "lower drift or volatility, jumps or black swans, or ask for fewer bars"
        raise SimulatorError(
            f"{kind}: prices leave the range of numbers within {bars:,} bars; {remedy}"
        )
    volume = BASE_VOLUME * np.exp(0.3 * rng.standard_normal(bars)) * path.activity
    time = start_ms + timeframe_ms * np.arange(bars, dtype=np.int64)
    return _bars_of(BASE_PRICE * np.exp(path.log_price), time, volume, timeframe_ms), path.swans


def sine(shape: Shape, rng: np.random.Generator) -> Path:
    """1 + amplitude x sin(2 pi t / period), times white noise of a quarter of the volatility that
    does not add up.
    """
    t = np.arange(shape.bars * STEPS + 1) / STEPS
    wave = np.log1p(shape.amplitude * np.sin(2 * np.pi * t / shape.period))
    return Path(wave + sine_noise(shape.volatility) * rng.standard_normal(len(t)))


def sine_noise(volatility: float) -> float:
    """Deviation of the white noise on the log price of the sine."""
    return volatility / 4


def trend_up(shape: Shape, rng: np.random.Generator) -> Path:
    """A random walk of log prices that rises by `drift` per 1,000 bars."""
    return _walk(
        np.full(shape.bars, shape.drift / 1000), np.full(shape.bars, shape.volatility), rng
    )


def trend_down(shape: Shape, rng: np.random.Generator) -> Path:
    """A random walk of log prices that falls by `drift` per 1,000 bars."""
    return _walk(
        np.full(shape.bars, -shape.drift / 1000), np.full(shape.bars, shape.volatility), rng
    )


def gbm(shape: Shape, rng: np.random.Generator) -> Path:
    """Geometric Brownian motion without drift, whatever `drift` says: the expected price stays
    where it is.
    """
    return _walk(
        np.full(shape.bars, -(shape.volatility**2) / 2), np.full(shape.bars, shape.volatility), rng
    )


def regimes(shape: Shape, rng: np.random.Generator) -> Path:
    """A random walk whose drift and volatility follow a Markov chain of bull, bear and flat, 250
    bars each on average.

    Drift is 4, -4 and 0 times `drift` (shorter than a trend, so steeper), volatility 1, 1.5 and 0.5
    times `volatility`.
    """
    state = regime_chain(shape.bars, rng)
    return _walk(
        REGIME_DRIFT[state] * shape.drift / 1000, REGIME_VOLATILITY[state] * shape.volatility, rng
    )


def regime_chain(bars: int, rng: np.random.Generator) -> np.ndarray:
    """Index into REGIMES of every bar, int64 [bars]."""
    ends = rng.random(bars) < REGIME_END
    # one or two places on in a ring of three: each other regime is as likely
    places = rng.integers(1, len(REGIMES), size=bars)
    return (rng.integers(len(REGIMES)) + np.cumsum(np.where(ends, places, 0))) % len(REGIMES)


def autoregressive(shape: Shape, rng: np.random.Generator) -> Path:
    """Returns of deviation `volatility`, each expected to be `persistence` times the one before."""
    shocks = shape.volatility * rng.standard_normal(shape.bars)
    shocks[1:] *= np.sqrt(1.0 - shape.persistence**2)
    return _through(autoregression(shocks, shape.persistence), shape.volatility, rng)


def mean_reverting(shape: Shape, rng: np.random.Generator) -> Path:
    """A log price that is drawn back to its middle by `pull` of the distance in every bar.

    A discrete Ornstein-Uhlenbeck process; the shock of a bar has deviation `volatility`.
    """
    shocks = shape.volatility * rng.standard_normal(shape.bars)
    price = autoregression(shocks, 1.0 - shape.pull)
    return _through(np.diff(price, prepend=0.0), shape.volatility, rng)


def rule_of_two(shape: Shape, rng: np.random.Generator) -> Path:
    """After a busy bar its direction is expected to last, after a quiet one to turn round.

    The expected move is `signal` volatilities, the shock about it one; busy or quiet is a fair
    coin. Neither the last return nor the volume tells anything alone, only their product does.
    """
    busy = np.where(rng.random(shape.bars) < 0.5, 1.0, -1.0)
    shocks = rng.standard_normal(shape.bars)
    moves, sign = np.empty(shape.bars), 1.0
    for t in range(shape.bars):
        moves[t] = shape.signal * sign + shocks[t]
        sign = busy[t] if moves[t] > 0.0 else -busy[t]
    return _through(shape.volatility * moves, shape.volatility, rng)._replace(activity=BUSY**busy)


def planted(shape: Shape, rng: np.random.Generator) -> Path:
    """Moves of exactly `volatility`, whose direction persists from bar to bar with chance `edge`:
    the last return tells.
    """
    signs = plant.persistent(shape.bars, shape.edge, rng)
    return Path(plant.path(signs, np.zeros(shape.bars, bool), shape.volatility, STEPS, rng))


def planted_memory(shape: Shape, rng: np.random.Generator) -> Path:
    """Moves of exactly `volatility`, up with chance `edge` where the bar eight before was a wide
    one, else down with it.
    """
    signs, wide = plant.recalled(shape.bars, shape.edge, rng)
    return Path(plant.path(signs, wide, shape.volatility, STEPS, rng))


def jumps(shape: Shape, rng: np.random.Generator) -> Path:
    """Regimes, volatility that comes in clusters, jumps and black swans, see
    arena.prices.market.jumps; volume rises with volatility.
    """
    return Path(
        *leaps.draw(
            leaps.LeapLaw(*(getattr(shape, name) for name in leaps.LeapLaw._fields)),
            shape.bars,
            STEPS,
            rng,
        )
    )


def _through(moves: np.ndarray, volatility: float, rng: np.random.Generator) -> Path:
    """A path whose bars move by `moves`, log returns float64 [bars], in Brownian bridges."""
    bars = len(moves)
    walk = np.cumsum(rng.standard_normal((bars, STEPS)), axis=1) * (volatility / np.sqrt(STEPS))
    share = np.arange(1, STEPS + 1) / STEPS
    inside = walk - share * walk[:, -1:]
    starts = np.concatenate([[0.0], np.cumsum(moves)])
    points = starts[:-1, None] + share * moves[:, None] + inside
    # the very number from which the next bar starts
    points[:, -1] = starts[1:]
    return Path(np.concatenate([[0.0], points.ravel()]))


def _walk(drift: np.ndarray, volatility: np.ndarray, rng: np.random.Generator) -> Path:
    """A random walk of log prices with the drift and volatility of each bar, float64 [bars]."""
    noise = rng.standard_normal((len(drift), STEPS))
    steps = drift[:, None] / STEPS + volatility[:, None] / np.sqrt(STEPS) * noise
    return Path(np.concatenate([[0.0], np.cumsum(steps.ravel())]))


def _bars_of(price: np.ndarray, time: np.ndarray, volume: np.ndarray, timeframe_ms: int) -> Bars:
    """Cut a path of STEPS points a bar and the start into bars; each opens where the one before
    closed.
    """
    body = price[:-1].reshape(-1, STEPS)
    open_, close = body[:, 0], price[STEPS::STEPS]
    high, low = np.maximum(body.max(axis=1), close), np.minimum(body.min(axis=1), close)
    return Bars(time, open_, high, low, close, volume, timeframe_ms)


SIMULATORS: dict[str, Simulator] = {
    "sine": Simulator(sine, ("volatility", "period", "amplitude"), "sine wave"),
    "trend_up": Simulator(trend_up, ("drift", "volatility"), "rising trend"),
    "trend_down": Simulator(trend_down, ("drift", "volatility"), "falling trend"),
    "gbm": Simulator(gbm, ("volatility",), "random walk, gbm"),
    "regimes": Simulator(regimes, ("drift", "volatility"), "regimes"),
    "jumps": Simulator(jumps, leaps.LeapLaw._fields, "jumps and black swans"),
    "autoregressive": Simulator(
        autoregressive, ("volatility", "persistence"), "returns that persist, AR(1)"
    ),
    "mean_reverting": Simulator(mean_reverting, ("volatility", "pull"), "mean reversion"),
    "rule_of_two": Simulator(rule_of_two, ("volatility", "signal"), "a rule of two features"),
    "planted": Simulator(planted, ("volatility", "edge"), "planted edge"),
    "planted_memory": Simulator(
        planted_memory, ("volatility", "edge"), "planted edge, needs memory"
    ),
}
