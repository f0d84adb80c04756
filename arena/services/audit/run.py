"""Runs every check on one experiment."""

from collections.abc import Callable, Iterator

from arena.models import Experiment
from arena.services.audit import chain, ledger, lives
from arena.services.audit.subject import Subject
from ml.checkpoint import CheckpointError

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
    ledger.sequences,
    ledger.times,
    ledger.ledgers,
)


def experiment_audit(*, experiment: Experiment) -> Iterator[tuple[str, str]]:
    """(name of the check, what is wrong with which row) for every law that is broken; nothing for a sound experiment."""
    subject = Subject(experiment)
    for check in CHECKS:
        try:
            for problem in check(subject):
                yield check.__name__, problem
        except CheckpointError as error:
            yield check.__name__, f"a file cannot be read: {error}"
