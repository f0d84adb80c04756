"""Trades and scars come back from their rows to the last bit, and a hundred thousand are written in
a moment.
"""

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from agents.models import Agent, Scar, Trade
from arena.engine.results import SCAR, TRADE, TRADE_REASONS
from arena.store import ledger
from tests.arena.runs import started
from tests.effort import calls

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = np.arange(2000, dtype=np.int64) * 3_600_000


def trades(count):
    """TRADE [count] that no CHECK refuses, spread over twenty agents."""
    rng, made = np.random.default_rng(3), np.zeros(count, TRADE)
    made["agent"] = np.sort(np.arange(count) % 20 + 1)
    made["sequence"] = np.arange(count) - np.searchsorted(made["agent"], made["agent"])
    made["entry_bar"] = rng.integers(0, 900, count)
    made["exit_bar"] = made["entry_bar"] + rng.integers(0, 900, count)
    made["side"] = rng.choice([-1, 1], count)
    made["reason"] = rng.integers(0, len(TRADE_REASONS), count)
    for name in (
        "entry_price",
        "exit_price",
        "quantity",
        "leverage",
        "fee",
        "spread_cost",
        "slippage_cost",
        "funding",
        "borrow",
    ):
        made[name] = rng.uniform(0.001, 3.0, count)
    for name in ("gross_profit", "net_profit"):
        made[name] = rng.normal(size=count) * 10.0 ** rng.integers(-9, 9, count)
    return made


def scars(count):
    rng, made = np.random.default_rng(4), np.zeros(count, SCAR)
    made["agent"], made["sequence"] = 5, np.arange(count)
    made["severity"], made["cause"] = rng.integers(1, 6, count), rng.integers(0, 5, count)
    made["drawdown"], made["weight_damage"] = rng.uniform(0.05, 1, count), rng.uniform(0, 1, count)
    made["bar"], made["trade"], made["action"] = (
        rng.integers(0, 2000, count),
        rng.integers(-1, 3, count),
        1,
    )
    made["q"] = rng.normal(size=(count, 3))
    made["q"][0] = np.nan
    return made


def keys(experiment):
    return ledger.agent_keys(experiment_id=experiment.pk, numbers=range(1, 21))


def test_trades_come_back_bit_for_bit():
    experiment, _ = started()
    # two statements of many rows, and some rows by themselves
    written = trades(2 * ledger.ROWS_AT_ONCE + 7)

    ledger.trades_insert(written, index=3, pk_of=keys(experiment), times=TIMES)

    assert (
        ledger.trades_read(experiment_id=experiment.pk, index=3, numbers=range(1, 21)).tobytes()
        == written.tobytes()
    )
    row = Trade.objects.get(agent__number=1, sequence=0)
    assert (row.round, row.entry_time) == (3, TIMES[written["entry_bar"][0]])


def test_scars_come_back_bit_for_bit_and_a_network_without_an_answer_is_null():
    experiment, _ = started()
    written = scars(40)

    ledger.scars_insert(written, index=0, pk_of=keys(experiment), times=TIMES)

    back = ledger.scars_read(experiment_id=experiment.pk, index=0, numbers=[5])
    assert np.array_equal(np.isnan(back["q"]), np.isnan(written["q"]))
    assert all(
        np.array_equal(back[name], written[name], equal_nan=name == "q") for name in SCAR.names
    )
    assert Scar.objects.get(sequence=0).q_buy is None


def test_only_the_agents_asked_for_are_read():
    experiment, _ = started()
    ledger.trades_insert(trades(100), index=0, pk_of=keys(experiment), times=TIMES)

    assert set(
        ledger.trades_read(experiment_id=experiment.pk, index=0, numbers=[2, 4])["agent"]
    ) == {2, 4}
    assert len(ledger.trades_read(experiment_id=experiment.pk, index=1, numbers=[2, 4])) == 0


@pytest.mark.parametrize("place", [0, ledger.ROWS_AT_ONCE + 3, -1])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entry_price", 0.0),
        ("exit_price", np.inf),
        ("fee", -0.01),
        ("exit_bar", 0),
        ("sequence", 1),
        ("net_profit", np.nan),
    ],
)
def test_one_bad_trade_among_many_is_refused_with_all_of_them(place, field, value):
    experiment, _ = started()
    made, pk_of = trades(2 * ledger.ROWS_AT_ONCE + 7), keys(experiment)
    made["entry_bar"], made["exit_bar"] = 5, 6
    made[field][place] = value

    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.trades_insert(made, index=0, pk_of=pk_of, times=TIMES)

    assert not Trade.objects.exists()


def test_a_trade_of_nobody_and_a_trade_twice_are_refused():
    experiment, _ = started()
    made, pk_of = trades(600), keys(experiment)
    no_agent = pk_of | {20: max(pk_of.values()) + 1}
    with transaction.atomic():
        ledger.trades_insert(made, index=0, pk_of=pk_of, times=TIMES)

    for index, owners in ((0, pk_of), (1, no_agent)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ledger.trades_insert(made, index=index, pk_of=owners, times=TIMES)

    assert Trade.objects.count() == 600


def test_no_trade_is_no_row():
    experiment, _ = started()

    ledger.trades_insert(trades(0), index=0, pk_of=keys(experiment), times=TIMES)

    assert not Trade.objects.exists()


def test_a_hundred_thousand_trades_are_written_with_fewer_calls_than_rows():
    experiment, _ = started()
    many, pk_of = trades(100_000), keys(experiment)

    spent = calls(lambda: ledger.trades_insert(many, index=0, pk_of=pk_of, times=TIMES))

    assert Trade.objects.count() == 100_000
    assert spent < 10_000
    assert Agent.objects.count() == 20
