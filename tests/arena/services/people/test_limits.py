"""Expensive requests are counted, for everybody by themselves, by all processes together, and the
refusal says when to come back.
"""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.cache import caches

from arena.live.consumers import MOST_OF_PROCESS
from arena.services.people import limits
from arena.services.people.limits import (
    EXPERIMENTS,
    SOCKETS_OF_ADDRESS,
    SOCKETS_OF_USER,
    TooMany,
    limit_forget,
    limit_spend,
)
from tests.arena import world

ROOT = Path(__file__).resolve().parents[4]
CLOCK = time.time
FEW = replace(EXPERIMENTS, most=3)


def spend(times, who="ada", limit=FEW):
    for _ in range(times):
        limit_spend(limit=limit, who=who)


def sockets(count, user, address="1.2.3.4"):
    return [limits.places_take(user=user, address=address) for _ in range(count)]


def after(monkeypatch, seconds):
    """So many seconds from now."""
    now = CLOCK() + seconds
    monkeypatch.setattr("time.time", lambda: now)


def redis(url):
    options = {
        "serializer": "lineage_site.counts.Whole",
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
    }
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "lineage",
        "OPTIONS": options,
    }


def test_one_too_many_is_refused_with_a_sentence_and_a_time():
    spend(3)

    with pytest.raises(
        TooMany, match="At most 3 new experiments in 1 hour: wait 1 hour, then try again."
    ) as caught:
        spend(1)
    assert 3590 < caught.value.seconds <= 3600


def test_everybody_and_everything_is_counted_by_itself():
    spend(3)
    spend(3, who="eve")
    spend(3, limit=replace(FEW, name="something else"))


def test_counting_begins_anew_when_the_time_is_over(monkeypatch):
    brief = replace(FEW, seconds=60)
    spend(3, limit=brief)
    after(monkeypatch, 61)

    spend(3, limit=brief)


def test_the_wait_grows_shorter(monkeypatch):
    spend(3)
    after(monkeypatch, 3000)

    with pytest.raises(TooMany, match="wait 10 minutes") as caught:
        spend(1)
    assert 590 <= caught.value.seconds <= 600


def test_who_is_forgiven_begins_anew():
    spend(3)
    limit_forget(name=FEW.name, who="ada")

    spend(3)


def test_a_setting_switches_all_limits_off(settings, django_user_model):
    settings.LIMITS = False

    spend(100)
    assert sockets(100, django_user_model(pk=1)) == [[]] * 100


def test_all_processes_count_together(settings, valkey):
    url, _ = valkey
    settings.CACHES = settings.CACHES | {"default": redis(url)}
    program = """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "lineage_site.settings"
django.setup()
from dataclasses import replace
from arena.services.people.limits import EXPERIMENTS, limit_spend
for _ in range(2): limit_spend(limit=replace(EXPERIMENTS, most=3), who="ada")
"""
    env = {
        "PATH": "/usr/bin:/bin",
        "REDIS_URL": url,
        "SITE": "lineage",
        "VAR_DIR": str(Path(url.removeprefix("unix://").partition("?")[0]).parent / "var"),
    }
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, check=True)

    spend(1)

    with pytest.raises(TooMany):
        spend(1)


def test_no_cache_holds_anything_but_numbers_and_none_is_unpickled(settings, valkey):
    url, client = valkey
    settings.CACHES = settings.CACHES | {"default": redis(url)}
    spend(1, who="ada@example.org")

    keys = client.keys("*")

    assert len(keys) == 2 and all(
        client.get(key).isdigit() and client.ttl(key) > 3500 for key in keys
    )
    assert not any(b"ada" in key for key in keys)
    client.set(keys[0], b"\x80\x04\x95")
    with pytest.raises(ValueError, match="invalid literal"):
        caches["default"].get(keys[0].decode().removeprefix("lineage:1:"))


def test_without_redis_each_process_counts_for_itself(settings, tmp_path):
    settings.CACHES = settings.CACHES | {"default": redis(f"unix://{tmp_path}/nobody.sock?db=0")}
    spend(3)

    with pytest.raises(TooMany):
        spend(1)


def test_a_user_has_ten_sockets_from_anywhere(django_user_model):
    ada, eve = django_user_model(pk=1), django_user_model(pk=2)
    for n in range(SOCKETS_OF_USER):
        sockets(1, ada, address=f"1.2.3.{n}")

    with pytest.raises(TooMany, match="At most 10 live connections of one user"):
        sockets(1, ada, address="5.6.7.8")
    sockets(1, eve)


def test_an_address_has_fifty_whoever_it_is(django_user_model):
    for n in range(SOCKETS_OF_ADDRESS // SOCKETS_OF_USER):
        sockets(SOCKETS_OF_USER, django_user_model(pk=n + 1))
    late = django_user_model(pk=99)

    with pytest.raises(TooMany, match="At most 50 live connections from one address"):
        sockets(1, late)
    assert (
        len(sockets(SOCKETS_OF_USER, late, address="elsewhere")) == SOCKETS_OF_USER
    )  # the refused one holds no place


def test_a_place_that_is_left_is_free_and_one_that_is_kept_is_not(django_user_model, monkeypatch):
    ada = django_user_model(pk=1)
    first, *rest = sockets(SOCKETS_OF_USER, ada)
    limits.places_leave(places=first)
    sockets(1, ada)

    after(monkeypatch, limits.PLACE_SECONDS - 1)
    for places in rest:
        limits.places_keep(places=places)
    after(monkeypatch, limits.PLACE_SECONDS + 1)

    # of ten the one that was never kept, as of a killed process, is free again
    sockets(1, ada)
    with pytest.raises(TooMany):
        sockets(1, ada)


@pytest.mark.django_db
def test_a_user_is_counted_by_number_not_by_name():
    ada = world.user()
    spend(3, who=ada)
    ada.username = "other"

    with pytest.raises(TooMany):
        spend(1, who=ada)


def test_the_readme_lists_every_limit():
    text = (ROOT / "README.md").read_text()
    every = [each for each in vars(limits).values() if isinstance(each, limits.Limit)]

    assert len(every) == 11
    for limit in every:
        assert f"{limit.most} {limit.what}" in text, limit.name
    assert (
        f"{SOCKETS_OF_USER} of a user, {SOCKETS_OF_ADDRESS} of an address, {MOST_OF_PROCESS} of a"
        " process" in text
    )


def test_a_clock_set_back_an_hour_locks_nobody_out_for_longer(monkeypatch):
    brief = replace(FEW, seconds=60)
    spend(3, limit=brief)
    sockets(SOCKETS_OF_USER, "ada")
    after(monkeypatch, -3600)

    # the count and the places are those of a time that is yet to come
    spend(3, limit=brief)
    with pytest.raises(TooMany):
        spend(1, limit=brief)
    sockets(1, "ada")
