"""The ledger: money is conserved, costs never help, and every figure equals a slow account's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from arena.engine.ledger import ACCOUNT, COSTS, act_on, close_position, fresh, liquidated, mark
from arena.engine.results import TRADE, TRADE_REASONS
from tests.arena.engine.slow import BUY, HOLD, SELL, Fees, SlowAccount

MONEY = 10_000.0


@njit
def trade_through(accounts, prices, actions, long_short, leverage, cost, multiplier, book, equity):
    """Carry out `actions` one bar after another and close at the end; equity [bars] after each."""
    account, costs = accounts[0], cost[0]
    fresh(account, equity[0])
    opens, highs, lows, closes = prices
    for t in range(len(actions)):
        act_on(account, t + 1, opens[t + 1], actions[t], long_short, leverage, costs, multiplier, book, 7)
        liquidated(account, t + 1, lows[t + 1], highs[t + 1], costs, multiplier, book, 7)
        equity[t + 1] = mark(account, closes[t + 1], costs)
    last = len(actions)
    if account.quantity != 0.0:
        close_position(account, last, closes[last], costs, multiplier, 3, book, 7)
        equity[last] = account.equity


def walk_prices(seed, bars, volatility):
    """(open, high, low, close), a valid random walk."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, volatility, bars)))
    opens = np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0, volatility / 4, bars))
    high = np.maximum(opens, close) * np.exp(np.abs(rng.normal(0, volatility / 2, bars)))
    low = np.minimum(opens, close) * np.exp(-np.abs(rng.normal(0, volatility / 2, bars)))
    return opens, high, low, close


def run(prices, actions, fees, *, short=False, leverage=1.0, multiplier=1.0):
    """(TRADE records, equity [bars], account) of the compiled ledger."""
    accounts, cost = np.zeros(1, ACCOUNT), np.zeros(1, COSTS)
    for name in COSTS.names:
        cost[name] = getattr(fees, name)
    book, equity = np.zeros(2 * len(actions) + 2, TRADE), np.zeros(len(actions) + 1)
    equity[0] = MONEY
    trade_through(accounts, prices, np.array(actions), short, leverage, cost, multiplier, book, equity)
    return book[: accounts["trades"][0]], equity, accounts[0]


def run_slowly(prices, actions, fees, *, short=False, leverage=1.0, multiplier=1.0):
    account, equity = SlowAccount(MONEY, fees, multiplier), [MONEY]
    opens, highs, lows, closes = prices
    for t, action in enumerate(actions):
        account.order(t + 1, opens[t + 1], action, short, leverage)
        account.call_margin(t + 1, lows[t + 1], highs[t + 1])
        account.carry(closes[t + 1])
        equity.append(account.worth(closes[t + 1]))
    if account.position:
        account.leave(len(actions), closes[len(actions)], "window_end")
        equity[-1] = account.cash
    return account, equity


a_seed, a_plan = st.integers(0, 10_000), st.lists(st.sampled_from([SELL, HOLD, BUY]), min_size=1, max_size=60)
a_fee = st.one_of(st.just(0.0), st.floats(0, 0.01))
some_fees = st.builds(Fees, fee=a_fee, half_spread=a_fee, slippage=a_fee, funding=st.one_of(st.just(0.0), st.floats(0, 0.002)))
some_leverage, some_multiplier = st.sampled_from([0.35, 0.5, 1.0, 2.5, 8.0]), st.sampled_from([1.0, 1.05, 1.9])
quick = settings(deadline=None, max_examples=150)


@quick
@given(a_seed, a_plan, some_fees, st.booleans(), some_leverage, some_multiplier, st.sampled_from([0.003, 0.03, 0.1]))
def test_every_trade_and_every_mark_equals_a_slow_account(seed, plan, fees, short, leverage, multiplier, volatility):
    prices = walk_prices(seed, len(plan) + 1, volatility)
    choice = {"short": short, "leverage": leverage, "multiplier": multiplier}

    book, equity, _ = run(prices, plan, fees, **choice)

    slow, slow_equity = run_slowly(prices, plan, fees, **choice)
    np.testing.assert_allclose(equity, slow_equity, rtol=1e-9, atol=1e-9 * MONEY)
    assert [TRADE_REASONS[reason] for reason in book["reason"]] == [trade["reason"] for trade in slow.trades]
    for name in ("entry_bar", "exit_bar", "side", "entry_price", "exit_price", "quantity", "leverage"):
        np.testing.assert_allclose(book[name], [trade[name] for trade in slow.trades], rtol=1e-9)
    for name in ("gross_profit", "fee", "spread_cost", "slippage_cost", "funding", "net_profit"):
        np.testing.assert_allclose(book[name], [trade[name] for trade in slow.trades], rtol=1e-9, atol=1e-9 * MONEY)


@quick
@given(a_seed, a_plan, some_fees, st.booleans(), some_leverage, some_multiplier)
def test_equity_changes_by_gross_profit_less_costs_and_by_nothing_else(seed, plan, fees, short, leverage, multiplier):
    prices = walk_prices(seed, len(plan) + 1, 0.03)

    book, equity, account = run(prices, plan, fees, short=short, leverage=leverage, multiplier=multiplier)

    costs = sum(book[name].sum() for name in ("fee", "spread_cost", "slippage_cost", "funding"))
    assert equity[-1] - MONEY == pytest.approx(book["gross_profit"].sum() - costs, abs=1e-9 * MONEY)
    assert equity[-1] - MONEY == pytest.approx(book["net_profit"].sum(), abs=1e-9 * MONEY)
    assert equity[-1] == account["cash"] == account["equity"]
    assert account["wins"] + account["losses"] == len(book)


@quick
@given(a_seed, a_plan, st.booleans(), some_leverage)
def test_without_costs_net_is_gross(seed, plan, short, leverage):
    prices = walk_prices(seed, len(plan) + 1, 0.03)

    book, equity, _ = run(prices, plan, Fees(), short=short, leverage=leverage)

    np.testing.assert_array_equal(book["net_profit"], book["gross_profit"])
    assert equity[-1] == pytest.approx(MONEY + book["gross_profit"].sum(), abs=1e-9 * MONEY)


@quick
@given(
    a_seed, a_plan, some_fees, st.sampled_from(["fee", "half_spread", "slippage", "funding", "multiplier"]), st.booleans(), some_leverage
)
def test_for_one_order_sequence_a_higher_cost_never_gives_more(seed, plan, fees, dearer, short, leverage):
    # so calm a market calls no margin: a liquidation is no order
    prices = walk_prices(seed, len(plan) + 1, 0.002)
    more, choice = Fees(**vars(fees)), {"short": short, "leverage": leverage, "multiplier": 1.0}
    cheap, cheap_equity, _ = run(prices, plan, fees, **choice)
    if dearer == "multiplier":
        choice["multiplier"] = 1.3
    else:
        setattr(more, dearer, getattr(fees, dearer) + 0.0005)

    dear, equity, _ = run(prices, plan, more, **choice)

    if "liquidation" not in {TRADE_REASONS[reason] for reason in (*cheap["reason"], *dear["reason"])}:
        assert equity[-1] <= cheap_equity[-1] + 1e-9 * MONEY


def bars(*rows):
    """(open, high, low, close) from rows; the first bar is only decided on."""
    return tuple(np.array(column, float) for column in zip(*rows, strict=True))


def test_an_order_is_filled_at_the_next_open_off_the_middle_by_half_spread_and_slippage():
    prices = bars((90, 90, 90, 90), (100, 130, 95, 120), (110, 115, 105, 112))

    book, _, _ = run(prices, [BUY, SELL], Fees(half_spread=0.01, slippage=0.02))

    assert book["entry_price"] == pytest.approx([103.0])
    assert book["exit_price"] == pytest.approx([110 * 0.97])
    assert (book["entry_bar"][0], book["exit_bar"][0]) == (1, 2)


def test_all_costs_of_getting_in_are_affordable_at_a_leverage_of_one():
    prices = bars((100,) * 4, (100,) * 4)
    _, _, account = run(prices, [HOLD], Fees())
    assert account["cash"] == MONEY

    book, _, _ = run(prices, [BUY], Fees(fee=0.01, half_spread=0.001, slippage=0.002), multiplier=1.5)

    paid = book["quantity"][0] * book["entry_price"][0] * (1 + 0.01 * 1.5)
    assert paid == pytest.approx(MONEY)


def test_sell_means_flat_or_short_as_the_direction_says_and_repeats_change_nothing():
    prices = bars(*[(100,) * 4] * 6)
    plan = [SELL, SELL, BUY, BUY, HOLD]

    flat, _, _ = run(prices, plan, Fees())
    short, _, _ = run(prices, plan, Fees(), short=True)

    assert list(flat["side"]) == [1]
    assert list(short["side"]) == [-1, 1]
    assert [TRADE_REASONS[reason] for reason in short["reason"]] == ["reversal", "window_end"]


def test_a_short_position_gains_where_the_price_falls():
    prices = bars((100,) * 4, (100, 100, 100, 100), (80, 80, 80, 80))

    _, equity, _ = run(prices, [SELL, BUY], Fees(), short=True)

    assert equity[-1] == pytest.approx(1.2 * MONEY)


@pytest.mark.parametrize(("low", "called"), [(75.1, False), (74.9, True), (40.0, True)])
def test_a_leveraged_long_is_liquidated_at_the_worst_price_once_half_its_margin_is_gone(low, called):
    # twice the money: half of it is lost at a fall of 25 %
    prices = bars((100,) * 4, (100, 100, low, 100), (100, 100, 100, 100))

    book, equity, _ = run(prices, [BUY, HOLD], Fees(), leverage=2.0)

    assert (TRADE_REASONS[book["reason"][0]] == "liquidation") == called
    if called:
        assert book["exit_price"][0] == low
        assert book["exit_bar"][0] == 1
        assert equity[-1] == pytest.approx(MONEY * (1 - 2 * (1 - low / 100)))


@pytest.mark.parametrize(("high", "called"), [(149.0, False), (151.0, True), (300.0, True)])
def test_a_short_is_liquidated_at_the_high(high, called):
    prices = bars((100,) * 4, (100, high, 100, 100), (100, 100, 100, 100))

    book, _, account = run(prices, [SELL, HOLD], Fees(), short=True)

    assert (TRADE_REASONS[book["reason"][0]] == "liquidation") == called
    if called:
        assert book["exit_price"][0] == high
        assert account["cash"] == pytest.approx(MONEY * (2 - high / 100))


def test_an_unleveraged_long_has_no_margin_to_call():
    prices = bars((100,) * 4, (100, 100, 1, 1), (1, 1, 1, 1))

    book, equity, _ = run(prices, [BUY, HOLD], Fees())

    assert TRADE_REASONS[book["reason"][0]] == "window_end"
    assert equity[-1] == pytest.approx(MONEY / 100)


def test_funding_is_charged_once_a_bar_on_the_notional_held():
    prices = bars((100,) * 4, (100, 200, 100, 150), (150, 200, 150, 200), (200,) * 4)

    book, _, _ = run(prices, [BUY, HOLD, SELL], Fees(funding=0.001))

    quantity = MONEY / 100
    assert book["funding"][0] == pytest.approx(0.001 * quantity * (150 + 200))


def test_an_account_without_money_opens_nothing():
    prices = bars((100,) * 4, (100, 400, 100, 400), (400,) * 4, (400,) * 4)

    book, equity, _ = run(prices, [SELL, BUY, BUY], Fees(), short=True, leverage=1.0)

    assert equity[-1] < 0
    assert len(book) == 1


def test_a_full_book_loses_no_money():
    accounts, cost, small = np.zeros(1, ACCOUNT), np.zeros(1, COSTS), np.zeros(1, TRADE)
    prices, plan, equity = walk_prices(1, 41, 0.02), np.array([BUY, SELL] * 20), np.zeros(41)
    equity[0] = MONEY
    trade_through(accounts, prices, plan, False, 1.0, cost, 1.0, small, equity)

    book, whole, _ = run(prices, plan, Fees())

    np.testing.assert_array_equal(equity, whole)
    assert small[0] == book[0]
    assert accounts["trades"][0] == 20
