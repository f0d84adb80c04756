"""The constants of the modules that hold rules, and why some of them are stated nowhere."""

import ast
import importlib

import numpy as np

from tests.docs.figures import ROOT

# where the rules of the game are written: every figure there is stated, or named below with a
# reason
RULED = (
    *("agents.life.scars", "agents.life.spawning", "agents.life.traits", "agents.life.trust"),
    *(
        "arena.engine.trading.costs",
        "arena.engine.trading.ledger",
        "arena.engine.trading.rewards",
        "arena.engine.trading.observation",
        "arena.engine.trading.windows",
    ),
    *(
        "arena.engine.generations.fitness",
        "arena.engine.generations.founders",
        "arena.engine.generations.conservation",
        "arena.engine.generations.lineages",
    ),
    *(
        "arena.engine.judging.champion",
        "arena.engine.judging.committee",
        "arena.engine.judging.constant",
    ),
    *("arena.engine.judging.evidence.bootstrap", "arena.engine.judging.evidence.deflated"),
    *("arena.engine.judging.evidence.overfitting", "arena.engine.judging.evidence.verdict"),
    *("arena.prices.market.features", "arena.prices.market.leaps", "arena.prices.market.snapshot"),
    *(
        "ml.learning.exploration",
        "ml.learning.optimizer",
        "ml.learning.priorities",
        "ml.learning.rollouts",
    ),
    *("ml.learning.sequences", "ml.networks.base"),
)
CODES = "a number that stands for a name"
UNSTATED = {
    "agents.life.spawning.BRONZE": CODES,
    "arena.engine.trading.ledger.NOT_CLOSED": CODES,
    "arena.engine.trading.ledger.AT_CLOSE": CODES,
    "arena.engine.trading.ledger.LOG_TWO": "the logarithm of two",
    "arena.engine.trading.costs.PASSES": "how often an order is priced until it settles",
    "arena.engine.trading.windows.NONE": CODES,
    "arena.engine.judging.committee.AT_ONCE": "how often a long evaluation shows that it lives",
    "arena.engine.judging.committee.SCORE": CODES,
    "arena.engine.judging.constant.NONE": "an exposure below this is none",
    "arena.engine.judging.evidence.deflated.EULER": "Euler's constant",
    "arena.engine.judging.evidence.overfitting.LEAST_BARS": "below it there is nothing to show",
    "arena.engine.judging.evidence.overfitting.AT_ONCE": "bounds the memory",
    "arena.prices.market.features.PREMIUM": CODES,
    "arena.prices.market.features.FLAT_VOLATILITY": "keeps the logarithm of a flat market finite",
    "arena.prices.market.features.FLAT_DEVIATION": "keeps a constant feature finite",
    "arena.prices.market.leaps.MOST": "how many leaps a page lists",
    "ml.learning.exploration.NO_ACTION": CODES,
    "ml.learning.exploration.FINITE": "the largest number there is",
    "ml.learning.exploration.ROOM": "room for rounding",
    "ml.learning.optimizer.EPSILON": "keeps a division finite",
    "ml.learning.optimizer.ZERO": "nothing",
    "ml.learning.optimizer.TINY": "keeps numbers from becoming denormal, which are slow",
    "ml.learning.priorities.LEAST": CODES,
    "ml.learning.priorities.GREATEST": CODES,
    "ml.learning.priorities.FIRST": "the unit in which priorities begin",
    "ml.learning.rollouts.OUTPUTS": "three preferences and a value",
    "ml.networks.base.ACTIONS": "SELL, HOLD and BUY",
    "ml.networks.base.PREMIUM_FROM": CODES,
}


def constants(module):
    """Names of a module's own numbers, at its top, in capitals."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    loaded = importlib.import_module(module)
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        ranged = (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and getattr(node.value.func, "id", "") == "range"
        )
        for name in [
            each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
        ]:
            if (
                name.isupper()
                and not name.startswith("_")
                and not ranged
                and numeric(getattr(loaded, name))
            ):
                yield f"{module}.{name}"


def numeric(value):
    values = [*value.values()] if isinstance(value, dict) else value
    try:
        return np.issubdtype(np.asarray(values).dtype, np.number)
    except (TypeError, ValueError):
        return False
