"""How unlike others an agent behaves (Lehman and Stanley, 2011)."""

import numpy as np
from scipy.spatial import cKDTree


def novelty(descriptors: np.ndarray, neighbours: int) -> np.ndarray:
    """float64 [n]: mean Euclidean distance to the `neighbours` nearest others, all of them where
    they are fewer; 0 for a single one.

    descriptors: float64 [n, d], what each does. Does not depend on the order of the others.
    """
    count = min(neighbours, len(descriptors) - 1)
    if count < 1:
        return np.zeros(len(descriptors))
    distances, _ = cKDTree(descriptors).query(descriptors, k=count + 1)
    # the nearest of all is the agent itself, or a twin at the same distance: 0
    return distances[:, 1:].mean(axis=1)
