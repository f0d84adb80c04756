"""Rows about people: where they are logged in, their second factor, and what happened at the
doors.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from agents.ledger import AppendOnly

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_DETAIL = 150, 45, 200


class EventKind(models.TextChoices):
    """What is recorded."""

    LOGGED_IN = "in", "logged in"
    LOGGED_OUT = "out", "logged out"
    FAILED = "failed", "log-in failed"
    REFUSED = "refused", "told to wait"
    DENIED = "denied", "not allowed"
    TOKEN_REFUSED = "token_no", "token refused"
    TOKEN_MADE = "token_made", "token made"
    TOKEN_USED = "token_used", "token used for the first time"
    TOKEN_REVOKED = "token_gone", "token revoked"
    PASSWORD = "password", "password changed"
    RIGHTS = "rights", "rights changed"
    SESSION_ENDED = "session", "session ended"
    FACTOR_ON = "factor_on", "second factor on"
    FACTOR_OFF = "factor_off", "second factor off"
    CODE_USED = "code", "recovery code used"
    DELETED = "deleted", "deleted"


class SecurityEvent(AppendOnly):
    """Something that happened at a door. It outlives its user, so it keeps a number and a name and
    no key.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=EventKind)
    user = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="Number of the user it is about; none where nobody is known.",
    )
    name = models.CharField(
        max_length=LONGEST_NAME, blank=True, help_text="As it stood then, or as it was typed."
    )
    by = models.CharField(
        max_length=LONGEST_NAME, blank=True, help_text="Who did it, where that was somebody else."
    )
    address = models.CharField(max_length=LONGEST_ADDRESS, blank=True)
    detail = models.CharField(max_length=LONGEST_DETAIL, blank=True)
    count = models.PositiveIntegerField(default=1, help_text="How often within this minute so far.")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "-at"], name="security_event_by_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="security_event_kind_known"
            )
        ]


class SeenSession(models.Model):
    """A browser in which a user is logged in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="seen_sessions"
    )
    key = models.CharField(max_length=40, unique=True, help_text="Of Django's session.")
    device = models.CharField(
        max_length=LONGEST_DETAIL, blank=True, help_text="What the browser says it is."
    )
    address = models.CharField(max_length=LONGEST_ADDRESS, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="To the minute.")

    class Meta:
        ordering = ["-seen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user}, {self.address}"


class SecondFactor(models.Model):
    """The secret of codes that change every half a minute (RFC 6238); asked for at a log-in once it
    is confirmed.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor"
    )
    sealed = models.BinaryField(help_text="arena.sealing.")
    last_step = models.BigIntegerField(
        default=-1, help_text="Of the last code that was taken: none is taken twice."
    )
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"second factor of {self.user}"


class RecoveryCode(models.Model):
    """Gets in once in the place of a code; kept as a hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "sha256"], name="recovery_code_once")
        ]
