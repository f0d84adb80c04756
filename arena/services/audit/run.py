"""Runs every check on one experiment."""

from collections.abc import Callable, Iterator

from arena.models import Experiment
from arena.services.audit import books, chain, judged, ledger, lives
from arena.services.audit.subject import Subject

# what a check may stumble over where rows or files are missing or torn: that, too, is a finding
BROKEN = (ValueError, LookupError, TypeError, ArithmeticError)
CHECKS: tuple[Callable[[Subject], Iterator[str]], ...] = (
    chain.rounds,
    chain.leases,
    chain.checkpoints,
    chain.digest_chain,
    chain.records,
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


def experiment_audit(*, experiment: Experiment) -> Iterator[tuple[str, str]]:
    """(name of the check, what is wrong with which row) for every law that is broken; nothing for a sound experiment."""
    subject = Subject(experiment)
    for check in CHECKS:
        try:
            for problem in check(subject):
                yield check.__name__, problem
        except BROKEN as error:
            yield check.__name__, f"the check could not be carried out: {type(error).__name__}: {error}"
