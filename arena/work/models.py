"""The rows of work: jobs that wait, are claimed or held, and what was spent on whose."""

from django.db import models
from django.db.models import Q

from agents.state_field import StateField
from agents.states import State

# characters; room for the names of two files with their digests
LONGEST_REASON = 800


class JobState(State):
    """A job waits, or is claimed under a fence and a lease; a held one waits for a person. One that
    is done has no row.
    """

    WAITING = "waiting", "Waiting", "A worker takes it when its turn comes."
    CLAIMED = "claimed", "Claimed", "A worker is at it, under a fence and a lease."
    HELD = "held", "Held", "It was given up; a person may have it tried again."


class Job(models.Model):
    """A piece of background work that is not done yet."""

    kind = models.CharField(max_length=20, help_text="Which line of arena.work.kinds.")
    subject = models.PositiveBigIntegerField(
        help_text="Key of the row that the work is on, in the table of its kind."
    )
    user = models.PositiveBigIntegerField(
        default=0, help_text="For whom; 0: for nobody in particular."
    )
    experiment = models.PositiveBigIntegerField(
        default=0, help_text="Of which experiment; 0: of none."
    )
    rank = models.PositiveSmallIntegerField(
        help_text="Its kind's place among the kinds: an experiment's lowest is done first."
    )
    place = models.PositiveIntegerField(
        default=0, help_text="Its own among its kind: number of the block, of the null world."
    )
    state = StateField(max_length=8, states=JobState, default=JobState.WAITING.value)
    fence = models.PositiveIntegerField(
        default=0, help_text="Number of the last claim; what an older one did is refused."
    )
    since = models.DateTimeField(
        help_text=(
            "When its state last changed, or its holder was last heard of; by the database's clock."
        )
    )
    not_before = models.DateTimeField(null=True, blank=True, help_text="It rests until then.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Claims that neither ended well nor were the machine's fault."
    )
    pauses = models.PositiveSmallIntegerField(
        default=0, help_text="How often in a row the machine was not up to it."
    )
    worker = models.CharField(max_length=80, blank=True, help_text="Process that holds it, or did.")
    home = models.CharField(
        max_length=80,
        blank=True,
        help_text="Process that asked for it and does it itself.",
    )
    reason = models.CharField(
        max_length=LONGEST_REASON,
        blank=True,
        help_text="Why the last attempt failed, or what it waits for.",
    )
    seconds = models.FloatField(default=0.0, help_text="What its owner was charged at the claim.")

    class Meta:
        ordering = ["rank", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="job_once"),
            models.CheckConstraint(
                condition=Q(state__in=JobState.values()), name="job_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "user", "experiment", "rank", "place"], name="job_by_turn"
            ),
            models.Index(fields=["experiment", "state"], name="job_by_experiment"),
        ]


class UserShare(models.Model):
    """What was done for a user since there was last nothing to do for them; there is no row where
    there is nothing.
    """

    user = models.PositiveBigIntegerField(unique=True)
    used = models.FloatField(
        help_text="Seconds of workers, upon what the least busy had when this one came."
    )


class ExperimentShare(models.Model):
    """The same of an experiment, or of all that a user has in hand beside experiments (0)."""

    user = models.PositiveBigIntegerField()
    experiment = models.PositiveBigIntegerField()
    used = models.FloatField(
        help_text="Seconds of workers, upon what the user's least busy had when this one came."
    )
    lasting = models.JSONField(
        default=dict, help_text="{kind: seconds that a job of it took of late}."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "experiment"], name="experiment_share_once")
        ]


class Office(models.Model):
    """What one process at a time does for all; held under a lease."""

    name = models.CharField(max_length=20, unique=True)
    holder = models.CharField(max_length=80, help_text="Process that holds it, or did.")
    since = models.DateTimeField(
        help_text="When its holder was last heard of, by the database's clock."
    )
    lease_until = models.DateTimeField()
