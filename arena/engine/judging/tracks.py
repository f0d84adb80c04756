"""What is left of a track that ends before its stretch of bars does: the account keeps its last
equity to the end.
"""

from dataclasses import dataclass

from agents.life.lifecycle import ACTIVE, BANKRUPT, DIVERGED, OVERFLOW

# why an account stops within a stretch, by the state it is left in
CAUSES = {BANKRUPT: "ruined", DIVERGED: "diverged", OVERFLOW: "overflow"}


@dataclass(frozen=True)
class Ended:
    """The bar of the series after which a track stood still, and why: one of CAUSES; both None
    where it went on to the end.
    """

    bar: int | None = None
    because: str | None = None


def ended_of(state: int, start: int, bars: int) -> Ended:
    """Of one who is left in `state` after `bars` bar returns on a stretch that begins with bar
    `start`.
    """
    return Ended() if state == ACTIVE else Ended(start + bars, CAUSES[state])
