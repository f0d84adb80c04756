"""A line of algebra as a strategy: regression of the next move on the public features.

`ridge` regresses the move itself (Hoerl and Kennard, 1970), `logistic` whether it is up. A side
is held until the forecast passes a threshold on the other, or trading would cost more than it
brings. Everything is chosen on bars before a `fit`'s end; the caller ends it before the vault.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from agents.strategies.base import BUY, HOLD, SELL
from agents.strategies.rules import Rule
from agents.strategies.sides import of_forecasts, traded
from ml.networks.base import PUBLIC
from ml.sums import total

# share of the bars, at their end, on which penalty and threshold are chosen
LAST = 0.25
# penalties that are tried, as multiples of the number of bars
PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)
# thresholds that are tried beside 0, as quantiles of the size of a forecast
QUANTILES = np.linspace(0.02, 0.98, 49)
STEPS = 25

Basis = Callable[[np.ndarray], np.ndarray]


class Plane(NamedTuple):
    """slopes float64 [columns] of a basis of the features, and where it crosses 0."""

    slopes: np.ndarray
    middle: float

    def of(self, x: np.ndarray) -> np.ndarray:
        """Forecasts float64 [n] from columns x [n, columns]."""
        return x @ self.slopes + self.middle


class Linear(Rule):
    """Buys where the forecast is above a threshold, sells where it is as far below 0."""

    def __init__(self, name: str, plane: Plane, threshold: float, basis: Basis):
        self.name, self.plane, self.threshold, self.basis = name, plane, threshold, basis

    def decide(self, observation: np.ndarray) -> int:
        forecast = float(self.plane.of(self.basis(observation[None, :PUBLIC]))[0])
        if forecast > self.threshold:
            return BUY
        return SELL if forecast < -self.threshold else HOLD


def plain(x: np.ndarray) -> np.ndarray:
    """The features as they are, float64 [n, 20]."""
    return np.asarray(x, np.float64)


def products(x: np.ndarray) -> np.ndarray:
    """The features and the products of any two of them, float64 [n, 20 + 190]."""
    x = np.asarray(x, np.float64)
    i, j = np.triu_indices(x.shape[1], 1)
    return np.concatenate([x, x[:, i] * x[:, j]], axis=1)


def ridge(x: np.ndarray, moves: np.ndarray, penalty: float) -> Plane:
    """Least squares of moves [n] on x [n, columns], with penalty x n on the squared slopes."""
    centre, middle = x.mean(axis=0), moves.mean()
    gram = (x - centre).T @ (x - centre) + penalty * len(x) * np.eye(x.shape[1])
    slopes = np.linalg.solve(gram, (x - centre).T @ (moves - middle))
    return Plane(slopes, float(middle - centre @ slopes))


def logistic(x: np.ndarray, moves: np.ndarray, penalty: float) -> Plane:
    """Log odds of a move above 0, by Newton's method on the penalised likelihood."""
    wide = np.column_stack([x, np.ones(len(x))])
    # the chance's slope is a quarter of the log odds': so one scale of penalties fits both
    weight = np.append(np.full(x.shape[1], penalty * len(x) / 4.0), 1e-9)
    slopes, up = np.zeros(wide.shape[1]), moves > 0.0
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(wide @ slopes, -30.0, 30.0)))
        slant = wide.T @ (up - chance) - weight * slopes
        curve = (wide * (chance * (1.0 - chance))[:, None]).T @ wide + np.diag(weight)
        step = np.linalg.solve(curve, slant)
        slopes = slopes + step
        if np.abs(step).max() < 1e-9:
            break
    return Plane(slopes[:-1], float(slopes[-1]))


def squared_error(plane: Plane, x: np.ndarray, moves: np.ndarray) -> float:
    """Mean squared error of a ridge's forecasts."""
    return float(np.mean((moves - plane.of(x)) ** 2))


def surprise(plane: Plane, x: np.ndarray, moves: np.ndarray) -> float:
    """Mean negative log likelihood of a logistic's forecasts."""
    return float(np.mean(np.logaddexp(0.0, np.where(moves > 0.0, -1.0, 1.0) * plane.of(x))))


REGRESSIONS = {"ridge": (ridge, squared_error), "logistic": (logistic, surprise)}


def fit(
    kind: str,
    features: np.ndarray,
    moves: np.ndarray,
    *,
    side_cost: float,
    long_short: bool,
    basis: Basis = plain,
) -> Linear:
    """The strategy `kind`, a key of REGRESSIONS, fitted to the bars of one or several symbols.

    features: float32 [S, n, 20], known at each close; moves: float64 [S, n], log return from the
    fill of what is decided there to the next possible fill. side_cost: of notional, for buying or
    selling. It never trades where on the last bars no threshold earned anything.
    """
    regress, loss = REGRESSIONS[kind]
    symbols, n = moves.shape
    first = n - int(LAST * n)
    x = basis(features.reshape(symbols * n, -1)).reshape(symbols, n, -1)
    early, late, after = _rows(x[:, :first]), _rows(x[:, first:]), moves[:, first:]
    tried = {penalty: regress(early, moves[:, :first].ravel(), penalty) for penalty in PENALTIES}
    penalty = min(tried, key=lambda each: loss(tried[each], late, after.ravel()))
    forecasts = tried[penalty].of(late).reshape(symbols, -1)
    threshold = _threshold(forecasts, after, side_cost, long_short)
    return Linear(kind, regress(_rows(x), moves.ravel(), penalty), threshold, basis)


def earnings(
    forecasts: np.ndarray, moves: np.ndarray, threshold: float, side_cost: float, long_short: bool
) -> float:
    """Log growth of following forecasts, float64 [n], through moves [n]."""
    held = of_forecasts(forecasts, threshold, long_short)
    return float(held @ moves) - side_cost * traded(held)


def _threshold(
    forecasts: np.ndarray, moves: np.ndarray, side_cost: float, long_short: bool
) -> float:
    """The threshold that would have earned most on forecasts [S, n]; infinite where none did."""

    def earned(threshold: float) -> float:
        parts = zip(forecasts, moves, strict=True)
        return total(earnings(f, m, threshold, side_cost, long_short) for f, m in parts)

    best = max(np.unique([0.0, *np.quantile(np.abs(forecasts), QUANTILES)]).tolist(), key=earned)
    return best if earned(best) > 0.0 else np.inf


def _rows(x: np.ndarray) -> np.ndarray:
    """[S, n, columns] as [S * n, columns]."""
    return x.reshape(-1, x.shape[-1])
