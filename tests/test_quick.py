"""A quick run leaves out what takes its time."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.conftest import quick, refuse_processes


def item(*fixtures: str, **database: bool) -> SimpleNamespace:
    """A test that asks for these fixtures, and for a database where anything is said of it."""
    marker = SimpleNamespace(kwargs=database) if database else None
    return SimpleNamespace(
        fixturenames=fixtures,
        get_closest_marker=lambda name: marker if name == "django_db" else None,
    )


def test_a_database_that_is_rolled_back_is_quick_and_one_that_is_emptied_is_not():
    assert quick(item())
    assert quick(item("db", transaction=False))
    assert not quick(item("db", transaction=True))
    assert not quick(item("transactional_db"))


def test_a_server_of_its_own_is_not_quick():
    assert not quick(item("valkey", "tmp_path"))


def test_a_test_that_starts_a_process_ends_there_and_no_service_can_swallow_that(monkeypatch):
    refuse_processes(monkeypatch)

    def service():
        try:
            subprocess.run([sys.executable, "-V"], check=True)
        except Exception:
            return "mended"

    with pytest.raises(pytest.skip.Exception, match="starts a process"):
        service()
