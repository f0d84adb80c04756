"""The page of tokens shows a secret once, and takes it back when asked."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.urls import reverse

from arena.services.people.tokens import PREFIX, token_create, token_user
from tests.arena import world

pytestmark = pytest.mark.django_db
PAGE = "tokens"


@pytest.fixture
def browser(client):
    client.force_login(world.user())
    return client


def test_a_token_is_shown_once_and_works(browser):
    made = browser.post(reverse(PAGE), {"name": "notebook"})
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
    page = browser.post(reverse(PAGE), {"name": "<script>alert(1)</script>"})

    assert "<script>alert" not in page.content.decode()


def test_the_command_prints_a_token_for_a_user_there_is():
    world.user()
    out = StringIO()

    call_command("token", "ada", stdout=out)

    assert token_user(secret=out.getvalue().strip()).username == "ada"
    with pytest.raises(CommandError, match="no active user"):
        call_command("token", "nobody")
