"""Makes the file of a round's newborn again where it is damaged: from the founders' seed, or by
closing the round before once more.
"""

import logging
from collections.abc import Callable

import numpy as np

from arena.engine.generations.founders import founders
from arena.engine.results import AGENT, RULES_VERSION, Purse
from arena.models import Experiment, Round
from arena.prices.store import market_view
from arena.selectors.settings_as_of import settings_at_start
from arena.services.blocks.loading import REMEDY
from arena.services.blocks.played import Played
from arena.services.rounds.conclusion import conclude, happened_in
from arena.services.rounds.diversity import alarmed_before
from arena.services.rounds.terms_again import terms_again
from arena.settings_schema import parse
from arena.store.population import (
    Population,
    PopulationKept,
    Stored,
    population_kept,
    population_of,
    population_pack,
    population_write,
)
from ml.checkpoint import CheckpointError, sha256
from ml.sums import total

logger = logging.getLogger(__name__)


def births_load(*, row: Round, beat: Callable[[], None]) -> PopulationKept:
    """The population that round `row` begins with, its file made again where it is damaged.

    CheckpointError with a remedy where it cannot be, or other bytes come out.
    """
    stored = Stored(row.births_file, row.births_sha256)
    try:
        return population_kept(stored)
    except CheckpointError as error:
        logger.warning("%s; making the population of round %d again", error, row.index)
        births_mend(row=row, error=error, beat=beat)
        return population_kept(stored)


def births_mend(*, row: Round, error: CheckpointError, beat: Callable[[], None]) -> None:
    """Write the file again that gave `error`."""
    try:
        population = _born(row, beat) if row.index else first_population(experiment=row.experiment)
    except CheckpointError as reason:
        raise CheckpointError(
            f"{error}; it cannot be made again, because {reason}; {REMEDY}"
        ) from None
    if sha256(population_pack(population)) != row.births_sha256:
        raise CheckpointError(
            f"{error}; making it again gives other bytes on this machine; {REMEDY}"
        )
    population_write(row.births_file, population)


def first_population(*, experiment: Experiment) -> Population:
    """The founders of an experiment."""
    born = founders(parse(settings_at_start(experiment=experiment)))
    purse = Purse(
        treasury=0.0, money_put_in=total(float(birth.agent["endowment"]) for birth in born)
    )
    return population_of(np.zeros(experiment.population, AGENT), born, len(born[0].weights), purse)


def _born(row: Round, beat: Callable[[], None]) -> Population:
    """What the close of the round before left."""
    experiment = row.experiment
    before = Round.objects.select_related("experiment__market").get(
        experiment=experiment, index=row.index - 1
    )
    if before.rules_version != RULES_VERSION:
        raise CheckpointError(f"round {before.index} was closed by other rules")
    played = Played(before, beat)
    earlier = Round.objects.filter(experiment=experiment, index__lt=before.index).values_list(
        "events", flat=True
    )
    born = sum(events.get("births", 0) + events.get("immigrants", 0) for events in earlier)
    terms = terms_again(
        row=before,
        experiment=experiment,
        played=played,
        market=market_view(experiment.market),
        next_number=experiment.population + 1 + born,
        alarmed=alarmed_before(row=before),
        happened=happened_in(row=before),
    )
    return conclude(played=played, terms=terms).population
