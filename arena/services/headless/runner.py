"""Runs one experiment in this process by the same services, with no broker and no listener;
and sums it up.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Sum

from agents.models import Agent
from agents.strategies.rules import COMMITTEE, rules_allowed
from arena.engine.schedule import rounds_without_reuse
from arena.engine.warm import warm
from arena.errors import WrongState
from arena.models import (
    BlockRun,
    BlockState,
    Evaluation,
    Experiment,
    ExperimentState,
    Judgement,
    JudgementState,
    NullWorld,
)
from arena.selectors.evidence.looks import vault_looks
from arena.selectors.fitting import reuse_words
from arena.selectors.machine.allowance import offer, settings_now
from arena.selectors.rounds.house import profit, with_profit
from arena.services.evidence import judging
from arena.services.evidence.judgements import judgement_again
from arena.services.experiments import lifecycle
from arena.services.records.states import FINAL
from arena.services.running.turns import turn_take, turns_lost
from arena.settings_schema import parse
from arena.work.kinds import JUDGEMENT, NULL_WORLD
from arena.work.queue import locally
from ml.heap import keep_freed_memory

JUDGED = ("return", "sharpe", "max_drawdown", "trades")
LIVED = ("psr", "above_luck", "noise_luck", "dsr", "luck", "least_bars", "trials")
RESTING = (*FINAL, ExperimentState.PAUSED)
NAP_SECONDS = 0.5


def experiment_run(*, experiment_uuid: UUID, tell: Callable[[str], None]) -> float:
    """Start a draft, work until it rests, and judge it; `tell` hears a line a round. Seconds it
    took, compiling left aside.
    """
    settings = parse(Experiment.objects.get(uuid=experiment_uuid).settings)
    tell("compiling the kernels, or loading them from the disk cache")
    keep_freed_memory()
    warm(settings)
    started = time.monotonic()
    with locally():
        experiment = lifecycle.experiment_start(experiment_uuid=experiment_uuid)
        tell(
            f"{experiment.name}: {experiment.population} agents, {experiment.rounds_planned} rounds"
            f" on {experiment.market.name}"
        )
        while experiment.state not in RESTING:
            done = experiment.rounds_done
            _work(experiment=experiment.pk)
            experiment.refresh_from_db()
            if experiment.rounds_done > done:
                tell(_line(experiment))
        _judge(experiment)
    return time.monotonic() - started


def experiment_warning(*, experiment: Experiment) -> str:
    """That the series has no room for all its rounds, with a length that does; "" where it has."""
    return reuse_words(bars=experiment.market.bars, settings=parse(experiment.settings))


def experiment_extent(*, experiment: Experiment) -> str:
    """What it is likely to take, in a sentence."""
    return offer(settings=settings_now(experiment), market=experiment.market).words


def experiment_interrupt(*, experiment_uuid: UUID) -> None:
    """Stop it, where it still goes, without a word to workers there may not be; a reaper that runs
    on the same database has it judged.
    """
    with locally(), suppress(WrongState):
        lifecycle.experiment_stop(experiment_uuid=experiment_uuid, reason="interrupted")


def judgement_here(*, experiment: Experiment) -> Judgement:
    """Judge an experiment that has ended in this process, again where it could not be judged
    before. WrongState where it cannot be.
    """
    with locally():
        if not Judgement.objects.filter(
            experiment=experiment, state=JudgementState.WAITING
        ).exists():
            judgement_again(experiment_uuid=experiment.uuid)
        _judge(experiment)
        return Judgement.objects.filter(experiment=experiment).latest("pk")


def nulls_run(*, experiment: Experiment, tell: Callable[[str], None]) -> None:
    """Work off all null worlds that were asked for in this process, one after another; `tell` hears
    a line a world.
    """
    warm(parse(experiment.settings))
    rows = NullWorld.objects.filter(experiment=experiment)
    with locally():
        for pk in list(
            rows.exclude(state=BlockState.DONE).order_by("index").values_list("pk", flat=True)
        ):
            started = time.monotonic()
            while (row := rows.get(pk=pk)).state != BlockState.DONE:
                _work(experiment=experiment.pk, kind=NULL_WORLD, subject=pk)
            if not row.outcome:
                raise WrongState(f"null world {row.index} failed: {row.reason}")
            tell(
                f"null world {row.index + 1} of {rows.count()}: {row.rounds_done} rounds in"
                f" {time.monotonic() - started:.1f} s"
            )


def experiment_result(*, experiment_uuid: UUID, seconds: float) -> dict[str, Any]:
    """The object `evolve --json` prints, and `failure`: why the experiment did not get to its end
    or was not judged, "" where it did.
    """
    experiment = with_profit(Experiment.objects.select_related("market")).get(uuid=experiment_uuid)
    agents, closed = (
        Agent.objects.filter(experiment=experiment),
        experiment.rounds.filter(state="closed"),
    )
    settings = parse(experiment.settings)
    events = list(closed.values_list("events", flat=True))
    steps = BlockRun.objects.filter(round__in=closed).aggregate(sum=Sum("agent_steps"))["sum"] or 0
    deaths: Counter[str] = sum((Counter(event["deaths"]) for event in events), Counter())
    return {
        "experiment": str(experiment.uuid),
        "state": experiment.state,
        "state_sha256": experiment.state_sha256,
        "rounds": experiment.rounds_done,
        "agents_ever": agents.count(),
        "births": sum(event["births"] for event in events),
        "immigrants": sum(event["immigrants"] for event in events),
        "deaths": dict(sorted(deaths.items())),
        "treasury": experiment.treasury,
        "money_put_in": experiment.money_put_in,
        "profit": profit(getattr(experiment, "last_books", None)),
        "fresh_rounds": rounds_without_reuse(experiment.market.bars, parse(experiment.settings)),
        "reuse": experiment_warning(experiment=experiment),
        "scars": sum(event["scars"] for event in events),
        "trades": sum(event["trades"] for event in events),
        "seconds": round(seconds, 3),
        "agent_steps": steps,
        "agent_steps_per_second": round(steps / seconds, 1) if seconds > 0 else 0.0,
        "median_agent": _judged(experiment, "median_agent"),
        "champion": _champion(experiment),
        COMMITTEE: _judged(experiment, COMMITTEE),
        "baselines": {
            name: _judged(experiment, name) for name in rules_allowed(settings.life.direction)
        },
        "ceiling": _judged(experiment, "ceiling"),
        "failure": _failure(experiment),
    }


def _failure(experiment: Experiment) -> str:
    if experiment.state not in (ExperimentState.FINISHED, ExperimentState.EXTINCT):
        return experiment.state_reason or experiment.state
    row = experiment.judgements.last()
    return (
        ""
        if row is None or row.state == JudgementState.DONE
        else f"it was played, but could not be judged: {row.reason}"
    )


def _work(**which: object) -> None:
    """The next job of these columns; where there is none, what another process left undone."""
    if not turn_take(**which):
        turns_lost(**which)
        time.sleep(NAP_SECONDS)


def _judge(experiment: Experiment) -> None:
    """Make the judgement that an experiment waits for, unless another process is at it."""
    rows = Judgement.objects.filter(experiment=experiment)
    while (row := rows.last()) and row.state == JudgementState.WAITING:
        _work(experiment=experiment.pk, kind=JUDGEMENT)


def _line(experiment: Experiment) -> str:
    last = experiment.rounds.get(index=experiment.rounds_done - 1)
    middle = (last.curves.get("return") or {}).get("median")
    shown = "none" if middle is None else f"{middle:+.2%}"
    deaths = sum(last.events["deaths"].values())
    return (
        f"round {experiment.rounds_done} of {experiment.rounds_planned}: median return {shown},"
        f" {deaths} died, {last.events['births']} born"
    )


def _judged(experiment: Experiment, subject: str) -> dict[str, Any]:
    rows = dict(
        Evaluation.objects.filter(experiment=experiment, subject=subject).values_list(
            "stretch", "figures"
        )
    )
    return {
        stretch: {name: rows[stretch][name] for name in JUDGED} if stretch in rows else None
        for stretch in judging.STRETCHES
    }


def _champion(experiment: Experiment) -> dict[str, Any] | None:
    row = (
        Evaluation.objects.filter(experiment=experiment, subject="champion", stretch=judging.LIVED)
        .select_related("agent")
        .last()
    )
    if row is None or row.agent is None:
        return None
    who = {"agent": row.agent.number, "generation": row.agent.generation}
    lived = {name: row.figures[name] for name in LIVED}
    return {
        **_judged(experiment, "champion"),
        **who,
        **lived,
        "vault_looks": vault_looks(experiment=experiment)["own"],
    }
