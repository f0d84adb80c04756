"""Whatever is computed, what browsers and scripts get is JSON."""

import json
import math
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from arena.views.answers import json_answer
from arena.views.api import experiments
from arena.views.api.writing import Json
from tests.arena import world
from tests.arena.views.api.caller import API, Caller

WILD = [math.nan, math.inf, -math.inf, 1e400, np.float64("nan"), np.float32("inf")]


def strictly(text):
    """Read as JavaScript's JSON.parse would."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("value", WILD, ids=str)
def test_what_is_not_finite_becomes_null_wherever_it_stands(value):
    payload = {"a": float(value), "b": [1.0, float(value)], "c": {"d": float(value)}}
    nulls = {"a": None, "b": [1.0, None], "c": {"d": None}}

    assert (
        strictly(json_answer(payload).content)
        == strictly(Json().render(None, payload, response_status=200))
        == nulls
    )


def test_arrays_of_pages_are_read_the_same_way():
    assert strictly(json_answer({"x": np.array([1.0, np.nan, np.inf])}).content) == {
        "x": [1.0, None, None]
    }


def test_numbers_as_large_as_a_row_can_hold_times_and_ids_are_written():
    payload = {"n": 2**63 - 1, "at": datetime(2026, 1, 2, 3, tzinfo=UTC), "id": UUID(int=7)}

    assert strictly(Json().render(None, payload, response_status=200)) == {
        "n": 2**63 - 1,
        "at": "2026-01-02T03:00:00Z",
        "id": "00000000-0000-0000-0000-000000000007",
    }


@pytest.mark.django_db
def test_an_answer_of_the_api_is_json_even_where_a_figure_is_not_a_number(monkeypatch):
    caller, wild = Caller(ada := world.user()), {"return": math.nan, "sharpe": math.inf}
    run = world.experiment(ada)
    evaluation = {
        "subject": "champion",
        "agent": 1,
        "stretch": "lived",
        "figures": wild,
        "after_round": 0,
    }
    page = {
        "data_kind": "simulated",
        "judgement": {"state": "done", "text": ""},
        "evaluations": [evaluation],
        "rounds": [],
    }
    monkeypatch.setattr(experiments, "evaluations", lambda experiment: page)

    answer = caller.client.get(
        f"{API}/experiments/{run.uuid}/evaluations",
        headers={"Authorization": f"Bearer {caller.secret}"},
    )

    assert strictly(answer.content)["evaluations"][0]["figures"] == {"return": None, "sharpe": None}
