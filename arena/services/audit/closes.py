"""Every round closed again from what was played: deaths, births, books, all that is reported of it,
and its link of the digest chain.
"""

from collections.abc import Iterator
from dataclasses import replace

from agents.models import AgentState, LineageEdge, Origin
from arena.engine.generations.curves import curves
from arena.engine.results import CloseResult
from arena.models import Round
from arena.selectors.settings_as_of import settings_of_close
from arena.services.audit.comparing import born_otherwise, compared
from arena.services.audit.kept import Kept, Thin
from arena.services.audit.subject import Subject
from arena.services.rounds.conclusion import (
    Conclusion,
    Played,
    PlayedRows,
    Terms,
    conclude,
    happened_in,
    ledger_of,
    link_of,
    plan_columns,
)
from arena.services.rounds.terms_again import terms_again
from arena.store.population import Population, Stored, population_pack, population_read
from arena.store.rounds import plan_of
from ml.checkpoint import sha256

UNKNOWN = "baselines, diversity and the engine's close, with it parents and children"
COLUMNS = ("curves", "baselines", "diversity", "events", "ledger")
EDGE = ("kind", "rate", "strength", "seed", "weight_distance")


class Closes:
    """Closes one round after another, and tells where its rows say something else."""

    def __init__(self, subject: Subject):
        self.subject, self.alarmed = subject, set[str]()
        self.next_number = subject.experiment.population + 1

    def problems(self, row: Round, played: Played, happened: dict[str, int]) -> Iterator[str]:
        """Of the next closed round as it was `played`; happened: how many scars and trades there
        were.
        """
        first_rules = row.rules_version < 2
        terms = self._terms(row, played, happened)
        yield from compared(
            f"round {row.index}", plan_columns(terms.plan), {"plan": row.plan, "reused": row.reused}
        )
        if first_rules:
            self.subject.leave_out(UNKNOWN, row.index)
            yield from _by_first_rules(row, played, happened)
        else:
            yield from self._again(row, played, terms)
        self.pass_over(row)

    def pass_over(self, row: Round) -> None:
        """Go on to the round after `row`."""
        self.alarmed |= set(row.diversity.get("alarms", ()))
        self.next_number += row.events.get("births", 0) + row.events.get("immigrants", 0)

    def _terms(self, row: Round, played: PlayedRows, happened: dict[str, int]) -> Terms:
        return terms_again(
            row=row,
            experiment=self.subject.experiment,
            played=played,
            market=self.subject.market,
            next_number=self.next_number,
            alarmed=self.alarmed,
            happened=happened,
        )

    def _again(self, row: Round, played: Played, terms: Terms) -> Iterator[str]:
        where, again = f"round {row.index}", conclude(played=played, terms=terms)
        yield from compared(
            where, again.columns, {name: getattr(row, name) for name in again.columns}
        )
        made = sha256(population_pack(again.population))
        if made != row.close_sha256:
            yield (
                f"{where}: the population after it is not what its close makes of what was"
                f" played{_where(row, again.population)}"
            )
        yield from _births(self.subject, row, again)
        yield from _deaths(self.subject, row, again.result)
        link = self._link(row, played, terms)
        if link != row.state_sha256:
            yield (
                f"round {row.index}: state_sha256 is {row.state_sha256}, its files and rows give"
                f" {link}"
            )

    def linked(self, row: Round, played: Thin) -> Iterator[str]:
        """Of the next closed round, whose files are not kept, that its link follows from its
        rows.
        """
        terms = self._terms(row, played, happened_in(row=row))
        yield from compared(
            f"round {row.index}", plan_columns(terms.plan), {"plan": row.plan, "reused": row.reused}
        )
        if (link := self._link(row, played, terms)) != row.state_sha256:
            yield f"round {row.index}: state_sha256 is {row.state_sha256}, its rows give {link}"
        for name, count in terms.happened.items():
            if row.events.get(name) != count:
                yield (
                    f"round {row.index}: events: {name} is {row.events.get(name)!r}, there are"
                    f" {count}"
                )
        self.pass_over(row)

    def link(self, row: Round, played: PlayedRows, happened: dict[str, int]) -> str:
        """The link of the next closed round by its columns as they are stored."""
        return self._link(row, played, self._terms(row, played, happened))

    def _link(self, row: Round, played: PlayedRows, terms: Terms) -> str:
        return link_of(
            before=(
                self.subject.rounds[row.index - 1].state_sha256
                if row.index
                else self.subject.genesis
            ),
            played=played,
            terms=replace(terms, plan=plan_of(row)),
            columns={name: getattr(row, name) for name in COLUMNS},
            population_sha256=row.close_sha256,
            experiment=self.subject.experiment,
            settings=settings_of_close(experiment=self.subject.experiment, index=row.index),
            rules_version=row.rules_version,
        )


def closes(subject: Subject) -> Iterator[str]:
    """Every closed round, closed again from its files, comes to what its rows say."""
    again = Closes(subject)
    for row in subject.closed:
        if subject.is_thin(row.index):
            yield from again.linked(row, Thin(row))
            continue
        yield from again.problems(row, Kept(subject, row), happened_in(row=row))


def _by_first_rules(row: Round, played: Played, happened: dict[str, int]) -> Iterator[str]:
    """What of a round closed by older rules follows from its files whatever the rules were."""
    after = population_read(Stored(row.close_file, row.close_sha256))
    derived = {
        "curves": curves(played.figures),
        "ledger": ledger_of(after, row.ledger.get("imbalance", 0.0)),
    }
    yield from compared(
        f"round {row.index}", derived, {name: getattr(row, name) for name in derived}
    )
    for name, count in happened.items():
        if row.events.get(name) != count:
            yield (
                f"round {row.index}: events: {name} is {row.events.get(name)!r}, there are {count}"
            )


def _where(row: Round, population: Population) -> str:
    """Names the first agent and field that differ, where the file can be read."""
    stored = population_read(Stored(row.close_file, row.close_sha256)).agents
    for right, found in zip(population.agents, stored, strict=True):
        for name in right.dtype.names or ():
            if right[name].tobytes() != found[name].tobytes():
                return (
                    f": agent {right['number']}: {name} is {found[name]}, computed again"
                    f" {right[name]}"
                )
    return ""


def _births(subject: Subject, row: Round, again: Conclusion) -> Iterator[str]:
    """Rows of the newborn and of their parents."""
    rows = {
        agent.number: agent for agent in subject.experiment.agents.filter(birth_round=row.index + 1)
    }
    edges = LineageEdge.objects.filter(
        child__experiment=subject.experiment, child__birth_round=row.index + 1
    ).order_by("pk")
    found: dict[int, list[LineageEdge]] = {}
    for edge in edges.select_related("parent", "child"):
        found.setdefault(edge.child.number, []).append(edge)
    for number in sorted(rows.keys() - {birth.number for birth in again.result.births}):
        yield f"round {row.index}: agent {number} is said to have been born, but was not"
    for place, birth in enumerate(again.result.births):
        agent = rows.get(birth.number)
        if agent is None:
            yield f"round {row.index}: agent {birth.number} was born, but has no row"
            continue
        origin = Origin.CHILD if birth.parents else Origin.IMMIGRANT
        yield from born_otherwise(
            agent, birth.agent, origin, (row.close_file, place, row.closed_at)
        )
        kind = "crossover" if len(birth.parents) > 1 else "mutation"
        right = [
            [parent, kind, birth.rate, birth.strength, birth.seed, birth.weight_distance]
            for parent in birth.parents
        ]
        stored = [
            [edge.parent.number, *(getattr(edge, name) for name in EDGE)]
            for edge in found.get(birth.number, [])
        ]
        if right != stored:
            yield f"agent {birth.number}: its descent is {stored}, computed again {right}"


def _deaths(subject: Subject, row: Round, result: CloseResult) -> Iterator[str]:
    right = {int(result.agents["number"][slot]): cause for slot, cause in result.deaths}
    dead = subject.experiment.agents.filter(death_round=row.index).exclude(state=AgentState.ACTIVE)
    found = {
        number: (state, at) for number, state, at in dead.values_list("number", "state", "died_at")
    }
    for number in sorted(right.keys() | found.keys()):
        state, at = found.get(number, (None, row.closed_at))
        if state != right.get(number) or at != row.closed_at:
            yield (
                f"agent {number} died in round {row.index} as {state} at {at}, computed again as"
                f" {right.get(number)} at {row.closed_at}"
            )
