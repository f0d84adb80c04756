"""P5: two processes beside one, the whole path (queue, database, checkpoints, live frames) beside
the bare engine, watched or not.
"""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crew import CORES, Crew
from benchmarks.live.site import Site
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import QUICK

UNIT = "agent-steps/s"
# agents: rounds of them in one measurement
SIZES = {128: 1} if QUICK else {256: 3, 1024: 2}
OF_TWO, OF_WHOLE, OF_WATCHED = 1.9, 0.8, 0.95


def measure() -> list[Result]:
    """Processes first, then the site."""
    return [*processes(), *whole_path()]


def processes() -> list[Result]:
    """The same blocks a process, one and two at a time."""
    with ExitStack() as stack:
        crew = Crew(stack, 64 * 2 if QUICK else 64 * 4, 2)
        one, two = "bare engine, 1 process", "bare engine, 2 processes"
        rates = interleaved({one: lambda: crew.rate(1, 1), two: lambda: crew.rate(1, 2)}, UNIT)
    goal = Goal("P5", OF_TWO, ">=")
    return [
        result(two, rates[two], UNIT, peer=one, against=rates[one], threads=2, goal=goal),
        result(one, rates[one], UNIT),
    ]


def whole_path() -> list[Result]:
    """For each size: the bare engine in as many processes as the site has workers, the site, and
    the site with a viewer.
    """
    results = []
    with ExitStack() as stack:
        site = Site(stack, Path(stack.enter_context(TemporaryDirectory())))
        for agents, rounds in SIZES.items():
            with ExitStack() as inner:
                results += beside(Crew(inner, agents, CORES), site, agents, rounds)
    return results


def beside(crew: Crew, site: Site, agents: int, rounds: int) -> list[Result]:
    """Interleaved, each with newborns."""
    bare, off, on = (
        f"{what}, {agents:,} agents"
        for what in ("bare engine", "whole path, unwatched", "whole path, watched")
    )
    systems = {
        bare: lambda: crew.rate(rounds),
        off: lambda: site.rate(agents, rounds, watched=False),
        on: lambda: site.rate(agents, rounds, watched=True),
    }
    rates = interleaved(systems, UNIT)
    return [
        result(
            on,
            rates[on],
            UNIT,
            peer=bare,
            against=rates[bare],
            threads=CORES,
            goal=Goal("P5", OF_WHOLE, ">="),
        ),
        result(
            on,
            rates[on],
            UNIT,
            peer=off,
            against=rates[off],
            threads=CORES,
            goal=Goal("P5", OF_WATCHED, ">="),
        ),
        *(result(name, rates[name], UNIT, threads=CORES) for name in (bare, off)),
    ]
