"""One address, three dialects; and a socket path the system can hold."""

import tempfile
from pathlib import Path

import pytest

from lineage_site.environment import redis_url


@pytest.mark.parametrize(
    ("ours", "celery"),
    [
        ("unix:///tmp/r.sock?db=0", "redis+socket:///tmp/r.sock?virtual_host=0"),
        ("unix:///tmp/r.sock?db=3", "redis+socket:///tmp/r.sock?virtual_host=3"),
        ("unix:///tmp/r.sock", "redis+socket:///tmp/r.sock?virtual_host=0"),
        (
            "unix://me:secret@/tmp/r.sock?db=1",
            "redis+socket://me:secret@/tmp/r.sock?virtual_host=1",
        ),
        ("redis://:secret@host:6379/2", "redis://:secret@host:6379/2"),
        ("rediss://host/0", "rediss://host/0"),
    ],
)
def test_celery_gets_its_own_dialect(ours, celery):
    assert redis_url.broker(redis_url.checked(ours)) == celery


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "host:6379",
        "http://host",
        "redis://",
        "redis://host:0",
        "redis://host/x",
        "unix://",
        "unix:///p?db=x",
    ],
)
def test_an_address_nobody_could_read_is_refused(bad):
    with pytest.raises(ValueError):
        redis_url.checked(bad)


def test_the_socket_lies_in_the_folder():
    assert redis_url.socket_path(Path("/srv/var")) == Path("/srv/var/redis.sock")


def test_a_deep_folder_gets_a_short_socket_path_always_the_same():
    deep = Path("/srv/" + "x" * 120)

    path = redis_url.socket_path(deep)

    assert len(str(path)) <= redis_url.LONGEST_SOCKET_PATH
    assert path == redis_url.socket_path(deep)
    assert path != redis_url.socket_path(Path("/srv/" + "y" * 120))


def test_a_process_with_temporary_files_elsewhere_finds_the_same_socket(monkeypatch):
    deep = Path("/srv/" + "x" * 120)
    before = redis_url.socket_path(deep)

    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", None)

    assert redis_url.socket_path(deep) == before
