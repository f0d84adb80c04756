"""Logging in works, guessing does not."""

import pytest
from django.urls import reverse

from arena.services.limits import TRIES, TRIES_OF_ADDRESS
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
    for _ in range(TRIES.most):
        assert attempt(client, "wrong").status_code == 200

    response = attempt(client, "correct horse")

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= TRIES.seconds


def test_others_do_not_wait_for_one_who_guesses(client):
    world.user(password="correct horse")
    for _ in range(TRIES.most):
        attempt(client, "wrong", name="eve")

    assert attempt(client, "correct horse").status_code == 302


def test_who_gets_in_has_all_tries_again(client):
    world.user(password="correct horse")
    for _ in range(3):
        for _ in range(TRIES.most - 1):
            attempt(client, "wrong")
        assert attempt(client, "correct horse").status_code == 302
        client.post(reverse("logout"))


def test_an_address_that_tries_one_account_after_another_has_to_wait_too(client):
    statuses = [attempt(client, "wrong", name=f"user {n}").status_code for n in range(TRIES_OF_ADDRESS.most + 1)]

    assert statuses == [200] * TRIES_OF_ADDRESS.most + [429]


def test_the_admin_has_no_login_of_its_own_that_would_not_count(client):
    world.user(password="correct horse", is_staff=True)
    sent = {"username": "ada", "password": "correct horse", "next": "/admin/"}

    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == f"{reverse('login')}?next=/admin/"
    assert client.post(reverse("admin:login"), sent).url.startswith(reverse("login"))
    assert "_auth_user_id" not in client.session
    assert client.post(reverse("login"), sent).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_guessing_at_the_door_of_the_admin_ends_like_anywhere_else(client):
    world.user(password="correct horse", is_staff=True)
    door = client.get("/admin/", follow=True).redirect_chain[-1][0]

    statuses = [client.post(door, {"username": "ada", "password": "wrong"}).status_code for _ in range(TRIES.most + 1)]

    assert statuses == [200] * TRIES.most + [429]


def test_who_is_logged_in_but_not_staff_is_told_so_and_not_sent_round_in_circles(client):
    client.force_login(world.user())

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403 and len(answer.redirect_chain) == 1


def test_a_logout_is_posted_and_leads_to_the_login(client):
    client.force_login(world.user())

    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == reverse("login")
