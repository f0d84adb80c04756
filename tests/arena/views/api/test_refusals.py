"""Nonsense is refused at little cost, and always in the same form."""

import json

import pytest
from django.test import Client

from arena.models import Experiment
from arena.settings_schema import MOST_KEYS, MOST_PROBLEMS, SettingsError, parse
from arena.views.api.reading import MOST_LEVELS, MOST_VALUES, BadBody, read_json
from tests.arena import world
from tests.arena.views.api.caller import API, Caller
from tests.effort import calls

pytestmark = pytest.mark.django_db
# calls of functions for a refusal, as many times those for the refusal of nine bytes
MOST_TIMES = 1.6
MANY = 8_000


@pytest.fixture
def ada():
    return Caller(world.user())


def settings_of(text):
    return '{"name": "x", "settings": ' + text + "}"


def many(name, count):
    return json.dumps({f"{name}_{index:05d}": 1 for index in range(count)})


HOSTILE = {
    "unknown keys": settings_of(many("unknown", MANY)),
    "unknown keys in a section": settings_of('{"learning": ' + many("learning_rate", MANY) + "}"),
    "a few hundred unknown keys": settings_of('{"learning": ' + many("learning_rate", 400) + "}"),
    "unknown keys beside": many("k", MANY),
    "a key of 100 kB": settings_of('{"learning": {"' + "a" * 100_000 + '": 1}}'),
    "brackets": settings_of("[" * 50_000 + "]" * 50_000),
    "objects in objects": settings_of('{"a":' * 900 + "1" + "}" * 900),
    "quotes that never end": '{"a": "' + '\\"' * 50_000,
    "a number of many digits": settings_of('{"seed": ' + "9" * 100_000 + "}"),
    "numbers of many digits": settings_of(
        "{" + ", ".join(f'"k{index}": {"9" * 4000}' for index in range(25)) + "}"
    ),
    "1e400": settings_of('{"learning": {"gamma": 1e400}}'),
    "NaN": settings_of('{"learning": {"gamma": NaN}}'),
    "items of a wrong type": settings_of(
        '{"network": {"hidden": ' + json.dumps(["a"] * 20_000) + "}}"
    ),
    "many items": settings_of('{"market": {"paths": ' + json.dumps(["ibm_daily"] * 4_000) + "}}"),
    "a key twice": '{"name": "x", "name": "y"}',
    "a key twice within": settings_of('{"rounds": 1, "rounds": 2}'),
    "half of it": '{"name": ',
    "no UTF-8": b'{"name": "\xff"}',
    "a body of 300 kB": '{"name": "' + "x" * 300_000 + '"}',
}


def said(caller, body):
    """The answer to these bytes."""
    return caller.client.post(
        f"{API}/experiments",
        data=body if isinstance(body, bytes) else body.encode(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {caller.secret}"},
    )


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_far_too_much_is_a_problem_that_cost_little(ada, what):
    ada.post("/experiments", {})
    least = calls(lambda: said(ada, HOSTILE["half of it"]))

    answers = []
    spent = calls(lambda: answers.append(said(ada, HOSTILE[what])))

    [answer] = answers
    assert answer.status_code in (400, 413, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.content) < 20_000
    assert spent < MOST_TIMES * least
    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/nowhere", 404),
        ("get", "/api/nowhere", 404),
        ("delete", "/api/v1/experiments", 405),
        ("get", "/api/v1/experiments?" + "&".join(f"k{index}=1" for index in range(1000)), 400),
        ("get", "/api/v1/experiments?limit=" + "9" * 4000, 422),
        ("post", "/api/v1/markets/" + "9" * 5000 + "/accept-jumps", 404),
        ("get", "/api/v1/experiments/00000000-0000-0000-0000-000000000000", 404),
    ],
)
def test_every_refusal_of_the_api_is_a_problem(ada, method, path, status):
    answer = getattr(ada.client, method)(path, headers={"Authorization": f"Bearer {ada.secret}"})

    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["type"] and problem["title"] and problem["detail"]


def test_a_method_that_is_not_taken_still_says_which_are(ada):
    answer = ada.client.delete(
        "/api/v1/experiments", headers={"Authorization": f"Bearer {ada.secret}"}
    )

    assert "POST" in answer.headers["Allow"]


def test_without_a_token_it_is_a_problem_too(client):
    answer = client.get("/api/v1/experiments")

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")


def test_what_is_no_json_by_its_own_word_is_not_read(ada):
    status, problem = ada.call("post", "/experiments", data=b"name=x", content_type="text/plain")

    assert status == 415
    assert "application/json" in problem["detail"]


def test_an_error_of_ours_is_a_problem_and_tells_nothing_of_the_inside(ada, monkeypatch):
    def broken(**_):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("arena.views.api.experiments.lifecycle.experiment_create", broken)
    ada.client = Client(raise_request_exception=False)

    status, problem = ada.post("/experiments", {"name": "x"})

    assert (status, problem["status"]) == (500, 500)
    assert "secret" not in json.dumps(problem)


def test_a_page_is_refused_as_a_page(client):
    assert client.get("/nowhere").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/?page=" + "9" * 5000, "/login/?next=" + "/" * 5000])
def test_an_address_with_too_much_behind_it_is_refused(client, path):
    assert client.get(path).status_code == 400


def test_a_search_for_thousands_of_words_is_refused_before_the_database_hears_of_it(client, boss):
    assert client.get("/admin/agents/agent/", {"q": " ".join(["w"] * 500)}).status_code == 400
    assert client.get("/admin/agents/agent/", {"q": "12 gbm"}).status_code == 200


def test_of_a_hundred_problems_the_first_are_listed_and_the_others_counted():
    with pytest.raises(SettingsError) as caught:
        parse({"learning": {f"gama_{index}": 1 for index in range(MOST_KEYS)}})

    problems = caught.value.problems
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems["learning.gama_0"] == "unknown setting; did you mean learning.gamma?"
    assert problems["settings"] == f"{MOST_KEYS - MOST_PROBLEMS} more problems are not listed"


def test_one_key_more_is_not_looked_at():
    with pytest.raises(
        SettingsError, match="101 keys, of which at most 100 are looked at"
    ) as caught:
        parse({"learning": {f"gama_{index}": 1 for index in range(MOST_KEYS + 1)}})

    assert list(caught.value.problems) == ["learning"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' stands twice"),
        ("[" * (MOST_LEVELS + 1) + "]" * (MOST_LEVELS + 1), "levels deep"),
        ("[" + "1," * MOST_VALUES + "1]", "values"),
        ('{\n "a": }', "line 2, column 7"),
        ("[-Infinity]", "-Infinity is no number"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text, words):
    with pytest.raises(BadBody, match=words):
        read_json(text.encode())


@pytest.mark.parametrize(
    "value", [{"a": [1, 2.5, "x, {[", None, True]}, [], "text", 5, {"k": '"{[\\'}, [{}] * 1000]
)
def test_what_is_sound_is_read_as_json_reads_it(value):
    assert read_json(json.dumps(value).encode()) == value
