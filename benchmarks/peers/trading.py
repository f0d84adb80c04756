"""The market as a gymnasium environment: one agent on windows of bars, with the engine's own ledger and observation."""

import gymnasium
import numpy as np

from arena.engine.judging.evaluate import begin, carry_out, look
from arena.engine.play import MarketView, account_of, costs_of, records, rules_of
from arena.engine.results import TRADE
from arena.engine.windows import WINDOW as SUMS
from arena.settings_schema import Settings
from benchmarks.work import FIRST, LAST, WINDOW
from ml.networks.base import ACTIONS, INPUTS


class Trading(gymnasium.Env):
    """An episode is a window; an action is decided at a bar's close and filled at the next one's open."""

    action_space = gymnasium.spaces.Discrete(ACTIONS)
    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (INPUTS,), np.float32)

    def __init__(self, market: MarketView, settings: Settings, first: int = FIRST, last: int = LAST):
        self.market, self.settings, self.span = market, settings, (first, last)
        self.accounts, self.sums, self.book = account_of(1), records(np.zeros(1, SUMS)), records(np.zeros(WINDOW, TRADE))
        self.costs, self.rules, self.bars = costs_of(settings), rules_of(settings), market.bars
        self.x = np.zeros(INPUTS, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = self.start = int(self.np_random.integers(*self.span))
        begin(self.accounts, self.settings.life.endowment)
        return self._look(), {}

    def step(self, action):
        before = self.accounts[0]["equity"][0]
        last = self.t == self.start + WINDOW - 2
        self.accounts[1]["choice"] = action
        carry_out(self.accounts, self.sums, self.t, self.bars, self.rules, 1.0, self.costs, self.book, self.settings.life.endowment, last)
        self.t += 1
        return self._look(), 100.0 * float(np.log(self.accounts[0]["equity"][0] / before)), False, last, {}

    def _look(self):
        look(self.accounts, 0, self.market.features, self.t, self.bars[3], self.x)
        return self.x.copy()
