"""Rows of agents, rounds, experiment and market against the records in the files they stand for."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from django.db.models import QuerySet

from agents.life import traits
from agents.models import Agent, AgentState, Origin
from arena.engine.schedule import plan
from arena.models import (
    Evaluation,
    Experiment,
    ExperimentState,
    Intervention,
    Look,
    Round,
    RoundState,
    Tried,
)
from arena.prices.files.confined import series_of
from arena.prices.models import StoredBars
from arena.selectors.evidence.looks import vault_times
from arena.selectors.evidence.tried import shared_with_original
from arena.selectors.settings_as_of import settings_of_round, settings_when_made
from arena.services.audit.comparing import born_otherwise, compared, otherwise
from arena.services.audit.subject import Subject, saved
from arena.services.experiments.forks import difference, fork_settings
from arena.services.rounds.conclusion import plan_columns
from arena.settings_schema import Settings, parse
from arena.store import blocks
from arena.store.agents import TRAITS, row_values
from arena.store.population import Population, Stored, population_read
from arena.store.rounds import block_size

MEASURED = ("sha256", "bars", "first_time", "last_time", "timeframe_ms")
ENDED = (ExperimentState.FINISHED, ExperimentState.EXTINCT)
# of a state, the words that stand beside it; those of the others are a person's, or a fault's
REASONS = {
    ExperimentState.RUNNING: "",
    ExperimentState.PAUSING: "",
    ExperimentState.FINISHED: "all rounds are played",
    ExperimentState.EXTINCT: "nobody was alive after round {}",
    ExperimentState.PAUSED: "paused after round {}",
}


def records(subject: Subject) -> Iterator[str]:
    """Rows of agents tell what their last records tell: of the dead after the round they died in,
    of the living after the last.
    """
    size, later = block_size(subject.experiment), set()
    for index, runs in groupby(subject.done, key=lambda run: run.round.index):
        if subject.is_thin(index):
            continue
        rows = _Rows(subject, index, subject.experiment.agents.filter(death_round=index))
        for run in runs:
            agents, _, _ = blocks.weights_read(saved(run))
            yield from rows.problems(agents, run.block * size)
            if run.round.state == RoundState.OPEN:
                later.add(run.block)
                yield from _living(subject, index, agents, run.block * size)
        yield from rows.strangers()
    if subject.closed:
        last = subject.closed[-1]
        agents = _population(last.close_file, last.close_sha256).agents
        for first in range(0, len(agents), size):
            if first // size not in later:
                yield from _living(subject, last.index, agents[first : first + size], first)


def _living(subject: Subject, index: int, agents: np.ndarray, first: int) -> Iterator[str]:
    """The living in places from `first` on, by AGENT [any] as round `index` left them."""
    alive = subject.experiment.agents.filter(
        state=AgentState.ACTIVE, slot__gte=first, slot__lt=first + len(agents)
    )
    rows = _Rows(subject, index, alive)
    yield from rows.problems(agents, first)
    for number in set(agents["number"][agents["state"] == 0].tolist()) - rows.seen:
        yield f"agent {number} lives after round {index}, but no row says so"
    yield from rows.strangers()


class _Rows:
    """Rows of agents that are to be found among the records of a round."""

    def __init__(self, subject: Subject, index: int, rows: QuerySet[Agent]):
        self.index, self.rows, self.seen = index, {row.number: row for row in rows}, set[int]()
        self.settings = settings_of_round(experiment=subject.experiment, index=index)
        self.waiting = _waiting(subject, index)

    def problems(self, agents: np.ndarray, first: int) -> Iterator[str]:
        """Of those among AGENT [any], in places from `first` on."""
        for place, agent in enumerate(agents):
            number = int(agent["number"])
            if number in self.rows:
                self.seen.add(number)
                right = _right(agent, first + place, self.settings, self.waiting.get(number, {}))
                yield from otherwise(f"agent {number}", self.rows[number], right)

    def strangers(self) -> Iterator[str]:
        """Rows that no record stands for."""
        for number in sorted(self.rows.keys() - self.seen):
            yield (
                f"agent {number} is said to have been in round {self.index}, place"
                f" {self.rows[number].slot}, where it was not"
            )


def births(subject: Subject) -> Iterator[str]:
    """Rows of founders, and of those born under older rules, are those of the files that they were
    born in.
    """
    for row in subject.rounds:
        before = subject.rounds[row.index - 1] if row.index else None
        if before is not None and before.rules_version >= 2:
            continue
        population = _population(row.births_file, row.births_sha256)
        born = {
            agent.number: agent for agent in subject.experiment.agents.filter(birth_round=row.index)
        }
        for place, (slot, parents) in enumerate(
            zip(population.slots.tolist(), population.parents.tolist(), strict=True)
        ):
            record, origin = (
                population.agents[slot],
                Origin.CHILD if any(parents) else Origin.IMMIGRANT if row.index else Origin.FOUNDER,
            )
            agent = born.pop(int(record["number"]), None)
            if agent is None:
                yield f"agent {record['number']} was born for round {row.index}, but has no row"
                continue
            at = (row.opened_at,) if not row.index and row.rules_version >= 2 else ()
            yield from born_otherwise(agent, record, origin, (row.births_file, place, *at))
            found = list(agent.parent_edges.order_by("pk").values_list("parent__number", flat=True))
            if found != [number for number in parents if number]:
                yield (
                    f"agent {agent.number}: its parents are {found}, its file says"
                    f" {[number for number in parents if number]}"
                )
        for number in sorted(born):
            yield f"agent {number} is said to have been born for round {row.index}, but was not"


def windows(subject: Subject) -> Iterator[str]:
    """Rounds begin with the population, and at the time, that the one before ended with; those not
    closed are planned as they must be.
    """
    experiment, rounds = subject.experiment, subject.rounds
    for before, row in zip(rounds, rounds[1:], strict=False):
        right: dict[str, object] = {
            "births_file": before.close_file,
            "births_sha256": before.close_sha256,
        }
        if before.rules_version >= 2:
            owner = subject.owner_of(row.index)
            right["opened_at"] = (
                owner.started_at if owner.forked_after == before.index else before.closed_at
            )
        yield from otherwise(f"round {row.index}", row, right)
    for row in rounds:
        if row.state == RoundState.OPEN:
            settings = settings_of_round(experiment=experiment, index=row.index)
            planned = plan_columns(plan(len(subject.market), settings, row.index))
            yield from compared(
                f"round {row.index}", planned, {"plan": row.plan, "reused": row.reused}
            )


def totals(subject: Subject) -> Iterator[str]:
    """What the experiment's row says of seed, size, money, state and origin."""
    experiment, settings = subject.experiment, subject.settings
    right: dict[str, object] = {
        "seed": settings.seed,
        "population": settings.population,
        "rounds_planned": _planned(experiment, settings),
    }
    if subject.closed:
        purse = _population(subject.closed[-1].close_file, subject.closed[-1].close_sha256).purse
        right |= {"treasury": purse.treasury, "money_put_in": purse.money_put_in}
    elif subject.rounds:
        purse = _population(subject.rounds[0].births_file, subject.rounds[0].births_sha256).purse
        right |= {"treasury": purse.treasury, "money_put_in": purse.money_put_in}
    if subject.rounds:
        right["next_number"] = experiment.population + _born_since(subject.closed) + 1
    if experiment.state in ENDED and len(subject.rounds) > len(subject.closed):
        yield (
            f"experiment {experiment.pk} is {experiment.state}, but its round"
            f" {subject.rounds[-1].index} is open"
        )
    yield from otherwise(f"experiment {experiment.pk}", experiment, right | _ended(subject))
    yield from _forked(subject)


def tried(subject: Subject) -> Iterator[str]:
    """How many agents were tried is counted once for all, however many experiments go from here."""
    experiment, shared = subject.experiment, shared_with_original(experiment=subject.experiment)
    if len(subject.closed) <= experiment.first_own:
        return
    row = Tried.objects.filter(experiment=experiment.uuid).first()
    if row is None:
        yield f"experiment {experiment.pk}: nobody counted its agents among those that were tried"
        return
    played = experiment.agents.filter(birth_round__lt=len(subject.closed)).count()
    right = {
        "owner_id": experiment.owner_id,
        "market_sha256": experiment.market.sha256,
        "agents": played - shared,
        "shared": shared,
    }
    yield from otherwise(f"agents tried by experiment {experiment.pk}", row, right)


def looks(subject: Subject) -> Iterator[str]:
    """Every judgement on the vault is written down among the looks at it."""
    experiment = subject.experiment
    scored = Evaluation.objects.filter(experiment=experiment, stretch="out_of_sample").order_by()
    rows = {row.after_round: row for row in Look.objects.filter(experiment=experiment.uuid)}
    start, stop = vault_times(market=experiment.market, settings=experiment.settings)
    right = {
        "owner_id": experiment.owner_id,
        "market_sha256": experiment.market.sha256,
        "start": start,
        "stop": stop,
    }
    judged = set(scored.values_list("after_round", flat=True))
    for after in sorted(rows.keys() ^ judged):
        yield (
            f"the look at the vault after round {after}"
            f" {'was never taken' if after in rows else 'is not written down'}"
        )
    for after in rows.keys() & judged:
        yield from otherwise(f"look at the vault after round {after}", rows[after], right)


def market(subject: Subject) -> Iterator[str]:
    """A market's row says what its bars say."""
    known, row = series_of(subject.series), subject.experiment.market
    yield from otherwise(f"market {row.pk}", row, {name: getattr(known, name) for name in MEASURED})
    if len(row.symbols) != len(subject.series):
        yield f"market {row.pk} has {len(subject.series)} series and {len(row.symbols)} symbols"
    simulated = StoredBars.objects.filter(sha256=row.sha256, simulated=True).exists() or any(
        part.simulated for part in row.parts_in_order
    )
    if row.simulated != simulated:
        yield (
            f"market {row.pk} is said to be {row.kind}, its bars are"
            f" {'' if simulated else 'not '}known to be simulated"
        )


def _right(
    agent: np.void, slot: int, settings: Settings, waiting: dict[str, str]
) -> dict[str, object]:
    """Columns of a row by its record; waiting: {field: value} that a person set and no round has
    felt yet.
    """
    columns: dict[str, object] = {"slot": slot, **row_values(agent, settings)}
    columns |= {name: traits.clip(name, float(agent[name])) for name in TRAITS}
    columns |= {name: int(agent[name]) for name in ("generation", "founder", "birth_round")} | {
        "endowment": float(agent["endowment"])
    }
    retire = waiting.get("retire") == "yes"
    return (
        columns
        | {name: float(value) for name, value in waiting.items() if name in traits.BOUNDS}
        | {"retire": retire}
    )


def _waiting(subject: Subject, index: int) -> dict[int, dict[str, str]]:
    """{agent number: {field: value}} that was set with effect after round `index`; the wish to
    retire stands however old it is.
    """
    rows = subject.experiment.interventions.filter(agent__isnull=False).order_by("pk")
    found: dict[int, dict[str, str]] = {}
    for number, field, after, effective in rows.values_list(
        "agent__number", "field", "after", "effective_round"
    ):
        if effective > index or field == "retire":
            found.setdefault(number, {})[field] = after
    return found


def _population(name: str, digest: str) -> Population:
    return population_read(Stored(name, digest))


def _born_since(closed: list[Round]) -> int:
    return sum(row.events.get("births", 0) + row.events.get("immigrants", 0) for row in closed)


def _planned(experiment: Experiment, settings: Settings) -> int:
    """The settings' number of rounds, or what a person made of it; what a fork shares is in its
    settings.
    """
    words = experiment.interventions.filter(agent=None, field="rounds_planned")
    if experiment.forked_from is not None:
        shared = Intervention.objects.filter(
            experiment=experiment.forked_from, field="rounds_planned"
        ).values("at")
        words = words.exclude(at__in=shared)
    last = words.order_by("pk").values_list("after", flat=True).last()
    return settings.rounds if last is None else int(last)


def _ended(subject: Subject) -> dict[str, object]:
    """What must stand in the experiment's row where it has no open round, and what its state says
    in words.
    """
    experiment, closed = subject.experiment, subject.closed
    right: dict[str, object] = {}
    if closed and len(subject.rounds) == len(closed) and not _is_fresh_fork(experiment):
        lives = experiment.agents.filter(state=AgentState.ACTIVE).exists()
        right["state"] = ExperimentState.FINISHED if lives else ExperimentState.EXTINCT
    if experiment.state in REASONS and closed:
        right["state_reason"] = REASONS[ExperimentState(experiment.state)].format(closed[-1].index)
    if experiment.state in ENDED and closed and closed[-1].rules_version >= 2:
        right["finished_at"] = closed[-1].closed_at
    if subject.rounds and experiment.forked_after is None and subject.rounds[0].rules_version >= 2:
        right["started_at"] = subject.rounds[0].opened_at
    return right


def _is_fresh_fork(experiment: Experiment) -> bool:
    return experiment.forked_after is not None and experiment.rounds_done == experiment.first_own


def _forked(subject: Subject) -> Iterator[str]:
    """A fork is what it says it is: it shares the rounds it says it shares, and changes what it
    says it changes.
    """
    experiment, original = subject.experiment, subject.experiment.forked_from
    forked_after = experiment.forked_after
    if original is None or forked_after is None:
        yield from compared(
            f"experiment {experiment.pk}: forked_changes", {}, experiment.forked_changes
        )
        return
    shared = (
        experiment.rounds.filter(index__lte=forked_after)
        .order_by("index")
        .values_list("index", "state_sha256")
    )
    theirs = dict(
        original.rounds.filter(index__lte=forked_after).values_list("index", "state_sha256")
    )
    if original.removed_at is not None:
        subject.leave_out(
            "that the experiment it was forked from, which is deleted, had the rounds it shares"
        )
    for index, found in shared:
        if theirs.get(index) != found and original.removed_at is None:
            yield (
                f"round {index} is said to be shared with experiment {original.pk}, which has"
                " another state_sha256"
            )
    before, after = (
        fork_settings(experiment=original, after_round=forked_after),
        parse(settings_when_made(experiment=experiment)),
    )
    yield from compared(
        f"experiment {experiment.pk}: forked_changes",
        difference(before, after),
        experiment.forked_changes,
    )
