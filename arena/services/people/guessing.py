"""Passwords and codes are guessed ever more slowly; no thread waits, and who is too early is told
when to come back.

A try is counted before the password is looked at, so that tries at the same moment count. After a
few free ones there is a pause before the next, twice as long each time: for an account from one
address, and, with more patience, for an account from wherever. A browser that logged in before
carries a signed cookie and is counted by itself, so that others cannot lock its owner out.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.utils.crypto import constant_time_compare

from arena.services.people.limits import (
    DAY,
    MINUTE,
    TRIES_OF_ADDRESS,
    TooMany,
    duration_words,
    gate_pass,
    limit_count,
    limit_forget,
    limit_spend,
    limit_uncount,
)

COOKIE_SECONDS = 365 * DAY
BROWSERS_KNOW = 5
SALT = "lineage.known"


@dataclass(frozen=True)
class Patience:
    """`free` tries, then a pause of `first` seconds that doubles up to `longest`; forgotten after
    `memory` seconds.
    """

    name: str
    free: int
    first: int
    longest: int
    memory: int = DAY

    def pause(self, tries: int) -> int:
        """Seconds between the try of this number, from 1, and the next."""
        return (
            0
            if tries <= self.free
            else min(self.first * 2 ** min(tries - self.free - 1, 20), self.longest)
        )


OF_PAIR = Patience("tries of pair", free=4, first=5, longest=15 * MINUTE)
OF_ACCOUNT = Patience("tries of account", free=20, first=2, longest=5 * MINUTE)
OF_BROWSER = Patience("tries of browser", free=4, first=5, longest=15 * MINUTE)
OF_CODE = Patience("tries of code", free=4, first=5, longest=15 * MINUTE)
HELP = (
    "If you cannot wait, ask an administrator: a password can be set anew in the admin, or with"
    " manage.py changepassword."
)


class Guessing(TooMany):
    """Told to wait; the text is the same whether the account exists or not."""

    def __init__(self, seconds: int):
        super().__init__(
            f"Too many tries: wait {duration_words(seconds)}, then try again. {HELP}", seconds
        )


def guess_spend(*, account: str, address: str, browser: str = "") -> None:
    """Count a try to log in to `account`, from an address, or from a `browser` that the account
    knows; Guessing.
    """
    if not settings.LIMITS:
        return
    if browser:
        _spend(OF_BROWSER, f"{account}\n{browser}")
        return
    _spend(OF_PAIR, f"{account}\n{address}")
    try:
        limit_spend(limit=TRIES_OF_ADDRESS, who=address)
    except TooMany as error:
        raise Guessing(error.seconds) from None
    _spend(OF_ACCOUNT, account)


def guess_right(*, account: str, address: str, browser: str = "") -> None:
    """It was no guess: what was counted of this place is forgotten, what others tried is not."""
    for patience, who in (
        (OF_PAIR, f"{account}\n{address}"),
        (OF_BROWSER, f"{account}\n{browser}"),
    ):
        _forget(patience, who)
    if not browser:
        limit_uncount(name=OF_ACCOUNT.name, who=account)


def code_spend(*, user: Any) -> None:
    """Count a try of a code, or of one's own password where one is logged in already; Guessing."""
    if settings.LIMITS:
        _spend(OF_CODE, user)


def code_right(*, user: Any) -> None:
    """It was right."""
    _forget(OF_CODE, user)


def account_named(text: str) -> str:
    """What tries are counted under: names that look alike to a person are one."""
    return text.strip().casefold()[:150]


def known_browser(*, cookie: str, account: str) -> str:
    """The mark of a browser that logged in to `account` before, "" for any other."""
    mark, signed = _cookie(cookie).get(account, ("", ""))
    user = get_user_model().objects.filter(username__iexact=account).first() if mark else None
    return mark if user and constant_time_compare(signed, _password_mark(user)) else ""


def known_cookie(*, cookie: str, user: Any) -> str:
    """The cookie with `user` in it as well; it is worth nothing any more once the password is
    changed.
    """
    known = _cookie(cookie)
    account = account_named(user.get_username())
    mark = known.pop(account, ("",))[0] or secrets.token_urlsafe(9)
    known[account] = (mark, _password_mark(user))
    return signing.dumps(dict(list(known.items())[-BROWSERS_KNOW:]), salt=SALT, compress=True)


def _cookie(cookie: str) -> dict[str, tuple[str, str]]:
    try:
        return signing.loads(cookie, salt=SALT, max_age=COOKIE_SECONDS) if cookie else {}
    except signing.BadSignature:
        return {}


def _password_mark(user: Any) -> str:
    return user.get_session_auth_hash()[:16]


def _spend(patience: Patience, who: Any) -> None:
    """Count a try. Once the free ones are used up each needs the gate open, and shuts it for a
    pause.
    """
    tries = limit_count(name=patience.name, who=who, seconds=patience.memory)
    if not (pause := patience.pause(tries)):
        return
    if left := gate_pass(name=f"{patience.name} gate", who=who, seconds=pause):
        # who is held back has not tried, or hammering would lengthen the pause of others
        limit_uncount(name=patience.name, who=who)
        raise Guessing(left)


def _forget(patience: Patience, who: Any) -> None:
    limit_forget(name=patience.name, who=who)
    limit_forget(name=f"{patience.name} gate", who=who)
