"""Everything a run goes by, and what of it was changed."""

import pytest

from arena.models import Experiment
from arena.selectors.pages.settings_page import origin_of, setting_groups, value_words
from arena.services.experiments.lifecycle import experiment_clone
from arena.settings_schema import known_keys
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return world.experiment(world.user())


def rows(experiment):
    return {
        row["key"]: row for group in setting_groups(experiment=experiment) for row in group["rows"]
    }


def test_every_setting_is_told_but_the_file_of_the_market(run):
    assert set(known_keys()) - set(rows(run)) == {"market.path", "market.paths"}


def test_what_differs_from_the_defaults_is_marked_and_the_default_named(run):
    found = rows(run)

    changed = {key for key, row in found.items() if row["changed"]}
    assert changed == {"population", "rounds", "round_bars"}
    assert (found["population"]["value"], found["population"]["default"]) == ("4", "64")
    assert found["population"]["unit"] == "agents"


def test_an_experiment_made_anew_comes_from_nothing(run):
    assert origin_of(experiment=run) is None


def test_a_clone_names_what_it_was_made_from_and_what_differs_today(run):
    clone = experiment_clone(experiment_uuid=run.uuid, owner=run.owner)
    assert origin_of(experiment=clone)["changes"] == []

    settings = run.settings | {"rounds": 12}
    Experiment.objects.filter(pk=run.pk).update(settings=settings)
    found = origin_of(experiment=clone)

    assert (found["how"], found["source"]) == ("clone", run)
    assert found["changes"] == [{"key": "rounds", "before": "12", "after": "10"}]


def test_what_a_fork_set_otherwise_is_written_as_all_settings_are(run):
    fork = experiment_clone(experiment_uuid=run.uuid, owner=run.owner)
    fork.cloned_from, fork.forked_from, fork.forked_after = None, run, 3
    fork.forked_changes = {"learning.enabled": [True, False], "network.hidden": [[64, 64], [32]]}

    found = origin_of(experiment=fork)

    assert (found["how"], found["source"], found["after"]) == ("fork", run, 3)
    assert found["changes"] == [
        {"key": "learning.enabled", "before": "yes", "after": "no"},
        {"key": "network.hidden", "before": "64, 64", "after": "32"},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "–"),
        ("", "–"),
        ((64, 64), "64, 64"),
        (12_000, "12\u202f000"),
        (10_000.0, "10\u202f000"),
        (0.0003, "0.0003"),
        ("long_flat", "long flat"),
    ],
)
def test_a_value_is_written_as_a_person_would(value, text):
    assert value_words(value) == text
