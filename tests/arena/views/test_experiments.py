"""The list, the live page and the snapshot show an experiment to whom it belongs."""

import gzip

import orjson
import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from arena.models import Experiment, FirstPaint
from arena.wire import messages
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return world.experiment(world.user())


@pytest.fixture
def browser(client, run):
    client.force_login(run.owner)
    return client


def address(name, run, *more):
    return reverse(name, args=[run.uuid, *more])


def test_the_list_shows_progress_and_the_mean_return_of_each_round(browser, run):
    response = browser.get(reverse("experiment_list"))

    [card] = response.context["page_obj"].object_list
    assert (card["experiment"], card["progress"], card["percent"]) == (run, 0.3, 30)
    assert card["sparkline"] == [0.0, 0.01, 0.02]
    assert card["sparkline_points"] == "0.0,30.0 60.0,16.0 120.0,2.0"
    assert card["sparkline_zero"] == 30.0
    assert card["badge"] == {"kind": "simulated", "label": "simulated"}
    assert card["owner_name"] == ""


def test_the_list_holds_no_experiment_of_somebody_else(client, run):
    client.force_login(world.user("eve"))

    assert client.get(reverse("experiment_list")).context["page_obj"].object_list == []


def test_a_superuser_sees_all_and_whose_they_are(client, run):
    client.force_login(world.user("root", is_superuser=True, is_staff=True))

    [card] = client.get(reverse("experiment_list")).context["page_obj"].object_list

    assert card["owner_name"] == "ada"


def test_the_list_takes_few_queries_however_long_it_is(browser, run, django_assert_max_num_queries):
    for _ in range(5):
        world.experiment(run.owner)
    # that the session is in use is noted once a minute
    browser.get(reverse("terms"))

    with django_assert_max_num_queries(9):
        browser.get(reverse("experiment_list"))


def test_the_live_page_carries_the_addresses_its_script_needs(browser, run):
    response = browser.get(address("experiment_live", run))

    assert response.status_code == 200
    assert response.context["snapshot_url"] == f"/experiments/{run.uuid}/snapshot"
    assert response.context["socket_path"] == f"/ws/experiments/{run.uuid}/"
    assert response.context["agent_url"] == f"/experiments/{run.uuid}/agents/0/"
    assert response.context["admin_url"] == ""


def test_names_are_text_and_never_markup(browser, run):
    Experiment.objects.filter(pk=run.pk).update(name="<script>alert(1)</script>")

    for name in ("experiment_list", "experiment_live"):
        response = browser.get(reverse(name) if name == "experiment_list" else address(name, run))
        assert b"<script>alert" not in response.content


def test_staff_is_shown_the_way_into_the_admin(client):
    root = world.user("root", is_superuser=True, is_staff=True)
    run = world.experiment(root)
    client.force_login(root)

    assert (
        client.get(address("experiment_live", run)).context["admin_url"]
        == f"/admin/arena/experiment/{run.pk}/change/"
    )


def test_the_snapshot_is_the_message_of_the_socket(browser, run):
    response = browser.get(address("experiment_snapshot", run))

    [message] = messages.decode(response.content)
    assert (message.type, message.seq, message.round) == ("snapshot", 3, 2)
    assert response["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("asked", "shown"), [("0", 0), ("1", 1), ("2", 2), ("99999999", 2), ("", 2)]
)
def test_the_snapshot_travels_in_time(browser, run, asked, shown):
    response = browser.get(address("experiment_snapshot", run), {"round": asked})

    assert messages.decode(response.content)[0].round == shown


def test_the_first_paint_goes_out_as_it_is_stored_and_not_to_a_browser_that_has_it(browser, run):
    plain = browser.get(address("experiment_snapshot", run))
    packed = browser.get(address("experiment_snapshot", run), headers={"accept-encoding": "gzip"})
    again = browser.get(
        address("experiment_snapshot", run), headers={"if-none-match": packed["ETag"]}
    )

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.content == bytes(FirstPaint.objects.get(experiment=run).frame)
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_by_a_person_makes_another_first_paint(browser, run):
    before = browser.get(address("experiment_snapshot", run))

    Experiment.objects.filter(pk=run.pk).update(name="other", seq=4)
    after = browser.get(
        address("experiment_snapshot", run), headers={"if-none-match": before["ETag"]}
    )

    assert after.status_code == 200
    [message] = messages.decode(after.content)
    assert (message.seq, message.data["experiment"]["name"]) == (4, "other")
    assert FirstPaint.objects.get(experiment=run).seq == 4


def test_another_measure_and_who_ever_lived_are_asked_for(browser, run):
    measured = browser.get(address("experiment_snapshot", run), {"measure": "trust"})
    lives = browser.get(address("experiment_lives", run))
    agent = browser.get(address("experiment_lives", run), {"agent": "5"})

    assert messages.decode(measured.content)[0].data["heatmap"]["measure"] == "trust"
    assert len(messages.decode(lives.content)[0].data["lives"]["slot"]) == 7
    assert messages.decode(agent.content)[0].data["agents"]["number"] == [5]
    for name, asked in (
        ("experiment_snapshot", {"measure": "money"}),
        ("experiment_lives", {"agent": "x"}),
    ):
        assert browser.get(address(name, run), asked).status_code == 400


@pytest.mark.parametrize("asked", ["-1", "x", "1.5", "٣", "9" * 20, "1_0"])
def test_a_round_that_is_no_number_is_refused(browser, run, asked):
    response = browser.get(address("experiment_snapshot", run), {"round": asked})

    assert response.status_code == 400
    assert "round" in orjson.loads(response.content)["error"]


@pytest.mark.parametrize(
    ("verb", "state", "after"),
    [
        ("pause", "running", "pausing"),
        ("stop", "running", "stopped"),
        ("stop", "paused", "stopped"),
    ],
)
def test_a_control_moves_the_experiment_and_says_so(browser, run, verb, state, after):
    Experiment.objects.filter(pk=run.pk).update(state=state)

    response = browser.post(address(f"experiment_{verb}", run))

    run.refresh_from_db()
    assert run.state == after
    assert response.url == address("experiment_live", run)
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["success"]


@pytest.mark.parametrize("verb", ["start", "pause", "resume", "stop"])
def test_a_control_in_the_wrong_state_says_why_and_changes_nothing(browser, run, verb):
    Experiment.objects.filter(pk=run.pk).update(state="finished")

    response = browser.post(address(f"experiment_{verb}", run))

    run.refresh_from_db()
    assert run.state == "finished"
    [message] = get_messages(response.wsgi_request)
    assert "finished" in str(message)


@pytest.mark.parametrize("verb", ["start", "pause", "resume", "stop", "clone"])
def test_a_control_cannot_be_opened_with_get(browser, run, verb):
    assert browser.get(address(f"experiment_{verb}", run)).status_code == 405


def test_a_clone_is_the_users_own_draft(client, run):
    root = world.user("root", is_superuser=True)
    client.force_login(root)

    response = client.post(address("experiment_clone", run))

    clone = Experiment.objects.get(cloned_from=run)
    assert (clone.owner, clone.state, clone.market) == (root, "draft", run.market)
    assert response.url == address("experiment_live", clone)


def test_gross_to_net_is_shown_as_of_a_round_and_to_the_owner_alone(browser, client, run):
    answer = orjson.loads(browser.get(address("experiment_waterfall", run), {"round": 1}).content)

    assert (answer["total"]["trades"], answer["total"]["net"]) == (2, 20.0)
    assert [(line["founder"], line["agents"]) for line in answer["lines"]] == [(2, 1)]
    assert browser.get(address("experiment_waterfall", run), {"round": "x"}).status_code == 400
    client.force_login(world.user("eve"))
    assert client.get(address("experiment_waterfall", run)).status_code == 404
