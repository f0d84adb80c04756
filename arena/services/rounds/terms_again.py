"""What a close was decided by, read again from rows: to compare with, and to make a lost file
anew.
"""

from collections.abc import Collection

import numpy as np

from arena.engine.schedule import plan
from arena.models import Experiment, Intervention, Round
from arena.prices.market.view import MarketView
from arena.selectors.settings_as_of import rounds_planned_as_of, settings_of_close
from arena.services.rounds.conclusion import PlayedRows, Terms
from arena.settings_schema import parse
from arena.store.population import Stored, population_read


def terms_again(
    *,
    row: Round,
    experiment: Experiment,
    played: PlayedRows,
    market: MarketView,
    next_number: int,
    alarmed: Collection[str],
    happened: dict[str, int],
) -> Terms:
    """The terms of the close of round `row`; next_number: of the first agent that it bore.
    CheckpointError where its births are gone.
    """
    index = row.index
    settings = parse(settings_of_close(experiment=experiment, index=index))
    shared = experiment.forked_after is not None and index <= experiment.forked_after
    return Terms(
        plan=plan(len(market), settings, index),
        settings=settings,
        market=market,
        purse=population_read(Stored(row.births_file, row.births_sha256)).purse,
        next_number=next_number,
        retire=retiring(experiment, index, played.agents),
        # nothing is forked after its last round
        last=not shared
        and index + 1 >= rounds_planned_as_of(experiment=experiment, index=index + 1),
        alarmed=frozenset(alarmed),
        happened=happened,
    )


def retiring(experiment: Experiment, index: int, agents: np.ndarray) -> frozenset[int]:
    """Slots of AGENT [population] whom the last word of a person before the close of round `index`
    asked to retire.
    """
    words = Intervention.objects.filter(
        experiment=experiment, field="retire", effective_round__lte=index + 1
    ).order_by("pk")
    asked = [
        number
        for number, word in dict(words.values_list("agent__number", "after")).items()
        if word == "yes"
    ]
    return frozenset(np.flatnonzero(np.isin(agents["number"], asked)).tolist())
