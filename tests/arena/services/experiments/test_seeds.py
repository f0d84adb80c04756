"""Several seeds make as many experiments of one group, or none."""

import pytest

from arena.models import Experiment, MarketData
from arena.selectors.machine.room import NoRoom
from arena.services.experiments import seeds as several
from arena.services.experiments.seeds import experiments_create
from arena.settings_schema import Settings, SettingsError
from tests.arena import world

pytestmark = pytest.mark.django_db
SMALL = Settings(population=4, rounds=2, round_bars=64)


def made(owner, seeds, **fields):
    return experiments_create(owner=owner, name="mine", settings=SMALL, seeds=seeds, **fields)


def test_every_seed_is_an_experiment_of_the_same_group_on_a_market_of_its_own():
    rows = made(world.user(), [3, 5, 8])

    assert [row.name for row in rows] == ["mine, seed 3", "mine, seed 5", "mine, seed 8"]
    assert [(row.seed, row.settings["seed"]) for row in rows] == [(3, 3), (5, 5), (8, 8)]
    assert len({row.group for row in rows}) == 1 and rows[0].group
    assert len({row.market_id for row in rows}) == 3


def test_one_seed_is_an_experiment_by_itself():
    [row] = made(world.user(), [3])

    assert (row.name, row.group) == ("mine", None)


def test_nothing_is_stored_where_all_of_them_together_are_too_much(settings):
    owner = world.user()
    one = several.extent_check(settings=SMALL).extent.disk
    settings.MOST = settings.MOST | {"disk": 2 * one}

    assert len(made(owner, [1, 2])) == 2
    with pytest.raises(SettingsError) as refused:
        made(owner, [3, 4, 5])

    assert "ask for fewer seeds" in refused.value.problems["seeds"]
    assert Experiment.objects.count() == 2


def test_nothing_is_stored_where_the_owners_share_is_too_small_for_all(settings):
    settings.DISK_PER_USER_MB = 1
    settings.MOST = settings.MOST | {"disk": 10**12}

    with pytest.raises(SettingsError) as refused:
        made(world.user(), list(range(20)))

    assert set(refused.value.problems) == {"seeds"}
    assert not Experiment.objects.exists()


def test_nothing_is_stored_where_the_disk_has_no_room_for_the_first_rounds_of_all(monkeypatch):
    def full(*, needed):
        raise NoRoom(needed, 0)

    monkeypatch.setattr(several, "room_check", full)

    with pytest.raises(SettingsError):
        made(world.user(), [1, 2])

    assert not Experiment.objects.exists()
    assert not MarketData.objects.exists()
