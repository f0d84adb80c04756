"""The audit accepts every fill the engine makes, whatever it costs, and names what a trade could
not have got or paid.
"""

import numpy as np
import pytest

from arena.engine.play import play
from arena.engine.results import TRADE_REASONS, RoundPlan
from arena.prices.market.view import MarketView
from arena.services.audit.fills import Fills
from tests.arena.engine.small import born, small_bars, small_settings

SERIES = [small_bars(seed, volatility=0.04) for seed in (1, 2, 3)]
COSTS = {"maker_fee": 0.0004, "impact": 0.02, "funding": 0.0003, "borrow": 0.0002}
LIFE = {"direction": "long_short", "max_leverage": 8.0, "stop_loss": 0.05, "take_profit": 0.06}


def fills(life=LIFE, costs=COSTS, symbols=1):
    """What restless agents traded in one window."""
    settings = small_settings(
        12, life=life, costs=costs, learning={"epsilon_compete": 0.4, "episodes": 0}
    )
    block, series = born(settings, symbols=symbols), SERIES[:symbols]
    trades = play(
        block, MarketView.of(series), RoundPlan(0, (200, 400), (), False), settings
    ).trades
    multiplier = dict(
        zip(block.agents["number"].tolist(), block.agents["cost_multiplier"].tolist(), strict=True)
    )
    return Fills(
        trades,
        series,
        settings,
        np.array([multiplier[number] for number in trades["agent"].tolist()]),
    )


def named(audited):
    return {text for text, rows in audited.problems().items() if rows.any()}


@pytest.mark.parametrize(
    "life",
    [{}, {"direction": "long_short", "max_leverage": 8.0}, LIFE],
    ids=["long", "leveraged", "guarded"],
)
@pytest.mark.parametrize(
    "costs",
    [{}, {"fee": 0.0, "half_spread": 0.0, "slippage": 0.0}, COSTS],
    ids=["default", "free", "high"],
)
@pytest.mark.parametrize("symbols", [1, 3])
def test_what_the_engine_traded_could_be_traded_so(life, costs, symbols):
    audited = fills(life, costs, symbols)

    assert len(audited.t) > 50
    assert named(audited) == set()


def test_these_trades_closed_for_every_reason_but_a_signal():
    reasons = {
        TRADE_REASONS[code]
        for sections in (LIFE, LIFE | {"stop_loss": 0.0})
        for code in fills(sections).t["reason"]
    }

    assert reasons == set(TRADE_REASONS) - {"signal"}


@pytest.mark.parametrize(
    ("column", "factor", "words"),
    [
        ("entry_price", 1.5, "entry price does not fit"),
        ("exit_price", 0.5, "exit price does not fit"),
        ("fee", 0.9, "fee does not fit"),
        ("spread_cost", 0.5, "spread cost does not fit"),
        ("slippage_cost", 0.9, "slippage cost does not fit"),
        ("funding", 1.01, "funding does not fit"),
        ("borrow", 0.99, "borrowing does not fit"),
    ],
)
def test_a_figure_that_does_not_fit_is_named(column, factor, words):
    audited = fills()
    row = np.argmax(audited.t["borrow"])
    audited.t[column][row] *= factor

    wrong = audited.problems()

    assert [rows[row] for text, rows in wrong.items() if words in text] == [True]
    assert {text for text, rows in wrong.items() if np.delete(rows, row).any()} == set()


@pytest.mark.parametrize("reason", ["stop_loss", "take_profit"])
def test_a_level_that_the_bar_does_not_reach_is_named(reason):
    audited = fills()
    audited.t["reason"][audited.t["reason"] == TRADE_REASONS.index("reversal")] = (
        TRADE_REASONS.index(reason)
    )

    assert "its bar does not reach the price that closed it" in named(audited)
