"""The database of the tests bears a thread that outlives what it was started for."""

import pytest
from django.contrib.auth.models import User
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
