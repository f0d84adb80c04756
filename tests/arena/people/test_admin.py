"""A user who may change users cannot hand out rights of which they have none themselves."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from arena.models import ApiToken
from arena.people.models import SeenSession
from arena.services.people.second_factor import factor_begin, factor_of
from arena.services.people.tokens import token_create
from tests.arena import world

pytestmark = pytest.mark.django_db
NEW = "some words in a row"


def rights(*names):
    return Permission.objects.filter(codename__in=names)


@pytest.fixture
def clerk(client):
    """May change users and groups, and look at trades."""
    user = world.user("clerk", is_staff=True)
    user.user_permissions.set(
        rights(
            "change_user",
            "add_user",
            "view_user",
            "change_group",
            "add_group",
            "view_group",
            "view_trade",
        )
    )
    client.force_login(user)
    return user


@pytest.fixture
def ada():
    return world.user()


def sent(client, row, **changes):
    as_it_is = (
        {"username": row.username, "is_active": "on"}
        if isinstance(row, User)
        else {"name": row.name}
    )
    return client.post(
        reverse(f"admin:auth_{row._meta.model_name}_change", args=[row.pk]), as_it_is | changes
    )


def test_staff_makes_nobody_a_superuser_neither_others_nor_themselves(client, clerk, ada):
    for row in (ada, clerk):
        sent(client, row, is_superuser="on", is_staff="on")

        row.refresh_from_db()
        assert not row.is_superuser


def test_staff_gives_the_rights_it_has_and_no_others(client, clerk, ada):
    own, others = rights("view_trade").get(), rights("change_agent").get()
    sent(client, ada, user_permissions=[others.pk])
    assert not ada.user_permissions.exists()

    sent(client, ada, user_permissions=[own.pk])

    assert list(ada.user_permissions.all()) == [own]


def test_staff_puts_nobody_into_a_group_that_may_do_more(client, clerk, ada):
    mighty, mild = Group.objects.create(name="mighty"), Group.objects.create(name="mild")
    mighty.permissions.set(rights("change_agent"))
    mild.permissions.set(rights("view_trade"))

    sent(client, ada, groups=[mighty.pk])
    assert not ada.groups.exists()
    sent(client, ada, groups=[mild.pk])
    assert list(ada.groups.all()) == [mild]


def test_staff_makes_no_group_mightier(client, clerk):
    own = Group.objects.create(name="own")
    clerk.groups.add(own)
    others = Group.objects.create(name="others")
    others.permissions.set(rights("change_agent"))

    sent(client, own, permissions=[rights("change_agent").get().pk])
    client.post(
        reverse("admin:auth_group_add"),
        {"name": "made", "permissions": [rights("change_agent").get().pk]},
    )

    assert not own.permissions.exists() and not Group.objects.filter(name="made").exists()
    assert (
        client.post(
            reverse("admin:auth_group_change", args=[others.pk]), {"name": "renamed"}
        ).status_code
        == 403
    )


def test_staff_takes_nobodys_account_over_who_may_do_more(client, clerk):
    root = world.user("root", is_superuser=True, is_staff=True)
    keeper = world.user("keeper", is_staff=True)
    keeper.user_permissions.set(rights("change_agent"))

    for row in (root, keeper):
        fields = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        assert (
            client.post(
                reverse("admin:auth_user_password_change", args=[row.pk]), fields
            ).status_code
            == 403
        )
        assert (
            client.post(
                reverse("admin:auth_user_change", args=[row.pk]), {"username": "x"}
            ).status_code
            == 403
        )


def test_a_superuser_may_all_of_it(client, boss, ada):
    sent(
        client,
        ada,
        is_superuser="on",
        is_staff="on",
        user_permissions=[rights("change_agent").get().pk],
    )

    ada.refresh_from_db()
    assert ada.is_superuser and ada.user_permissions.count() == 1


def test_a_password_set_by_staff_ends_what_the_old_one_had_opened(client, clerk, ada, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    token_create(user=ada, name="x")
    SeenSession.objects.create(user=ada, key="k", since=world.NOON, seen_at=world.NOON)

    fields = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert (
        client.post(reverse("admin:auth_user_password_change", args=[ada.pk]), fields).status_code
        == 302
    )

    assert User.objects.get(pk=ada.pk).check_password(NEW)
    assert (
        not ApiToken.objects.filter(user=ada).exists()
        and not SeenSession.objects.filter(user=ada).exists()
    )


def act(client, model, action, *rows):
    where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return client.post(
        where, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True
    )


def test_staff_ends_sessions_and_tokens_and_takes_factors_back_but_not_of_the_mighty(
    client, clerk, ada
):
    root = world.user("root", is_superuser=True, is_staff=True)
    for user in (ada, root):
        token_create(user=user, name="x")
        factor_begin(user=user)
        user.second_factor.confirmed_at = world.NOON
        user.second_factor.save()

    act(client, User, "end_everything", ada, root)
    page = act(client, User, "reset_second_factor", ada, root).content.decode()

    assert [row.user for row in ApiToken.objects.all()] == [root]
    assert factor_of(user=ada) is None and factor_of(user=root) is not None
    assert "1 may do more than you, and were left alone." in page


def test_tokens_are_seen_and_revoked_by_staff_with_the_right_and_their_secrets_by_nobody(
    client, boss, ada
):
    row, secret = token_create(user=ada, name="notebook")
    where = reverse("admin:arena_apitoken_change", args=[row.pk])

    page = client.get(where).content.decode()
    assert "notebook" in page and secret not in page and row.sha256 not in page
    act(client, ApiToken, "revoke", row)
    assert not ApiToken.objects.exists()
