"""The database of the tests bears a thread that outlives what it was started for."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connections


@pytest.mark.django_db(transaction=True)
def test_it_is_emptied_while_another_connection_still_reads():
    User.objects.bulk_create(User(username=f"user {index}") for index in range(3))
    reader = connections.create_connection("default")
    with reader.cursor() as cursor:
        cursor.execute("SELECT username FROM auth_user")
        call_command("flush", interactive=False, verbosity=0)
    reader.close()

    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_test_leaves_is_gone_and_what_it_took_away_is_there_again(django_db_setup):
    rights = list(Permission.objects.order_by("pk").values())
    first = User.objects.create(username="first")
    first.user_permissions.set(Permission.objects.all())
    Permission.objects.filter(content_type__model="agent").delete()

    django_db_setup()

    assert list(Permission.objects.order_by("pk").values()) == rights
    assert not User.objects.exists() and not User.user_permissions.through.objects.exists()
    assert User.objects.create(username="second").pk > first.pk
