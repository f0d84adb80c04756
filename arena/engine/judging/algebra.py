"""What a line of algebra earns on the vault: regressions of the next move, fitted to the bars
before it.
"""

import numpy as np

from agents.strategies import linear
from agents.strategies.rules import RULES
from arena.engine.judging.evaluate import Run, follow, terms_of_rules
from arena.engine.judging.oracle import side_cost
from arena.engine.schedule import vault
from arena.prices.market.features import WARMUP
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings


def fitted(
    kind: str,
    market: MarketView,
    settings: Settings,
    basis: linear.Basis = linear.plain,
) -> linear.Linear:
    """The regression `kind`, one for all symbols, of bars that end an embargo before the vault.

    What is decided at the close of a bar is filled at the next open, so it is held from there to
    the open after it; the last of these opens lies before the embargo.
    """
    stop = vault(len(market), settings)[0] - settings.evaluation.embargo
    opens = np.log(market.prices.open[:, WARMUP + 1 : stop])
    features = market.features.reshape(market.symbols, len(market), -1)[:, WARMUP : stop - 2]
    return linear.fit(
        kind,
        features,
        np.diff(opens, axis=1),
        side_cost=side_cost(settings.costs),
        long_short=settings.life.direction == "long_short",
        basis=basis,
    )


def algebra_runs(market: MarketView, settings: Settings) -> dict[str, Run]:
    """Every rule that is fitted, on the vault and on the terms of all rules; {} without a vault."""
    stretch, terms = vault(len(market), settings), terms_of_rules(settings)
    if stretch[1] - stretch[0] < 2:
        return {}
    lines = {name: fitted(name, market, settings) for name, rule in RULES.items() if rule.fitted}
    return {
        name: follow([line] * market.symbols, market, stretch, terms, called=False)[0]
        for name, line in lines.items()
    }
