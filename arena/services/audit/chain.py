"""Rounds, leases, files and the digest chain."""

from collections.abc import Iterator

import numpy as np
from django.db.models import Q

from arena.engine.results import AGENT_STATES
from arena.models import BlockState, ExperimentState, Round
from arena.services.audit.subject import Subject, saved
from arena.services.interventions import settings_at_start
from arena.services.opening import block_count
from arena.store import blocks, digests, files
from arena.store.population import Stored, population_read
from ml.checkpoint import CheckpointError, sha256


def rounds(subject: Subject) -> Iterator[str]:
    """Rounds are numbered without gaps, closed but for the last, and as many as the experiment counts."""
    experiment = subject.experiment
    if [row.index for row in subject.rounds] != list(range(len(subject.rounds))):
        yield f"rounds are not numbered without gaps: {[row.index for row in subject.rounds]}"
    if len(subject.closed) != experiment.rounds_done or subject.closed != subject.rounds[: len(subject.closed)]:
        yield f"experiment {experiment.pk} counts {experiment.rounds_done} rounds done, {len(subject.closed)} are closed"
    if experiment.state == ExperimentState.FINISHED and experiment.rounds_done != experiment.rounds_planned:
        yield f"experiment {experiment.pk} is finished after {experiment.rounds_done} of {experiment.rounds_planned} rounds"
    for row in subject.rounds:
        found = list(row.blocks.order_by("block").values_list("block", flat=True))
        if found != list(range(block_count(experiment))):
            yield f"round {row.index} has blocks {found}, not 0 to {block_count(experiment) - 1}"


def leases(subject: Subject) -> Iterator[str]:
    """Nothing that is finished is still held, and nothing closed has work left."""
    for run in subject.done:
        if run.lease_until is not None:
            yield f"round {run.round.index}, block {run.block} is done, but leased until {run.lease_until}"
    for row in subject.closed:
        if row.lease_until is not None:
            yield f"round {row.index} is closed, but leased until {row.lease_until}"
        for run in row.blocks.exclude(state=BlockState.DONE):
            yield f"round {row.index} is closed, but its block {run.block} is {run.state}"


def checkpoints(subject: Subject) -> Iterator[str]:
    """Weights of every done block, and memories of the last closed round, are what was written."""
    last = subject.closed[-1].index if subject.closed else -1
    for run in subject.done:
        try:
            if run.round.index >= last:
                blocks.block_read(saved(run))
            else:
                blocks.weights_read(saved(run))
        except CheckpointError as error:
            yield f"round {run.round.index}, block {run.block}: {error}"


def digest_chain(subject: Subject) -> Iterator[str]:
    """Each round's digest follows from the one before, its agents' digests and its population file."""
    if not subject.rounds:
        return
    try:
        before = _genesis(subject)
        for row in subject.closed:
            link = _link(subject, row, before)
            if link != row.state_sha256:
                yield f"round {row.index}: state_sha256 is {row.state_sha256}, its files give {link}"
            before = row.state_sha256
    except CheckpointError as error:
        yield f"the digest chain cannot be followed: {error}"
        return
    if subject.experiment.state_sha256 != before:
        yield f"experiment {subject.experiment.pk}: state_sha256 is {subject.experiment.state_sha256}, its last round's {before}"


def records(subject: Subject) -> Iterator[str]:
    """Rows of agents tell what their records after the last closed round tell."""
    if not subject.closed:
        return
    last = subject.closed[-1]
    later = {run.block for run in subject.done if run.round.index > last.index}
    try:
        agents = population_read(Stored(last.close_file, last.close_sha256)).agents
    except CheckpointError as error:
        yield f"round {last.index}: {error}"
        return
    rows = {row.number: row for row in subject.experiment.agents.filter(Q(death_round=None) | Q(death_round=last.index))}
    size = int(subject.experiment.environment["block_size"])
    for slot, agent in enumerate(agents):
        row = rows.get(int(agent["number"]))
        if row is None or row.slot != slot or row.state != AGENT_STATES[agent["state"]]:
            yield f"agent {agent['number']} is not as round {last.index} left it in place {slot}"
        elif slot // size not in later and (row.equity, row.trust, row.trade_count) != (agent["equity"], agent["trust"], agent["trades"]):
            yield f"agent {row.number}: equity, trust or trade_count differ from its record after round {last.index}"


def _genesis(subject: Subject) -> str:
    founders = sha256(files.read(subject.rounds[0].births_file))
    first = subject.experiment
    while first.forked_from is not None:
        first = first.forked_from
    return digests.genesis(settings_at_start(experiment=first), subject.experiment.market.sha256, founders)


def _link(subject: Subject, row: Round, before: str) -> str:
    read = [blocks.weights_read(saved(run)) for run in subject.done if run.round_id == row.pk]
    if not read:
        raise CheckpointError(f"round {row.index} has no block that is done")
    numbers = np.concatenate([agents["number"] for agents, _, _ in read])
    return digests.link(before, numbers, np.concatenate([found for _, _, found in read]), sha256(files.read(row.close_file)))
