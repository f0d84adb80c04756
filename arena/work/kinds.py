"""The kinds of work, in the order in which those of one experiment are done; what does them is in
arena.services.running.kinds.
"""

from dataclasses import dataclass

CLOSE = "close"
BLOCK = "block"
JUDGEMENT = "judgement"
IMPORT = "import"
NULL_WORLD = "null"
REMOVAL = "removal"
FOUNDING = "founding"


@dataclass(frozen=True)
class Kind:
    """words: what one is called, and many; seconds: what a job is taken to last before one was
    seen.
    """

    name: str
    words: tuple[str, str]
    seconds: float


KINDS = {
    kind.name: kind
    for kind in (
        Kind(CLOSE, ("close of a round", "closes of rounds"), 0.5),
        Kind(BLOCK, ("block of a round", "blocks of rounds"), 1.0),
        Kind(JUDGEMENT, ("judgement", "judgements"), 2.0),
        Kind(IMPORT, ("import", "imports"), 5.0),
        Kind(NULL_WORLD, ("null world", "null worlds"), 5.0),
        Kind(REMOVAL, ("removal", "removals"), 1.0),
        # last, because jobs keep the numbers of their kinds: while founders are born an experiment
        # has no other work
        Kind(FOUNDING, ("founding", "foundings"), 1.0),
    )
}
RANKS = {name: rank for rank, name in enumerate(KINDS)}
# without which no round is played
OF_ROUNDS = (CLOSE, BLOCK, FOUNDING)
