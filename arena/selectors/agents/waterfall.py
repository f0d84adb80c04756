"""From gross to net: what an agent, a line of descent and a whole experiment earned before costs,
and what each cost took of it.

Amounts are rounded once, of an agent or of a line, and added up as whole units: rows and columns
sum exactly as they are shown. What rounds to nothing and is not nothing is shown in full.
"""

from collections.abc import Mapping, Sequence
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
SUMS = {"trades": Count("pk"), **{f"{name}_sum": Sum(name) for name in STEPS}}
# lines shown by themselves, those that moved most money; all others are one row
MOST_LINES = 12
# cents, or hundredths of them where the endowment itself is small
DIGITS, FINE_DIGITS, SMALL = 2, 4, 100.0
Sheet = dict[str, Any]
Units = dict[str, Any]


def agent_waterfall(*, agent: Agent) -> Sheet:
    """{steps: [{name, amount}], net, trades} of all its trades; costs are negative amounts, and
    steps sum to net.
    """
    digits = _digits(agent.experiment)
    return _sheet(_units(agent.trades.aggregate(**SUMS), digits), digits)


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
    lines = _lines(lines_sofar(experiment=experiment, last=last), digits)
    shown, rest = lines[:MOST_LINES], lines[MOST_LINES:]
    return {
        "steps": list(STEPS.values()),
        "total": {
            "agents": sum(line["agents"] for line in lines),
            **_sheet(_added([line["units"] for line in lines]), digits),
        },
        "lines": [
            {"founder": line["founder"], "agents": line["agents"], **_sheet(line["units"], digits)}
            for line in shown
        ],
        "others": {
            "lines": rest[0]["founder"],
            "agents": rest[0]["agents"],
            **_sheet(rest[0]["units"], digits),
        }
        if rest
        else None,
    }


def _lines(found: Mapping[str, np.ndarray], digits: int) -> list[dict[str, Any]]:
    """[{founder, agents, units}] of `lines_sofar`, the largest gross profit or loss first: so many
    as are shown, and one more for all others, whose founder is how many they are.
    """
    amounts = np.stack([found[name] for name in STEPS], axis=1)
    amounts[:, 1:] *= -1
    units = np.rint(amounts * 10**digits).astype(np.int64)
    order = np.lexsort((found["founder"], -abs(units[:, 0])))
    parts = [order[k : k + 1] for k in range(min(MOST_LINES, len(order)))]
    parts += [order[MOST_LINES:]] if len(order) > MOST_LINES else []
    return [
        {
            "founder": int(found["founder"][part[0]]) if k < MOST_LINES else len(part),
            "agents": int(found["traders"][part].sum()),
            "units": {
                **dict(zip(STEPS, units[part].sum(axis=0).tolist(), strict=True)),
                **{
                    f"{name}_exact": amount
                    for name, amount in zip(STEPS, amounts[part].sum(axis=0).tolist(), strict=True)
                },
                "trades": int(found["trades"][part].sum()),
            },
        }
        for k, part in enumerate(parts)
    ]


def _units(row: Mapping[str, Any], digits: int) -> Units:
    """SUMS in whole units of the last digit, costs negative; and exactly, under _exact."""
    signs = dict.fromkeys(COSTS, -1)
    # without a trade the database has no sum
    exact = {name: signs.get(name, 1) * (row[f"{name}_sum"] or 0.0) for name in STEPS}
    units = {name: round(amount * 10**digits) for name, amount in exact.items()}
    return (
        units
        | {f"{name}_exact": amount for name, amount in exact.items()}
        | {"trades": row["trades"]}
    )


def _added(units: Sequence[Units]) -> Units:
    return (
        {name: sum(each[name] for each in units) for name in units[0]}
        if units
        else _units(dict.fromkeys(SUMS, 0), 0)
    )


def _sheet(units: Units, digits: int) -> Sheet:
    exact = [units[f"{name}_exact"] for name in STEPS]
    steps = [
        {"name": title, "amount": units[name] / 10**digits or own}
        for (name, title), own in zip(STEPS.items(), exact, strict=True)
    ]
    net = sum(units[name] for name in STEPS) / 10**digits or fsum(exact)
    return {"steps": steps, "net": net, "trades": units["trades"]}


def _digits(experiment: Experiment) -> int:
    return DIGITS if parse(experiment.settings).life.endowment >= SMALL else FINE_DIGITS
