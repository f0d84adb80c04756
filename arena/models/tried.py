"""Rows that say how many agents were tried on which bars, and who looked at which vault: they
outlive the experiments they are of.
"""

from django.conf import settings
from django.db import models


class Tried(models.Model):
    """How many agents an experiment has had compete so far; who deletes the experiment has
    tried no fewer.

    Nothing but the numbers is kept, under the experiment's UUID and without a key to its row.
    Counts only grow.
    """

    experiment = models.UUIDField(unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    market_sha256 = models.CharField(max_length=64, help_text="Of the bars they competed on.")
    agents = models.PositiveIntegerField(
        default=0, help_text="Without those that count for the experiment it was forked from."
    )
    shared = models.PositiveIntegerField(
        default=0, help_text="Those, who competed before the fork."
    )

    class Meta:
        indexes = [models.Index(fields=["owner", "market_sha256"], name="tried_by_owner_and_bars")]


class Look(models.Model):
    """One scoring of agents on a vault; deleting the experiment does not undo it."""

    experiment = models.UUIDField()
    after_round = models.PositiveIntegerField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    market_sha256 = models.CharField(
        max_length=64, db_index=True, help_text="Of the bars it was on."
    )
    start = models.FloatField(
        help_text="From when the vault is, UTC milliseconds, as if bars were spread evenly."
    )
    stop = models.FloatField(help_text="Until when.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "after_round"], name="look_once")
        ]
