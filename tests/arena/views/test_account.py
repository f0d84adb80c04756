"""One's own account: a new password, where one is logged in, the second factor."""

import re
import time
from base64 import b32decode
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp

from arena.models import ApiToken
from arena.people.models import EventKind, RecoveryCode, SecondFactor, SecurityEvent, SeenSession
from arena.services.people.second_factor import factor_begin, factor_confirm, factor_passes
from arena.services.people.sessions import IDLE
from arena.services.people.tokens import token_create
from arena.views.people.devices import device_words
from tests.arena import world

pytestmark = pytest.mark.django_db
OLD, NEW = "correct horse battery", "another few words"


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def still(monkeypatch):
    """The clock of counts stands, however slow the machine."""
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)


@pytest.fixture
def ada():
    return world.user(password=OLD)


def logged_in(password=OLD, agent="Firefox/140.0 (X11; Linux)"):
    client = Client(headers={"user-agent": agent})
    client.post(reverse("login"), {"username": "ada", "password": password})
    client.get(reverse("terms"))
    return client


def inside(client):
    return client.get(reverse("terms")).status_code == 200


def changed(client, new=NEW, old=OLD):
    return client.post(
        reverse("account_password"),
        {"old_password": old, "new_password1": new, "new_password2": new},
    )


def code_of(secret, offset=0):
    return f"{totp(b32decode(secret), t0=-offset):06d}"


def test_a_new_password_keeps_this_browser_and_ends_all_else(ada):
    here, elsewhere = logged_in(), logged_in()
    token_create(user=ada, name="notebook")

    answer = changed(here)

    assert answer.url == reverse("account")
    assert (
        "Your other sessions have ended, and your tokens were revoked"
        in here.get(reverse("account")).content.decode()
    )
    assert inside(here) and not inside(elsewhere)
    assert not ApiToken.objects.exists()
    assert logged_in(NEW).get(reverse("terms")).status_code == 200 and not inside(logged_in(OLD))
    assert SecurityEvent.objects.filter(kind=EventKind.PASSWORD, name="ada").exists()


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("short one", "at least 12 characters"),
        ("x" * 257, "at most 256 characters"),
        ("password1234", "too common"),
        ("adalovelaceking", "too similar"),
    ],
)
def test_a_password_that_is_easily_guessed_or_without_end_is_refused(ada, new, words):
    User.objects.update(last_name="lovelaceking", first_name="adalovelace")
    client = logged_in()

    answer = changed(client, new)

    assert answer.status_code == 400 and words in answer.content.decode()
    assert User.objects.get().check_password(OLD)


def test_any_words_will_do_and_all_their_signs_count(ada):
    client = logged_in()

    assert changed(client, "all lower case  ünd spaced ").status_code == 302
    assert User.objects.get().check_password("all lower case  ünd spaced ")


def test_who_is_logged_in_guesses_the_old_password_no_faster(ada, still):
    client = logged_in()

    statuses = [changed(client, old="wrong").status_code for _ in range(6)]

    assert statuses == [400] * 5 + [429]


def test_a_password_set_at_the_command_line_ends_sessions_and_tokens_too(ada, monkeypatch):
    client = logged_in()
    token_create(user=ada, name="x")
    monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)

    call_command("changepassword", "ada", stdout=open("/dev/null", "w"))  # noqa: SIM115

    assert not inside(client) and not ApiToken.objects.exists()


def test_sessions_are_listed_and_ended_one_by_one_or_all_but_this(ada):
    here, phone, third = (
        logged_in(),
        logged_in(agent="Mozilla/5.0 (iPhone) Safari/604.1"),
        logged_in(),
    )
    page = here.get(reverse("account")).content.decode()
    assert page.count("Firefox on Linux") >= 2 and "Safari on iPhone" in page and "this one" in page
    row = SeenSession.objects.get(device__contains="iPhone")

    here.post(reverse("account_session_end"), {"session": row.pk})
    assert inside(here) and not inside(phone) and inside(third)

    here.post(reverse("account_session_end"), {"others": "1"})
    assert inside(here) and not inside(third)
    assert SecurityEvent.objects.filter(kind=EventKind.SESSION_ENDED).count() >= 2


def test_nobody_ends_somebody_elses(ada):
    client = logged_in()
    row = SeenSession.objects.create(
        user=world.user("eve"), key="k", since=timezone.now(), seen_at=timezone.now()
    )

    client.post(reverse("account_session_end"), {"session": row.pk})

    assert SeenSession.objects.filter(pk=row.pk).exists()


def test_a_session_nobody_comes_back_to_ends(ada, monkeypatch):
    client = logged_in()
    SeenSession.objects.update(seen_at=timezone.now() - IDLE - timedelta(minutes=1))
    monkeypatch.setattr("arena.services.people.sessions._due", lambda key: True)

    assert not inside(client)
    assert client.get(reverse("terms")).url.startswith(reverse("login"))


def test_what_a_browser_says_it_is():
    assert (
        device_words("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140")
        == "Edge on Windows"
    )
    assert device_words("") == "an unknown browser"


def test_a_second_factor_is_set_up_asked_for_and_taken_once(ada):
    client, elsewhere = logged_in(), logged_in()
    page = client.get(reverse("account_factor")).content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert client.post(reverse("account_factor"), {"code": "000000"}).status_code == 400

    confirmed = client.post(reverse("account_factor"), {"code": code_of(secret)}).content.decode()
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", confirmed)

    assert len(codes) == 10 and inside(client) and not inside(elsewhere)
    other = logged_in()
    assert not inside(other)
    assert other.get(reverse("login_code")).status_code == 200
    # the one that confirmed it was taken already
    assert other.post(reverse("login_code"), {"code": code_of(secret)}).status_code == 400
    assert other.post(reverse("login_code"), {"code": code_of(secret, 30)}).status_code == 302
    assert inside(other)
    assert [row.kind for row in SecurityEvent.objects.filter(kind=EventKind.FACTOR_ON)] == [
        "factor_on"
    ]


def test_a_recovery_code_gets_in_once(ada):
    secret = factor_begin(user=ada)
    codes = factor_confirm(user=ada, code=code_of(secret))

    first, second = logged_in(), logged_in()
    assert (
        first.post(reverse("login_code"), {"code": codes[0].upper().replace("-", " ")}).status_code
        == 302
    )
    assert second.post(reverse("login_code"), {"code": codes[0]}).status_code == 400
    assert inside(first) and not inside(second) and RecoveryCode.objects.count() == 9


def test_codes_are_guessed_no_faster_than_passwords(ada, still):
    factor_confirm(user=ada, code=code_of(factor_begin(user=ada)))
    client = logged_in()

    statuses = [
        client.post(reverse("login_code"), {"code": "123456"}).status_code for _ in range(6)
    ]

    assert statuses == [400] * 5 + [429]


def test_the_second_step_needs_the_first_and_waits_no_longer_than_five_minutes(ada, monkeypatch):
    factor_confirm(user=ada, code=code_of(factor_begin(user=ada)))
    assert Client().get(reverse("login_code")).url == reverse("login")
    client = logged_in()
    later = time.time() + 301
    monkeypatch.setattr("time.time", lambda: later)

    assert client.get(reverse("login_code")).url == reverse("login")


def test_switching_it_off_takes_the_password_and_staff_can_take_it_back(ada):
    client = logged_in()
    factor_confirm(user=ada, code=code_of(factor_begin(user=ada)))

    assert client.post(reverse("account_factor_off"), {"password": "wrong"}).status_code == 400
    assert SecondFactor.objects.exists()
    assert client.post(reverse("account_factor_off"), {"password": OLD}).status_code == 302
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()

    factor_confirm(user=ada, code=code_of(factor_begin(user=ada), 60))
    call_command("second_factor", "ada", stdout=open("/dev/null", "w"))  # noqa: SIM115
    assert inside(logged_in())


def test_neither_secret_nor_codes_lie_readable_in_the_database(ada):
    secret = factor_begin(user=ada)
    codes = factor_confirm(user=ada, code=code_of(secret))

    kept = repr([list(model.objects.values_list()) for model in (SecondFactor, RecoveryCode)])
    assert secret not in kept and not any(
        code in kept or code.replace("-", "") in kept for code in codes
    )
    assert not factor_passes(user=world.user("eve"), code=codes[0])


def test_pages_of_the_account_are_kept_by_no_cache_and_every_private_answer_says_so(ada):
    client = logged_in()
    for name in ("account", "terms", "experiment_list", "tokens", "api:openapi-json", "login"):
        assert {"private", "no-store"} <= set(
            client.get(reverse(name)).headers["Cache-Control"].split(", ")
        ), name
