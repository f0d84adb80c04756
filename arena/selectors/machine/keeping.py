"""Which rounds' files are kept.

Of a small run the weights of every round, and the memories of the last two and of every so often
one from which a fork can begin. Of a large one every k-th round whole, and the last two: what an
agent was in between is played again from there (`selectors.agents.again`).
"""

from django.conf import settings as site

# a running round needs the one before, and that one's replay the one before it
LATEST = 2
# a memory is a quarter of a megabyte an agent: a large population keeps fewer of them
STEP, MOST_MARKS, MOST_AGENTS = 10, 5, 5120
# agents x rounds whose weights are all kept: about 256 MB of the default network's
SMALL = 8_500
# of an agent a whole round is a third of a megabyte, and playing a round again takes a hundredth of
# a second
KEEP_EVERY = 110


def keep_every(*, population: int, rounds: int) -> int:
    """Distance of the rounds that a run of so many agents and rounds keeps whole; 1: weights of all
    are kept.
    """
    return site.KEEP_EVERY or (1 if population * rounds <= SMALL else KEEP_EVERY)


def is_whole(index: int, rounds: int, every: int, forked_after: int | None = None) -> bool:
    """Whether the weights of round `index` are kept, with its memories where every > 1, when
    `rounds` are done.

    Of what a fork shares, the rounds before the last are another's, who keeps the marks alone.
    """
    return index % every == every - 1 or index >= max(rounds - LATEST, forked_after or 0)


def step_of(rounds: int, population: int) -> int:
    """Distance of the rounds whose memories are kept for forks after so many rounds; 0 = none
    is.
    """
    marks, step = min(MOST_MARKS, MOST_AGENTS // population), STEP
    while marks and rounds > step * marks:
        step *= 2
    return step if marks else 0


def most_kept(population: int, rounds: int) -> tuple[int, int]:
    """How many rounds' weights, and how many rounds' memories, are there at most."""
    every = keep_every(population=population, rounds=rounds)
    if every > 1:
        whole = LATEST + rounds // every
        return whole, whole
    return rounds, LATEST + min(MOST_MARKS, MOST_AGENTS // population)


def is_kept(index: int, rounds: int, population: int, every: int = 1) -> bool:
    """Whether the memory of round `index` is kept when `rounds` are done."""
    if every > 1:
        return is_whole(index, rounds, every)
    step = step_of(rounds, population)
    return index >= rounds - LATEST or (step > 0 and index % step == 0)


def to_forget(rounds: int, population: int, every: int = 1) -> list[int]:
    """Rounds whose memories, and where every > 1 weights, are kept no longer now that `rounds` are
    done, rising.
    """
    before, now = step_of(rounds - 1, population), step_of(rounds, population)
    marks = range(0, rounds, before) if before != now and every == 1 else ()
    ending = {*marks, rounds - LATEST - 1}
    return sorted(
        index for index in ending if index >= 0 and not is_kept(index, rounds, population, every)
    )
