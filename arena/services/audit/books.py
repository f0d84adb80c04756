"""The treasury: what came into it, what newcomers got of it, and what was put in for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Sum

from agents.models import Origin
from arena.models import Round
from arena.selectors.settings_as_of import settings_of_round
from arena.services.audit.subject import Subject, apart

# version of the rules; before it, parents gave their children a share of their own equity
TREASURY_ENDOWS_ALL = 2
FOUNDERS = -1


@dataclass(frozen=True)
class Newcomers:
    """Who was born as a round closed: how many, and their endowments."""

    count: int = 0
    sum: float = 0.0
    least: float = 0.0
    most: float = 0.0


def treasury(subject: Subject) -> Iterator[str]:
    """Each round's treasury is the one before, with what came in, less what newcomers got of it."""
    born, left = _born(subject), _left(subject)
    held, put_in = 0.0, born.get((FOUNDERS, Origin.FOUNDER), Newcomers()).sum
    for row in subject.closed:
        books, children = row.ledger, born.get((row.index, Origin.CHILD), Newcomers())
        immigrants, new = (
            born.get((row.index, Origin.IMMIGRANT), Newcomers()),
            books["money_put_in"] - put_in,
        )
        given, paid = immigrants.sum, 0.0
        if row.rules_version >= TREASURY_ENDOWS_ALL:
            given, paid = given + children.sum, books["paid_by_parents"]
            yield from _endowments(subject, row, given, new, (children, immigrants))
        expected = held + left.get(row.index, 0.0) + paid - (given - new)
        if apart(books["treasury"], expected, books["money_put_in"]):
            yield (
                f"round {row.index}: the treasury is {books['treasury']!r}, what came in and went"
                f" out gives {expected!r}"
            )
        held, put_in = books["treasury"], books["money_put_in"]


def payments(subject: Subject) -> Iterator[str]:
    """What agents paid for children is what rounds booked; under older rules, what children got."""
    paid = subject.experiment.agents.aggregate(sum=Sum("paid_to_children"))["sum"] or 0.0
    born, booked = _born(subject), 0.0
    for row in subject.closed:
        to_children = born.get((row.index, Origin.CHILD), Newcomers()).sum
        booked += (
            row.ledger["paid_by_parents"]
            if row.rules_version >= TREASURY_ENDOWS_ALL
            else to_children
        )
    if apart(paid, booked, 1.0):
        yield f"parents paid {paid!r} for children, for whom rounds booked {booked!r}"


def _endowments(
    subject: Subject, row: Round, given: float, put_in: float, newcomers: tuple[Newcomers, ...]
) -> Iterator[str]:
    """What a round booked of its newcomers, each of whom got what its settings say."""
    books, endowment = (
        row.ledger,
        settings_of_round(experiment=subject.experiment, index=row.index).life.endowment,
    )
    for name, found in (("endowed", given), ("put_in", put_in)):
        if apart(books[name], found, books["money_put_in"]):
            yield (
                f"round {row.index}: {name} is {books[name]!r}, its newcomers and the money put in"
                f" give {found!r}"
            )
    if any(each.count and not each.least == each.most == endowment for each in newcomers):
        yield f"round {row.index}: not all newcomers started with {endowment!r}"


def _born(subject: Subject) -> dict[tuple[int, str], Newcomers]:
    """{(round of birth, origin): newcomers}; founders under FOUNDERS."""
    figures = {
        "count": Count("pk"),
        "sum": Sum("endowment"),
        "least": Min("endowment"),
        "most": Max("endowment"),
    }
    groups = subject.experiment.agents.order_by().values("birth_round", "origin")
    rows = groups.annotate(**figures).values_list("birth_round", "origin", *figures)
    return {(birth_round - 1, origin): Newcomers(*found) for birth_round, origin, *found in rows}


def _left(subject: Subject) -> dict[int, float]:
    """{round: what those who died in it left, debts taken off}."""
    dead = subject.experiment.agents.exclude(death_round=None).order_by()
    return dict(dead.values_list("death_round").annotate(Sum("equity")))
