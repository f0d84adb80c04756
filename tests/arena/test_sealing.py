"""A secret in a row is opened by the same site, in the same place, unchanged; by nothing else."""

import pytest

from arena.sealing import Unreadable, seal, unseal

SECRET = "CG-abcdefghijklmnop"


def test_what_was_sealed_is_opened_in_its_place():
    sealed = seal(SECRET, "here")

    assert unseal(sealed, "here") == SECRET
    assert SECRET.encode() not in sealed and SECRET[-4:].encode() not in sealed


def test_the_same_secret_never_looks_the_same_twice():
    assert seal(SECRET, "here") != seal(SECRET, "here")


def test_a_value_copied_to_another_place_cannot_be_opened():
    with pytest.raises(Unreadable, match="cannot be read"):
        unseal(seal(SECRET, "here"), "there")


@pytest.mark.parametrize("byte", [0, 12, -1])
def test_a_single_changed_bit_is_noticed(byte):
    sealed = bytearray(seal(SECRET, "here"))
    sealed[byte] ^= 1

    with pytest.raises(Unreadable):
        unseal(bytes(sealed), "here")


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 12])
def test_what_was_never_sealed_is_refused_in_the_same_words(sealed):
    with pytest.raises(Unreadable, match="cannot be read"):
        unseal(sealed, "here")


def test_under_another_secret_key_nothing_can_be_opened(settings):
    sealed = seal(SECRET, "here")

    settings.SECRET_KEY = "another one"

    with pytest.raises(Unreadable, match="SECRET_KEY is another one") as caught:
        unseal(sealed, "here")
    assert SECRET not in str(caught.value)
