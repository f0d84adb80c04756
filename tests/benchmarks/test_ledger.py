"""The ledger that peers keep is the engine's: the same actions leave the same money, rewards and private inputs."""

import numpy as np
import pytest

from arena.engine.judging.evaluate import begin, carry_out, look
from arena.engine.play import account_of, costs_of, records, rules_of
from arena.engine.results import TRADE
from arena.engine.windows import WINDOW as SUMS
from benchmarks import ledger
from benchmarks.work import LAYERS, market, settings_of
from ml.networks.base import INPUTS, PUBLIC

FIRST, BARS = 300, 200


def test_money_rewards_and_observations_are_those_of_the_engine():
    prices, settings = market(), settings_of(LAYERS["L=1"], 2)
    opens, _, _, closes = prices.bars_of(0)[:4]
    accounts, sums, book = account_of(1), records(np.zeros(1, SUMS)), records(np.zeros(BARS, TRADE))
    (account, positions), (rules, costs) = accounts, (rules_of(settings), costs_of(settings))
    x = np.zeros(INPUTS, np.float32)
    begin(accounts, settings.life.endowment)
    theirs = ledger.fresh(np.full(1, settings.life.endowment))

    for t, action in enumerate(np.random.default_rng(3).integers(0, 3, BARS), FIRST):
        look(accounts, 0, prices.features, t, prices.prices[3], x)
        private = ledger.private_inputs(np, theirs, closes[t])
        before = account["equity"][0]
        positions["choice"] = action
        carry_out(accounts, sums, t, prices.bars, rules, 1.0, costs, book, settings.life.endowment, False)
        theirs, reward = ledger.step(np, theirs, np.array([action]), opens[t + 1], closes[t + 1], settings.costs)

        assert private[0] == pytest.approx(x[PUBLIC:], abs=1e-6)
        assert theirs.equity[0] == pytest.approx(account["equity"][0], rel=1e-12)
        assert reward[0] == pytest.approx(100.0 * np.log(account["equity"][0] / before), abs=1e-9)
