"""A long experiment in little time: some rounds are really played, the others repeat their figures
with the agents that then live.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import transaction

from agents.models import Agent, LineageEdge
from arena.engine.packing import pack_figures, unpack_figures
from arena.models import BlockRun, Experiment, Round
from arena.selectors.rounds.figures import COLUMN
from arena.services.experiments import lifecycle
from arena.services.headless import runner
from arena.services.rounds.summing import summaries_make
from arena.settings_schema import parse

NAME = "long"


def played(agents: int, rounds: int) -> Experiment:
    """Really played to its end."""
    settings = {
        "population": agents,
        "rounds": rounds,
        "round_bars": 32,
        "seed": 1,
        "network": {"hidden": [4]},
        "learning": {"replay": 64, "batch": 8, "starts": 1, "epsilon_bars": 100},
        "evolution": {"juvenile_rounds": 0, "turnover": 0.1},
    }
    made = lifecycle.experiment_create(owner=None, name=NAME, settings=parse(settings))
    runner.experiment_run(experiment_uuid=made.uuid, tell=lambda text: None)
    return Experiment.objects.select_related("market").get(pk=made.pk)


def prolonged(experiment: Experiment, rounds: int, births: int) -> Experiment:
    """The same with rounds up to so many, and so many births and deaths in each of them."""
    source = list(experiment.rounds.order_by("index"))
    blocks = {row.index: list(row.blocks.order_by("block")) for row in source}
    living = list(Agent.objects.filter(experiment=experiment, state="active").order_by("slot"))
    rng = np.random.default_rng(1)
    for index in range(len(source), rounds):
        with transaction.atomic():
            old = source[index % len(source)]
            _repeat(old, blocks[old.index], index, living)
            living = _succession(experiment, living, index, births, rng)
    Experiment.objects.filter(pk=experiment.pk).update(
        rounds_done=rounds, rounds_planned=rounds, next_number=experiment.next_number
    )
    summaries_make(experiment_id=experiment.pk)
    return Experiment.objects.select_related("market").get(pk=experiment.pk)


def _repeat(old: Round, runs: Sequence[BlockRun], index: int, living: Sequence[Agent]) -> None:
    """The figures of an old round for those who live now."""
    row = Round.objects.create(**_copied(old, index=index))
    first = 0
    for block in runs:
        figures = unpack_figures(block.figures).copy()
        numbers = [agent.number for agent in living[first : first + len(figures)]]
        figures[:, COLUMN["number"]] = numbers
        first += len(figures)
        changes = {"round": row, "figures": pack_figures(figures), "checkpoint": ""}
        BlockRun.objects.create(**_copied(block, **changes, actions=b"", shown=b"", digests=b""))


def _copied(row: Any, **changes: Any) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    values = {name: getattr(row, name) for name in names}
    if "round" in changes:
        del values["round_id"]
    return values | changes


def _succession(
    experiment: Experiment, living: list[Agent], index: int, births: int, rng: np.random.Generator
) -> list[Agent]:
    """Some die as the round closes, and others have a child each in their places."""
    dying = rng.choice(len(living), births, replace=False).tolist()
    staying = [place for place in range(len(living)) if place not in set(dying)]
    mothers = rng.choice(staying, births).tolist()
    now, first = datetime.now(UTC), experiment.next_number
    Agent.objects.filter(pk__in=[living[place].pk for place in dying]).update(
        state="outcompeted", death_round=index, died_at=now
    )
    born = []
    for number, (place, mother) in enumerate(zip(sorted(dying), mothers, strict=True), first):
        changes = {
            "number": number,
            "slot": living[place].slot,
            "origin": "child",
            "founder": living[mother].founder,
            "generation": living[mother].generation + 1,
            "birth_round": index + 1,
            "version": 0,
        }
        born.append(Agent(**_copied(living[mother], **changes)))
    born = Agent.objects.bulk_create(born)
    edges = zip(born, mothers, strict=True)
    LineageEdge.objects.bulk_create(
        LineageEdge(
            parent=living[mother],
            child=child,
            kind="mutation",
            rate=0.1,
            strength=0.02,
            seed="1",
            weight_distance=0.1,
        )
        for child, mother in edges
    )
    after = list(living)
    for child in born:
        after[child.slot] = child
    experiment.next_number += births
    return after
