"""From gross to net: what an agent, a line of descent and a whole experiment earned before costs,
and what each cost took of it.

Amounts are rounded once, of an agent or of a line, and added up as whole units: rows and columns
sum exactly as they are shown. What rounds to nothing and is not nothing is shown in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from django.db.models import Count, Sum

from agents.life.costs import COSTS
from agents.models import Agent
from arena.models import Experiment
from arena.selectors.rounds.summarised import lines_sofar
from arena.settings_schema import parse

# in the order of store.summaries.AMOUNTS
STEPS = {"gross_profit": "gross profit", **COSTS}
SIGNS = (1, *(-1 for _ in COSTS))
SUMS = {"trades": Count("pk"), **{f"{name}_sum": Sum(name) for name in STEPS}}
# lines shown by themselves, those that moved most money; all others are one row
MOST_LINES = 12
# cents, or hundredths of them where the endowment itself is small
DIGITS, FINE_DIGITS, SMALL = 2, 4, 100.0
Sheet = dict[str, Any]


def agent_waterfall(*, agent: Agent) -> Sheet:
    """{steps: [{name, amount}], net, trades} of all its trades; costs are negative amounts, and
    steps sum to net.
    """
    digits = _digits(agent.experiment)
    found = agent.trades.aggregate(**SUMS)
    # without a trade the database has no sum
    exact = [sign * (found[f"{name}_sum"] or 0.0) for sign, name in zip(SIGNS, STEPS, strict=True)]
    units = [round(amount * 10**digits) for amount in exact]
    return _sheet(exact, units, found["trades"], digits)


def experiment_waterfalls(
    *, experiment: Experiment, as_of_round: int | None = None
) -> dict[str, Any]:
    """{steps: names, total, lines, others} of all trades up to the close of round `as_of_round`, or
    of the last closed one.

    total: a sheet as of `agent_waterfall`, the sum of all lines; lines: the same for each with
    {founder, agents}, the largest gross profit or loss first; others: the sum of the rest with
    {lines, agents}, None where there is none. agents: how many of it have traded.
    """
    last = experiment.rounds_done - 1 if as_of_round is None else as_of_round
    digits = _digits(experiment)
    books = _books(lines_sofar(experiment=experiment, last=last), digits)
    order = np.lexsort((books.founders, -abs(books.units[:, 0])))
    shown, rest = order[:MOST_LINES], order[MOST_LINES:]
    return {
        "steps": list(STEPS.values()),
        "total": books.sheet(order),
        "lines": [
            {"founder": int(books.founders[line]), **books.sheet(np.array([line]))}
            for line in shown
        ],
        "others": {"lines": len(rest), **books.sheet(rest)} if len(rest) else None,
    }


@dataclass(frozen=True)
class Books:
    """What lines of descent earned and paid. founders, traders, trades: int [lines]; exact: float64
    [lines, steps], costs negative; units: the same in whole units of the last of `digits`.
    """

    founders: np.ndarray
    traders: np.ndarray
    trades: np.ndarray
    exact: np.ndarray
    units: np.ndarray
    digits: int

    def sheet(self, lines: np.ndarray) -> Sheet:
        """{agents, steps, net, trades} of some of the lines together."""
        exact, units = (each[lines].sum(axis=0).tolist() for each in (self.exact, self.units))
        return {
            "agents": int(self.traders[lines].sum()),
            **_sheet(exact, units, int(self.trades[lines].sum()), self.digits),
        }


def _books(found: Mapping[str, np.ndarray], digits: int) -> Books:
    exact = np.stack([found[name] for name in STEPS], axis=1) * SIGNS
    units = np.rint(exact * 10**digits).astype(np.int64)
    return Books(found["founder"], found["traders"], found["trades"], exact, units, digits)


def _sheet(exact: Sequence[float], units: Sequence[int], trades: int, digits: int) -> Sheet:
    """exact, units: a step each, costs negative, as Books has them."""
    steps = [
        {"name": title, "amount": rounded / 10**digits or own}
        for title, rounded, own in zip(STEPS.values(), units, exact, strict=True)
    ]
    return {"steps": steps, "net": sum(units) / 10**digits or fsum(exact), "trades": trades}


def _digits(experiment: Experiment) -> int:
    return DIGITS if parse(experiment.settings).life.endowment >= SMALL else FINE_DIGITS
