"""How different the members of a population are: in ancestry, in weights, in what they do."""

from collections.abc import Iterable

import numpy as np


def effective_number(labels: np.ndarray) -> float:
    """exp of the Shannon entropy of the groups that share a label, int [n]: how many equally large
    groups are as diverse (Hill, 1973).

    1 where all belong to one group, n where each is its own, 0 for no agents.
    """
    if not len(labels):
        return 0.0
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return float(np.exp(-np.sum(shares * np.log(shares))))


def disagreement(actions: np.ndarray, kinds: int = 3) -> float | None:
    """Chance that two members, drawn from those that acted at a bar, acted differently there; None
    where no two ever acted at one bar.

    actions: uint8 [n, …], one or more at each bar; 0 .. kinds - 1 are actions, anything else is
    none. Counts stand for all pairs.
    """
    counts = np.stack([(actions == kind).sum(axis=0, dtype=np.int64) for kind in range(kinds)])
    acting = counts.sum(axis=0)
    pairs = int((acting * (acting - 1)).sum())
    alike = int((counts * (counts - 1)).sum())
    return 1.0 - alike / pairs if pairs else None


def spread(members: Iterable[np.ndarray]) -> float | None:
    """Mean Euclidean distance of float32 [parameters] vectors to their mean; None for none. Goes
    through them twice.
    """
    mean, count = np.zeros(0), 0
    for weights in members:
        mean, count = (mean if count else np.zeros(len(weights))) + weights, count + 1
    if not count:
        return None
    mean /= count
    return float(np.mean([np.linalg.norm(weights - mean) for weights in members]))
