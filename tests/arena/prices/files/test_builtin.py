"""Built-in series: real, whole, without split jumps, and as their provenance says."""

import hashlib

import numpy as np
import pytest

from arena.prices.files.builtin import FOLDER, SERIES, load
from arena.prices.files.errors import FeedError
from arena.prices.market.calendar import gaps


@pytest.mark.parametrize("name", SERIES)
def test_a_built_in_series_loads_with_all_its_days(name):
    bars, notes = load(name)

    assert len(bars) == 3270
    assert bars.timeframe_ms == 86_400_000
    assert max(missing for _, _, missing in gaps(bars)) == 4
    assert any("weekends are not counted" in note for note in notes)


@pytest.mark.parametrize("name", SERIES)
def test_a_built_in_file_is_the_one_its_provenance_names(name):
    file = SERIES[name].file

    assert (
        hashlib.sha256((FOLDER / file).read_bytes()).hexdigest()
        in (FOLDER / "PROVENANCE.md").read_text()
    )
    assert "public domain" in SERIES[name].provenance


@pytest.mark.parametrize(
    ("name", "falls"), [("ibm_daily", []), ("msft_daily", []), ("aapl_daily", ["2000-09-29"])]
)
def test_no_price_jumps_by_a_split(name, falls):
    bars, _ = load(name)

    jumps = np.flatnonzero(np.abs(np.diff(np.log(bars.close))) > 0.35) + 1

    assert [str(np.datetime64(int(bars.time[i]), "ms"))[:10] for i in jumps] == falls


def test_prices_before_the_splits_are_divided_by_both_factors():
    bars, _ = load("aapl_daily")

    # as traded on 2000-03-01: open 118.56, volume 9,616,100; two splits of 2 for 1 followed
    assert bars.open[0] == 118.56 / 4
    assert bars.volume[0] == 9_616_100 * 4


def test_an_unknown_series_is_refused_with_the_known_names():
    with pytest.raises(FeedError, match="ibm_daily"):
        load("moon")
