"""Logging in works, guessing does not."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from arena.views import login
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    yield
    cache.clear()


def attempt(client, password, name="ada", **more):
    return client.post(reverse("login"), {"username": name, "password": password, **more})


def test_the_right_password_leads_to_the_list_or_where_one_wanted_to_go(client):
    world.user(password="correct horse")

    assert attempt(client, "correct horse").url == reverse("experiment_list")
    client.post(reverse("logout"))
    assert attempt(client, "correct horse", next="/experiments/new/").url == "/experiments/new/"


def test_nobody_is_led_to_another_site(client):
    world.user(password="correct horse")

    assert attempt(client, "correct horse", next="https://elsewhere.example/").url == reverse("experiment_list")


def test_after_five_wrong_tries_even_the_right_password_has_to_wait(client):
    world.user(password="correct horse")
    for _ in range(login.TRIES):
        assert attempt(client, "wrong").status_code == 200

    response = attempt(client, "correct horse")

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= login.PERIOD


def test_others_do_not_wait_for_one_who_guesses(client):
    world.user(password="correct horse")
    for _ in range(login.TRIES):
        attempt(client, "wrong", name="eve")

    assert attempt(client, "correct horse").status_code == 302


def test_the_wait_ends(client, monkeypatch):
    world.user(password="correct horse")
    monkeypatch.setattr(login, "PERIOD", 0.0)
    for _ in range(login.TRIES):
        attempt(client, "wrong")
    cache.clear()

    assert attempt(client, "correct horse").status_code == 302


def test_a_logout_is_posted_and_leads_to_the_login(client):
    client.force_login(world.user())

    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == reverse("login")
