"""Logging in works, guessing does not: it hits who guesses, and not the owner of the account."""

import time

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from arena.people.models import EventKind, SecurityEvent
from arena.services.people.guessing import OF_ACCOUNT, OF_PAIR
from arena.services.people.limits import TRIES_OF_ADDRESS
from tests.arena import world

pytestmark = pytest.mark.django_db
RIGHT = "correct horse"


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """Moves the clock of counts on by so many seconds; it stands otherwise, however slow the
    machine.
    """
    now = time.time()

    def move(seconds):
        nonlocal now
        now += seconds
        monkeypatch.setattr("time.time", lambda: now)

    move(0)
    return move


def attempt(client, password, name="ada", address="10.0.0.1", **more):
    return client.post(
        reverse("login"), {"username": name, "password": password, **more}, REMOTE_ADDR=address
    )


def guesses(times, name="ada", address="10.0.0.1"):
    """Wrong ones, each from an unknown browser."""
    return [attempt(Client(), "wrong", name, address).status_code for _ in range(times)]


def kinds():
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_the_right_password_leads_to_the_list_or_where_one_wanted_to_go(client):
    world.user(password=RIGHT)

    assert attempt(client, RIGHT).url == reverse("experiment_list")
    client.post(reverse("logout"))
    assert attempt(client, RIGHT, next="/experiments/new/").url == "/experiments/new/"


def test_nobody_is_led_to_another_site(client):
    world.user(password=RIGHT)

    assert attempt(client, RIGHT, next="https://elsewhere.example/").url == reverse(
        "experiment_list"
    )


def test_after_a_few_wrong_tries_each_further_one_waits_twice_as_long(later):
    world.user(password=RIGHT)
    assert guesses(OF_PAIR.free + 1) == [200] * (OF_PAIR.free + 1)

    waits = []
    for _ in range(5):
        answer = attempt(Client(), RIGHT)
        assert answer.status_code == 429
        waits.append(int(answer["Retry-After"]))
        later(waits[-1])
        guesses(1)

    assert waits == [5, 10, 20, 40, 80]


def test_a_pause_has_an_end(later):
    assert OF_PAIR.pause(1000) == OF_PAIR.longest == 900


def test_who_waited_gets_in_and_begins_anew(later):
    world.user(password=RIGHT)
    guesses(OF_PAIR.free + 1)
    later(OF_PAIR.first)

    assert attempt(Client(), RIGHT).status_code == 302
    assert guesses(OF_PAIR.free) == [200] * OF_PAIR.free


def test_who_is_held_back_makes_the_pause_no_longer(later):
    world.user(password=RIGHT)
    guesses(OF_PAIR.free + 1)
    assert guesses(100)[-1] == 429
    later(OF_PAIR.first)

    assert attempt(Client(), RIGHT).status_code == 302


def test_the_page_says_when_and_who_helps_and_nobody_is_held_in_a_thread(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("a thread was held"))
    guesses(OF_PAIR.free + 1)

    page = attempt(Client(), RIGHT)

    assert page.status_code == 429 and page["Retry-After"]
    assert "wait 5 seconds" in page.content.decode() and "administrator" in page.content.decode()


def test_an_account_that_is_guessed_from_many_addresses_slows_for_all_of_them():
    world.user(password=RIGHT)
    statuses = [
        attempt(Client(), "wrong", address=f"10.0.{n}.1").status_code
        for n in range(OF_ACCOUNT.free + 10)
    ]

    assert statuses[: OF_ACCOUNT.free + 1] == [200] * (OF_ACCOUNT.free + 1)
    assert set(statuses[OF_ACCOUNT.free + 1 :]) == {429}


def test_its_owner_gets_in_all_the_same_on_a_browser_that_is_known(client):
    world.user(password=RIGHT)
    attempt(client, RIGHT)
    client.post(reverse("logout"))
    for n in range(OF_ACCOUNT.free + 10):
        attempt(Client(), "wrong", address=f"10.0.{n}.1")
    guesses(30)

    assert attempt(Client(), RIGHT, address="10.9.9.9").status_code == 429
    assert attempt(client, RIGHT).status_code == 302


def test_a_known_browser_guesses_no_faster_than_another(client):
    world.user(password=RIGHT)
    attempt(client, RIGHT)
    client.post(reverse("logout"))

    assert [attempt(client, "wrong").status_code for _ in range(OF_PAIR.free + 2)] == [200] * (
        OF_PAIR.free + 1
    ) + [429]


def test_a_cookie_that_somebody_made_up_or_kept_from_before_the_password_changed_is_nothing(client):
    ada = world.user(password=RIGHT)
    attempt(client, RIGHT)
    kept = client.cookies[site.KNOWN_COOKIE_NAME].value
    ada.set_password("another one altogether")
    ada.save()
    for n in range(OF_ACCOUNT.free + 10):
        attempt(Client(), "wrong", address=f"10.0.{n}.1")

    for value in (kept, kept[:-1] + "x", "nonsense", ""):
        other = Client()
        other.cookies[site.KNOWN_COOKIE_NAME] = value
        assert attempt(other, "another one altogether", address="10.8.8.8").status_code == 429


def test_others_do_not_wait_for_one_who_guesses():
    world.user(password=RIGHT)
    guesses(20, name="eve")

    assert attempt(Client(), RIGHT).status_code == 302


def test_an_address_that_tries_one_account_after_another_has_to_wait_too():
    statuses = [
        attempt(Client(), "wrong", name=f"user {n}").status_code
        for n in range(TRIES_OF_ADDRESS.most + 1)
    ]

    assert statuses == [200] * TRIES_OF_ADDRESS.most + [429]


def test_a_whole_network_of_addresses_counts_as_the_one_that_it_is():
    statuses = [
        attempt(Client(), "wrong", address=f"2001:db8::{n:x}").status_code
        for n in range(OF_PAIR.free + 2)
    ]

    assert statuses[-1] == 429


def test_an_account_that_there_is_not_answers_like_one_that_there_is():
    world.user(password=RIGHT)
    there, not_there = (
        [attempt(Client(), "wrong", name=name) for _ in range(OF_PAIR.free + 2)]
        for name in ("ada", "nobody")
    )

    assert [page.status_code for page in there] == [page.status_code for page in not_there]
    assert there[-1].content.decode() == not_there[-1].content.decode()


def test_a_password_without_end_is_refused_unhashed(client, monkeypatch):
    world.user(password=RIGHT)
    monkeypatch.setattr(User, "check_password", lambda self, raw: pytest.fail("it was hashed"))

    assert attempt(client, "x" * 100_000).status_code == 200


def test_the_admin_has_no_login_of_its_own_that_would_not_count(client):
    world.user(password=RIGHT, is_staff=True)
    sent = {"username": "ada", "password": RIGHT, "next": "/admin/"}

    assert (
        client.get("/admin/", follow=True).redirect_chain[-1][0]
        == f"{reverse('login')}?next=/admin/"
    )
    assert client.post(reverse("admin:login"), sent).url.startswith(reverse("login"))
    assert "_auth_user_id" not in client.session
    assert client.post(reverse("login"), sent).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_guessing_at_the_door_of_the_admin_ends_like_anywhere_else(client):
    world.user(password=RIGHT, is_staff=True)
    door = client.get("/admin/", follow=True).redirect_chain[-1][0]

    statuses = [
        client.post(door, {"username": "ada", "password": "wrong"}).status_code
        for _ in range(OF_PAIR.free + 2)
    ]

    assert statuses == [200] * (OF_PAIR.free + 1) + [429]


def test_who_is_logged_in_but_not_staff_is_told_so_and_not_sent_round_in_circles(client):
    client.force_login(world.user())

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403 and len(answer.redirect_chain) == 1


def test_a_logout_is_posted_and_leads_to_the_login(client):
    client.force_login(world.user())

    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == reverse("login")


def test_every_log_in_failure_and_refusal_stands_in_the_book_with_its_address(client):
    world.user(password=RIGHT)
    attempt(client, "wrong")
    attempt(client, RIGHT)
    client.post(reverse("logout"))

    rows = SecurityEvent.objects.order_by("pk").values_list("kind", "name", "address")
    assert list(rows)[-3:] == [
        ("failed", "ada", "10.0.0.1"),
        ("in", "ada", "10.0.0.1"),
        ("out", "ada", "127.0.0.1"),
    ]


def test_what_was_typed_in_the_place_of_a_name_is_not_kept(client):
    attempt(client, "ada", name="my secret password")

    assert SecurityEvent.objects.get().name == "nobody of that name"
    assert EventKind.FAILED in kinds()
