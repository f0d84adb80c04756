"""What moved between agents and treasury as a round was closed."""

from collections.abc import Sequence
from math import fsum

import numpy as np

from arena.engine.results import Birth, Purse


def moved(
    paid: np.ndarray, births: Sequence[Birth], before: Purse, after: Purse
) -> dict[str, float]:
    """{paid_by_parents, endowed, put_in}: what parents paid, newcomers got, and was put in for
    them.

    paid: float64 [population], what each agent paid at this close. before, after: the purse around
    it. What was not put in came from the treasury.
    """
    return {
        "paid_by_parents": fsum(paid),
        "endowed": fsum(birth.agent["endowment"] for birth in births),
        "put_in": after.money_put_in - before.money_put_in,
    }
