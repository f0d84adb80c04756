"""Secrets that a row keeps: AES-GCM under a key derived from SECRET_KEY, good for one purpose and
one place.

Where SECRET_KEY changes, nothing that was sealed before can be opened again, by anybody:
`Unreadable` is raised, and the secret has to be entered anew. That is the price of there being no
second key to look after.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(ValueError):
    """Sealed under another SECRET_KEY, for another place, or damaged; the text says so without the
    secret.
    """


def seal(text: str, place: str) -> bytes:
    """Nonce, then ciphertext with its tag; `place` names the row and column, so that a value copied
    elsewhere cannot be opened.
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_key()).encrypt(nonce, text.encode(), place.encode())


def unseal(sealed: bytes, place: str) -> str:
    """The text that was sealed for this place; Unreadable."""
    try:
        return (
            AESGCM(_key())
            .decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
            .decode()
        )
    except (InvalidTag, ValueError):
        raise Unreadable(
            "cannot be read: SECRET_KEY is another one than when it was stored, or the row was"
            " changed"
        ) from None


def _key() -> bytes:
    """HKDF (RFC 5869); the info keeps it apart from everything else that Django derives from
    SECRET_KEY.
    """
    return HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"lineage: secrets in rows"
    ).derive(settings.SECRET_KEY.encode())
