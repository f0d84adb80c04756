"""The digest chain: one sha256 after each round, of all that every agent is and did, however the
agents were grouped.
"""

import hashlib
import json
from typing import Any

import numpy as np


def genesis(settings: dict, market_sha256: str, founders_sha256: str) -> str:
    """The first link: what was set (but not where the market was read from), the bars, and the
    founders.
    """
    chosen = {key: value for key, value in settings.items() if key != "market"}
    text = json.dumps(chosen, sort_keys=True) + market_sha256 + founders_sha256
    return hashlib.sha256(text.encode()).hexdigest()


def link_by_first_rules(
    previous: str, numbers: np.ndarray, digests: np.ndarray, population_sha256: str
) -> str:
    """The next link of rounds closed by rules 1: the one before, each agent's digest in order of
    number (int64 [n], uint8 [n, 32]), and what the close made of them.
    """
    return _linked(previous, numbers, [digests], population_sha256).hexdigest()


def link(
    previous: str,
    numbers: np.ndarray,
    digests: np.ndarray,
    shown: np.ndarray,
    population_sha256: str,
    columns: dict[str, Any],
) -> str:
    """The next link: the same, with the digest of what is shown of each agent (uint8 [n, 32]) and
    the round's `columns` (JSON).
    """
    digest = _linked(previous, numbers, [digests, shown], population_sha256)
    digest.update(canonical(columns).encode())
    return digest.hexdigest()


def _linked(
    previous: str, numbers: np.ndarray, each: list[np.ndarray], population_sha256: str
) -> Any:
    order = np.argsort(numbers, kind="stable")
    digest = hashlib.sha256(previous.encode())
    digest.update(np.ascontiguousarray(numbers[order], np.int64).tobytes())
    for digests in each:
        digest.update(np.ascontiguousarray(digests[order], np.uint8).tobytes())
    digest.update(population_sha256.encode())
    return digest


def shown_of(
    agents: np.ndarray,
    online: np.ndarray,
    figures: np.ndarray,
    actions: np.ndarray,
    trades: np.ndarray,
    scars: np.ndarray,
) -> np.ndarray:
    """uint8 [n, 32], of each agent the sha256 of all that is shown of it in a round: unlike what it
    remembers, that is kept for good.

    AGENT [n], float32 [n, parameters], float64 [n, len(FIGURES)], uint8 [n, S, bars]; TRADE and
    SCAR [any], by agent, then sequence.
    """
    rows = []
    for place, number in enumerate(agents["number"]):
        digest = hashlib.sha256(agents[place : place + 1].tobytes())
        for part in (
            online[place],
            figures[place],
            actions[place],
            *(of[of["agent"] == number] for of in (trades, scars)),
        ):
            digest.update(np.ascontiguousarray(part).tobytes())
        rows.append(np.frombuffer(digest.digest(), np.uint8))
    return np.stack(rows)


def canonical(value: Any) -> str:
    """JSON in which equal values are equal texts whichever database kept them: numbers by their
    bits, names in order.
    """
    return json.dumps(_plain(value), sort_keys=True)


def content_sha256(value: Any) -> str:
    """Of a JSON value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        # -0.0 comes back as 0.0 from some
        return (float(value) + 0.0).hex()
    return value


def records_sha256(records: np.ndarray) -> str:
    """Of a block's trades or scars, sorted by agent and sequence."""
    order = np.lexsort((records["sequence"], records["agent"]))
    return hashlib.sha256(np.ascontiguousarray(records[order]).tobytes()).hexdigest()
