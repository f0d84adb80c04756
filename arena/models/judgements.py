"""The row of a judgement that is waited for: a step of its own, which no experiment's state depends
on.
"""

from django.db import models
from django.db.models import Q

from arena.work.models import LONGEST_REASON


class JudgementState(models.TextChoices):
    """A judgement waits until a worker has made it, or until it has failed as often as is tried."""

    WAITING = "waiting", "being judged"
    DONE = "done", "judged"
    FAILED = "failed", "could not be judged"


class Judgement(models.Model):
    """Of an experiment that plays no further round, as of its last closed one; asked for as it
    ends, and tried again by hand.
    """

    experiment = models.ForeignKey(
        "arena.Experiment", on_delete=models.PROTECT, related_name="judgements"
    )
    after_round = models.PositiveIntegerField(help_text="The last round that was closed.")
    state = models.CharField(max_length=8, choices=JudgementState, default=JudgementState.WAITING)
    reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it could not be made."
    )
    rules_version = models.PositiveSmallIntegerField(
        default=1, help_text="Of the rules it was made by: arena.engine.results."
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["experiment", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "after_round"], name="judgement_once"),
            models.CheckConstraint(
                condition=Q(state__in=JudgementState.values), name="judgement_state_known"
            ),
        ]
