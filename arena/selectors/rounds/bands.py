"""Lines of descent through the rounds: how many agents of each played them."""

from typing import Any

import numpy as np

from arena.models import Experiment
from arena.selectors.rounds.summarised import summaries_of
from arena.selectors.rounds.thinning import columns_shown
from arena.store.summaries import joined, unpacked

# lines with a band of their own, as many as there are colours that can be told apart
MOST = 8


def bands(*, experiment: Experiment) -> dict[str, Any]:
    """{rounds int32 [n], founders, agents int32 [founders + 1, n]} of closed rounds, thinned.

    A line goes by the number of its founder; those are shown that were the largest at any time, by
    number. The last row is all others.
    """
    rows = summaries_of(experiment=experiment)
    shown = columns_shown(rows.count())
    data = list(rows.filter(round__index__in=shown).values_list("clades", flat=True))
    lengths = [len(unpacked("clades", each)) for each in data]
    every = joined("clades", data)
    founders, line_of = np.unique(every["founder"], return_inverse=True)
    agents = np.zeros((len(founders), len(shown)), np.int32)
    agents[line_of, np.repeat(np.arange(len(shown)), lengths)] = every["agents"]
    largest = np.sort(np.argsort(-agents.max(axis=1, initial=0), kind="stable")[:MOST])
    others = agents.sum(axis=0) - agents[largest].sum(axis=0)
    return {
        "rounds": np.array(shown, np.int32),
        "founders": founders[largest].tolist(),
        "agents": np.vstack([agents[largest], others]).astype(np.int32),
    }
