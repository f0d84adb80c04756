"""Which rounds' memories are kept: the last two, and every so often one from which a fork can begin."""

# a running round and a replay of the one before need these
LATEST = 2
STEP = 10
MOST_MARKS = 5


def step_of(rounds: int) -> int:
    """Distance of the rounds whose memories are kept for forks, after so many rounds: at most MOST_MARKS of them are kept."""
    step = STEP
    while rounds > step * MOST_MARKS:
        step *= 2
    return step


def is_kept(index: int, rounds: int) -> bool:
    """Whether the memory of round `index` is kept when `rounds` are done."""
    return index >= rounds - LATEST or index % step_of(rounds) == 0


def to_forget(rounds: int) -> list[int]:
    """Rounds whose memories are kept no longer now that `rounds` are done."""
    marks = range(0, rounds, step_of(rounds - 1)) if step_of(rounds) != step_of(rounds - 1) else ()
    return [index for index in {*marks, rounds - LATEST - 1} if index >= 0 and not is_kept(index, rounds)]
