"""Sites on one Redis know nothing of each other, and two by one name are told apart."""

import os
import subprocess
import sys
from queue import Empty

import pytest
from django.conf import settings
from kombu import Connection

from lineage_site import sites
from lineage_site.environment import names, redis_url


def test_a_site_s_name_comes_from_its_key_and_tells_nothing_of_it():
    first, second = names.default_name("a key"), names.default_name("another")

    assert first == names.default_name("a key") != second
    assert names.name(first) == first
    assert "key" not in first


@pytest.mark.parametrize("bad", ["", "Big", "a b", "a:b", "-a", "x" * 41, "a\n"])
def test_a_name_that_is_no_part_of_a_key_is_refused(bad):
    with pytest.raises(ValueError):
        names.name(bad)


def test_all_that_goes_into_redis_begins_with_the_name():
    probe = (
        "from django.conf import settings as s; from lineage_site.queue import config as c,"
        " heartbeat as h;"
    )
    probe += (
        "print(s.CHANNEL_LAYERS['default']['CONFIG']['prefix'], s.CACHES['default']['KEY_PREFIX'],"
        " h.WORKER,"
    )
    probe += "c.broker_transport_options['global_keyprefix'])"
    environment = {
        "PATH": os.environ["PATH"],
        "SITE": "mine",
        "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
    }

    said = subprocess.run(
        [sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert said.split() == ["mine", "mine", "mine:worker", "mine:"]


def test_two_sites_on_one_redis_do_not_take_each_other_s_messages(valkey):
    url, client = valkey
    first, second = (
        Connection(redis_url.broker(url), transport_options={"global_keyprefix": f"{site}:"})
        for site in ("ann", "ben")
    )
    with first, second:
        first.SimpleQueue("lineage").put([[1], {}, {}], headers={"task": "look", "id": "1"})

        with pytest.raises(Empty):
            second.SimpleQueue("lineage").get(timeout=1)
        found = first.SimpleQueue("lineage").get(timeout=5)

        assert found.payload == [[1], {}, {}]
        found.ack()
        assert all(key.startswith((b"ann:", b"ben:")) for key in client.scan_iter())


@pytest.mark.django_db
def test_a_name_is_held_by_one_database_and_renewed(valkey, monkeypatch):
    _, client = valkey
    sites.hold(client)
    sites.hold(client)

    monkeypatch.setattr(sites, "database", lambda: "elsewhere:/srv/other.sqlite3")
    with pytest.raises(
        sites.NameTaken,
        match=rf"uses this Redis under the name {settings.SITE}.*set SITE to another name",
    ):
        sites.hold(client)

    assert 0 < client.ttl(f"{settings.SITE}:site") <= sites.SECONDS


def test_a_start_under_another_site_s_name_is_refused_with_one_line(valkey, tmp_path):
    url, client = valkey
    client.set("mine:site", "elsewhere:/srv/other.sqlite3")
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path),
        "REDIS_URL": url,
        "SITE": "mine",
    }

    done = subprocess.run(
        [sys.executable, "-m", "lineage_site.sites"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(
        "Another site, with the database elsewhere:/srv/other.sqlite3, uses this Redis under the"
        " name mine"
    )
