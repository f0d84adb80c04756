"""The first paint holds what a screen shows: the living, curves, one measure of the heatmap; a step
leads from it to any earlier round.
"""

import random

import numpy as np
import orjson
import pytest

from agents.models import Agent
from arena.models import Experiment
from arena.selectors.pages.first_paint import (
    agents_message,
    first_paint,
    first_paint_message,
    heatmap_message,
    lives_message,
    step_message,
)
from arena.selectors.pages.snapshot import snapshot
from arena.selectors.rounds.cells import NOTHING
from arena.services.rounds.summing import summaries_make
from arena.wire import messages
from tests.arena import world
from tests.arena.runs import finished, tiny
from tests.effort import calls

pytestmark = pytest.mark.django_db
# of the header, the summaries, the living and their parents, hall, feed, evaluations, interventions
QUERIES = 15


def plain(data):
    return orjson.loads(
        orjson.dumps(data, default=np.ascontiguousarray, option=orjson.OPT_SERIALIZE_NUMPY)
    )


def summed(**fields) -> Experiment:
    run = world.experiment(fields.pop("owner", None) or world.user(), **fields)
    summaries_make(experiment_id=run.pk)
    return Experiment.objects.select_related("market").get(pk=run.pk)


@pytest.fixture
def run():
    return summed()


def opened(heatmap) -> np.ndarray:
    """float [rounds, places] of the bytes of a heatmap."""
    values = np.append(heatmap["values"], np.full(256 - len(heatmap["values"]), np.nan))
    return values[np.asarray(heatmap["cells"])].T


def test_curves_hall_and_feed_are_those_of_the_whole_snapshot(run):
    paint, whole = plain(first_paint(experiment=run)), plain(snapshot(experiment=run))

    assert paint["hall"] == whole["hall"]
    assert paint["feed"] == whole["feed"]
    assert paint["curves"]["rounds"] == [0, 1, 2]
    for name in ("reused", "alive"):
        assert paint["curves"][name] == whole["curves"][name]
    assert paint["curves"]["measures"] == near(whole["curves"]["measures"])
    assert paint["curves"]["baselines"] == near(whole["curves"]["baselines"])
    assert paint["curves"]["money"] == near(whole["curves"]["money"])


def near(value):
    if isinstance(value, dict):
        return {name: near(each) for name, each in value.items()}
    # what has no value is null in both, and null is not near to anything
    return [None if each is None else pytest.approx(each, rel=1e-6) for each in value]


def test_the_living_are_there_and_the_dead_are_counted(run):
    paint = first_paint(experiment=run)

    assert paint["agents"]["number"] == [2, 3, 4, 7]
    assert paint["experiment"]["ever"]["deaths"] == 3
    assert paint["experiment"]["ever"]["put_in"] == 1000.0
    assert paint["experiment"]["ever"]["put_in_last"] == 2


def test_one_measure_of_the_heatmap_comes_as_bytes_and_others_on_asking(run):
    whole = snapshot(experiment=run)["heatmap"]

    first = first_paint(experiment=run)["heatmap"]
    other = heatmap_message(experiment=run, measure="scars").data["heatmap"]

    assert first["measure"] == "fitness"
    assert opened(first) == pytest.approx(whole["fitness"], rel=0.02, abs=0.01, nan_ok=True)
    assert first["cells"][0][0] == NOTHING
    assert (opened(other) == whole["scars"]).all()


def test_every_message_travels_as_a_frame(run):
    for paint in (
        first_paint_message(experiment_uuid=run.uuid),
        heatmap_message(experiment=run, measure="trust"),
        lives_message(experiment=run),
        agents_message(experiment=run, numbers=[1, 5]),
        step_message(experiment=run, index=1),
    ):
        [read] = messages.decode(paint.encode())

        assert (read.type, read.seq) == (paint.type, run.seq)


def test_who_ever_lived_is_an_array_a_field_and_some_are_rows(run):
    lives = plain(lives_message(experiment=run).data["lives"])
    [rows] = [agents_message(experiment=run, numbers=[1, 6]).data["agents"]]

    assert lives["death"] == [0, -1, -1, -1, 1, 2, -1]
    assert lives["mother"] == [0, 0, 0, 0, 2, 2, 2]
    assert [lives["states"][code] for code in lives["state"]][5] == "outcompeted"
    assert (rows["number"], rows["death_round"]) == ([1, 6], [0, 2])


def test_a_draft_has_an_empty_first_paint():
    draft = summed(rounds=0, state="draft")

    paint = first_paint_message(experiment_uuid=draft.uuid)

    assert paint.round == -1
    [read] = messages.decode(paint.encode())
    assert len(read.data["curves"]["rounds"]) == len(read.data["heatmap"]["rounds"]) == 0
    assert lives_message(experiment=draft).data["lives"]["slot"].shape == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_step_to_any_round_shows_what_the_whole_snapshot_of_it_shows():
    run = finished(tiny(rounds=9))
    run = Experiment.objects.select_related("market").get(pk=run.pk)

    for index in random.Random(3).sample(range(8), 6):
        step = plain(step_message(experiment=run, index=index).data)
        whole = plain(snapshot(experiment=run, as_of_round=index))

        living = [
            place for place, state in enumerate(whole["agents"]["state"]) if state == "active"
        ]
        assert step["agents"] == {
            name: [values[place] for place in living] for name, values in whole["agents"].items()
        }
        for name in ("hall", "feed", "evaluations", "interventions"):
            assert step[name] == whole[name]
        curves = step["curves"]
        assert curves["rounds"] == [index]
        for measure, paint in curves["measures"].items():
            for name, [value] in paint.items():
                assert value == whole["curves"]["measures"][measure][name][index]
        for figure, rules in curves["baselines"].items():
            for name, [value] in rules.items():
                assert value == pytest.approx(whole["curves"]["baselines"][figure][name][index])
        for name, count in step["experiment"]["ever"].items():
            if name in whole["curves"]["events"]:
                assert count == sum(whole["curves"]["events"][name])
        shown = whole["experiment"]
        assert step["experiment"] | {"ever": 0} == {
            name: shown[name] for name in step["experiment"] if name != "ever"
        } | {"ever": 0}


def test_queries_and_work_do_not_grow_with_rounds_or_with_who_ever_lived(
    run, django_assert_num_queries
):
    eve = world.user("eve")
    short, long = (summed(owner=eve, rounds=rounds, planned=200) for rounds in (40, 160))

    spent = []
    for experiment in (short, long):
        with django_assert_num_queries(QUERIES):
            first_paint(experiment=experiment)
        spent.append(calls(lambda each=experiment: first_paint(experiment=each)))
    steps = [
        calls(lambda each=experiment: step_message(experiment=each, index=20))
        for experiment in (short, long)
    ]

    assert spent[1] < 1.5 * spent[0]
    assert steps[1] < 1.1 * steps[0]


def test_the_living_are_looked_for_among_themselves(run):
    Agent.objects.filter(experiment=run, number=3).update(state="bankrupt", death_round=2)

    assert first_paint(experiment=run)["agents"]["number"] == [2, 4, 7]
