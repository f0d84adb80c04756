"""The first start makes a login and a demo; the second makes neither."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from arena.models import Experiment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings, tmp_path, monkeypatch):
    """Static files go to the test's own folder; kernels and migrations are there already."""
    settings.STATIC_ROOT = tmp_path / "static"
    monkeypatch.setattr("arena.management.commands.prepare.Command._migrate", lambda self: None)
    monkeypatch.setattr("arena.management.commands.warm.get_ready", lambda settings: None)


def test_the_first_start_makes_an_admin_whose_password_works(settings, capsys):
    settings.DEMO = False

    call_command("prepare")

    password = re.search(r"First login: admin, password (\S+)", capsys.readouterr().out)[1]
    assert get_user_model().objects.get(is_superuser=True).check_password(password)


def test_the_second_start_says_no_password_and_makes_no_user(settings, capsys):
    settings.DEMO = False
    call_command("prepare")
    capsys.readouterr()

    call_command("prepare")

    assert "password" not in capsys.readouterr().out
    assert get_user_model().objects.count() == 1


def test_the_first_start_starts_one_demo():
    call_command("prepare")
    call_command("prepare")

    demo = Experiment.objects.get()
    assert (demo.state, demo.owner.username, demo.population) == ("running", "admin", 64)


def test_a_demo_needs_an_owner():
    with pytest.raises(CommandError, match="No superuser"):
        call_command("demo")
