"""Whole small experiments on noise and on a planted edge, judged as any: what the evidence says of
them, costs left aside.
"""

import numpy as np
import pytest

from arena.engine import whole
from arena.engine.judging.champion import champion_slot, record_of
from arena.engine.judging.evaluate import baseline_runs, runs
from arena.engine.judging.evidence.bootstrap import interval_of_return
from arena.engine.judging.evidence.deflated import CONFIDENCE
from arena.engine.judging.evidence.overfitting import overfitting, slice_sums
from arena.engine.judging.evidence.verdict import doubts
from arena.engine.play import play
from arena.engine.results import FIGURES
from arena.engine.schedule import bars_needed, vault
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import parse
from tests.arena.engine.small import NO_COSTS

NUMBER, RETURN, SHARPE = (FIGURES.index(name) for name in ("number", "return", "sharpe"))
PLAYED = {
    "population": 8,
    "rounds": 4,
    "round_bars": 96,
    "network": {"hidden": [8]},
    "evaluation": {"vault": 0.4},
}
LEARNT = {"replay": 512, "batch": 16, "epsilon_bars": 300}


def judged(seed, kind, monkeypatch):
    """(PSR, DSR, PBO, whether an edge is shown) of one experiment; everything is asked but null
    worlds.
    """
    settings = parse({**PLAYED, "seed": seed, "learning": LEARNT, "costs": NO_COSTS})
    rng = np.random.default_rng(seed)
    bars = simulate(
        kind, bars_needed(settings), rng, drift=0.0, volatility=0.005, period=64, amplitude=0.0
    )
    market, world, rows = MarketView.of([bars]), whole.begin(settings, 1), []

    def watched(*arguments):
        result = play(*arguments)
        rows.extend(result.figures)
        return result

    monkeypatch.setattr(whole, "play", watched)
    while not whole.ended(world, settings):
        whole.advance(world, market, settings)
    return _asked(world, market, settings, np.array(rows), rng)


def _asked(world, market, settings, rows, rng):
    agents, slot, stretch = (
        world.block.agents,
        champion_slot(world.block.agents),
        vault(len(market), settings),
    )
    lives = [rows[rows[:, NUMBER] == number] for number in np.unique(rows[:, NUMBER])]
    kept = [life[np.isfinite(life[:, SHARPE])] for life in lives]
    kept = [life for life in kept if len(life)]
    sharpes, lengths = (
        np.array([life[:, SHARPE].mean() for life in kept]),
        np.array([len(life) * 95 for life in kept]),
    )
    returns = rows[rows[:, NUMBER] == agents["number"][slot], RETURN]
    record = record_of(agents[slot], returns, len(lives), sharpes, lengths, 8760.0)
    alive = np.flatnonzero(agents["state"] == 0)
    found = dict(
        zip(
            alive.tolist(),
            runs(world.block.online[alive], agents[alive], market, stretch, settings),
            strict=True,
        )
    )
    rules, own = baseline_runs(market, stretch, settings, -1), found[slot]
    ends = {
        "return_low": interval_of_return(own.returns, rng).low,
        "against_hold_low": interval_of_return(own.returns, rng, rules["buy_and_hold"].returns).low,
    }
    left = doubts(
        record | {"reused": 0},
        own.figures() | ends,
        {name: run.figures() for name, run in rules.items()},
        None,
    )
    pbo = overfitting(np.stack([slice_sums(run.returns, 10) for run in found.values()]))
    return record["psr"], record["dsr"] or 0.0, pbo, not left


@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.matrix)])
@pytest.mark.statistic
@pytest.mark.slow
def test_noise_shows_no_edge_and_no_significant_champion_and_overfitting_near_one_half(
    count, monkeypatch
):
    psr, dsr, pbo, edge = np.array(
        [judged(seed, "gbm", monkeypatch) for seed in range(count)], float
    ).T

    assert np.mean(dsr >= CONFIDENCE) <= 0.05
    assert np.mean(edge) <= 0.05
    assert np.mean(pbo) == pytest.approx(0.5, abs=0.1)
    # what would have been claimed if only the champion had been counted
    assert np.mean(psr >= CONFIDENCE) > np.mean(dsr >= CONFIDENCE)


@pytest.mark.statistic
@pytest.mark.slow
def test_a_planted_edge_is_found_more_often_than_noise_is_mistaken_for_one(
    monkeypatch, record_property
):
    _, dsr, pbo, edge = np.array(
        [judged(seed, "planted", monkeypatch) for seed in range(25)], float
    ).T

    record_property("significant champions", float(np.mean(dsr >= CONFIDENCE)))
    record_property("edges shown", float(np.mean(edge)))
    assert np.mean(dsr >= CONFIDENCE) > 0.1
    assert np.mean(edge) > 0.1
    assert np.mean(pbo) < 0.35
