"""One function answers who may do what; asked of one row or of all rows it says the same."""

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from arena.models import ApiToken, Experiment
from arena.people.actions import RULES, Action, Scope
from arena.people.may import allowed, may
from arena.people.models import SeenSession
from arena.prices.models import MarketData, MarketImport
from arena.services.people.tokens import token_create, token_user
from tests.arena import world
from tests.doors import visitors

pytestmark = pytest.mark.django_db
SUBJECTS = (Experiment, MarketData, MarketImport, ApiToken, SeenSession, User, Group)


@pytest.fixture
def stage():
    made = visitors.stage()
    for kind in ("owner", "other"):
        token_create(user=made.users[kind], name=kind)
    Group.objects.create(name="lookers").permissions.add(
        Permission.objects.get(codename="view_trade")
    )
    return made


def test_every_action_has_a_rule():
    assert set(RULES) == set(Action)


def test_asked_of_one_row_or_of_all_it_says_the_same(stage):
    differ = []
    for (kind, user), action, model in itertools.product(stage.users.items(), Action, SUBJECTS):
        among = set(allowed(user, action, model._base_manager.all()).values_list("pk", flat=True))
        each = {row.pk for row in model._base_manager.all() if may(user, action, row)}
        differ += [f"{kind} {action} {model.__name__}: {among} {each}"] if among != each else []

    assert differ == []


@pytest.mark.parametrize("action", list(Action))
def test_nobody_and_whoever_was_closed_out_may_nothing(stage, action):
    closed = stage.users["owner"]
    closed.is_active = False

    for user in (None, AnonymousUser(), closed):
        assert not may(user, action, stage.run)
        assert not may(user, action)
        assert not allowed(user, action, Experiment.objects.all()).exists()


def test_a_token_may_what_it_is_good_for_and_never_touches_the_account(stage):
    owner = stage.users["owner"]
    reader = token_user(secret=token_create(user=owner, name="reader", scopes=[])[1])
    runner = token_user(
        secret=token_create(user=owner, name="runner", scopes=[Scope.EXPERIMENTS])[1]
    )

    assert may(reader, Action.EXPERIMENT_READ, stage.run) and not may(
        reader, Action.EXPERIMENT_CHANGE, stage.run
    )
    assert may(runner, Action.EXPERIMENT_CHANGE, stage.run) and not may(runner, Action.MARKET_BRING)
    for action in (
        Action.ACCOUNT_CHANGE,
        Action.TOKEN_MAKE,
        Action.TOKEN_REVOKE,
        Action.SESSION_END,
        Action.ADMIN_ENTER,
    ):
        assert may(owner, action, None) == (action != Action.ADMIN_ENTER) and not may(
            runner, action
        )


def test_staff_changes_nobody_who_may_do_more(stage):
    clerk = world.user("clerk", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["change_user", "view_user", "delete_user"])
    )
    clerk = User.objects.get(pk=clerk.pk)

    assert may(clerk, Action.ROW_CHANGE, stage.users["other"]) and may(
        clerk, Action.USER_RESET, stage.users["other"]
    )
    for mighty in ("superuser", "staff with rights"):
        for action in (Action.ROW_CHANGE, Action.ROW_DELETE, Action.USER_RESET):
            assert not may(clerk, action, stage.users[mighty]), (mighty, action)
        assert may(clerk, Action.ROW_VIEW, stage.users[mighty])
