"""Keys of providers: stored by staff in the admin, sent to their provider, seen nowhere else."""

import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse

from arena.prices.models import ImportState, ProviderKey
from arena.prices.providers.faults import Refused
from arena.prices.services.keys import key_read, key_store
from arena.prices.services.providers import provider_get
from arena.work.queue import locally
from tests.arena import world
from tests.arena.prices.providers.loopback import data, loopback
from tests.arena.prices.services.outside import (
    DAY,
    START,
    FakeClock,
    begin,
    cmc_history,
    gecko_history,
    providers,
    work,
)

pytestmark = pytest.mark.django_db
KEY = "CMC-canary-0123456789wxyz"
ADD = reverse("admin:arena_providerkey_add")
LIST = reverse("admin:arena_providerkey_changelist")


@pytest.fixture
def cmc(settings):
    """CoinMarketCap without a key in the environment; CoinGecko beside it."""
    with loopback() as server, loopback() as gecko:
        known = providers(gecko.url, server.url)
        settings.PROVIDERS = {name: access | {"key": ""} for name, access in known.items()}
        server.say(cmc_history())
        gecko.say(gecko_history())
        yield server


def change(row):
    return reverse("admin:arena_providerkey_change", args=[row.pk])


def store(client, key=KEY, provider="coinmarketcap"):
    return client.post(ADD, {"provider": provider, "key": key}, follow=True)


def import_one(user):
    with locally():
        return work(begin(user, days=10), FakeClock(START + 180 * DAY))


def test_a_stored_key_is_what_its_provider_is_asked_with(client, boss, cmc):
    store(client)

    assert import_one(boss).state == ImportState.DONE
    assert {headers["x-cmc_pro_api_key"] for _, _, headers in cmc.asked} == {KEY}
    assert not any(KEY in f"{path} {query}" for path, query, _ in cmc.asked)


def test_no_other_provider_gets_it(boss, cmc):
    key_store(provider="coinmarketcap", key=KEY, who=boss)

    assert provider_get(name="coinmarketcap").access.key == KEY
    assert (
        provider_get(name="coingecko").access.key == provider_get(name="exchange").access.key == ""
    )


def test_a_key_in_the_environment_wins(boss, cmc, settings):
    key_store(provider="coinmarketcap", key=KEY, who=boss)
    settings.PROVIDERS["coinmarketcap"]["key"] = "of-the-environment"

    assert provider_get(name="coinmarketcap").access.key == "of-the-environment"


def test_a_key_brings_its_pace(boss, cmc, settings):
    settings.PROVIDERS["coingecko"] |= {"calls_per_minute": 10.0, "calls_with_key": 100.0}

    assert provider_get(name="coingecko").access.calls_per_minute == 10.0
    key_store(provider="coingecko", key=KEY, who=boss)
    assert provider_get(name="coingecko").access.calls_per_minute == 100.0


def test_another_key_is_used_from_the_next_call_on_and_a_deleted_one_no_more(client, boss, cmc):
    store(client)
    row = ProviderKey.objects.get()
    assert provider_get(name="coinmarketcap").access.key == KEY

    client.post(change(row), {"key": "another-key-000000000"})
    assert provider_get(name="coinmarketcap").access.key == "another-key-000000000"
    assert ProviderKey.objects.get().ends == "0000"

    client.post(reverse("admin:arena_providerkey_delete", args=[row.pk]), {"post": "yes"})
    assert provider_get(name="coinmarketcap").access.key == ""


def test_nothing_but_its_last_four_characters_is_ever_shown(client, boss, cmc, caplog):
    caplog.set_level(logging.DEBUG)
    cmc.say(
        data(
            {"status": {"error_code": 1001, "error_message": f"This API Key {KEY} is invalid."}},
            status=401,
        )
    )
    pages = [store(client), client.get(LIST), client.get(change(ProviderKey.objects.get()))]
    pages += [
        client.get(reverse("admin:arena_providerkey_history", args=[ProviderKey.objects.get().pk]))
    ]
    row = import_one(boss)
    pages += [client.get(reverse(name)) for name in ("admin:index", "market_list")]
    pages += [
        client.get(reverse("import_page", args=[row.uuid])),
        client.get(reverse("import_state", args=[row.uuid])),
    ]

    assert row.state == ImportState.FAILED and "This API Key (key) is invalid" in row.reason
    assert "…wxyz" in pages[1].content.decode()
    assert not any(KEY[:-4] in page.content.decode() for page in pages)
    assert KEY[:-4] not in caplog.text
    assert LogEntry.objects.count() == 1
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert KEY[:-4] not in str(cursor.fetchall()), table
    assert KEY not in repr(provider_get(name="coinmarketcap").access)


def test_a_form_that_is_refused_does_not_send_the_key_back(client, boss):
    answer = client.post(ADD, {"provider": "nobody", "key": KEY})

    assert answer.status_code == 200 and "Select a valid choice" in answer.content.decode()
    assert KEY not in answer.content.decode()


@pytest.mark.parametrize(
    "key",
    ["", "short", "two words and more", "schlüssel-schlüssel", "k" * 201, "line-line-line\nline"],
)
def test_what_cannot_be_a_key_is_refused(client, boss, key):
    assert client.post(ADD, {"provider": "coinmarketcap", "key": key}).status_code == 200
    assert not ProviderKey.objects.exists()


def test_after_a_change_of_the_secret_key_one_message_says_what_to_do(boss, client, cmc, settings):
    key_store(provider="coinmarketcap", key=KEY, who=boss)
    settings.SECRET_KEY = "another one"
    client.force_login(boss)

    with pytest.raises(
        Refused,
        match=(
            "the stored key of CoinMarketCap cannot be read: SECRET_KEY .* enter it again in the"
            " admin"
        ),
    ):
        key_read(provider="coinmarketcap")
    assert "enter it again" in client.get(LIST).content.decode()

    store(client)
    client.post(change(ProviderKey.objects.get()), {"key": KEY})
    assert key_read(provider="coinmarketcap") == KEY


def test_a_sealed_key_that_is_copied_to_another_provider_cannot_be_read(boss):
    row = key_store(provider="coinmarketcap", key=KEY, who=boss)
    ProviderKey.objects.create(
        provider="coingecko", sealed=row.sealed, ends="wxyz", stored_at=world.NOON
    )

    with pytest.raises(Refused, match="CoinGecko cannot be read"):
        key_read(provider="coingecko")


def test_keys_are_for_staff_with_the_right_alone(client):
    fields = {"provider": "coinmarketcap", "key": KEY}
    for user, status in ((world.user(), 302), (world.user("clerk", is_staff=True), 403)):
        client.force_login(user)

        assert client.post(ADD, fields).status_code == status
    assert not ProviderKey.objects.exists()
