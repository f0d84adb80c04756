"""The baselines that every result stands beside: strategies that follow a rule.

RULES is their one table: what is played, shown, printed and asked of a champion is made from it.
BESIDE is that of all who have an account of their own beside the agents.

The rules: docs/RULES.md#baselines.
"""

import numpy as np

from agents.strategies.base import BUY, EXPOSURE, HOLD, RANGE_16, RANGE_64, SELL

# a price in the outer quarter of its range, on the scale [-1, 1]
OUTER = 0.5


class Rule:
    """A strategy that learns nothing from its trades.

    words: what people read. shorts: it means something only where shorts are allowed. follows: it
    needs to know whom it is compared with, so that it has no place where there is no champion.
    reads: it acts on what the market does, so that it may have an edge of its own where there is
    one. fitted: it was chosen on bars before the vault, so that it stands beside others there only.
    """

    name = "rule"
    words = "rule"
    shorts = False
    follows = False
    reads = False
    fitted = False

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def decide(self, observation: np.ndarray) -> int:
        """HOLD: the position stays as it is."""
        return HOLD

    def on_win(self, profit: float) -> None:
        """Nothing to learn."""

    def on_loss(self, loss: float) -> None:
        """Nothing to learn."""


class BuyAndHold(Rule):
    """Buys while it holds nothing, and never sells."""

    name = "buy_and_hold"
    words = "buy and hold"

    def decide(self, observation: np.ndarray) -> int:
        return BUY if observation[EXPOSURE] == 0.0 else HOLD


class ShortAndHold(Rule):
    """Sells short while it holds nothing, and never buys back."""

    name = "short_and_hold"
    words = "short and hold"
    shorts = True

    def decide(self, observation: np.ndarray) -> int:
        return SELL if observation[EXPOSURE] == 0.0 else HOLD


class ConstantExposure(Rule):
    """The champion's own mean exposure, held all along; `arena.engine.judging.constant` plays
    it.
    """

    name = "constant_exposure"
    words = "constant exposure"
    follows = True


class Cash(Rule):
    """Never trades."""

    name = "cash"
    words = "cash"


class RandomPolicy(Rule):
    """Each action as likely as the others, whatever the market does."""

    name = "random"
    words = "random policy"

    def decide(self, observation: np.ndarray) -> int:
        return int(self.rng.integers(3))


class Momentum(Rule):
    """Channel breakout: buys in the top quarter of the 64-bar range, sells in the bottom
    quarter.
    """

    name = "momentum"
    words = "momentum"
    reads = True

    def decide(self, observation: np.ndarray) -> int:
        position = observation[RANGE_64]
        if position > OUTER:
            return BUY
        return SELL if position < -OUTER else HOLD


class MeanReversion(Rule):
    """Buys in the bottom quarter of the 16-bar range, sells in the top quarter."""

    name = "mean_reversion"
    words = "mean reversion"
    reads = True

    def decide(self, observation: np.ndarray) -> int:
        position = observation[RANGE_16]
        if position < -OUTER:
            return BUY
        return SELL if position > OUTER else HOLD


class Ridge(Rule):
    """Linear regression of the next move; `arena.engine.judging.algebra` fits and plays it."""

    name = "ridge"
    words = "ridge regression"
    reads = True
    fitted = True


class Logistic(Rule):
    """Logistic regression of the next move's sign; played as `Ridge` is."""

    name = "logistic"
    words = "logistic regression"
    reads = True
    fitted = True


# every baseline by name, in the order in which they are shown; made with a generator of its own
RULES: dict[str, type[Rule]] = {
    rule.name: rule
    for rule in (
        BuyAndHold,
        ShortAndHold,
        ConstantExposure,
        Cash,
        RandomPolicy,
        Momentum,
        MeanReversion,
        Ridge,
        Logistic,
    )
}

# the mean of what all living agents think of each action, as `arena.engine.judging.committee` has
# it
COMMITTEE = "committee"
# {name: words} in the order in which they are shown
BESIDE = {COMMITTEE: COMMITTEE} | {name: rule.words for name, rule in RULES.items()}


def rules_allowed(direction: str) -> dict[str, type[Rule]]:
    """Those of RULES that mean something where trade goes in this `direction` (life.direction)."""
    return {
        name: rule for name, rule in RULES.items() if direction == "long_short" or not rule.shorts
    }


def rules_of_market(direction: str) -> dict[str, type[Rule]]:
    """Those of them that look at the market alone, whatever they are compared with, and were chosen
    on no bars.
    """
    allowed = rules_allowed(direction).items()
    return {name: rule for name, rule in allowed if not rule.follows and not rule.fitted}
