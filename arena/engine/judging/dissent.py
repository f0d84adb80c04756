"""How often one stood against a committee, and how often it was right then."""

import numpy as np

from agents.strategies.sides import of_actions


def dissent(
    own: np.ndarray, theirs: np.ndarray, closes: np.ndarray, long_short: bool
) -> dict[str, float | None]:
    """{dissent: share of bars on which it chose another side, dissent_right: in how many of these}.

    own, theirs: choices uint8 [S, bars - 1]; closes: float64 [S, bars]. A side is what choices come
    to: who holds what it bought stands where it bought. It was right where the next close lay on
    its side of theirs; bars without a move are left out of that. None where there is nothing to
    count.
    """
    sides = [
        np.stack([of_actions(each, long_short) for each in choices]) for choices in (own, theirs)
    ]
    apart, moves = sides[0] - sides[1], np.diff(closes, axis=1)
    if not apart.size:
        return {"dissent": None, "dissent_right": None}
    tested = apart * moves
    tested = tested[tested != 0.0]
    return {
        "dissent": float(np.mean(apart != 0.0)),
        "dissent_right": float(np.mean(tested > 0.0)) if len(tested) else None,
    }
