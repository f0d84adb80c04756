"""Which rounds' memories are kept: the last two, and every so often one from which a fork can begin."""

# a running round needs the one before, and that one's replay the one before it
LATEST = 2
# a memory is a quarter of a megabyte an agent: a large population keeps fewer of them
STEP, MOST_MARKS, MOST_AGENTS = 10, 5, 5120


def step_of(rounds: int, population: int) -> int:
    """Distance of the rounds whose memories are kept for forks after so many rounds; 0 = none is."""
    marks, step = min(MOST_MARKS, MOST_AGENTS // population), STEP
    while marks and rounds > step * marks:
        step *= 2
    return step if marks else 0


def most_kept(population: int) -> int:
    """How many rounds' memories are there at most."""
    return LATEST + min(MOST_MARKS, MOST_AGENTS // population)


def is_kept(index: int, rounds: int, population: int) -> bool:
    """Whether the memory of round `index` is kept when `rounds` are done."""
    step = step_of(rounds, population)
    return index >= rounds - LATEST or (step > 0 and index % step == 0)


def to_forget(rounds: int, population: int) -> list[int]:
    """Rounds whose memories are kept no longer now that `rounds` are done, rising."""
    before, now = step_of(rounds - 1, population), step_of(rounds, population)
    marks = range(0, rounds, before) if before != now else ()
    ending = {*marks, rounds - LATEST - 1}
    return sorted(index for index in ending if index >= 0 and not is_kept(index, rounds, population))
