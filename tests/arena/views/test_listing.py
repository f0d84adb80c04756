"""The list of experiments: found and sorted by its address, folded by seeds, with the card's own
verdicts, and deeds for those that are ticked.
"""

import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arena.models import Experiment, NullWorld, Removal
from arena.selectors.card.whole import card
from arena.selectors.pages.outcomes import outcomes
from arena.selectors.pages.seed_groups import name_of, spread
from arena.work.queue import locally
from tests.arena import world
from tests.arena.selectors.test_card import judge

pytestmark = pytest.mark.django_db
LIST = "experiment_list"


def made(owner, name="a run", **fields):
    """An experiment without a round."""
    row = world.experiment(owner, rounds=0, state="draft")
    Experiment.objects.filter(pk=row.pk).update(name=name, **fields)
    row.refresh_from_db()
    return row


def entries(browser, **query):
    return browser.get(reverse(LIST), query).context["page_obj"].object_list


def names(browser, **query):
    return [row["cells"]["name"] for entry in entries(browser, **query) for row in entry["rows"]]


def test_a_row_says_how_far_a_run_is_and_claims_nothing_before_it_is_judged(browser, ada):
    world.experiment(ada)

    [[row]] = [entry["rows"] for entry in entries(browser)]

    cells = row["cells"]
    assert (cells["rounds"], row["percent"], cells["state"]) == ("3 of 10", 30, "running")
    assert (cells["sample"], cells["hold"], cells["verdict"]) == ("–", "–", "not judged")
    # rounds of the sample world take 0, 1 and 2 minutes
    assert cells["left"] == "about 10 min left"
    assert row["owner"] == ""


@pytest.mark.parametrize(
    ("record", "vaulted", "vault"),
    [
        ({}, {}, True),
        ({"above_luck": 0.5}, {}, True),
        ({}, {"return": -0.1}, True),
        ({}, {}, False),
    ],
)
def test_the_list_and_the_card_are_of_one_mind(browser, ada, record, vaulted, vault):
    run = world.experiment(ada, state="finished")
    judge(run, record=record, vaulted=vaulted, vault=vault)

    [[row]] = [entry["rows"] for entry in entries(browser)]

    told = "edge shown" if card(experiment=run)["edge"] else "no edge shown"
    assert row["cells"]["verdict"] == told
    assert row["earned"] == (vaulted.get("return", 0.3) if vault else None)
    assert row["held"] == (0.1 if vault else None)


def test_null_worlds_count_in_the_list_as_on_the_card(ada):
    run = world.experiment(ada, state="finished")
    judge(run)
    lucky = {"agent": 1, "competition": 9.0, "competition_hold": 0.1, "vault": 9.0}
    for index in range(19):
        NullWorld.objects.create(
            experiment=run,
            index=index,
            state="done",
            outcome=lucky | {"vault_hold": 0.1},
            asked_at=world.NOON,
        )

    found = outcomes(experiments=[run.pk])[run.pk]

    assert card(experiment=run)["edge"] is False
    assert [doubt.value for doubt in found.left] == ["null_worlds"]


def test_the_list_holds_no_experiment_of_somebody_else(client, ada):
    made(ada)
    client.force_login(world.user("eve"))

    assert entries(client) == []


def test_a_superuser_sees_all_and_whose_they_are(client, ada):
    made(ada)
    client.force_login(world.user("root", is_superuser=True, is_staff=True))

    assert [row["owner"] for entry in entries(client) for row in entry["rows"]] == ["ada"]


def test_the_list_takes_as_many_queries_however_long_it_is(browser, ada):
    def counted():
        # that the session is in use is noted once a minute
        browser.get(reverse("terms"))
        with CaptureQueriesContext(
            connection,
        ) as found:
            browser.get(reverse(LIST))
        return len(found)

    for _ in range(2):
        judge(world.experiment(ada, state="finished"))
        world.experiment(ada)
    few = counted()
    for _ in range(4):
        judge(world.experiment(ada, state="finished"))
        world.experiment(ada)

    assert counted() == few <= 16


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "wave"}, ["Ibm", "Noise"]),
        ({"q": "ibm"}, ["Ibm"]),
        ({"q": "tag:fx"}, ["Noise"]),
        ({"q": "tag:f"}, []),
        ({"q": "seed>1 wave"}, ["Noise"]),
        ({"q": "population=4 state:not"}, ["Ibm", "Noise"]),
        ({"q": "state:running"}, []),
        ({"q": 'market:"a wave"'}, ["Ibm", "Noise"]),
        ({"q": "market:euro"}, []),
        ({"q": "remember"}, ["Noise"]),
        ({"q": 'an "open quote'}, []),
        ({"state": "draft"}, ["Ibm", "Noise"]),
        ({"state": "<b>"}, ["Ibm", "Noise"]),
        ({"tag": "fx"}, ["Noise"]),
        ({"archived": "1"}, ["Old"]),
        ({"sort": "-seed"}, ["Noise", "Ibm"]),
        ({"sort": "nonsense"}, ["Ibm", "Noise"]),
    ],
)
def test_experiments_are_found_and_sorted_by_the_address(browser, ada, query, found):
    made(ada, "Noise", seed=2, tags=" fx ", note="remember this")
    made(ada, "Ibm", seed=1, created_at=world.NOON + timedelta(days=1))
    made(ada, "Old", archived=True)

    assert names(browser, **query) == found


def test_what_was_not_judged_comes_last_whichever_way_the_returns_are_sorted(browser, ada):
    for name, earned in (("good", 0.4), ("bad", -0.2), ("open", None)):
        run = world.experiment(ada, state="finished")
        Experiment.objects.filter(pk=run.pk).update(name=name)
        if earned is not None:
            judge(run, vaulted={"return": earned})

    assert names(browser, sort="-sample") == ["good", "bad", "open"]
    assert names(browser, sort="sample") == ["bad", "good", "open"]


def test_seeds_of_one_group_are_folded_into_a_row_with_median_and_range(browser, ada):
    group = uuid.uuid4()
    for seed, earned in ((1, 0.1), (2, 0.3), (3, None)):
        run = world.experiment(ada, state="finished" if earned else "running")
        Experiment.objects.filter(pk=run.pk).update(
            group=group, name=f"Mine, seed {seed}", seed=seed
        )
        if earned:
            judge(run, vaulted={"return": earned})
    made(ada, "alone")

    found = {entry["group"] and entry["group"]["name"]: entry for entry in entries(browser)}

    told = found["Mine"]["group"]
    assert [row["cells"]["seed"] for row in found["Mine"]["rows"]] == ["1", "2", "3"]
    assert told["sample"]["median"] == "+20.0\u00a0%"
    assert told["sample"]["range"] == "+10.0\u00a0% to +30.0\u00a0%"
    assert (told["seeds"], told["states"]) == ("3 seeds", ["2 finished", "1 running"])
    assert found[None]["rows"][0]["cells"]["name"] == "alone"


def test_a_group_of_which_one_seed_was_asked_for_is_that_seed(browser, ada):
    group = uuid.uuid4()
    for seed in (1, 2):
        made(ada, f"Mine, seed {seed}", group=group, seed=seed)

    [entry] = entries(browser, q="seed=2")

    assert entry["group"] is None
    assert entry["rows"][0]["cells"]["name"] == "Mine, seed 2"


def test_the_range_over_seeds_says_how_sure_it_is_and_nothing_is_made_of_nothing():
    assert spread([]) is None
    assert spread([0.1])["range"] == "one seed"
    assert "97\u00a0%" in spread([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])["sure"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (["Mine, seed 1", "Mine, seed 12"], "Mine"),
        (["Mine, seed 1", "Other"], "Mine, seed 1"),
        (["Run 1", "Run 2"], "Run"),
    ],
)
def test_a_group_is_called_what_its_names_have_in_common(given, name):
    assert name_of(given) == name


def test_a_long_list_has_pages_that_keep_what_was_asked_for(browser, ada, monkeypatch):
    monkeypatch.setattr("arena.views.listing.PER_PAGE", 2)
    for index in range(5):
        made(ada, f"run {index}", tags=" fx ")

    page = browser.get(reverse(LIST), {"tag": "fx", "sort": "name", "page": 2})

    assert [entry["rows"][0]["cells"]["name"] for entry in page.context["page_obj"]] == [
        "run 2",
        "run 3",
    ]
    assert 'href="?tag=fx&amp;sort=name&amp;page=3"' in page.content.decode()


def chosen(browser, rows, **fields):
    return browser.post(
        reverse("experiment_chosen"), {"e": [str(row.uuid) for row in rows], **fields}
    )


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_those_ticked_are_tagged_untagged_and_archived_together(browser, ada):
    rows = [made(ada), made(ada, tags=" fx ")]

    answer = chosen(browser, rows, do="tag", tags="IBM, dueling", back="?tag=fx")

    assert answer.url == "/?tag=fx"
    assert said(answer) == ["2 experiments have the tag now."]
    assert [Experiment.objects.get(pk=row.pk).tag_list for row in rows] == [
        ["dueling", "ibm"],
        ["dueling", "fx", "ibm"],
    ]
    rows = list(Experiment.objects.all())
    chosen(browser, rows, do="untag", tags="dueling fx")
    chosen(browser, rows, do="archive")
    assert {(row.tags, row.archived) for row in Experiment.objects.all()} == {(" ibm ", True)}


def test_a_tag_that_is_no_word_is_refused_with_what_would_be_one(browser, ada):
    row = made(ada)

    answer = chosen(browser, [row], do="tag", tags="<b>")

    assert "A tag is one word" in said(answer)[0]
    assert Experiment.objects.get().tags == ""


def test_what_goes_is_shown_before_it_is_deleted_and_what_runs_stays(browser, ada):
    gone, running = made(ada, "Gone"), world.experiment(ada)

    asked = chosen(browser, [gone, running], do="delete")
    assert b"Gone" in asked.content and b"stop it first" in asked.content
    assert not Removal.objects.exists()

    with locally():
        answer = chosen(browser, [gone, running], do="delete", sure="yes")

    assert Removal.objects.get().name == "Gone"
    assert any("stop it first" in words for words in said(answer))
    assert names(browser) == ["a run"]


@pytest.mark.parametrize("fields", [{"do": "tag"}, {"do": "nonsense"}, {}])
def test_nothing_is_done_to_nobody_or_to_what_is_anothers(client, ada, fields):
    row = made(ada, tags=" fx ")
    client.force_login(world.user("eve"))

    answer = chosen(client, [row], tags="mine", **fields)

    assert "Nothing was done" in said(answer)[0]
    assert Experiment.objects.get().tags == " fx "


def test_the_address_of_a_comparison_holds_what_is_compared_and_nothing_else(browser, ada):
    rows = [made(ada), made(ada)]

    answer = chosen(browser, rows, do="compare", tags="", back="?", csrfmiddlewaretoken="secret")

    assert answer.url == f"/experiments/compare/?e={rows[0].uuid}&e={rows[1].uuid}"


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "?x=1"])
def test_the_way_back_is_the_list_and_nothing_else(browser, ada, back):
    assert chosen(browser, [made(ada)], do="archive", back=back).url == "/"


def test_an_empty_list_says_what_will_be_here_and_how_to_begin(browser):
    page = browser.get(reverse(LIST)).content.decode()

    assert "No experiment yet" in page and "preset=first-look" in page


def test_names_notes_and_tags_are_text_and_never_markup(browser, ada):
    made(ada, "<script>alert(1)</script>", note="<script>alert(2)</script>")

    assert b"<script>alert" not in browser.get(reverse(LIST)).content
