"""Addresses, keys and pace of the price providers, from the environment; a key is never printed."""

import ipaddress
import sys
from typing import Any
from urllib.parse import urlsplit

from lineage_site.environment import env

COINGECKO_URLS = {
    "": "https://api.coingecko.com/api/v3",
    "demo": "https://api.coingecko.com/api/v3",
    "paid": "https://pro-api.coingecko.com/api/v3",
}
COINMARKETCAP_URL = "https://pro-api.coinmarketcap.com"


def providers() -> dict[str, dict[str, Any]]:
    """{name: fields of prices.providers.base.Access}; BadEnvironment for a value that makes no
    sense.
    """
    key = secret("COINGECKO_API_KEY")
    plan = env.read("COINGECKO_PLAN", "demo", env.one_of("DEMO", "PAID"), "demo or paid").lower()
    # without a key the limit is shared with all behind the same address
    keyed = {"demo": "100", "paid": "500"}[plan]
    calls = keyed if key or plan == "paid" else "10"
    return {
        "coingecko": _provider("COINGECKO", COINGECKO_URLS[plan], key, calls, keyed, plan),
        "coinmarketcap": _provider(
            "COINMARKETCAP", COINMARKETCAP_URL, secret("COINMARKETCAP_API_KEY"), "30", "30"
        ),
        # empty: every exchange at its own address
        "exchange": _provider("EXCHANGE", "", "", "120", "120"),
    }


def secret(name: str) -> str:
    """A key, "" where there is none. One that could not be sent stops the start, unseen."""
    raw = env.given(name).strip()
    if not (
        raw.isascii() and (raw.isprintable() or not raw) and len(raw) <= 200 and " " not in raw
    ):
        problem = env.BadEnvironment(
            f"{name} is not a key: letters, digits and signs in one line; correct it or unset it"
        )
        sys.stderr.write(f"{problem}\n")
        raise problem
    return raw


def base_url(raw: str) -> tuple[str, bool]:
    """(address without a slash at its end, whether it is on this machine or network). Plain HTTP is
    for those alone.
    """
    if not raw:
        return "", False
    parts = urlsplit(raw)
    inside = is_inside(parts.hostname or "")
    if (
        parts.scheme not in ({"https", "http"} if inside else {"https"})
        or not parts.hostname
        or parts.query
        or parts.username
    ):
        raise ValueError(raw)
    return raw.rstrip("/"), inside


def is_inside(host: str) -> bool:
    """Whether a host is named as one of this machine or a private network, which only the operator
    may do.
    """
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def _provider(
    name: str, default: str, key: str, calls: str, keyed: str, plan: str = ""
) -> dict[str, Any]:
    url, private = env.read(
        f"{name}_URL",
        default,
        base_url,
        "an https address, or an http one of this machine or network",
    )
    pace, with_key = (
        float(
            env.read(
                f"{name}_CALLS",
                default,
                env.whole(1, 100_000),
                "a whole number of calls a minute that the plan allows",
            )
        )
        for default in (calls, keyed)
    )
    return {
        "url": url,
        "key": key,
        "plan": plan,
        "calls_per_minute": pace,
        "calls_with_key": with_key,
        "private": private,
    }
