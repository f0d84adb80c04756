"""Markets whose law is known, as Markov chains: what can happen next, how likely it is, and how far
the price then moves.
"""

from dataclasses import dataclass

import numpy as np

from arena.engine.judging.distributions import normal_below, normal_quantile
from arena.prices.market import planted
from arena.prices.market.simulators import BASE_PRICE, sine_noise
from arena.settings_schema import Settings

# short positions are followed over this many moves of the price to either side of their entry, and
# no further than this log price
REACH = {"planted": 256, "planted_memory": 32}
REACH_IN_PRICE = 0.3
LONGEST_WAVE_WITH_SHORTS = 256
# how finely the sine's noise is told apart, by (without, with) shorts: (period up to, levels)
NOISE_LEVELS = (((256, 15), (10_000, 1)), ((64, 3), (LONGEST_WAVE_WITH_SHORTS, 1)))
TINY = 1e-12


class NoCeiling(ValueError):
    """Settings for which no best possible growth is computed; the text says why."""


@dataclass(frozen=True)
class Chain:
    """State s at the close of a bar is followed by state follow[s, b] with chance[s, b], while the
    log price moves by rise[s, b].

    follow int64, chance and rise float64, all [states, branches]. After `period` bars every state
    that recurs may have come back. A short position is in a cell, which says how far the log price
    stands from its entry: level [cells, states], float64. It starts in first [states] and goes to
    moved [cells, states, branches]; both int64.
    """

    follow: np.ndarray
    chance: np.ndarray
    rise: np.ndarray
    period: int
    first: np.ndarray
    moved: np.ndarray
    level: np.ndarray


def chain_of(settings: Settings) -> Chain:
    """The chain of the settings' market; NoCeiling where its law or its costs are none that are
    solved exactly.
    """
    if settings.market.kind not in CHAINS:
        raise NoCeiling(
            f"the best possible growth on {settings.market.kind} is not known; it is on"
            f" {', '.join(CHAINS)}"
        )
    check_terms(settings)
    return CHAINS[settings.market.kind](settings)


def check_terms(settings: Settings) -> None:
    """NoCeiling where what a position costs, or what ends it, is none of what is solved."""
    for section, name in (
        ("costs", "funding"),
        ("costs", "borrow"),
        ("costs", "impact"),
        ("life", "stop_loss"),
        ("life", "take_profit"),
    ):
        if getattr(getattr(settings, section), name):
            raise NoCeiling(f"with {name} above 0 the best possible growth is not computed")
    if settings.life.max_leverage > 1.0:
        raise NoCeiling("with leverage above 1 the best possible growth is not computed")


def states_of(bars: tuple[np.ndarray, ...], settings: Settings) -> np.ndarray:
    """State of the settings' market at the close of every bar, int64 [n], from (open, high, low,
    close, volume) float64 [n] each.

    planted_memory: bars before the first count as narrow.
    """
    open_, high, low, close, _ = bars
    if settings.market.kind == "sine":
        return _sine_states(close, settings)
    if settings.market.kind == "planted":
        return planted.rises(open_, close).astype(np.int64)
    wide = np.concatenate(
        [np.zeros(planted.LAG - 1, np.int64), planted.widths(open_, high, low, close)]
    )
    return np.sum(
        [wide[planted.LAG - 1 - k : len(wide) - k] << k for k in range(planted.LAG)], axis=0
    )


def _sine_states(close: np.ndarray, settings: Settings) -> np.ndarray:
    phase = np.arange(1, len(close) + 1) % settings.market.period
    noise, levels = np.log(close / BASE_PRICE) - _wave(settings)[phase], _noise_levels(settings)
    # parts are equally likely, so the distribution function says which one it is
    spread = max(sine_noise(settings.market.volatility), TINY)
    part = np.minimum(
        (normal_below(noise / spread) * len(levels)).astype(np.int64), len(levels) - 1
    )
    return phase * len(levels) + part


def _sine(settings: Settings) -> Chain:
    """State = phase x levels of noise + level of noise, which is drawn anew every bar. A short's
    cell is the state of its entry.
    """
    market, short = settings.market, settings.life.direction == "long_short"
    if short and market.period > LONGEST_WAVE_WITH_SHORTS:
        raise NoCeiling(
            "with shorts the best possible growth is computed for waves of up to"
            f" {LONGEST_WAVE_WITH_SHORTS} bars"
        )
    noise = _noise_levels(settings)
    states = np.arange(market.period * len(noise))
    price = (_wave(settings)[:, None] + noise).ravel()
    follow = (states // len(noise) + 1)[:, None] % market.period * len(noise) + np.arange(
        len(noise)
    )
    cells = states if short else states[:0]
    return Chain(
        follow=follow,
        chance=np.full(follow.shape, 1.0 / len(noise)),
        rise=price[follow] - price[:, None],
        period=market.period,
        first=states,
        moved=np.broadcast_to(cells[:, None, None], (len(cells), *follow.shape)),
        level=price[None, :] - price[cells][:, None],
    )


def _wave(settings: Settings) -> np.ndarray:
    """Log price at each phase without noise, float64 [period]."""
    market = settings.market
    return np.log1p(market.amplitude * np.sin(2 * np.pi * np.arange(market.period) / market.period))


def _noise_levels(settings: Settings) -> np.ndarray:
    """Means of equally likely parts of the sine's noise, rising; so few that the chain stays small,
    for long waves none but 0.
    """
    short = settings.life.direction == "long_short"
    parts = next(
        count for longest, count in NOISE_LEVELS[short] if settings.market.period <= longest
    )
    # the density of a standard normal at its quantiles
    edges = np.exp(-(normal_quantile(np.arange(parts + 1) / parts) ** 2) / 2) / np.sqrt(2 * np.pi)
    return sine_noise(settings.market.volatility) * parts * -np.diff(edges)


def _planted(settings: Settings) -> Chain:
    """State 0 after a fall, 1 after a rise."""
    edge = settings.market.edge
    up = np.array([[False, True], [False, True]])
    return _stepping(
        settings,
        follow=np.array([[0, 1], [0, 1]]),
        chance=np.array([[edge, 1 - edge], [1 - edge, edge]]),
        up=up,
    )


def _planted_memory(settings: Settings) -> Chain:
    """The state's bits are the widths of the last LAG bars, the newest lowest; the highest tells of
    the next move.
    """
    edge, states = settings.market.edge, np.arange(1 << planted.LAG)
    rises = states >> (planted.LAG - 1) == 1
    shifted = states << 1 & (1 << planted.LAG) - 1
    # the next bar narrow or wide, and the rule holds or does not
    follow = np.stack([shifted, shifted, shifted | 1, shifted | 1], axis=1)
    chance = np.tile([edge / 2, (1 - edge) / 2] * 2, (len(states), 1))
    return _stepping(
        settings, follow=follow, chance=chance, up=np.stack([rises, ~rises] * 2, axis=1)
    )


def _stepping(
    settings: Settings, *, follow: np.ndarray, chance: np.ndarray, up: np.ndarray
) -> Chain:
    """A chain whose every move is +-volatility, up where `up` bool [states, branches]; a short's
    cell counts moves from its entry.

    Beyond REACH the count stays where it is; no policy that is any good holds on so long.
    """
    volatility, short = settings.market.volatility, settings.life.direction == "long_short"
    reach = min(REACH[settings.market.kind], int(REACH_IN_PRICE / max(volatility, 1e-6)))
    counts = np.arange(-reach, reach + 1) if short else np.arange(0)
    states = len(follow)
    step = np.where(up, 1, -1)
    return Chain(
        follow=follow,
        chance=chance,
        rise=volatility * step,
        period=1,
        first=np.full(states, reach),
        moved=np.clip(np.arange(len(counts))[:, None, None] + step, 0, max(len(counts) - 1, 0)),
        level=np.broadcast_to(volatility * counts[:, None], (len(counts), states)),
    )


CHAINS = {"planted": _planted, "planted_memory": _planted_memory, "sine": _sine}
