"""Agents: their money, scars and trust, one birth, one death, and whose children they are."""

import math
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from agents.life.costs import COSTS
from agents.models import Agent, AgentState, LineageEdge, Origin, Scar, Trade
from arena.services.audit.subject import Subject, apart


def money(subject: Subject) -> Iterator[str]:
    """Equity is endowment and net profits, less what was paid for children; and so for the return
    since birth.
    """
    profits = _sums(subject)
    for agent in subject.experiment.agents.order_by("number").iterator():
        net, volume = profits.get(agent.pk, (0.0, 0.0))
        expected = agent.endowment + net - agent.paid_to_children
        if apart(agent.equity, expected, agent.endowment + volume):
            yield (
                f"agent {agent.number}: equity {agent.equity!r} is not endowment + net profits -"
                f" paid for children = {expected!r}"
            )
        grown = (agent.equity + agent.paid_to_children) / agent.endowment - 1
        if apart(agent.return_since_birth, grown, 1.0):
            yield (
                f"agent {agent.number}: return since birth {agent.return_since_birth!r} is not"
                f" {grown!r}"
            )


def counts(subject: Subject) -> Iterator[str]:
    """Counts of trades and scars are those of the rows; trust is a number from 0 to 100."""
    agents = subject.experiment.agents.order_by("number")
    trades = dict(
        Trade.objects.filter(agent__experiment=subject.experiment)
        .order_by()
        .values_list("agent")
        .annotate(Count("pk"))
    )
    marks = Scar.objects.filter(agent__experiment=subject.experiment).order_by()
    scars = dict(marks.values_list("agent").annotate(Count("pk")))
    severe = dict(marks.filter(severity__gte=2).values_list("agent").annotate(Count("pk")))
    for agent in agents.iterator():
        for name, rows in (
            ("trade_count", trades),
            ("scar_count", scars),
            ("severe_scar_count", severe),
        ):
            if getattr(agent, name) != rows.get(agent.pk, 0):
                yield (
                    f"agent {agent.number}: {name} is {getattr(agent, name)}, there are"
                    f" {rows.get(agent.pk, 0)} rows"
                )
        if not 0 <= agent.trust <= 100:
            yield f"agent {agent.number}: trust {agent.trust!r} is not from 0 to 100"


def deaths(subject: Subject) -> Iterator[str]:
    """Who is not active died once, in a closed round it lived to see, of one cause; rounds count
    the same deaths.
    """
    agents = subject.experiment.agents
    dead = ~Q(state=AgentState.ACTIVE)
    for agent in agents.filter(
        dead & (Q(died_at=None) | Q(death_round=None))
        | Q(state=AgentState.ACTIVE) & Q(died_at__isnull=False)
    ):
        yield (
            f"agent {agent.number} is {agent.state}, but died in round {agent.death_round} at"
            f" {agent.died_at}"
        )
    for agent in agents.filter(
        Q(death_round__lt=F("birth_round")) | Q(death_round__gte=subject.experiment.rounds_done)
    ):
        yield (
            f"agent {agent.number} was born for round {agent.birth_round} and died in round"
            f" {agent.death_round}, which cannot be"
        )
    causes = Counter(
        {
            (index, state): n
            for index, state, n in (
                agents.filter(dead).values_list("death_round", "state").annotate(Count("pk"))
            )
        }
    )
    reported = Counter(
        {
            (row.index, cause): n
            for row in subject.closed
            for cause, n in row.events.get("deaths", {}).items()
        }
    )
    for index, cause in sorted((causes - reported) + (reported - causes)):
        yield (
            f"round {index}: {reported[index, cause]} deaths as {cause} are told,"
            f" {causes[index, cause]} agents died so"
        )


def places(subject: Subject) -> Iterator[str]:
    """Numbers are 1, 2, 3 …; every place was held by exactly one agent in every round that was
    played.
    """
    agents = list(
        subject.experiment.agents.order_by("number").values_list(
            "number", "slot", "birth_round", "death_round"
        )
    )
    if subject.rounds and [number for number, *_ in agents] != list(
        range(1, subject.experiment.next_number)
    ):
        yield (
            f"agents are not numbered 1 to {subject.experiment.next_number - 1}: there are"
            f" {len(agents)}"
        )
    slots = set(range(subject.experiment.population))
    for row in subject.rounds:
        held = Counter(
            slot
            for _, slot, born, died in agents
            if born <= row.index and (died is None or died >= row.index)
        )
        if set(held) != slots or set(held.values()) != {1}:
            yield f"round {row.index}: places are not held by exactly one agent each"


def lineage(subject: Subject) -> Iterator[str]:
    """A child has parents that were older, and alive at its birth; its generation is one more than
    theirs, its founder its bearer's.

    No other agent has parents.
    """
    edges: dict[int, list[Agent]] = {}
    for edge in (
        LineageEdge.objects.filter(child__experiment=subject.experiment)
        .select_related("parent")
        .order_by("pk")
    ):
        edges.setdefault(edge.child_id, []).append(edge.parent)
    for child in subject.experiment.agents.order_by("number").iterator():
        parents = edges.get(child.pk, [])
        if bool(parents) != (child.origin == Origin.CHILD):
            yield f"agent {child.number} is a {child.origin} with {len(parents)} parents"
        if child.generation != max((parent.generation + 1 for parent in parents), default=0):
            yield (
                f"agent {child.number} is of generation {child.generation}, its parents of"
                f" {sorted(p.generation for p in parents)}"
            )
        founder = parents[0].founder if parents else child.number
        if child.founder != founder:
            yield (
                f"agent {child.number} is said to descend from {child.founder}, its bearer from"
                f" {founder}"
            )
        for parent in parents:
            dead = parent.death_round is not None and parent.death_round < child.birth_round
            if parent.number >= child.number or parent.birth_round >= child.birth_round or dead:
                yield (
                    f"agent {child.number} was born for round {child.birth_round}, its parent"
                    f" {parent.number} did not live just before"
                )


def _sums(subject: Subject) -> dict[int, tuple[float, float]]:
    """{agent key: (sum of net profits, sum of their sizes)}, exactly rounded."""
    nets: dict[int, list[float]] = {}
    rows = Trade.objects.filter(agent__experiment=subject.experiment).order_by()
    for agent, net in rows.values_list("agent", "net_profit").iterator():
        nets.setdefault(agent, []).append(net)
    return {
        agent: (math.fsum(values), math.fsum(map(abs, values))) for agent, values in nets.items()
    }


def conservation(subject: Subject) -> Iterator[str]:
    """Equity of the living + treasury + costs of all trades = money put in + gross profit of all
    trades; so do the books of every round.
    """
    experiment = subject.experiment
    for row in subject.closed:
        books = row.ledger
        left, right = (
            books["total_equity"] + books["treasury"] + books["costs_ever"],
            books["money_put_in"] + books["gross_profit_ever"],
        )
        if apart(left, right, books["money_put_in"]):
            yield f"round {row.index}: the books do not balance: {left!r} against {right!r}"
    names = ("gross_profit", *COSTS)
    sums = Trade.objects.filter(agent__experiment=experiment).aggregate(
        **{name: Sum(name) for name in names}
    )
    living = (
        experiment.agents.filter(state=AgentState.ACTIVE).aggregate(sum=Sum("equity"))["sum"] or 0.0
    )
    left = living + experiment.treasury + sum(sums[name] or 0.0 for name in names[1:])
    right = experiment.money_put_in + (sums["gross_profit"] or 0.0)
    if apart(left, right, experiment.money_put_in):
        yield (
            f"the rows do not balance: equity + treasury + costs = {left!r}, money put in + gross"
            f" profit = {right!r}"
        )
