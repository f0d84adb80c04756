"""Every door behind which something costly happens counts, and says 429 with a sentence and when to
come back.
"""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from arena.models import Experiment
from arena.prices.views import imports, markets
from arena.services.people.limits import HOUR, MINUTE, Limit
from arena.views import canary, champion, control, experiments, forks
from arena.views.api import auth
from arena.views.api import experiments as api_experiments
from arena.views.api import markets as api_markets
from tests.arena import world
from tests.arena.forms.test_experiments import sent
from tests.arena.views.api.caller import API, Caller

pytestmark = pytest.mark.django_db
FILE = b"time,open,high,low,close\n"


@pytest.fixture
def run():
    return world.experiment(world.user())


@pytest.fixture
def browser(client, run):
    client.force_login(run.owner)
    return client


def of(name, run, **more):
    return reverse(name, args=[run.uuid, *more.values()])


def limits_of(modules):
    return {
        limit for module in modules for limit in vars(module).values() if isinstance(limit, Limit)
    }


def file():
    return SimpleUploadedFile("prices.csv", FILE)


IMPORT = {
    "timeframe": "1h",
    "start": "2026-01-01",
    "stop": "2026-02-01",
    "provider0": "coingecko",
    "instrument0": "bitcoin",
}
PAGES = {
    "experiments": (lambda run: (reverse("experiment_new"), sent())),
    "clones": (lambda run: (of("experiment_clone", run), {})),
    "uploads": (lambda run: (reverse("experiment_new"), sent(market__kind="file", upload=file()))),
    "null worlds": (lambda run: (of("experiment_nulls", run), {})),
    "imports": (lambda run: (reverse("import_new"), IMPORT)),
    "updates": (lambda run: (reverse("import_update", args=[run.market_id]), {})),
    "previews": (lambda run: (reverse("market_preview"), {"file": file()})),
    "baskets": (lambda run: (reverse("basket_new"), {})),
    "looks at what is common": (lambda run: (reverse("basket_common"), {})),
}
# modules that hold a limit
DOORS = (
    canary,
    champion,
    control,
    experiments,
    forks,
    imports,
    markets,
    auth,
    api_experiments,
    api_markets,
)
FEW = 3


@pytest.fixture
def few(monkeypatch):
    """FEW of everything that is costly: every file is read in a process of its own, which takes its
    time.
    """
    for limit in limits_of(DOORS) - {auth.API}:
        # doors hold the very limit, some in a decorator
        monkeypatch.setitem(vars(limit), "most", FEW)


@pytest.mark.parametrize("name", PAGES)
def test_a_door_refuses_the_next_one_in_words(browser, run, few, name):
    answers = [browser.post(*PAGES[name](run)) for _ in range(FEW + 1)]

    assert 429 not in {answer.status_code for answer in answers[:-1]}
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= HOUR
    assert (
        f"At most {FEW} " in answers[-1].content.decode()
        and "then try again" in answers[-1].content.decode()
    )


def test_the_canary_is_asked_thirty_times_an_hour_by_either_button(browser, run):
    agent = reverse("agent_canary", args=[run.uuid, 2])
    statuses = [browser.get(of("experiment_canary", run)).status_code for _ in range(29)]

    answers = [browser.get(agent), browser.get(agent)]

    assert 429 not in statuses and answers[0].status_code != 429
    assert (
        answers[1].status_code == 429 and "At most 30 canary checks" in answers[1].json()["error"]
    )


def test_what_was_typed_is_still_there_when_the_form_is_refused(browser, monkeypatch):
    monkeypatch.setattr(experiments, "EXPERIMENTS", replace(experiments.EXPERIMENTS, most=0))

    answer = browser.post(reverse("experiment_new"), sent(name="my long thought"))

    assert answer.status_code == 429
    assert (
        "my long thought" in answer.content.decode()
        and "At most 0 new experiments" in answer.content.decode()
    )


def test_a_form_with_a_mistake_costs_nothing(browser):
    for _ in range(15):
        assert browser.post(reverse("experiment_new"), sent(population="1")).status_code == 400

    assert browser.post(reverse("experiment_new"), sent()).status_code == 302


def test_forks_and_clones_and_scripts_draw_on_the_same_ten(browser, run):
    caller = Caller(run.owner)
    for _ in range(5):
        assert browser.post(of("experiment_clone", run)).status_code == 302
        assert caller.post("/experiments", {"name": "mine", "settings": {"rounds": 5}})[0] == 201

    status, answer = caller.post("/experiments", {"name": "mine", "settings": {"rounds": 5}})

    assert status == 429 and answer["detail"].startswith("At most 10 new experiments in 1 hour")
    assert browser.post(of("experiment_clone", run)).status_code == 429
    assert Experiment.objects.count() == 11


@pytest.mark.parametrize("path", ["/markets", "/markets/preview"])
def test_files_of_scripts_are_counted(run, few, path):
    caller = Caller(run.owner)

    statuses = [caller.send(path, file=file())[0] for _ in range(FEW + 1)]

    assert statuses == [422] * FEW + [429]


def test_the_api_says_when_to_come_back(run, monkeypatch):
    monkeypatch.setattr(auth, "API", replace(auth.API, most=0))
    caller = Caller(run.owner)

    answer = caller.client.get(
        f"{API}/markets", headers={"Authorization": f"Bearer {caller.secret}"}
    )

    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")
    assert 0 < int(answer["Retry-After"]) <= MINUTE


def test_the_figures_are_those_that_are_promised():
    assert {(limit.name, limit.most, limit.seconds) for limit in limits_of(DOORS)} == {
        ("api", 120, 60),
        ("experiments", 10, 3600),
        ("uploads", 10, 3600),
        ("baskets", 200, 3600),
        ("previews", 60, 3600),
        ("imports", 10, 3600),
        ("checks", 30, 3600),
        ("nulls", 10, 3600),
    }
