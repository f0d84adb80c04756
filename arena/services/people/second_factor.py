"""The second factor: a code that an app on the phone shows for half a minute (RFC 6238), or a
recovery code, each good once.

The secret is sealed under SECRET_KEY, recovery codes are kept as hashes. Of a code the step is
kept that it belongs to, by one conditional update: the same code is not taken twice, not even at
the same moment.
"""

import base64
import hashlib
import os
import secrets
import time
from typing import Any
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP

from arena.people.models import EventKind, RecoveryCode, SecondFactor
from arena.sealing import Unreadable, seal, unseal
from arena.services.people.events import event_record

SECRET_BYTES = 20
DIGITS = 6
# steps of half a minute that a phone's clock may be off
TOLERANCE = 1
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# 5 bits a sign, nearly: 24 of them are more than anybody guesses, so a plain hash does
CODE_SIGNS, CODE_GROUP = 24, 6


def factor_of(*, user: Any) -> SecondFactor | None:
    """The one that is asked for at a log-in."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def factor_begin(*, user: Any) -> str:
    """A secret that is to be confirmed by a code, in base 32; the same one until then. "" where one
    is confirmed already.
    """
    row = SecondFactor.objects.filter(user=user).first()
    if row is not None and row.confirmed_at is not None:
        return ""
    if row is not None:
        try:
            return unseal(bytes(row.sealed), _place(user))
        except Unreadable:
            row.delete()
    secret = base64.b32encode(os.urandom(SECRET_BYTES)).decode()
    SecondFactor.objects.create(
        user=user, sealed=seal(secret, _place(user)), made_at=timezone.now()
    )
    return secret


def factor_address(*, user: Any, secret: str) -> str:
    """otpauth://…: what an app reads."""
    name = quote(f"Lineage:{user.get_username()}", safe=":")
    return f"otpauth://totp/{name}?{urlencode({'secret': secret, 'issuer': 'Lineage'})}"


@transaction.atomic
def factor_confirm(*, user: Any, code: str) -> list[str]:
    """Ask for codes from now on, and give out recovery codes; [] where the code is wrong."""
    row = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    if row is None or not _takes(row, code):
        return []
    SecondFactor.objects.filter(pk=row.pk).update(confirmed_at=timezone.now())
    event_record(kind=EventKind.FACTOR_ON, user=user)
    return _codes(user)


def factor_passes(*, user: Any, code: str) -> bool:
    """Whether it is the code of now, or a recovery code that was not used before."""
    row = factor_of(user=user)
    if row is not None and _takes(row, code):
        return True
    used = RecoveryCode.objects.filter(user=user, sha256=_hash(code)).delete()[0]
    if used:
        event_record(
            kind=EventKind.CODE_USED,
            user=user,
            detail=f"{RecoveryCode.objects.filter(user=user).count()} are left",
        )
    return bool(used)


@transaction.atomic
def factor_remove(*, user: Any) -> bool:
    """Ask for no more codes; whether there was one."""
    RecoveryCode.objects.filter(user=user).delete()
    there = SecondFactor.objects.filter(user=user).delete()[0] > 0
    if there:
        event_record(kind=EventKind.FACTOR_OFF, user=user)
    return there


def _takes(row: SecondFactor, code: str) -> bool:
    """Whether the code is right, and was not taken before."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return False
    try:
        totp = TOTP(base64.b32decode(unseal(bytes(row.sealed), _place(row.user))), digits=DIGITS)
    except Unreadable:
        return False
    totp.time = time.time()
    if not totp.verify(int(digits), tolerance=TOLERANCE, min_t=row.last_step + 1):
        return False
    return (
        SecondFactor.objects.filter(pk=row.pk, last_step__lt=totp.t()).update(last_step=totp.t())
        == 1
    )


def _codes(user: Any) -> list[str]:
    """Ten new ones, in the place of any before."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_SIGNS)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, sha256=_hash(code)) for code in codes)
    return [
        "-".join(code[start : start + CODE_GROUP] for start in range(0, CODE_SIGNS, CODE_GROUP))
        for code in codes
    ]


def _hash(code: str) -> str:
    """Of its letters and digits: gaps and capitals do not matter."""
    return hashlib.sha256(
        "".join(sign for sign in code.casefold()[:100] if sign.isalnum()).encode()
    ).hexdigest()


def _place(user: Any) -> str:
    return f"second factor: {user.pk}"
