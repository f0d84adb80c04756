"""A process is asked after only where its number means something."""

import os
import subprocess
import sys

import pytest

from arena.work import identity

ROLL_CALL = """
import os
from arena.work.identity import is_dead, this_process
parent = this_process()
if not os.fork():
    assert this_process() != parent and not is_dead(parent)
    print(this_process(), flush=True)
    os._exit(0)
os.wait()
print(parent, flush=True)
"""


@pytest.fixture
def ended() -> int:
    """The number of a process that is no more."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid


def test_who_runs_is_not_dead_and_who_ended_is(ended):
    assert not identity.is_dead(identity.this_process())
    assert not identity.is_dead(identity.named(os.getppid(), "parent"))
    assert identity.is_dead(identity.named(ended, "gone"))


def test_a_worker_in_another_container_of_this_host_is_not_declared_dead(ended, monkeypatch):
    with monkeypatch.context() as there:
        there.setattr(identity, "numbering", lambda: "0f1e2d3c")
        elsewhere = identity.named(ended, "there")

    assert not identity.is_dead(elsewhere)


def test_who_had_the_number_of_this_process_before_is_dead():
    before = identity.named(os.getpid(), "before")

    assert identity.is_dead(before)


@pytest.mark.parametrize("process", ["", "host:17", "there:0", "a:b:c:d", "host:x:0f1e2d3c:abc"])
def test_what_is_no_name_of_ours_is_left_to_its_lease(process):
    assert not identity.is_dead(process)


def test_a_child_has_a_name_of_its_own_and_fits_the_column():
    done = subprocess.run(
        [sys.executable, "-c", ROLL_CALL], capture_output=True, text=True, check=True
    )
    child, parent = done.stdout.split()

    assert child.rsplit(":", 1)[1] != parent.rsplit(":", 1)[1]
    assert len(identity.named(2**22, "0" * 12)) <= 80


def test_a_space_of_numbers_of_its_own_is_another(monkeypatch, tmp_path):
    here = identity.numbering()
    monkeypatch.setattr(identity, "NUMBERS", tmp_path)
    other_space = identity.numbering()
    monkeypatch.setattr(identity, "BOOT", tmp_path / "nothing")

    assert len({here, other_space, identity.numbering()}) == 3
