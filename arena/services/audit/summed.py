"""Summaries of rounds, from which pages draw, tell what the rows do that other checks look at."""

from collections.abc import Iterator

from arena.models import RoundSummary
from arena.services.audit.subject import Subject
from arena.services.rounds.summing import summaries_again
from arena.store.summaries import ARRAYS, FORMAT, summary_row


def summed(subject: Subject) -> Iterator[str]:
    """Every summary of today's format is what the rounds before it and its own come to."""
    stored = {
        row.round_id: row
        for row in RoundSummary.objects.filter(round__experiment=subject.experiment, format=FORMAT)
    }
    again = summaries_again(experiment=subject.experiment, rows=subject.closed, before=None)
    for row, right in zip(subject.closed, again, strict=True):
        if (found := stored.get(row.pk)) is None:
            continue
        made = summary_row(row.pk, right)
        for name in ARRAYS:
            if bytes(getattr(found, name)) != getattr(made, name):
                yield f"round {row.index}: {name} of its summary are not what its rows tell"
