"""How unlike others an agent behaves (Lehman and Stanley, 2011)."""

from importlib import import_module

import numpy as np


def novelty(descriptors: np.ndarray, neighbours: int) -> np.ndarray:
    """float64 [n]: mean Euclidean distance to the `neighbours` nearest others, all of them where
    they are fewer; 0 for a single one.

    descriptors: float64 [n, d], what each does. Does not depend on the order of the others.
    """
    count = min(neighbours, len(descriptors) - 1)
    if count < 1:
        return np.zeros(len(descriptors))
    # loaded here: few experiments select by novelty, and every process would start with it
    tree = import_module("scipy.spatial").cKDTree(descriptors)
    distances, _ = tree.query(descriptors, k=count + 1)
    # the nearest of all is the agent itself, or a twin at the same distance: 0
    return distances[:, 1:].mean(axis=1)
