"""A market made of blocks of a real one, drawn at random and put one after another: the same bars,
another history.

Within a block everything stays as it was: fat tails, clusters of volatility, volume. What spans
more than a block is gone, and so is the time of day at which things happened.
"""

from collections.abc import Sequence

import numpy as np

from arena.prices.market.bars import Bars, BarsError

METHODS = ("stationary", "moving")
# a series that resampling takes further would soon leave the range of numbers
LOG_PRICE_LIMIT = 600.0


class BootstrapError(ValueError):
    """A series or settings of which no market can be made; the text says which and the remedy."""


def resampled(
    series: Sequence[Bars], count: int, method: str, block: int, rng: np.random.Generator
) -> tuple[Bars, ...]:
    """`count` bars of each series, each with its shape (open, high, low and close over the close
    before it) and volume.

    All take their bars from the same places, so that what moved together still does. The first
    opens where the series began, at its time, and bars follow one another without gaps. Raises
    `BootstrapError`.
    """
    source = len(series[0]) - 1
    if source < 2 * block:
        remedy = (
            f"choose blocks of {source // 2:,} or fewer" if source >= 2 else "bring a longer series"
        )
        raise BootstrapError(
            f"the series has {len(series[0]):,} bars, and blocks of {block:,} need at least"
            f" {2 * block + 1:,}; {remedy}"
        )
    places = 1 + PLACES[method](source, count, block, rng)
    return tuple(_made_of(bars, places) for bars in series)


def _made_of(bars: Bars, place: np.ndarray) -> Bars:
    """place: int64 [count], which bar of `bars` comes where."""
    change = np.log(bars.close[place] / bars.close[place - 1])
    end = np.cumsum(change)
    if not np.abs(end).max() <= LOG_PRICE_LIMIT:
        raise BootstrapError(
            f"prices leave the range of numbers within {len(place):,} bars; ask for fewer or"
            " shorter rounds, or draw from another series"
        )
    before = bars.close[0] * np.exp(np.concatenate([[0.0], end[:-1]]))
    shape = [
        before * (price[place] / bars.close[place - 1])
        for price in (bars.open, bars.high, bars.low, bars.close)
    ]
    open_, high, low, close = _put_right(*shape)
    time = bars.time[0] + bars.timeframe_ms * np.arange(len(place), dtype=np.int64)
    try:
        return Bars(time, open_, high, low, close, bars.volume[place], bars.timeframe_ms)
    except BarsError as error:
        raise BootstrapError(f"resampled prices cannot be a market: {error}") from None


def moving(source: int, count: int, block: int, rng: np.random.Generator) -> np.ndarray:
    """Places 0 .. source - 1, int64 [count]: blocks of exactly `block`, each as likely as any other
    (Kuensch, 1989).
    """
    starts = rng.integers(source - block + 1, size=-(-count // block))
    return (starts[:, None] + np.arange(block)).ravel()[:count]


def stationary(source: int, count: int, block: int, rng: np.random.Generator) -> np.ndarray:
    """Places 0 .. source - 1, int64 [count]: blocks of geometric length, `block` on average, round
    the end (Politis and Romano, 1994).
    """
    fresh = rng.random(count) < 1 / block
    starts = rng.integers(source, size=count)
    # the first bar begins a block whatever its coin says
    since = np.maximum.accumulate(np.where(fresh, np.arange(count), 0))
    return (starts[since] + np.arange(count) - since) % source


def _put_right(
    open_: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Rounding may carry an open or a close past a high or low that it equals."""
    return (
        open_,
        np.maximum.reduce([open_, high, close]),
        np.minimum.reduce([open_, low, close]),
        close,
    )


PLACES = dict(zip(METHODS, (stationary, moving), strict=True))
