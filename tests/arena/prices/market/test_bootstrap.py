"""Resampled markets: bars of the real one in blocks, with its facts and none of its history."""

import numpy as np
import pytest

from arena.prices.files import builtin
from arena.prices.market.bars import Bars
from arena.prices.market.bootstrap import METHODS, BootstrapError, moving, resampled, stationary
from arena.prices.market.simulators import simulate
from tests.arena.prices.market.facts import clustering, excess_kurtosis


@pytest.fixture(scope="module")
def real():
    return builtin.load("ibm_daily")[0]


def shapes(bars):
    """(open, high, low, close) over the close before, and volume; float64 [n - 1, 5]."""
    prices = [
        getattr(bars, name)[1:] / bars.close[:-1] for name in ("open", "high", "low", "close")
    ]
    return np.column_stack([*prices, bars.volume[1:]])


def places_of(copy, real):
    """Which bar of the real series each bar of the copy is, by its shape and volume; -1 where it is
    none.
    """
    known = {tuple(np.round(row, 9)): i for i, row in enumerate(shapes(real))}
    return np.array([known.get(tuple(np.round(row, 9)), -1) for row in shapes(copy)])


@pytest.mark.parametrize("method", METHODS)
def test_every_bar_is_one_of_the_real_ones_with_its_shape_and_volume(method, real):
    [copy] = resampled([real], 5000, method, 32, np.random.default_rng(1))

    places = places_of(copy, real)

    assert len(copy) == 5000
    assert (places >= 0).all()
    assert len(np.unique(places)) > 2000


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(method, real):
    first, same, other = (
        resampled([real], 3000, method, 32, np.random.default_rng(seed))[0].sha256()
        for seed in (1, 1, 2)
    )

    assert first == same != other


def test_moving_blocks_have_exactly_their_length_and_any_start():
    places = moving(500, 400_000, 20, np.random.default_rng(3)).reshape(-1, 20)

    assert (np.diff(places, axis=1) == 1).all()
    assert set(places[:, 0]) == set(range(481))


def test_stationary_blocks_are_geometric_and_go_round_the_end():
    places = stationary(500, 400_000, 20, np.random.default_rng(3))
    goes_on = np.diff(places) % 500 == 1

    assert 1 - goes_on.mean() == pytest.approx(1 / 20, rel=0.05)
    assert (np.diff(places) == -499).any()
    # every bar as often as any other, the first and the last too
    assert np.bincount(places, minlength=500) == pytest.approx(np.full(500, 800), rel=0.5)
    # whether a block goes on has nothing to do with how long it has lasted
    lengths = np.diff(np.flatnonzero(~goes_on))
    assert lengths.std() == pytest.approx(np.sqrt(1 - 1 / 20) * 20, rel=0.05)


def test_stationary_places_equal_the_recipe_of_the_paper_written_out():
    places = stationary(50, 400, 5, np.random.default_rng(4))

    rng = np.random.default_rng(4)
    fresh, starts, slow = rng.random(400) < 1 / 5, rng.integers(50, size=400), []
    for t in range(400):
        slow.append(int(starts[t]) if t == 0 or fresh[t] else (slow[-1] + 1) % 50)
    assert places.tolist() == slow


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_blocks_keep_fat_tails_and_clusters_and_single_bars_only_the_tails(method, seed):
    source = simulate(
        "jumps", 8000, np.random.default_rng(seed), drift=0.0, volatility=0.002, swan_rate=0.0
    )
    by_block = {
        block: resampled([source], 20_000, method, block, np.random.default_rng(seed))[0]
        for block in (1, 128)
    }

    returns = {block: np.diff(np.log(bars.close)) for block, bars in by_block.items()}

    assert all(excess_kurtosis(values) > 2.0 for values in returns.values())
    assert clustering(returns[128], 5) > 0.1
    assert abs(clustering(returns[1], 5)) < 0.04


def test_the_copy_begins_where_the_series_began_and_has_no_gaps(real):
    [copy] = resampled([real], 700, "stationary", 32, np.random.default_rng(1))

    assert copy.time[0] == real.time[0]
    assert (np.diff(copy.time) == real.timeframe_ms).all()
    assert copy.close[0] / real.close[0] in real.close[1:] / real.close[:-1]


def test_a_price_that_never_moves_stays_where_it_is():
    same = np.full(100, 5.0)
    flat = Bars(3_600_000 * np.arange(100), same, same, same, same, np.zeros(100), 3_600_000)

    [copy] = resampled([flat], 300, "moving", 10, np.random.default_rng(1))

    np.testing.assert_allclose(copy.close, 5.0)
    assert not copy.volume.any()


def test_a_series_shorter_than_two_blocks_is_refused_with_the_remedy(real):
    with pytest.raises(BootstrapError, match="choose blocks of 1,634 or fewer"):
        resampled([real], 1000, "moving", 2000, np.random.default_rng(1))

    resampled([real], 1000, "moving", 1634, np.random.default_rng(1))


def test_prices_that_leave_the_range_of_numbers_are_refused(real):
    rising = simulate("trend_up", 500, np.random.default_rng(1), drift=5.0, volatility=0.001)

    with pytest.raises(BootstrapError, match="range of numbers"):
        resampled([rising], 150_000, "moving", 32, np.random.default_rng(1))
