"""One of each kind of person and of token, and something for them to want."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from arena.models import ApiToken, Evaluation, Judgement, NullWorld, Removal, Removed
from arena.people.actions import Scope
from arena.prices.models import Acceptance, BasketRenewal
from arena.prices.services.keys import key_store
from arena.services.people.tokens import token_create
from arena.services.records.seals import start_seal
from arena.work.kinds import BLOCK
from arena.work.queue import Wanted, jobs_ask
from tests.arena import world

EVERYTHING = tuple(Scope)


@dataclass(frozen=True)
class Stage:
    """users: by kind, none for "anonymous"; run: the owner's experiment; market, brought: the
    owner's.
    """

    users: dict[str, Any]
    run: Any
    market: Any
    brought: Any

    def browser(self, kind: str) -> Client:
        client = Client()
        if kind in self.users:
            client.force_login(self.users[kind])
        return client

    @property
    def values(self) -> dict[str, Any]:
        """What fills the places of an address."""
        return {
            "experiment_uuid": self.run.uuid,
            "import_uuid": self.brought.uuid,
            "market_id": self.market.pk,
            "number": 2,
            "id": self.users["owner"].pk,
            "content_type_id": 1,
            "object_id": 1,
        }

    def tokens(self) -> dict[str, tuple[str, frozenset[str]]]:
        """{whose: (secret, what it is good for)} of tokens that are good."""
        granted = {f"owner's {scope}": ("owner", (scope,)) for scope in EVERYTHING}
        granted |= {
            f"{kind}'s": (kind, EVERYTHING)
            for kind in ("owner", "other", "staff", "staff with rights", "superuser")
        }
        return {
            name: (
                token_create(user=self.users[kind], name=name, scopes=scopes)[1],
                frozenset({"read", *scopes}),
            )
            for name, (kind, scopes) in granted.items()
        }

    def bad_tokens(self) -> dict[str, str]:
        """{why: secret} of those that are good for nothing."""
        (_, revoked), (expired, ended) = (
            token_create(user=self.users["owner"], name="x") for _ in range(2)
        )
        ApiToken.objects.filter(pk=expired.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
        ApiToken.objects.exclude(pk=expired.pk).filter(name="x").delete()
        _, closed = token_create(user=self.users["inactive"], name="y")
        return {
            "revoked": revoked,
            "expired": ended,
            "of a closed account": closed,
            "made up": "lineage_nonsense",
            "empty": "",
        }


def stage() -> Stage:
    users = {
        kind: world.user(kind.replace(" ", "-"))
        for kind in ("owner", "other", "staff", "staff with rights", "inactive")
    }
    users["superuser"] = world.user("root", is_superuser=True, is_staff=True)
    for kind in ("staff", "staff with rights"):
        users[kind].is_staff = True
        users[kind].save()
    users["staff with rights"].user_permissions.set(Permission.objects.all())
    run = world.experiment(users["owner"])
    _one_row_of_each_model(run, users["owner"])
    market = world.market(name="brought", data_kind="historical", owner=users["owner"])
    users["owner"].seen_sessions.create(key="k", since=world.NOON, seen_at=world.NOON)
    return Stage(users, run, market, world.outside(users["owner"]))


def _one_row_of_each_model(run: Any, owner: Any) -> None:
    """For the pages of the admin, which say of a row that is not there that it is not, before they
    ask who wants to know.
    """
    world.intervention(run, owner)
    Evaluation.objects.create(
        experiment=run,
        subject="champion",
        stretch="competition",
        figures={},
        after_round=2,
        at=world.NOON,
    )
    NullWorld.objects.create(experiment=run, index=0, asked_at=world.NOON)
    Judgement.objects.create(experiment=run, after_round=2, asked_at=world.NOON)
    start_seal(experiment=run, settings=run.settings)
    BasketRenewal.objects.create(basket=run.market, owner=owner, created_at=world.NOON)
    Acceptance.objects.create(
        market=world.market(name="accepted"), who=owner, leap={}, at=world.NOON
    )
    key_store(provider="coingecko", key="a key of no use", who=owner)
    fields = {
        "kind": Removed.MARKET,
        "subject_id": 1,
        "name": "gone",
        "owner": owner,
        "who": owner,
        "told": {},
    }
    Removal.objects.create(**fields, asked_at=world.NOON)
    jobs_ask(wanted=[Wanted(BLOCK, 1)], user=owner.pk, experiment=run.pk)
    token_create(user=owner, name="first")
    Group.objects.create(name="nobody")


def routes(
    patterns: list[Any] | None = None, namespace: str = "", before: str = ""
) -> list[tuple[str, str]]:
    """(name, pattern) of every address of the site; one without a name goes by its pattern."""
    found = []
    for each in patterns if patterns is not None else get_resolver().url_patterns:
        place = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found += routes(
                each.url_patterns,
                f"{namespace}{each.namespace}:" if each.namespace else namespace,
                place,
            )
        elif isinstance(each, URLPattern):
            found.append((f"{namespace}{each.name}" if each.name else place, place))
    return found
