"""The book of what happened at the doors: complete, unchanged, and not to be filled by a
guesser.
"""

import logging

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from agents.ledger import AppendOnlyError, refuse_changes
from arena.people.doorway import Visitor, at_the_door
from arena.people.models import EventKind, SecurityEvent
from arena.services.people.events import FULL, ROWS_OF_DAY, ROWS_OF_MINUTE, event_record
from tests.arena import world

pytestmark = pytest.mark.django_db


def rows(kind=None):
    found = SecurityEvent.objects.order_by("pk")
    return list(found if kind is None else found.filter(kind=kind))


def strangers(count, kind=EventKind.FAILED):
    """So many events, each from another address."""
    for number in range(count):
        with at_the_door(Visitor(None, f"10.0.{number // 250}.{number % 250}")):
            event_record(kind=kind, name="nobody")


def test_a_row_says_who_what_whence_and_by_whom(caplog):
    ada, boss = world.user(), world.user("boss")

    with caplog.at_level(logging.INFO, "lineage.security"), at_the_door(Visitor(boss, "1.2.3.4")):
        event_record(kind=EventKind.FACTOR_OFF, user=ada)

    row = rows(EventKind.FACTOR_OFF)[0]
    assert (row.user, row.name, row.by, row.address) == (ada.pk, "ada", "boss", "1.2.3.4")
    assert (
        "kind='factor_off'" in caplog.text
        and "name='ada'" in caplog.text
        and "address='1.2.3.4'" in caplog.text
    )


def test_neither_a_program_nor_the_database_changes_or_deletes_one():
    event_record(kind=EventKind.FAILED, name="x")
    row = rows()[0]
    refuse_changes(connection, "arena_securityevent")

    for change in (
        row.save,
        row.delete,
        lambda: SecurityEvent.objects.update(name="y"),
        lambda: SecurityEvent.objects.all().delete(),
    ):
        with pytest.raises(AppendOnlyError):
            change()
    for sql in ("UPDATE arena_securityevent SET name = 'y'", "DELETE FROM arena_securityevent"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert [each.name for each in rows()] == ["x"]


def test_a_thousand_alike_within_a_minute_are_a_few_rows_that_tell_their_number(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    for _ in range(1000):
        event_record(kind=EventKind.FAILED, name="ada")

    assert [row.count for row in rows()] == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]


def test_a_guesser_from_everywhere_does_not_fill_the_disk(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)

    strangers(500)

    counted = [row for row in rows() if row.detail == FULL]
    assert (
        len(rows()) == ROWS_OF_MINUTE.most + len(counted)
        and [row.count for row in counted][-1] == 200
    )
    assert not any(row.name or row.address for row in counted)


def test_nor_by_going_on_for_a_day(monkeypatch):
    for minute in range(300):
        now = 1_900_000_000.0 + 61 * minute
        monkeypatch.setattr("time.time", lambda now=now: now)
        strangers(10)

    assert len(rows()) < ROWS_OF_DAY.most + 30


def test_what_strangers_cause_leaves_room_for_what_users_do(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    ada = world.user()
    strangers(500, EventKind.TOKEN_REFUSED)

    event_record(kind=EventKind.TOKEN_REFUSED, user=ada)

    assert rows()[-1].name == "ada"


def test_what_is_typed_stays_on_its_line(caplog):
    with caplog.at_level(logging.INFO, "lineage.security"), at_the_door(Visitor(None, "1.2.3.4")):
        event_record(
            kind=EventKind.FAILED,
            name="ada\n2026-01-01T00:00:00Z INFO forged: all is well",
            detail="\x1b[2J",
        )

    assert "\n" not in rows()[0].name and len(caplog.text.splitlines()) == 1


def test_a_command_fills_no_terminal(caplog):
    with caplog.at_level(logging.INFO, "lineage.security"):
        event_record(kind=EventKind.FACTOR_OFF, name="ada")

    assert caplog.text == "" and rows()[0].name == "ada"


def test_rights_that_change_are_recorded_whoever_changes_them():
    ada, group = world.user(), Group.objects.create(name="keepers")
    right = Permission.objects.get(codename="change_agent")
    ada.is_staff = True
    ada.save()
    ada.user_permissions.add(right)
    ada.groups.add(group)
    group.permissions.add(right)
    ada.user_permissions.clear()
    ada.delete()

    details = [row.detail for row in rows(EventKind.RIGHTS)]
    assert details[0] == "made" and details[1] == "is_staff: False -> True"
    assert details[2].startswith("gave ") and "agent" in details[2] and details[3] == "gave keepers"
    assert details[4].startswith("group keepers: gave") and details[5].startswith("took all")
    assert rows(EventKind.DELETED)[0].detail == "user ada"


def test_a_door_that_stayed_shut_is_recorded(client):
    client.force_login(world.user("staff", is_staff=True))

    assert client.get(reverse("admin:arena_experiment_changelist")).status_code == 403

    assert rows(EventKind.DENIED)[0].detail == "GET /admin/arena/experiment/"


def test_staff_with_the_right_reads_the_book_and_nobody_writes_in_it(boss, client):
    event_record(kind=EventKind.FAILED, name="<script>alert(1)</script>")

    page = client.get(reverse("admin:arena_securityevent_changelist")).content.decode()

    assert "log-in failed" in page and "&lt;script&gt;" in page and "<script>alert" not in page
    assert Client().get(reverse("admin:arena_securityevent_changelist")).status_code == 302
    assert client.post(reverse("admin:arena_securityevent_add"), {}).status_code == 403
    assert (
        client.post(
            reverse("admin:arena_securityevent_delete", args=[rows()[0].pk]), {"post": "yes"}
        ).status_code
        == 403
    )
