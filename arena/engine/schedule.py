"""Which bars are practised on, competed on, and never touched.

The rules: docs/RULES.md#rounds and #vault.
"""

from arena.engine.results import RoundPlan
from arena.prices.market.features import WARMUP
from arena.settings_schema import Settings
from ml.rng import Purpose, stream


def vault(bars: int, settings: Settings) -> tuple[int, int]:
    """The stretch at the end that no round touches; empty where the vault's share is 0."""
    return bars - int(bars * settings.evaluation.vault), bars


def competition_range(bars: int, settings: Settings) -> tuple[int, int]:
    """From the first bar that has a whole practice window and an embargo before it, to an embargo
    before the vault.
    """
    start = WARMUP + settings.round_bars + settings.evaluation.embargo
    end, _ = vault(bars, settings)
    return start, end - (settings.evaluation.embargo if end < bars else 0)


def rounds_without_reuse(bars: int, settings: Settings) -> int:
    """Competition windows that fit into the series."""
    start, stop = competition_range(bars, settings)
    return max((stop - start) // settings.round_bars, 0)


def bars_needed(settings: Settings) -> int:
    """Length of a series on which no round has to be reused."""
    start = WARMUP + settings.round_bars + 2 * settings.evaluation.embargo
    return (
        int((start + settings.rounds * settings.round_bars) / (1.0 - settings.evaluation.vault)) + 2
    )


def shortest(settings: Settings) -> int:
    """The fewest bars on which a single round can be played."""
    return (
        int(
            (WARMUP + 2 * settings.round_bars + 2 * settings.evaluation.embargo)
            / (1.0 - settings.evaluation.vault)
        )
        + 2
    )


def lately(round_plan: RoundPlan, bars: int, settings: Settings) -> tuple[tuple[int, int], ...]:
    """The windows on which fitness compares all agents after a round, its own first."""
    (start, stop), first = round_plan.competition, competition_range(bars, settings)[0]
    length, most = stop - start, min(settings.evolution.race, round_plan.index + 1)
    shifts = (k * length for k in range(most))
    return tuple(
        (start - shift, stop - shift) for shift in shifts if shift == 0 or start - shift >= first
    )


def plan(bars: int, settings: Settings, index: int) -> RoundPlan:
    """Round `index` on a series of `bars`: windows follow one another and start again from the
    beginning, then marked reused.
    """
    fitting = rounds_without_reuse(bars, settings)
    if fitting < 1:
        raise ValueError(
            f"{bars} bars are too few for a round of {settings.round_bars}: {shortest(settings)}"
            " are needed"
        )
    length = settings.round_bars
    start = competition_range(bars, settings)[0] + (index % fitting) * length
    latest = start - settings.evaluation.embargo - length
    rng = stream(settings.seed, Purpose.PRACTICE_WINDOWS, index)
    starts = rng.integers(WARMUP, latest + 1, settings.learning.episodes)
    practice = tuple((int(s), int(s) + length) for s in starts)
    return RoundPlan(index, (start, start + length), practice, reused=index >= fitting)
