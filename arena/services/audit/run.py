"""Runs every check on one experiment."""

from collections.abc import Callable, Iterator

from django.core.exceptions import ObjectDoesNotExist

from arena.models import Experiment
from arena.services.audit import (
    books,
    chain,
    closes,
    judged,
    ledger,
    lives,
    played,
    rows,
    seals,
    summed,
)
from arena.services.audit.subject import Subject

# what a check may stumble over where rows or files are missing or torn: that, too, is a finding
BROKEN = (ValueError, LookupError, TypeError, ArithmeticError, ObjectDoesNotExist)
CHECKS: tuple[Callable[[Subject], Iterator[str]], ...] = (
    chain.rounds,
    chain.leases,
    chain.checkpoints,
    chain.digest_chain,
    rows.market,
    rows.totals,
    rows.tried,
    rows.looks,
    rows.windows,
    rows.births,
    rows.records,
    seals.seals,
    played.played,
    closes.closes,
    summed.summed,
    lives.places,
    lives.lineage,
    lives.deaths,
    lives.counts,
    lives.money,
    lives.conservation,
    books.treasury,
    books.payments,
    ledger.sequences,
    ledger.times,
    ledger.ledgers,
    judged.evaluations,
    judged.null_worlds,
)


def experiment_audit(
    *, experiment: Experiment, subject: Subject | None = None
) -> Iterator[tuple[str, str]]:
    """(name of the check, what is wrong with which row) for every law that is broken; nothing for a
    sound experiment.

    subject: the experiment's, for who wants to know afterwards what of it could not be checked.
    """
    subject = subject or Subject(experiment)
    try:
        _ = subject.originals
    except ValueError as error:
        # whose history goes round in a circle has none that could be followed
        yield "originals", str(error)
        return
    for check in CHECKS:
        yield from problems_of(check.__name__, check(subject))


def problems_of(name: str, check: Iterator[str]) -> Iterator[tuple[str, str]]:
    """What a check yields, with its name; where it cannot be carried out, that."""
    try:
        for problem in check:
            yield name, problem
    except BROKEN as error:
        yield name, f"the check could not be carried out: {type(error).__name__}: {error}"
