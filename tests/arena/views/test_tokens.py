"""The page of tokens shows a secret once, and takes it back when asked."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from arena.models import ApiToken
from arena.people.models import SecurityEvent
from arena.services.people.tokens import (
    MOST_OF_USER,
    PREFIX,
    token_create,
    token_revoke,
    token_user,
)
from tests.arena import world

pytestmark = pytest.mark.django_db
PAGE = "tokens"


@pytest.fixture
def browser(client):
    client.force_login(world.user())
    return client


def test_a_token_is_shown_once_and_works(browser):
    made = browser.post(reverse(PAGE), {"name": "notebook", "days": "30"})
    again = browser.get(reverse(PAGE))

    secret = made.context["secret"]
    assert secret.startswith(PREFIX)
    assert secret in made.content.decode()
    assert secret not in again.content.decode()
    assert "notebook" in again.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert token_user(secret=secret).username == "ada"


def test_a_token_is_revoked_by_its_owner_alone(browser):
    mine, secret = token_create(user=User.objects.get(username="ada"), name="mine")
    theirs, other = token_create(user=world.user("eve"), name="theirs")

    for raw in (mine.pk, theirs.pk, "", "x", "9" * 30, "-1"):
        assert browser.post(reverse(PAGE), {"revoke": raw}).status_code == 302

    assert token_user(secret=secret) is None
    assert token_user(secret=other).username == "eve"


def test_a_name_is_shown_as_text(browser):
    page = browser.post(reverse(PAGE), {"name": "<script>alert(1)</script>", "days": "30"})

    assert "<script>alert" not in page.content.decode()


def test_a_token_is_good_for_what_was_ticked_and_until_its_day(browser):
    browser.post(reverse(PAGE), {"name": "reader", "days": "7"})
    browser.post(reverse(PAGE), {"name": "runner", "days": "365", "scopes": ["experiments"]})

    runner, reader = ApiToken.objects.all()
    assert (reader.scopes, runner.scopes) == (["read"], ["read", "experiments"])
    assert (runner.ends_at - reader.ends_at).days == 358
    page = browser.get(reverse(PAGE)).content.decode()
    assert "read, experiments" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"days": "8"},
        {"days": ""},
        {"days": "7", "scopes": ["everything"]},
        {"days": "7", "name": "x" * 81},
    ],
)
def test_what_the_form_does_not_offer_makes_no_token(browser, fields):
    assert browser.post(reverse(PAGE), {"name": "x", **fields}).status_code == 400
    assert not ApiToken.objects.exists()


def test_an_ended_token_is_refused_and_shown_as_ended(browser):
    row, secret = token_create(user=User.objects.get(username="ada"), name="old")
    ApiToken.objects.filter(pk=row.pk).update(ends_at=timezone.now() - timedelta(seconds=1))

    assert token_user(secret=secret) is None
    assert ">ended<" in browser.get(reverse(PAGE)).content.decode()


def test_first_use_and_refusals_stand_in_the_book():
    row, secret = token_create(user=world.user(), name="x")
    for given in (secret, secret, "lineage_nonsense"):
        token_user(secret=given)
    token_revoke(user=row.user, token_id=row.pk)

    assert list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True))[1:] == [
        "token_made",
        "token_used",
        "token_no",
        "token_gone",
    ]


def test_nobody_has_tokens_without_end(browser):
    ada = User.objects.get(username="ada")
    for _ in range(MOST_OF_USER):
        token_create(user=ada, name="x")

    answer = browser.post(reverse(PAGE), {"name": "x", "days": "7"})

    assert answer.status_code == 400 and "revoke one that is not needed" in answer.content.decode()


def test_the_command_prints_a_token_for_a_user_there_is():
    world.user()
    out = StringIO()

    call_command("token", "ada", stdout=out)

    assert token_user(secret=out.getvalue().strip()).username == "ada"
    with pytest.raises(CommandError, match="no active user"):
        call_command("token", "nobody")
    with pytest.raises(CommandError, match="not within 1 to 366"):
        call_command("token", "ada", "--days", "0")
