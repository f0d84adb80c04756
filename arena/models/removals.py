"""The row of a deletion: what was asked for, how far it is, and afterwards that there once was such
a thing.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from arena.work.models import LONGEST_REASON


class Removed(models.TextChoices):
    """What can be deleted."""

    EXPERIMENT = "experiment", "experiment"
    MARKET = "market", "market"


class RemovalState(models.TextChoices):
    """A removal goes on until nothing is left, or nothing but what forks are still shown from."""

    GOING = "going", "being deleted"
    HELD = "held", "deleted but for what its forks need"
    DONE = "done", "deleted"


class Removal(models.Model):
    """An experiment or a market on its way out: a few rows or files a step, each committed. Its job
    says who is at it.
    """

    kind = models.CharField(max_length=10, choices=Removed)
    subject_id = models.BigIntegerField(help_text="Key of the row that is or was deleted.")
    uuid = models.UUIDField(
        null=True, blank=True, help_text="Of an experiment: names the folder of its files."
    )
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="removals",
    )
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    told = models.JSONField(
        default=dict, help_text="What hung on it when it was asked for: selectors.belongings."
    )
    market_too = models.BooleanField(
        default=False, help_text="Its market goes with it, where nothing else is on that."
    )
    state = models.CharField(max_length=8, choices=RemovalState, default=RemovalState.GOING)
    rows = models.PositiveBigIntegerField(default=0, help_text="Deleted so far.")
    reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it does not get on."
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="removal_once"),
            models.CheckConstraint(
                condition=Q(state__in=RemovalState.values), name="removal_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
