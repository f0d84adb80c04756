"""What fits a series: each way is followed, and leads to a round that can be played."""

from hypothesis import assume, given
from hypothesis import strategies as st

from arena.engine.fitting import longest_round, most_fresh, ways_to_fit
from arena.engine.schedule import plan, rounds_without_reuse
from arena.settings_schema import SHORTEST_ROUND, Settings, parse

lengths = st.integers(0, 4000)


def chosen(round_bars, share, embargo, rounds=1) -> Settings:
    return parse(
        {
            "round_bars": round_bars,
            "rounds": rounds,
            "evaluation": {"vault": share, "embargo": embargo},
        }
    )


def followed(settings: Settings, changes: dict[str, float]) -> Settings:
    """The settings with the changes made, through the schema that a person's go through."""
    raw = settings.model_dump(mode="json")
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        (raw[section] if section else raw)[name] = value
    return parse(raw)


all_settings = st.builds(
    chosen, st.integers(32, 3000), st.floats(0, 0.8), st.integers(0, 2000), st.integers(1, 200)
)


@given(lengths, all_settings)
def test_every_remedy_that_is_named_leads_to_a_round_that_can_be_played(bars, settings):
    assume(rounds_without_reuse(bars, settings) < 1)

    for changes in ways_to_fit(bars, settings):
        assert not plan(bars, followed(settings, changes), 0).reused


@given(st.integers(208, 4000), all_settings)
def test_a_series_that_any_settings_fit_is_never_sent_away(bars, settings):
    # 144 bars of warm-up and two windows of 32
    assert ways_to_fit(bars, settings)


@given(lengths, all_settings)
def test_the_longest_round_keeps_all_fresh_and_one_bar_more_does_not(bars, settings):
    longest = longest_round(bars, settings, settings.rounds)

    fits = [
        length
        for length in range(SHORTEST_ROUND, 1200)
        if _fresh(bars, settings, length) >= settings.rounds
    ]
    assert (
        longest == (max(fits) if longest is None or longest < 1200 else longest)
        if fits
        else longest is None or longest >= 1200
    )


def _fresh(bars, settings, length):
    return rounds_without_reuse(bars, settings.model_copy(update={"round_bars": length}))


@given(lengths, all_settings)
def test_most_rounds_are_fresh_where_each_is_shortest(bars, settings):
    assert most_fresh(bars, settings) == max(
        _fresh(bars, settings, length) for length in (32, 33, 40, 64, 512)
    )
