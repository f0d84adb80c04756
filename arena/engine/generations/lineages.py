"""How many places a line of descent may take: a cap against the collapse to a single one.

It is clearing (Pétrowski, 1996) with a line as the niche and its places as the capacity. Of the
usual ways to keep niches it loses fewest of them (Sareni and Krähenbühl, 1998), and unlike fitness
sharing it needs no fitness that is positive.
"""

import numpy as np

from agents.life.lifecycle import ACTIVE

# a line that may not grow beyond one place could never have a child
LEAST_PLACES = 2


class Lines:
    """Places of each line of descent while free ones are filled.

    agents: AGENT [population] after all deaths of the round. cap: share of the population, 0 to 1.
    """

    def __init__(self, agents: np.ndarray, cap: float):
        self.founder = agents["founder"]
        self.most = max(int(cap * len(agents) + 1e-9), LEAST_PLACES) if cap < 1.0 else len(agents)
        founders, counts = np.unique(self.founder[agents["state"] == ACTIVE], return_counts=True)
        self.places = dict(zip(founders.tolist(), counts.tolist(), strict=True))

    def with_room(self, slots: np.ndarray) -> np.ndarray:
        """Those of `slots`, int [m], whose line may take one more place, in the same order."""
        room = [self.places[founder] < self.most for founder in self.founder[slots].tolist()]
        return slots[np.array(room, bool)]

    def add(self, bearer: int) -> None:
        """Count one more place to the line of the agent in slot `bearer`."""
        self.places[int(self.founder[bearer])] += 1
