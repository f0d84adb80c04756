"""The rule of passwords that Django does not bring."""

from typing import Any

from django.core.exceptions import ValidationError

from arena.people.forms import LONGEST_PASSWORD


class NotTooLong:
    """At most LONGEST_PASSWORD characters: what is longer only costs time."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError."""
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(
                f"This password is too long: {LONGEST_PASSWORD} characters are the most.",
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return (
            f"At most {LONGEST_PASSWORD} characters; a few words in a row are easy to keep and hard"
            " to guess."
        )
