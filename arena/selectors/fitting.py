"""Whether a series has room for the rounds asked of it, in words, with a remedy that works."""

from arena.engine import fitting, schedule
from arena.prices.market.features import HORIZON
from arena.selectors.words import plural
from arena.settings_schema import Settings

# a remedy beside its price
PRICES = {
    "evaluation.vault": "less is kept back to judge by",
    "evaluation.embargo": f"one feature horizon is {HORIZON} bars",
}


def refusal(*, bars: int, settings: Settings) -> str:
    """Why not even one round fits a series of `bars`, and what to do; "" where one does."""
    if schedule.rounds_without_reuse(bars, settings) >= 1:
        return ""
    needed = (
        f"the series has {bars:,} bars, a single round of {settings.round_bars:,} needs"
        f" {schedule.shortest(settings):,}"
    )
    ways = [_way(changes) for changes in fitting.ways_to_fit(bars, settings)]
    least = schedule.shortest(fitting.shortened(settings))
    return f"{needed}; {', or '.join(ways) if ways else f'bring one of {least:,} bars or more'}"


def reuse_words(*, bars: int, settings: Settings) -> str:
    """From which round on a series is used again, and which length keeps all rounds fresh.

    "" where all are fresh.
    """
    return " ".join(reuse(bars=bars, settings=settings)).strip()


def reuse(*, bars: int, settings: Settings) -> tuple[str, str]:
    """The two sentences of `reuse_words`."""
    fresh, asked = schedule.rounds_without_reuse(bars, settings), settings.rounds
    if fresh >= asked or fresh < 1:
        return "", ""
    later = (
        f"rounds {fresh:,} to {asked - 1:,} run" if asked - fresh > 1 else f"round {fresh:,} runs"
    )
    shortage = (
        f"{bars:,} bars hold {plural(fresh, 'fresh round')} of {settings.round_bars:,}: {later} on"
        " bars used before, and in sample."
    )
    longest = fitting.longest_round(bars, settings, asked)
    if longest is not None:
        return shortage, f"With rounds of {plural(longest, 'bar')} all {asked:,} are fresh."
    short = fitting.shortened(settings)
    most, enough = fitting.most_fresh(bars, settings), schedule.bars_needed(short)
    return (
        shortage,
        (
            f"At most {most:,} can be fresh here, of {short.round_bars} bars each; for all"
            f" {asked:,} it takes {enough:,} bars."
        ),
    )


def room_words(*, bars: int, settings: Settings) -> str:
    """What a form says of a series without room for a round, or for all of them; else ""."""
    words = refusal(bars=bars, settings=settings)
    return f"{words[0].upper()}{words[1:]}." if words else reuse_words(bars=bars, settings=settings)


def _way(changes: fitting.Changes) -> str:
    named = " and ".join(f"{key} to {value:g}" for key, value in changes.items())
    prices = [PRICES[key] for key in changes if key in PRICES]
    return f"set {named} or less" + (f" ({'; '.join(prices)})" if prices else "")
