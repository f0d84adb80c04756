"""What does the work of each kind, and what is done where it is given up; their order and words are
in arena.work.kinds.
"""

from collections.abc import Callable
from typing import NamedTuple

from arena.prices.services import importing
from arena.services.evidence import judgement, judgements, nulls
from arena.services.removal import removals, removing
from arena.services.rounds import closing, founding, playing
from arena.work import kinds
from arena.work.claims import Claim
from arena.work.models import Job


class Handler(NamedTuple):
    """run: all of a claimed job, to its end or to where its turn is over (StaleFence, or any
    error). given_up: after the last attempt, within a transaction.
    """

    run: Callable[[Claim], None]
    given_up: Callable[[Job], None]


HANDLERS = {
    kinds.CLOSE: Handler(closing.close_run, closing.close_given_up),
    kinds.BLOCK: Handler(playing.block_run, playing.block_given_up),
    kinds.FOUNDING: Handler(founding.founding_run, founding.founding_given_up),
    kinds.JUDGEMENT: Handler(judgement.judgement_run, judgements.judgement_given_up),
    kinds.IMPORT: Handler(importing.import_run, importing.import_given_up),
    kinds.NULL_WORLD: Handler(nulls.null_run, nulls.null_given_up),
    kinds.REMOVAL: Handler(removing.removal_run, removals.removal_given_up),
}
