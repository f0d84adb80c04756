"""The ledger that peers keep is the engine's: the same actions leave the same money, rewards and
private inputs.
"""

import numpy as np
import pytest

from arena.engine.judging.evaluate import begin, carry_out, look
from arena.engine.play import account_of, costs_of, records, rules_of
from arena.engine.results import SCAR, TRADE
from arena.engine.trading.contexts import Station
from arena.engine.trading.windows import WINDOW as SUMS
from benchmarks import ledger
from benchmarks.work import LAYERS, market, settings_of
from ml.networks.base import INPUTS, PUBLIC

FIRST, BARS = 300, 200


def test_money_rewards_and_observations_are_those_of_the_engine():
    prices, settings = market(), settings_of(LAYERS["L=1"], 2)
    opens, closes = prices.prices.open[0], prices.prices.close[0]
    accounts, sums, book = account_of(1), records(np.zeros(1, SUMS)), records(np.zeros(BARS, TRADE))
    station = Station(
        accounts, rules_of(settings), costs_of(settings), sums, book, records(np.zeros(0, SCAR))
    )
    account, positions = accounts.account, accounts.positions
    x = np.zeros(INPUTS, np.float32)
    begin(accounts, settings.life.endowment)
    theirs = ledger.fresh(np.full(1, settings.life.endowment))

    for t, action in enumerate(np.random.default_rng(3).integers(0, 3, BARS), FIRST):
        look(accounts, 0, prices.seen, t, x)
        private = ledger.private_inputs(np, theirs, closes[t])
        before = account["equity"][0]
        positions["choice"] = action
        carry_out(station, t, prices.prices, 1.0, settings.life.endowment, False)
        theirs, reward = ledger.step(
            np, theirs, np.array([action]), opens[t + 1], closes[t + 1], settings.costs
        )

        assert private[0] == pytest.approx(x[PUBLIC:], abs=1e-6)
        assert theirs.equity[0] == pytest.approx(account["equity"][0], rel=1e-12)
        assert reward[0] == pytest.approx(100.0 * np.log(account["equity"][0] / before), abs=1e-9)
