"""Which bars a round uses, for all sizes: nothing is practised on that is not well before the
competition.
"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arena.engine.schedule import (
    bars_needed,
    competition_range,
    lately,
    plan,
    rounds_without_reuse,
    shortest,
    vault,
)
from arena.prices.market.features import HORIZON, WARMUP
from arena.settings_schema import Settings, parse


def settings(*, rounds=20, round_bars=512, share=0.2, embargo=80, episodes=2, seed=1) -> Settings:
    return parse(
        {
            "rounds": rounds,
            "round_bars": round_bars,
            "seed": seed,
            "learning": {"episodes": episodes},
            "evaluation": {"vault": share, "embargo": embargo},
        }
    )


def any_settings():
    return st.builds(
        settings,
        rounds=st.integers(1, 60),
        round_bars=st.integers(32, 600),
        share=st.floats(0, 0.8),
        embargo=st.integers(0, 300),
        episodes=st.integers(0, 6),
        seed=st.integers(0, 99),
    )


@given(any_settings(), st.integers(0, 40_000), st.integers(0, 200))
def test_windows_never_touch_the_vault_the_warmup_or_the_bars_they_are_judged_on(
    chosen, bars, index
):
    assume(rounds_without_reuse(bars, chosen) >= 1)
    embargo, length = chosen.evaluation.embargo, chosen.round_bars

    found = plan(bars, chosen, index)

    start, stop = found.competition
    assert stop - start == length
    assert len(found.practice) == chosen.learning.episodes
    for first, last in found.practice:
        assert last - first == length
        assert first >= WARMUP
        # the bars first .. last - 1 are practised on; then come at least `embargo` empty ones
        assert last + embargo <= start
    hidden = vault(bars, chosen)
    assert stop <= hidden[0]
    if hidden[0] < hidden[1]:
        assert stop + embargo <= hidden[0]


@given(any_settings(), st.integers(0, 40_000))
def test_competition_windows_follow_one_another_then_start_again_and_say_so(chosen, bars):
    fitting = rounds_without_reuse(bars, chosen)
    assume(fitting >= 1)

    plans = [plan(bars, chosen, index) for index in range(fitting + 3)]

    for one, two in zip(plans[: fitting - 1], plans[1:fitting], strict=False):
        assert two.competition[0] == one.competition[1]
    assert [p.reused for p in plans] == [False] * fitting + [True] * 3
    for again in range(fitting, fitting + 3):
        assert plans[again].competition == plans[again % fitting].competition
    # another window would not fit
    assert (
        plans[fitting - 1].competition[1] + chosen.round_bars > competition_range(bars, chosen)[1]
    )


@given(any_settings())
def test_the_bars_needed_are_enough_and_hardly_more(chosen):
    enough = bars_needed(chosen)

    assert rounds_without_reuse(enough, chosen) >= chosen.rounds
    less = (
        enough
        - int((chosen.evaluation.embargo + chosen.round_bars + 5) / (1 - chosen.evaluation.vault))
        - 5
    )
    assert rounds_without_reuse(max(less, 0), chosen) < chosen.rounds


@given(any_settings())
def test_the_shortest_series_allows_one_round(chosen):
    assert not plan(shortest(chosen), chosen, 0).reused


@given(st.floats(0, 0.8), st.integers(1, 100_000))
def test_the_vault_is_the_last_share_of_the_series(share, bars):
    start, stop = vault(bars, settings(share=share))

    assert stop == bars
    assert bars * share - 1 < stop - start <= bars * share + 1e-6


def test_a_series_too_short_for_a_single_round_is_refused_with_the_length_it_needs():
    chosen = settings()

    with pytest.raises(ValueError, match=f"500 bars are too few.*{shortest(chosen)} are needed"):
        plan(500, chosen, 0)


def test_the_practice_windows_of_a_round_are_addressed_by_seed_and_round():
    chosen, bars = settings(), 20_000

    assert plan(bars, chosen, 5) == plan(bars, chosen, 5)
    assert plan(bars, chosen, 5).practice != plan(bars, settings(seed=2), 5).practice
    assert plan(bars, chosen, 5).practice != plan(bars, chosen, 6).practice


def test_practice_reaches_back_to_the_warmup_and_up_to_the_embargo():
    chosen = settings(round_bars=32, episodes=50, embargo=80)
    start = plan(2000, chosen, 0).competition[0]
    assert start == WARMUP + 32 + 80

    # in round 0 there is one place only; later ones spread over all that came before
    assert set(plan(2000, chosen, 0).practice) == {(WARMUP, WARMUP + 32)}
    late = plan(2000, chosen, 20)
    firsts = sorted(window[0] for window in late.practice)
    assert firsts[0] < WARMUP + 100
    assert firsts[-1] > late.competition[0] - 80 - 32 - 100


def test_the_embargo_defaults_to_one_feature_horizon():
    assert Settings().evaluation.embargo == HORIZON


@given(any_settings(), st.integers(0, 40_000), st.integers(0, 200))
def test_a_race_is_run_on_windows_that_were_competed_on_and_no_other_bars(chosen, bars, index):
    assume(rounds_without_reuse(bars, chosen) >= 1)
    competed = {plan(bars, chosen, each).competition for each in range(index + 1)}

    found = lately(plan(bars, chosen, index), bars, chosen)

    assert found[0] == plan(bars, chosen, index).competition
    assert set(found) <= competed
    assert len(set(found)) == len(found) <= chosen.evolution.race
    if index < rounds_without_reuse(bars, chosen):
        assert len(found) == min(index + 1, chosen.evolution.race)
