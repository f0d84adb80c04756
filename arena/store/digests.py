"""The digest chain: one sha256 after each round, of all that every agent is and did, however the agents were grouped."""

import hashlib
import json

import numpy as np


def genesis(settings: dict, market_sha256: str, founders_sha256: str) -> str:
    """The first link: what was set (but not where the market was read from), the bars, and the founders."""
    told = {key: value for key, value in settings.items() if key != "market"}
    text = json.dumps(told, sort_keys=True) + market_sha256 + founders_sha256
    return hashlib.sha256(text.encode()).hexdigest()


def link(previous: str, numbers: np.ndarray, digests: np.ndarray, population_sha256: str) -> str:
    """The next link: the one before, each agent's digest in order of number (int64 [n], uint8 [n, 32]), and what the close made of them."""
    order = np.argsort(numbers, kind="stable")
    digest = hashlib.sha256(previous.encode())
    digest.update(np.ascontiguousarray(numbers[order], np.int64).tobytes())
    digest.update(np.ascontiguousarray(digests[order], np.uint8).tobytes())
    digest.update(population_sha256.encode())
    return digest.hexdigest()


def records_sha256(records: np.ndarray) -> str:
    """Of a block's trades or scars, sorted by agent and sequence."""
    order = np.lexsort((records["sequence"], records["agent"]))
    return hashlib.sha256(np.ascontiguousarray(records[order]).tobytes()).hexdigest()
