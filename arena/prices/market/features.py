"""What every agent sees of a market: causal features of its bars.

Row t is known at the close of bar t. Every step is elementwise, a running sum from the left, or a
window that doubles, so row t has the same bits whatever comes after t. Windows of 16 and 64 are
built by doubling (w -> 2w): no cancellation.

Once its window is full, a value does not depend on where the series began, but what it is
normalised by does: the mean and deviation of all its past. So a series has one beginning, that of
its stored bars; another one changes these columns, less and less with time.
"""

import numpy as np

from arena.prices.market.bars import DAY_MS, Bars

RETURNS = (1, 2, 4, 8, 16, 32)
WINDOWS = (16, 64)
HIGHER = (4, 16)
HIGHER_BARS = 4
NAMES = (
    *(f"log return {k}" for k in RETURNS),
    *(f"log volatility {w}" for w in WINDOWS),
    *(f"position in range {w}" for w in WINDOWS),
    "volume z-score 64",
    "bar range",
    *("sin time of day", "cos time of day", "sin time of week", "cos time of week"),
    *(f"{what} x{m}" for m in HIGHER for what in ("log return", "log volatility")),
)
PREMIUM = (16, 17, 18, 19)
# the longest look back of a raw feature: five closed bars of the x16 timeframe
HORIZON = max(HIGHER) * (HIGHER_BARS + 1)
# bars at the start that are never traded: the horizon, and 64 values to normalise by
WARMUP = HORIZON + max(WINDOWS)
CLIP = 5.0
# volatility below which a market counts as flat, and deviation below which a feature does
FLAT_VOLATILITY = 1e-6
FLAT_DEVIATION = 1e-8


def features(bars: Bars) -> np.ndarray:
    """float32 [n, 20], columns as in NAMES; finite for every valid series, 0 where a window is not
    full yet.
    """
    log_close = np.log(bars.close)
    columns = [normalised(*log_return(log_close, k)) for k in RETURNS]
    columns += [normalised(*log_volatility(log_close, w)) for w in WINDOWS]
    columns += [position(bars, w) for w in WINDOWS]
    columns += [
        normalised(*z_score(bars.volume, 64)),
        normalised(np.log(bars.high) - np.log(bars.low), 0),
    ]
    columns += clock(bars)
    for m in HIGHER:
        closed = log_close[m - 1 :: m]
        columns.append(normalised(*spread(*log_return(closed, 1), m, len(bars))))
        columns.append(normalised(*spread(*log_volatility(closed, HIGHER_BARS), m, len(bars))))
    return np.column_stack(columns).astype(np.float32)


def log_return(log_close: np.ndarray, k: int) -> tuple[np.ndarray, int]:
    """log(close[t] / close[t-k]) float64 [n], and the first t at which it exists."""
    change = np.zeros(len(log_close))
    change[k:] = log_close[k:] - log_close[:-k]
    return change, k


def log_volatility(log_close: np.ndarray, window: int) -> tuple[np.ndarray, int]:
    """Log of the root mean square of the last `window` one-bar returns float64 [n], and the first t
    at which it exists.
    """
    change, _ = log_return(log_close, 1)
    mean_square = doubled(change * change, window, np.add) / window
    return 0.5 * np.log(mean_square + FLAT_VOLATILITY**2), window


def position(bars: Bars, window: int) -> np.ndarray:
    """Close in the high-low range of the last `window` bars, -1 at the low to 1 at the high, 0 in a
    range of no height.
    """
    high, low = doubled(bars.high, window, np.maximum), doubled(bars.low, window, np.minimum)
    height = high - low
    place = np.divide(bars.close - low, height, out=np.full(len(bars), 0.5), where=height > 0)
    return np.clip(2.0 * place - 1.0, -1.0, 1.0)


def z_score(values: np.ndarray, window: int) -> tuple[np.ndarray, int]:
    """(x - mean) / deviation over the last `window` values, this one included; 0 where they are all
    the same.

    Means and squared deviations of halves are joined as in Chan, Golub and LeVeque (1983).
    """
    mean, squares, size = values.copy(), np.zeros(len(values)), 1
    while size < window:
        apart = mean[size:] - mean[:-size]
        squares[size:] = squares[size:] + squares[:-size] + apart * apart * (size / 2)
        mean[size:] = (mean[size:] + mean[:-size]) / 2
        size *= 2
    deviation = np.sqrt(squares / window)
    # an equal volume in every bar leaves a deviation of exactly 0
    return np.divide(
        values - mean, deviation, out=np.zeros(len(values)), where=deviation > 0
    ), window - 1


def clock(bars: Bars) -> list[np.ndarray]:
    """sin and cos of the time of day and of the week (Monday 00:00 UTC = 0); zeros where bars last
    a day or longer.
    """
    if bars.timeframe_ms >= DAY_MS:
        return [np.zeros(len(bars))] * 4
    # 1970-01-01 was a Thursday, three days into its week
    shares = (bars.time % DAY_MS / DAY_MS, (bars.time + 3 * DAY_MS) % (7 * DAY_MS) / (7 * DAY_MS))
    return [wave(2 * np.pi * share) for share in shares for wave in (np.sin, np.cos)]


def spread(values: np.ndarray, first: int, m: int, n: int) -> tuple[np.ndarray, int]:
    """For each of `n` bars the value of the last closed bar of the x`m` timeframe, and the first t
    at which it exists.

    A higher bar is m bars in a row, counted from the start of the series; it closes with its last
    one.
    """
    last_closed = (np.arange(n) + 1) // m - 1
    known = last_closed >= 0
    out = np.zeros(n)
    out[known] = values[last_closed[known]]
    return out, (first + 1) * m - 1


def normalised(values: np.ndarray, first: int) -> np.ndarray:
    """(x[t] - mean) / deviation of x[first..t-1], clipped to +-CLIP; 0 up to `first` and where
    nothing has moved yet.
    """
    out = np.zeros(len(values))
    # measured from the first value, so that a constant column has deviation exactly 0
    moved = values[first:] - values[first : first + 1]
    count = np.arange(1, len(moved))
    mean = np.cumsum(moved)[:-1] / count
    variance = np.cumsum(moved * moved)[:-1] / count - mean * mean
    deviation = np.sqrt(np.maximum(variance, FLAT_DEVIATION**2))
    out[first + 1 :] = np.clip((moved[1:] - mean) / deviation, -CLIP, CLIP)
    return out


def doubled(values: np.ndarray, window: int, join: np.ufunc) -> np.ndarray:
    """`join` over the last `window` values (a power of two), over all there are at the start;
    float64 [n].
    """
    out, size = values.copy(), 1
    while size < window:
        out[size:] = join(out[size:], out[:-size])
        size *= 2
    return out
