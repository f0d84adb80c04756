"""Which settings fit a series: how long rounds may be, and what makes a first round fit."""

from math import floor

from arena.engine.schedule import competition_range, rounds_without_reuse, vault
from arena.prices.market.features import WARMUP
from arena.settings_schema import LONGEST_ROUND, SHORTEST_ROUND, Settings

Changes = dict[str, float]


def longest_round(bars: int, settings: Settings, rounds: int) -> int | None:
    """The most bars a round may have so that `rounds` of them are fresh on a series of `bars`.

    None where even the shortest rounds are too many.
    """
    _, stop = competition_range(bars, settings)
    # the windows, and one before the first to practise on
    most = min((stop - WARMUP - settings.evaluation.embargo) // (rounds + 1), LONGEST_ROUND)
    return most if most >= SHORTEST_ROUND else None


def shortened(settings: Settings) -> Settings:
    """The same with the shortest rounds there are."""
    return settings.model_copy(update={"round_bars": SHORTEST_ROUND})


def most_fresh(bars: int, settings: Settings) -> int:
    """How many rounds are fresh where each is as short as can be."""
    return rounds_without_reuse(bars, shortened(settings))


def ways_to_fit(bars: int, settings: Settings) -> list[Changes]:
    """Changes of settings, {dotted key: largest value}, each of which lets a round be played.

    What costs least comes first; [] where nothing helps but a longer series.
    """
    longest = longest_round(bars, settings, 1)
    if longest is not None:
        return [{"round_bars": longest}]
    single = {
        "evaluation.vault": _largest_vault(bars, settings),
        "evaluation.embargo": _largest_embargo(bars, settings),
    }
    ways: list[Changes] = [
        {"round_bars": SHORTEST_ROUND, key: value}
        for key, value in single.items()
        if value is not None
    ]
    spare = bars - WARMUP - 2 * SHORTEST_ROUND
    both = {"round_bars": SHORTEST_ROUND, "evaluation.vault": 0.0, "evaluation.embargo": spare}
    return ways or ([both] if spare >= 0 else [])


def _largest_vault(bars: int, settings: Settings) -> float | None:
    """In whole hundredths, with the shortest rounds; no vault needs no embargo before it."""
    practised = WARMUP + 2 * SHORTEST_ROUND + settings.evaluation.embargo
    share = (
        floor(100 * (bars - practised - settings.evaluation.embargo) / bars) / 100 if bars else -1.0
    )
    if share > 0:
        return share
    return 0.0 if bars >= practised else None


def _largest_embargo(bars: int, settings: Settings) -> int | None:
    """With the shortest rounds."""
    end, _ = vault(bars, settings)
    most = (end - WARMUP - 2 * SHORTEST_ROUND) // (2 if end < bars else 1)
    return most if most >= 0 else None
