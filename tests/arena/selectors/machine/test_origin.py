"""An experiment remembers what computed it, so that two runs that differ can be told apart by their
cause.
"""

import platform

import pytest

from arena.selectors.machine.origin import COMPUTES, ROOT, digest_of, origin
from arena.services.experiments import lifecycle
from tests.arena.runs import draft


@pytest.mark.django_db
def test_an_experiment_is_stored_with_machine_versions_and_digests():
    environment = draft().environment

    assert environment == lifecycle.environment()
    assert set(environment) == {"machine", "python", "numpy", "numba", "code", "lock", "block_size"}
    assert environment["python"] == platform.python_version()
    assert len(environment["code"]) == len(environment["lock"]) == 64


def test_the_digest_tells_every_change_of_a_file_and_of_its_name(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1")
    second.write_text("x = 2")
    found = {
        digest_of([first, second], tmp_path),
        digest_of([first], tmp_path),
        digest_of([second], tmp_path),
    }

    second.write_text("x = 3")
    found.add(digest_of([first, second], tmp_path))
    second.rename(tmp_path / "c.py")
    found.add(digest_of([first, tmp_path / "c.py"], tmp_path))

    assert len(found) == 5


def test_all_that_computes_is_in_it():
    assert all(any((ROOT / place).rglob("*.py")) for place in COMPUTES)
    assert origin() is origin()
