"""The market as a gymnasium environment: one agent on windows of bars, with the engine's own ledger
and observation.
"""

import gymnasium
import numpy as np

from arena.engine.judging.evaluate import begin, carry_out, look
from arena.engine.play import account_of, costs_of, records, rules_of
from arena.engine.results import SCAR, TRADE
from arena.engine.trading.contexts import Station
from arena.engine.trading.windows import WINDOW as SUMS
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from benchmarks.work import FIRST, LAST, WINDOW
from ml.networks.base import ACTIONS, INPUTS


class Trading(gymnasium.Env):
    """An episode is a window; an action is decided at a bar's close and filled at the next one's
    open.
    """

    action_space = gymnasium.spaces.Discrete(ACTIONS)
    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (INPUTS,), np.float32)

    def __init__(
        self, market: MarketView, settings: Settings, first: int = FIRST, last: int = LAST
    ):
        self.market, self.settings, self.span = market, settings, (first, last)
        sums, book, scars = np.zeros(1, SUMS), np.zeros(WINDOW, TRADE), np.zeros(0, SCAR)
        self.accounts, rules, costs = account_of(1), rules_of(settings), costs_of(settings)
        self.station = Station(
            self.accounts, rules, costs, records(sums), records(book), records(scars)
        )
        self.x = np.zeros(INPUTS, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = self.start = int(self.np_random.integers(*self.span))
        begin(self.accounts, self.settings.life.endowment)
        return self._look(), {}

    def step(self, action):
        before = self.accounts.account["equity"][0]
        last = self.t == self.start + WINDOW - 2
        self.accounts.positions["choice"] = action
        carry_out(self.station, self.t, self.market.prices, 1.0, self.settings.life.endowment, last)
        self.t += 1
        return (
            self._look(),
            100.0 * float(np.log(self.accounts.account["equity"][0] / before)),
            False,
            last,
            {},
        )

    def _look(self):
        look(self.accounts, 0, self.market.seen, self.t, self.x)
        return self.x.copy()
