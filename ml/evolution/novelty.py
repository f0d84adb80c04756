"""How unlike others an agent behaves (Lehman and Stanley, 2011)."""

import numpy as np

ROWS = 256  # compared with all others at a time


def novelty(descriptors: np.ndarray, neighbours: int) -> np.ndarray:
    """float64 [n]: mean Euclidean distance to the `neighbours` nearest others, all of them where they are fewer; 0 for one alone.

    descriptors: float64 [n, d], what each does. Does not depend on the order of the others.
    """
    n = len(descriptors)
    count = min(neighbours, n - 1)
    result = np.zeros(n)
    for first in range(0, n if count > 0 else 0, ROWS):
        rows = descriptors[first : first + ROWS]
        distances = np.sqrt(((rows[:, None, :] - descriptors[None, :, :]) ** 2).sum(axis=2))
        distances[np.arange(len(rows)), first + np.arange(len(rows))] = np.inf
        result[first : first + ROWS] = np.sort(distances, axis=1)[:, :count].mean(axis=1)
    return result
