"""Getting ready: what has to be compiled is compiled in two processes, and whatever becomes of the
second, everything is there after.
"""

import gc
import os

import pytest

from arena.engine.trading.walk import walkers
from arena.engine.warm import warm_competition, warm_practice
from arena.management.commands import warm as command
from arena.settings_schema import Settings


@pytest.fixture
def halves(tmp_path, monkeypatch):
    """Stand-ins that write down in which process each part ran; nothing is compiled."""

    def noted(name, fails=False):
        def part(settings):
            (tmp_path / name).write_text(str(os.getpid()))
            if fails:
                raise OSError("no room left")

        return part

    def put(fails=False):
        monkeypatch.setattr(command, "_kept", lambda: False)
        monkeypatch.setattr(command, "warm_practice", noted("practice", fails))
        monkeypatch.setattr(command, "warm_competition", noted("competition"))
        monkeypatch.setattr(command, "warm", noted("all"))
        return lambda name: int((tmp_path / name).read_text())

    return put


def test_the_halves_are_compiled_in_two_processes_and_then_all_is_loaded_in_this_one(halves):
    ran_in = halves()

    command.get_ready(Settings())

    assert ran_in("practice") != os.getpid()
    assert ran_in("competition") == ran_in("all") == os.getpid()


def test_where_the_other_process_fails_this_one_still_gets_ready(halves):
    ran_in = halves(fails=True)

    command.get_ready(Settings())

    assert ran_in("practice") != ran_in("all") == os.getpid()


def test_garbage_is_collected_again_even_where_compiling_fails(halves, monkeypatch):
    halves()

    def broken(settings):
        assert not gc.isenabled()
        raise OSError("no room left")

    monkeypatch.setattr(command, "warm_competition", broken)
    with pytest.raises(OSError, match="no room left"):
        command.get_ready(Settings())

    assert gc.isenabled()


def test_the_halves_leave_nothing_that_a_round_would_compile():
    warm_practice(Settings())
    warm_competition(Settings())
    kernels = walkers(Settings().network.kind)

    assert len(kernels.practise.signatures) == len(kernels.compete.signatures) == 1
