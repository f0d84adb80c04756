"""Rows of a small made-up experiment, consistent where the pages look, without any engine behind
them.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.contrib.auth.models import User

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.engine.packing import pack_actions, pack_figures
from arena.engine.results import FIGURES
from arena.models import BlockRun, Experiment, Intervention, Round
from arena.prices.models import (
    CandlePage,
    DataKind,
    LastQuote,
    MarketData,
    MarketImport,
    ProviderState,
)
from arena.settings_schema import Settings

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HOUR = 3_600_000
BLOCK = 64
BARS = 32


def user(name="ada", **fields):
    """Without a password where none is given: hashing one takes longer than most tests."""
    return User.objects.create_user(name, **fields)


def market(**fields):
    row = {
        "name": "a wave",
        "data_kind": DataKind.SIMULATED,
        "symbols": ["a wave"],
        "source": "sine",
        "timeframe_ms": HOUR,
        "bars": 1000,
        "first_time": 0,
        "last_time": 999 * HOUR,
        "sha256": f"{MarketData.objects.count():064x}",
        "file": "markets/none.safetensors",
        "created_at": NOON,
    }
    return MarketData.objects.create(**row | fields)


def outside(owner):
    """An import with a page, a provider and a quote."""
    ProviderState.objects.create(name="coinmarketcap")
    span = {"timeframe_ms": HOUR, "start_ms": 0, "stop_ms": 500 * HOUR}
    CandlePage.objects.create(
        provider="coinmarketcap", instrument="1", rows=b"", fetched_ms=0, **span
    )
    LastQuote.objects.create(
        provider="coinmarketcap", instrument="1", price=2.0, at_ms=0, fetched_ms=0
    )
    return MarketImport.objects.create(
        owner=owner,
        name="import 2",
        sources=[["coinmarketcap", "1"]],
        next_ms=0,
        created_at=NOON,
        **span,
    )


def experiment(owner, *, population=4, rounds=3, planned=10, state="running", **fields):
    """An experiment with `rounds` closed rounds; in each close the agent of slot 0 dies and bears a
    child of slot 1's.
    """
    row = Experiment.objects.create(
        name="a run",
        owner=owner,
        market=market(),
        settings=Settings(population=population, rounds=planned, round_bars=BARS).model_dump(
            mode="json"
        ),
        seed=1,
        population=population,
        rounds_planned=planned,
        rounds_done=rounds,
        state=state,
        seq=rounds,
        created_at=NOON,
        started_at=NOON,
        **fields,
    )
    Agent.objects.bulk_create(
        _agent(row, number, number - 1, "founder", 0) for number in range(1, population + 1)
    )
    Round.objects.bulk_create(_round(row, index) for index in range(rounds))
    for index in range(rounds):
        _succession(row, index, population + 1 + index)
    _blocks(row, population, rounds)
    return row


def _agent(row, number, slot, origin, birth_round, **fields):
    return Agent(
        **{
            "experiment": row,
            "number": number,
            "slot": slot,
            "origin": origin,
            "generation": 0 if origin == "founder" else 1,
            "founder": number if origin == "founder" else 2,
            "birth_round": birth_round,
            "born_at": NOON,
            "learning_rate": 0.001,
            "gamma": 0.99,
            "epsilon": 0.5,
            "epsilon_bars": 4000,
            "risk_fraction": 1.0,
            "mutation_rate": 0.15,
            "mutation_strength": 0.02,
            "endowment": 10_000.0,
            "equity": 10_000.0,
        }
        | fields
    )


def _round(row, index):
    spread = {
        "mean": 0.01 * index,
        "q1": -0.01,
        "median": 0.0,
        "q3": 0.02,
        "best": 0.1,
        "worst": -0.1,
    }
    return Round(
        experiment=row,
        index=index,
        state="closed",
        plan={"competition": [144 + index * BARS, 144 + (index + 1) * BARS], "practice": []},
        curves={"return": spread, "fitness": spread, "loss": dict.fromkeys(spread)},
        baselines={
            "buy_and_hold": {"return": 0.02, "sharpe": 1.0, "max_drawdown": 0.1, "trades": 1}
        },
        events={
            "births": 1,
            "immigrants": 0,
            "deaths": {"outcompeted": 1},
            "scars": 1,
            "trades": 2,
        },
        ledger={
            "total_equity": 40_000.0,
            "treasury": 100.0 * index,
            "money_put_in": 40_000.0 + 500.0 * index,
            "put_in": 500.0 * (index > 0),
        },
        state_sha256=f"{index:064x}",
        opened_at=NOON,
        closed_at=NOON + timedelta(minutes=index),
    )


def _succession(row, index, number):
    """Slot 0 passes on as round `index` closes; agent 2 bears the newcomer, is scarred, and
    trades.
    """
    dying = Agent.objects.get(experiment=row, slot=0, state="active")
    Agent.objects.filter(pk=dying.pk).update(state="outcompeted", death_round=index, died_at=NOON)
    child = _agent(row, number, 0, "child", index + 1)
    child.save()
    parent = Agent.objects.get(experiment=row, number=2)
    LineageEdge.objects.create(
        parent=parent,
        child=child,
        kind="mutation",
        rate=0.15,
        strength=0.02,
        seed="1",
        weight_distance=0.5,
    )
    trade(parent, index)
    scar(parent, index)
    profit, paid = 10.0 * (index + 1), 100.0 * (index + 1)
    record = {"trade_count": index + 1, "scar_count": index + 1, "paid_to_children": paid}
    Agent.objects.filter(pk=parent.pk).update(
        **record, equity=10_000.0 + profit - paid, return_since_birth=profit / 10_000.0
    )


def trade(agent, index, sequence=0, **fields):
    row = {
        "entry_bar": 150,
        "exit_bar": 155,
        "entry_time": 150 * HOUR,
        "exit_time": 155 * HOUR,
        "side": 1,
        "entry_price": 100.0,
        "exit_price": 101.0,
        "quantity": 10.0,
        "leverage": 1.0,
        "gross_profit": 12.0,
        "fee": 1.0,
        "spread_cost": 0.5,
        "slippage_cost": 0.5,
        "funding": 0.0,
        "borrow": 0.0,
        "net_profit": 10.0,
        "reason": "signal",
    }
    return Trade.objects.create(agent=agent, round=index, sequence=sequence, **row | fields)


def scar(agent, index, sequence=0):
    return Scar.objects.create(
        agent=agent,
        round=index,
        sequence=sequence,
        severity=1,
        cause="trade_loss",
        drawdown=0.06,
        bar=152,
        bar_time=152 * HOUR,
        trade_sequence=0,
        action=2,
        q_sell=0.1,
        q_hold=0.2,
        q_buy=0.3,
    )


def intervention(row, who, agent=None, **fields):
    defaults = {
        "field": "learning_rate",
        "before": "0.001",
        "after": "0.01",
        "effective_round": row.rounds_done + 1,
    }
    return Intervention.objects.create(
        experiment=row, agent=agent, who=who, at=NOON, **defaults | fields
    )


def _blocks(row, population, rounds):
    rounds = list(Round.objects.filter(experiment=row).order_by("index"))
    for closed in rounds:
        lived = list(
            Agent.objects.filter(experiment=row, birth_round__lte=closed.index)
            .exclude(death_round__lt=closed.index)
            .order_by("slot")
            .values_list("number", flat=True)
        )
        for block in range(0, population, BLOCK):
            numbers = lived[block : block + BLOCK]
            BlockRun.objects.create(
                round=closed,
                block=block // BLOCK,
                state="done",
                fence=1,
                figures=pack_figures(_figures(numbers, closed.index)),
                actions=pack_actions(np.ones((len(numbers), 1, BARS), np.uint8)),
            )


def _figures(numbers, index):
    """fitness = number / 100 + round; agent 1's is nan, as of one who traded nothing. Agent 2
    trades and pays for its child as `_succession` has it.
    """
    rows = np.zeros((len(numbers), len(FIGURES)))
    trading = np.array(numbers) == 2
    start = 10_000.0 - 90.0 * index * trading
    columns = {
        "number": numbers,
        "equity_start": start,
        "equity_end": start + 10.0 * trading,
        "trades": trading,
        "fitness": np.array(numbers) / 100 + index,
        "trust": 50.0,
        "tier": 1,
        "scars": (index + 1) * trading,
    }
    for name, values in columns.items():
        rows[:, FIGURES.index(name)] = values
    rows[[number == 1 for number in numbers], FIGURES.index("fitness")] = np.nan
    return rows
