"""Experiments and markets are renamed, archived and deleted on a page, by the API and in the admin,
by who has them alone.
"""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from arena.models import Experiment, MarketData, Removal
from arena.services.experiments.lifecycle import experiment_clone
from arena.work.queue import locally
from tests.arena import world
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queue():
    with locally():
        yield


@pytest.fixture
def run(ada):
    row = world.experiment(ada, state="finished")
    MarketData.objects.filter(pk=row.market_id).update(owner=ada)
    row.refresh_from_db()
    return row


def listed(browser, name="experiment_list", query=""):
    return browser.get(reverse(name) + query).content.decode()


def manage(browser, row, **fields):
    if isinstance(row, Experiment):
        return browser.post(
            reverse("experiment_manage", args=[row.uuid]), fields, follow=True
        ).content.decode()
    return browser.post(
        reverse("market_manage", args=[row.pk]), fields, follow=True
    ).content.decode()


def test_what_hangs_on_an_experiment_is_said_before_it_is_deleted(browser, run):
    page = browser.get(reverse("experiment_manage", args=[run.uuid])).content.decode()

    for words in (
        "Agents",
        "Rounds",
        "Trades",
        "6",
        "On the disk",
        "stay counted",
        "Its market too, a wave",
        "Delete for good",
    ):
        assert words in page
    assert "is deleted" in manage(browser, run, do="delete")
    assert run.name not in listed(browser).replace("a run is deleted", "")
    assert browser.get(reverse("experiment_live", args=[run.uuid])).status_code == 404
    assert Removal.objects.get().told["trades"] == 6


def test_a_running_one_says_to_stop_it_first(browser, ada):
    running = world.experiment(ada)

    assert (
        "stop it first"
        in browser.get(reverse("experiment_manage", args=[running.uuid])).content.decode()
    )
    assert "stop it first" in manage(browser, running, do="delete")
    assert not Removal.objects.exists()


@pytest.mark.parametrize("kind", ["experiment", "market"])
def test_an_archived_one_is_left_out_of_the_list_and_can_be_put_back(browser, run, kind):
    row, page = (run, "experiment_list") if kind == "experiment" else (run.market, "market_list")

    manage(browser, row, do="archive")

    assert f">{row.name}</a>" not in listed(browser, page)
    assert "1 archived" in listed(browser, page)
    assert f">{row.name}</a>" in listed(browser, page, "?archived")
    manage(browser, row, do="restore")
    assert f">{row.name}</a>" in listed(browser, page)


@pytest.mark.parametrize("kind", ["experiment", "market"])
def test_another_name(browser, run, kind):
    row = run if kind == "experiment" else run.market

    manage(browser, row, do="rename", name="  calm sea ")

    row.refresh_from_db()
    assert row.name == "calm sea"
    assert "Nothing was done" in manage(browser, row, do="rename", name=" ")
    assert "Nothing was done" in manage(browser, row, do="burn")


def test_a_market_says_what_is_on_it_and_goes_when_that_is_gone(browser, run, ada):
    page = browser.get(reverse("market_manage", args=[run.market_id])).content.decode()
    assert "cannot be deleted while there are experiments on it: a run" in page
    assert "Delete for good" not in page
    free = world.market(name="free", owner=ada)

    assert "is deleted" in manage(browser, free, do="delete")


def test_nobody_else_manages_it(client, run):
    client.force_login(world.user("eve"))
    theirs = world.experiment(world.user("bob"), state="finished")
    Experiment.objects.filter(pk=theirs.pk).update(market=run.market)

    for name, key in (("experiment_manage", run.uuid), ("market_manage", run.market_id)):
        assert client.post(reverse(name, args=[key]), {"do": "delete"}).status_code == 404
    # who runs on it sees it, and may not touch it
    client.force_login(theirs.owner)
    assert client.get(reverse("market_page", args=[run.market_id])).status_code == 200
    assert (
        client.post(reverse("market_manage", args=[run.market_id]), {"do": "delete"}).status_code
        == 404
    )


def test_by_script(run, ada):
    script, path = Caller(ada), f"/experiments/{run.uuid}"

    assert script.get(f"{path}/belongings")[1]["trades"] == 6
    status, answer = script.call(
        "patch", path, data={"name": "calm", "archived": True}, content_type="application/json"
    )
    assert (status, answer["name"], answer["archived"]) == (200, "calm", True)
    assert script.get("/experiments")[1]["count"] == 0
    assert script.get("/experiments", archived=True)[1]["count"] == 1
    assert script.call("delete", f"/markets/{run.market_id}")[0] == 409
    status, answer = script.call("delete", path)
    assert (status, answer["state"], answer["told"]["trades"]) == (202, "going", 6)
    assert script.get(path)[0] == 404
    assert [row["name"] for row in script.get("/storage/removals")[1]] == ["calm"]
    assert Caller(world.user("eve")).get("/storage/removals")[1] == []


def test_staff_delete_by_the_same_service_and_only_with_the_right_to(client, run):
    boss = world.user("boss", is_staff=True)
    for name in ("view_experiment", "view_marketdata", "change_experiment"):
        boss.user_permissions.add(Permission.objects.get(codename=name))
    client.force_login(boss)
    address, fields = (
        reverse("admin:arena_experiment_changelist"),
        {"action": "remove", "_selected_action": [run.pk]},
    )
    client.post(address, fields)
    assert not Removal.objects.exists()

    boss.user_permissions.add(Permission.objects.get(codename="delete_experiment"))
    client.force_login(type(boss).objects.get(pk=boss.pk))

    page = client.post(address, fields, follow=True).content.decode()
    assert "is deleted" in page
    assert Removal.objects.get().who == boss


def test_a_full_share_of_the_disk_refuses_what_is_new_and_pauses_what_runs(
    browser, run, ada, settings
):
    settings.DISK_PER_USER_MB = 1
    Experiment.objects.filter(pk=run.pk).update(stored_bytes=2_000_000)

    status, answer = Caller(ada).post("/experiments", {"name": "more", "settings": {}})

    assert status == 422
    assert "your share of the disk is full (1.9 MiB of 977 KiB used): delete" in answer["detail"]
    assert "1.9 MiB of 977 KiB used" in listed(browser)
    assert Caller(ada).get("/storage")[1] == {"used": 2_000_000, "limit": 1_000_000}
    assert (
        Caller(world.user("eve")).post("/experiments", {"name": "mine", "settings": {}})[0] == 201
    )


def test_tags_and_a_note_are_kept_on_the_page_and_by_the_api(browser, ada, run):
    assert "are kept" in manage(browser, run, do="file", tags="IBM, fx", note="  again\r\n")
    run.refresh_from_db()
    assert (run.tag_list, run.note) == (["fx", "ibm"], "again")

    def patched(**wanted):
        path = f"/experiments/{run.uuid}"
        return Caller(ada).call("patch", path, data=wanted, content_type="application/json")

    status, answer = patched(tags=["seeds"], note="")
    assert (status, answer["tags"], answer["note"]) == (200, ["seeds"], "")
    status, answer = patched(tags=["two words"])
    assert status == 422
    assert "one word" in str(answer)


def test_a_clone_keeps_the_tags_and_no_note(ada, run):
    Experiment.objects.filter(pk=run.pk).update(tags=" fx ", note="mine", group=run.uuid)

    clone = experiment_clone(experiment_uuid=run.uuid)

    clone.refresh_from_db()
    assert (clone.tags, clone.note, clone.group) == (" fx ", "", None)
