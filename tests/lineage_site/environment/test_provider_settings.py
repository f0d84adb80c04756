"""Keys, addresses and paces of the providers, from the environment."""

import pytest

from lineage_site.environment.env import BadEnvironment
from lineage_site.environment.provider_settings import providers


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in ("COINGECKO", "COINMARKETCAP", "EXCHANGE"):
        for part in ("API_KEY", "PLAN", "URL", "CALLS"):
            monkeypatch.delenv(f"{name}_{part}", raising=False)
    return monkeypatch


def test_without_any_variable_the_public_addresses_are_asked_slowly():
    found = providers()

    assert found["coingecko"] == {
        "url": "https://api.coingecko.com/api/v3",
        "key": "",
        "plan": "demo",
        "calls_per_minute": 10.0,
        "calls_with_key": 100.0,
        "private": False,
    }
    assert not any(each["private"] for each in found.values())


def test_a_paid_plan_has_another_address_and_pace(clean):
    clean.setenv("COINGECKO_API_KEY", "k")
    clean.setenv("COINGECKO_PLAN", "paid")

    access = providers()["coingecko"]

    assert (access["url"], access["calls_per_minute"]) == (
        "https://pro-api.coingecko.com/api/v3",
        500.0,
    )


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://proxy.example/api/", False),
        ("http://127.0.0.1:9/x", True),
        ("http://localhost:9", True),
        ("https://10.0.0.7", True),
    ],
)
def test_an_address_of_this_network_is_the_operators_own_choice(clean, url, private):
    clean.setenv("COINMARKETCAP_URL", url)

    access = providers()["coinmarketcap"]

    assert (access["url"], access["private"]) == (url.rstrip("/"), private)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COINGECKO_URL", "http://api.coingecko.com"),
        ("COINGECKO_URL", "file:///etc/passwd"),
        ("COINGECKO_URL", "https://user:pass@api.example"),
        ("EXCHANGE_URL", "https://"),
        ("COINGECKO_CALLS", "0"),
        ("COINGECKO_PLAN", "enterprise"),
    ],
)
def test_a_value_that_makes_no_sense_stops_the_start_and_names_itself(clean, capsys, name, value):
    clean.setenv(name, value)

    with pytest.raises(BadEnvironment, match=name):
        providers()

    assert name in capsys.readouterr().err


@pytest.mark.parametrize("value", ["two words", "schlüssel", "a\nb", "k" * 300])
def test_a_key_that_cannot_be_sent_stops_the_start_unseen(clean, capsys, value):
    clean.setenv("COINMARKETCAP_API_KEY", value)

    with pytest.raises(BadEnvironment, match="COINMARKETCAP_API_KEY is not a key") as caught:
        providers()

    assert value not in str(caught.value) + capsys.readouterr().err
