"""Closes a round whose blocks are all done: deaths, births, the books, the next round or the end;
one transaction under a fence.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone

from agents.models import Agent, AgentState, Origin
from arena.engine.results import RULES_VERSION, CloseResult
from arena.models import BlockRun, Experiment, ExperimentState, Intervention, Round, RoundState
from arena.prices.store import market_view
from arena.selectors.machine import keeping
from arena.selectors.machine.room import room_check, room_of_close
from arena.selectors.rounds.lines import RoundColumns
from arena.selectors.settings_as_of import settings_of_close
from arena.services.blocks.played import Played
from arena.services.evidence.judgements import judgement_ask
from arena.services.evidence.tried import tried_write
from arena.services.records import notifications
from arena.services.records.seals import end_seal
from arena.services.records.states import experiment_fail, experiment_lock
from arena.services.records.storage import storage_add, storage_refusal
from arena.services.rounds.conclusion import Conclusion, Terms, conclude, happened_in, link_of
from arena.services.rounds.diversity import alarmed_before
from arena.services.rounds.first_paints import first_paint_ahead
from arena.services.rounds.mending import births_load
from arena.services.rounds.opening import round_ask, round_open
from arena.services.rounds.summing import (
    baselines_before,
    ended_of_close,
    summary_before,
    summary_of,
    summary_write,
)
from arena.settings_schema import Settings, parse
from arena.store import agents as agent_rows
from arena.store import files, ledger
from arena.store.population import Stored, population_write
from arena.store.rounds import plan_of
from arena.store.summaries import Summary
from arena.work.claims import Claim, Pulse, StaleFence, claim_done, failed_words
from arena.work.models import Job
from arena.work.queue import is_local
from ml import checkpoint

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CloseClaim:
    """The close of a round, ours as long as the claim of its job stands."""

    job: Claim
    round_id: int
    experiment_id: int
    experiment_uuid: UUID
    index: int

    @property
    def file(self) -> str:
        return files.population_name(self.experiment_uuid, self.index + 1, self.job.fence)


@dataclass(frozen=True)
class Closed:
    """What `round_compute` made of a round, for `round_commit`; edits: changes by people that it
    knew of.

    touched: bool [population], whose record the close changed: only their rows are not as their
    block left them. summary: what pages show of the round.
    """

    conclusion: Conclusion
    stored: Stored
    state_sha256: str
    edits: int
    touched: np.ndarray
    summary: Summary

    @property
    def result(self) -> CloseResult:
        return self.conclusion.result


class Overtaken(Exception):
    """A person changed what the close looks at while it was computed: compute it again."""


def close_run(claim: Claim) -> None:
    """Compute and commit a claimed close, again where a person was faster: what is stored must
    follow from what was changed until then.

    StaleFence.
    """
    close = close_claimed(claim)
    room_check(needed=room_of_close(row=Round.objects.get(pk=close.round_id)))
    try:
        while not _close(close):
            logger.info(
                "close of round %d is computed again: somebody changed something meanwhile",
                close.index,
            )
    except StaleFence:
        files.remove(close.file)
        raise


def close_claimed(claim: Claim) -> CloseClaim:
    """What the claim of a job is about. StaleFence where the round is no more."""
    row = Round.objects.select_related("experiment").filter(pk=claim.subject).first()
    if row is None:
        raise StaleFence("the round is no more")
    return CloseClaim(claim, row.pk, row.experiment_id, row.experiment.uuid, row.index)


def close_given_up(job: Job) -> None:
    """Its experiment fails for that reason, until it is tried again."""
    row = Round.objects.get(pk=job.subject)
    experiment_fail(
        experiment_id=row.experiment_id,
        reason=f"the close of round {row.index} failed {failed_words(job)}",
    )


def _close(claim: CloseClaim) -> bool:
    try:
        round_commit(claim=claim, closed=round_compute(claim=claim))
    except Overtaken:
        return False
    return True


def round_compute(*, claim: CloseClaim) -> Closed:
    """Everything the close decides, and its file; no row is touched. StaleFence where the claim is
    lost on the way.
    """
    edits = edits_after(experiment_id=claim.experiment_id, index=claim.index)
    row = Round.objects.select_related("experiment__market").get(pk=claim.round_id)
    settings, pulse = parse(row.experiment.settings), Pulse(claim.job)
    played = Played(row, pulse)
    terms = Terms(
        plan=plan_of(row),
        settings=settings,
        market=market_view(row.experiment.market),
        purse=births_load(row=row, beat=pulse).purse,
        next_number=row.experiment.next_number,
        retire=agent_rows.retiring_slots(experiment_id=row.experiment_id),
        last=row.index + 1 >= row.experiment.rounds_planned,
        alarmed=alarmed_before(row=row),
        happened=happened_in(row=row),
    )
    conclusion = conclude(played=played, terms=terms)
    pulse()
    stored = population_write(claim.file, conclusion.population)
    link = link_of(
        before=row.experiment.state_sha256,
        played=played,
        terms=terms,
        columns=conclusion.columns,
        population_sha256=stored.sha256,
        experiment=row.experiment,
        settings=settings_of_close(experiment=row.experiment, index=row.index),
        rules_version=RULES_VERSION,
    )
    return Closed(
        conclusion,
        stored,
        link,
        edits,
        _differ(played.agents, conclusion.result.agents),
        _summary(row, played, conclusion),
    )


def _summary(row: Round, played: Played, conclusion: Conclusion) -> Summary:
    of = {"experiment_id": row.experiment_id, "index": row.index}
    columns = RoundColumns(**conclusion.columns, reused=row.reused, before=baselines_before(**of))
    ended = ended_of_close(
        index=row.index,
        agents=played.agents,
        figures=played.figures,
        amounts=ledger.amounts_read(**of, numbers=played.agents["number"].tolist()),
        result=conclusion.result,
        columns=columns,
    )
    return summary_of(ended=ended, before=summary_before(**of))


def _differ(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """bool [n]: which records of two arrays AGENT [n] are not the same to the byte."""
    return (checkpoint.pack_records(before) != checkpoint.pack_records(after)).any(axis=1)


def edits_after(*, experiment_id: int, index: int) -> int:
    """How many changes people made with effect after round `index`; names have no effect."""
    return (
        Intervention.objects.filter(experiment=experiment_id, effective_round__gt=index)
        .exclude(field="name")
        .count()
    )


@dataclass(frozen=True)
class _Rows:
    """What a close writes of agents, made before its transaction begins: others wait for that to
    end.
    """

    now: datetime
    changed: list[agent_rows.Update]
    dead: dict[str, list[int]]
    newborn: dict[str, list[Any]]


def round_commit(*, claim: CloseClaim, closed: Closed) -> None:
    """Write the close, and open the next round or end the experiment. StaleFence where the close is
    no longer ours, Overtaken where a person changed something since it was computed.
    """
    rows = _rows_of(claim, closed)
    with transaction.atomic():
        _write(claim, closed, rows)


def _write(claim: CloseClaim, closed: Closed, rows: _Rows) -> None:
    experiment, result = experiment_lock(experiment_id=claim.experiment_id), closed.result
    if edits_after(experiment_id=claim.experiment_id, index=claim.index) != closed.edits:
        raise Overtaken
    changes = {
        "state": RoundState.CLOSED,
        "fence": claim.job.fence,
        "worker": claim.job.worker,
        "rules_version": RULES_VERSION,
        **closed.conclusion.columns,
        "close_file": closed.stored.name,
        "close_sha256": closed.stored.sha256,
        "state_sha256": closed.state_sha256,
        "closed_at": rows.now,
    }
    claim_done(claim.job)
    Round.objects.filter(pk=claim.round_id).update(**changes)
    summary_write(round_id=claim.round_id, summary=closed.summary)
    agent_rows.updates_write(rows.changed)
    _bury(claim, rows)
    _births_write(claim, result, rows)
    tried_write(experiment=experiment, ever=experiment.next_number - 1)
    storage_add(experiment_id=experiment.pk, size=closed.stored.size)
    _go_on(claim, experiment, parse(experiment.settings), closed, rows.now)
    notifications.round_notify(experiment_id=claim.experiment_id, index=claim.index)
    if not is_local():
        ahead = partial(
            first_paint_ahead, experiment_id=experiment.pk, last=experiment.finished_at is not None
        )
        transaction.on_commit(ahead, robust=True)
    transaction.on_commit(lambda: _forget(claim))


def _is_end(index: int, experiment: Experiment, conclusion: Conclusion) -> bool:
    return conclusion.extinct or index + 1 >= experiment.rounds_planned


def _rows_of(claim: CloseClaim, closed: Closed) -> _Rows:
    """Made outside of any transaction: a person who edits an agent meanwhile makes the close be
    computed again.
    """
    experiment, now, result = (
        Experiment.objects.get(pk=claim.experiment_id),
        timezone.now(),
        closed.result,
    )
    settings, touched, numbers = (
        parse(experiment.settings),
        result.agents[closed.touched],
        result.agents["number"],
    )
    named = {*agent_rows.numbers_of(touched), *(int(numbers[slot]) for slot, _ in result.deaths)}
    pk_of = ledger.agent_keys(experiment_id=claim.experiment_id, numbers=named)
    edited = agent_rows.epsilon_edited(experiment_id=claim.experiment_id, index=claim.index)
    dead = {
        cause: [pk_of[int(numbers[slot])] for slot, of in result.deaths if of == cause]
        for _, cause in result.deaths
    }
    newborn = agent_rows.newborn_columns(
        result.births,
        experiment=experiment,
        settings=settings,
        origin=Origin.IMMIGRANT,
        file=claim.file,
        now=now,
    )
    changed = agent_rows.agent_updates(touched, pk_of=pk_of, edited=edited, settings=settings)
    return _Rows(now, changed, dead, newborn)


def _bury(claim: CloseClaim, rows: _Rows) -> None:
    for cause, dead in rows.dead.items():
        for first in range(0, len(dead), ledger.MOST_VALUES):
            living = Agent.objects.filter(
                pk__in=dead[first : first + ledger.MOST_VALUES], state=AgentState.ACTIVE
            )
            living.update(state=cause, death_round=claim.index, died_at=rows.now)


def _births_write(claim: CloseClaim, result: CloseResult, rows: _Rows) -> None:
    agent_rows.newborn_write(rows.newborn)
    numbers = {birth.number for birth in result.births} | {
        parent for birth in result.births for parent in birth.parents
    }
    ledger.edges_insert(
        result.births, pk_of=ledger.agent_keys(experiment_id=claim.experiment_id, numbers=numbers)
    )


def _go_on(
    claim: CloseClaim, experiment: Experiment, settings: Settings, closed: Closed, now: datetime
) -> None:
    """Where the experiment stands now, and its next round."""
    result = closed.result
    experiment.rounds_done = claim.index + 1
    experiment.next_number += len(result.births)
    experiment.treasury, experiment.money_put_in = result.purse.treasury, result.purse.money_put_in
    experiment.state_sha256 = closed.state_sha256
    if _is_end(claim.index, experiment, closed.conclusion):
        extinct = closed.conclusion.extinct
        experiment.state = ExperimentState.EXTINCT if extinct else ExperimentState.FINISHED
        experiment.state_reason = (
            f"nobody was alive after round {claim.index}" if extinct else "all rounds are played"
        )
        experiment.finished_at = now
    else:
        opened = round_open(
            experiment=experiment,
            settings=settings,
            index=claim.index + 1,
            births=closed.stored,
            now=now,
        )
        full = storage_refusal(owner=experiment.owner)
        if full or experiment.state == ExperimentState.PAUSING:
            reason = f"paused after round {claim.index}" + (
                f", for {full}; then resume it" if full else ""
            )
            experiment.state, experiment.state_reason = ExperimentState.PAUSED, reason
        else:
            round_ask(opened=opened)
    names = (
        "rounds_done next_number treasury money_put_in state_sha256 state state_reason finished_at"
    )
    experiment.save(update_fields=names.split())
    if experiment.finished_at:
        judgement_ask(experiment=experiment)
        end_seal(experiment_id=experiment.pk)


def _forget(claim: CloseClaim) -> None:
    """Remove files that are not loaded again; what a fork shares belongs to another experiment."""
    population, every = Experiment.objects.values_list("population", "keep_every").get(
        pk=claim.experiment_id
    )
    old = BlockRun.objects.filter(
        round__experiment_id=claim.experiment_id,
        round__index__in=keeping.to_forget(claim.index + 1, population, every),
        checkpoint__startswith=files.experiment_folder(claim.experiment_uuid),
    )
    endings = (files.MEMORY,) if every == 1 else (files.MEMORY, files.WEIGHTS)
    freed = files.remove(
        *(stem + ending for stem in old.values_list("checkpoint", flat=True) for ending in endings)
    )
    storage_add(experiment_id=claim.experiment_id, size=-freed)
