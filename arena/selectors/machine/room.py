"""Looks before work begins whether the disk has room for what it will write."""

import errno

from arena.models import BlockRun, BlockState, Experiment, Round
from arena.selectors.machine.sizes import bytes_per_agent
from arena.selectors.words import size_words
from arena.store import files

# stays free: the database must be able to tell what is wrong, and people to log in and stop what
# runs
RESERVE = 64 * 1024 * 1024
REMEDY = "try again when its operator has made room"
# of what a block leaves in rows, beside its files
ROWS_A_BLOCK = 1024 * 1024


class NoRoom(OSError):
    """ "no space: 1.1 GiB needed, 0 free"."""

    def __init__(self, needed: int, free: int):
        self.needed, self.free = needed, free
        super().__init__(
            errno.ENOSPC, f"no space: {size_words(needed)} needed, {size_words(free)} free"
        )

    def __str__(self) -> str:
        return str(self.args[1])


def room_check(*, needed: int) -> None:
    """NoRoom where so many bytes cannot be written."""
    free = files.free()
    if free is not None and free - RESERVE < needed:
        raise NoRoom(needed, max(free - RESERVE, 0))


def room_free() -> int | None:
    """Bytes that may still be written here; None where nobody can tell."""
    return files.free()


def is_room() -> bool:
    """Whether more than the reserve is free."""
    free = files.free()
    return free is None or free > RESERVE


def room_of_round(*, row: Round) -> int:
    """Bytes that is left to write of an open round: of as many blocks as are left what one left in
    the round before; in the first round what agents take.
    """
    left = row.blocks.exclude(state=BlockState.DONE).count()
    before = (
        BlockRun.objects.filter(round__experiment=row.experiment, round__index=row.index - 1)
        .exclude(checkpoint="")
        .first()
    )
    if before is not None:
        size = files.size(before.checkpoint + files.WEIGHTS) + files.size(
            before.checkpoint + files.MEMORY
        )
        return left * (size + ROWS_A_BLOCK)
    return room_of_start(experiment=row.experiment)


def room_of_close(*, row: Round) -> int:
    """Bytes that the close of a round writes: about what the last one did."""
    return files.size(row.births_file) + ROWS_A_BLOCK


def room_of_start(*, experiment: Experiment) -> int:
    """Bytes that the founders and the first round of an experiment take."""
    return experiment.population * bytes_per_agent(experiment=experiment) + ROWS_A_BLOCK
