"""Rounds, leases, files and the digest chain."""

from collections.abc import Iterator

import numpy as np

from arena.models import BlockState, ExperimentState, JudgementState, Round
from arena.services.audit.subject import Subject, saved
from arena.store import blocks, digests, files
from arena.store.rounds import block_count
from arena.work import kinds
from arena.work.models import Job, JobState
from ml.checkpoint import CheckpointError, sha256


def rounds(subject: Subject) -> Iterator[str]:
    """Rounds are numbered without gaps, closed but for the last, and as many as the experiment
    counts.
    """
    experiment = subject.experiment
    if [row.index for row in subject.rounds] != list(range(len(subject.rounds))):
        yield f"rounds are not numbered without gaps: {[row.index for row in subject.rounds]}"
    if (
        len(subject.closed) != experiment.rounds_done
        or subject.closed != subject.rounds[: len(subject.closed)]
    ):
        yield (
            f"experiment {experiment.pk} counts {experiment.rounds_done} rounds done,"
            f" {len(subject.closed)} are closed"
        )
    if (
        experiment.state == ExperimentState.FINISHED
        and experiment.rounds_done != experiment.rounds_planned
    ):
        yield (
            f"experiment {experiment.pk} is finished after {experiment.rounds_done} of"
            f" {experiment.rounds_planned} rounds"
        )
    for row in subject.rounds:
        found = list(row.blocks.order_by("block").values_list("block", flat=True))
        if found != list(range(block_count(experiment))):
            yield f"round {row.index} has blocks {found}, not 0 to {block_count(experiment) - 1}"


def leases(subject: Subject) -> Iterator[str]:
    """There is no work on what is finished, and nothing closed has work left."""
    experiment = subject.experiment
    judged = experiment.judgements.exclude(state=JudgementState.WAITING).values_list(
        "pk", "after_round"
    )
    waited = {
        (job.kind, job.subject): job.state for job in Job.objects.filter(experiment=experiment.pk)
    }
    for run in subject.done:
        if state := waited.get((kinds.BLOCK, run.pk)):
            yield f"round {run.round.index}, block {run.block} is done, but its job is {state}"
    for pk, after in judged:
        if (state := waited.get((kinds.JUDGEMENT, pk), JobState.HELD)) != JobState.HELD:
            yield f"the judgement of round {after} was made or given up, but its job is {state}"
    for row in subject.closed:
        if state := waited.get((kinds.CLOSE, row.pk)):
            yield f"round {row.index} is closed, but its job is {state}"
        for run in row.blocks.exclude(state=BlockState.DONE):
            yield f"round {row.index} is closed, but its block {run.block} is {run.state}"


def checkpoints(subject: Subject) -> Iterator[str]:
    """Weights of every done block that are kept, and memories of the last closed round, are what
    was written.
    """
    last = subject.closed[-1].index if subject.closed else -1
    for run in subject.done:
        if subject.is_thin(run.round.index):
            continue
        try:
            if run.round.index >= last:
                blocks.block_read(saved(run))
            else:
                blocks.weights_read(saved(run))
        except CheckpointError as error:
            yield f"round {run.round.index}, block {run.block}: {error}"


def digest_chain(subject: Subject) -> Iterator[str]:
    """Each round's digest follows from the one before, its agents' digests and its population
    file.
    """
    if not subject.rounds:
        return
    try:
        before = subject.genesis
        for row in subject.closed:
            # of later rules closes.closes follows the link, which holds what is reported of the
            # round
            if row.rules_version < 2 and (link := _link(subject, row, before)) != row.state_sha256:
                yield (
                    f"round {row.index}: state_sha256 is {row.state_sha256}, its files give {link}"
                )
            before = row.state_sha256
    except CheckpointError as error:
        yield f"the digest chain cannot be followed: {error}"
        return
    if subject.experiment.state_sha256 != before:
        yield (
            f"experiment {subject.experiment.pk}: state_sha256 is"
            f" {subject.experiment.state_sha256}, its last round's {before}"
        )


def _link(subject: Subject, row: Round, before: str) -> str:
    read = [blocks.weights_read(saved(run)) for run in subject.done if run.round_id == row.pk]
    if not read:
        raise CheckpointError(f"round {row.index} has no block that is done")
    numbers = np.concatenate([agents["number"] for agents, _, _ in read])
    return digests.link_by_first_rules(
        before,
        numbers,
        np.concatenate([found for _, _, found in read]),
        sha256(files.read(row.close_file)),
    )
