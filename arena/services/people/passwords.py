"""A new password ends whatever the old one had opened, whoever sets it, and wherever."""

from typing import Any

from arena.people.models import EventKind
from arena.services.people.events import event_record
from arena.services.people.sessions import sessions_end
from arena.services.people.tokens import tokens_end


class EndsWhatTheOldOneOpened:
    """A password validator that refuses nothing: Django tells validators of every password that was
    set, be it on a page, in the admin or by manage.py, and this one ends the user's sessions and
    tokens.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Anything goes."""

    def password_changed(self, password: str, user: Any = None) -> None:
        event_record(kind=EventKind.PASSWORD, user=user)
        sessions_end(user=user, why="the password was changed")
        tokens_end(user=user)

    def get_help_text(self) -> str:
        return "A new password ends all your other sessions, and revokes your tokens."
