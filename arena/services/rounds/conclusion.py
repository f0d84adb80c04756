"""What a played round comes to: the engine's close, what its row says, and the link of the
digest chain; no row is touched.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from agents.models import Scar, Trade
from agents.strategies.rules import COMMITTEE
from arena.engine.generations import close as engine
from arena.engine.generations import conservation
from arena.engine.generations.books import moved
from arena.engine.judging.committee import of_round
from arena.engine.judging.evaluate import baselines
from arena.engine.results import CloseResult, Purse, RoundPlan
from arena.models import Experiment, Intervention, Round
from arena.prices.market.view import MarketView
from arena.services.rounds.diversity import diversity_of
from arena.settings_schema import Settings
from arena.store import digests
from arena.store.population import Population, population_of

# of the settings: where the market was read from is no part of what was computed, how many rounds
# are planned may change
UNLINKED = ("market", "rounds")


class PlayedRows(Protocol):
    """What the rows of a played round hold: agents AGENT [population], figures [population, …],
    digests and shown uint8 [population, 32] by slot; steps of all agents together.
    """

    agents: np.ndarray
    figures: np.ndarray
    digests: np.ndarray
    shown: np.ndarray
    steps: int


class Played(PlayedRows, Protocol):
    """A round as its blocks left it, with the files."""

    parameters: int

    def weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as learned."""

    def born_weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as born."""

    def actions(self) -> np.ndarray:
        """uint8 [population, S, bars]."""


@dataclass(frozen=True)
class Terms:
    """What decides of a close beside what was played.

    retire: slots asked to retire; last: of all rounds; alarmed: measures that raised an alarm
    before; happened: {"scars": n, "trades": n} in the round.
    """

    plan: RoundPlan
    settings: Settings
    market: MarketView
    purse: Purse
    next_number: int
    retire: frozenset[int]
    last: bool
    alarmed: Collection[str]
    happened: dict[str, int]


@dataclass(frozen=True)
class Conclusion:
    """What a round comes to; `columns` of its row."""

    result: CloseResult
    population: Population
    columns: dict[str, Any]

    @property
    def extinct(self) -> bool:
        """Whether no agent lives."""
        return engine.EXTINCT in self.result.notes


def conclude(*, played: Played, terms: Terms) -> Conclusion:
    """Close a round."""
    result = engine.close(
        agents=played.agents,
        plan=terms.plan,
        purse=terms.purse,
        settings=terms.settings,
        weights_of=played.weights_of,
        born_weights_of=played.born_weights_of,
        figures=played.figures,
        next_number=terms.next_number,
        retire=terms.retire,
        last=terms.last,
    )
    population = population_of(result.agents, result.births, played.parameters, result.purse)
    paid = result.agents["paid_to_children"] - played.agents["paid_to_children"]
    books = moved(paid, result.births, terms.purse, result.purse)
    columns = {
        "curves": result.curves,
        "baselines": _beside(played, terms),
        "diversity": diversity_of(
            agents=played.agents,
            actions=played.actions(),
            weights_of=played.weights_of,
            alarmed=terms.alarmed,
            settings=terms.settings,
        ),
        "events": _events(result, terms.happened),
        "ledger": ledger_of(population, result.imbalance) | books,
    }
    return Conclusion(result, population, columns)


def _beside(played: Played, terms: Terms) -> dict[str, Any]:
    """Figures of the round's window of all who have an account of their own beside the agents."""
    where = (terms.market, terms.plan.competition, terms.settings)
    together = of_round(played.agents, played.figures, played.weights_of, *where)
    return ({COMMITTEE: together} if together else {}) | baselines(*where, terms.plan.index)


def ledger_of(population: Population, imbalance: float) -> dict[str, float]:
    """The books after a close: what the living have, what all ever paid and made."""
    living, purse = population.agents[population.agents["state"] == 0], population.purse
    return {
        "total_equity": float(np.sum(living["equity"])),
        "treasury": purse.treasury,
        "money_put_in": purse.money_put_in,
        "costs_ever": purse.costs_ever + conservation.costs(living),
        "gross_profit_ever": purse.gross_profit_ever + float(np.sum(living["gross_profit"])),
        "imbalance": imbalance,
    }


def happened_in(*, row: Round) -> dict[str, int]:
    """How many scars and trades the round has rows of."""
    of = {"agent__experiment_id": row.experiment_id, "round": row.index}
    return {
        "scars": Scar.objects.filter(**of).count(),
        "trades": Trade.objects.filter(**of).count(),
    }


def plan_columns(plan: RoundPlan) -> dict[str, Any]:
    """What a round's row says of its windows."""
    return {
        "plan": {"competition": plan.competition, "practice": plan.practice},
        "reused": plan.reused,
    }


def changes_felt(*, experiment: Experiment, index: int) -> list[list[Any]]:
    """[agent number or None, field, before, after] of what people changed with effect from round
    `index`, in order; names feel nothing.
    """
    rows = (
        Intervention.objects.filter(experiment=experiment, effective_round=index)
        .exclude(field="name")
        .order_by("pk")
    )
    return [list(each) for each in rows.values_list("agent__number", "field", "before", "after")]


def link_of(
    *,
    before: str,
    played: PlayedRows,
    terms: Terms,
    columns: dict[str, Any],
    population_sha256: str,
    experiment: Experiment,
    settings: dict[str, Any],
    rules_version: int,
) -> str:
    """The round's link, which holds what all pages show of it. columns: of its row; settings:
    as stored, and as they then stood.
    """
    market = experiment.market
    whole = {
        **columns,
        **plan_columns(terms.plan),
        "rules_version": rules_version,
        "agent_steps": played.steps,
        "settings": {key: value for key, value in settings.items() if key not in UNLINKED},
        "market": {
            "sha256": market.sha256,
            "data_kind": market.data_kind,
            "timeframe_ms": market.timeframe_ms,
        },
        "interventions": changes_felt(experiment=experiment, index=terms.plan.index),
    }
    return digests.link(
        before, played.agents["number"], played.digests, played.shown, population_sha256, whole
    )


def _events(result: CloseResult, happened: dict[str, int]) -> dict[str, Any]:
    children = sum(bool(birth.parents) for birth in result.births)
    return {
        "births": children,
        "immigrants": len(result.births) - children,
        "deaths": dict(Counter(cause for _, cause in result.deaths)),
        **happened,
    }
