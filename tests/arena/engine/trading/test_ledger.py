"""The ledger: money is conserved, costs never help, and every figure equals a slow account's."""

from dataclasses import fields, replace
from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from arena.engine.results import SCAR, TRADE, TRADE_REASONS
from arena.engine.trading.contexts import Accounts, Books, Station
from arena.engine.trading.costs import COSTS
from arena.engine.trading.ledger import (
    ACCOUNT,
    LIQUIDATION,
    POSITION,
    WINDOW_END,
    act_on,
    close_all,
    forced_out,
    fresh,
    mark,
    next_bar,
)
from arena.engine.trading.windows import RULES, WINDOW
from arena.prices.market.view import Prices
from tests.arena.engine.slow import BUY, HOLD, NAMES, SELL, Fees, SlowAccount

MONEY = 10_000.0


@njit
def trade_through(station, prices, plan, cap, multiplier, equity):
    """Carry out `plan` [S, bars], one bar after another, and close at the end; equity [bars + 1]
    after each.
    """
    account, positions, rules = (
        station.accounts.account[0],
        station.accounts.positions,
        station.rules[0],
    )
    books = Books(account, positions, station.costs[0], multiplier, station.book, 7)
    fresh(account, positions, equity[0])
    symbols, last = plan.shape
    for t in range(last):
        next_bar(account, positions, prices.close, t)
        for s in range(symbols):
            positions[s].choice = plan[s, t]
        act_on(books, t + 1, prices, rules.long_short, cap)
        forced_out(books, t + 1, prices, rules)
        equity[t + 1] = mark(books, t + 1, prices.close)
    close_all(books, last, prices, WINDOW_END)
    equity[last] = account.equity


def station_of(symbols, book, **rules):
    """An empty account for so many symbols, without costs; its trades go to `book`."""
    accounts = Accounts(np.zeros(1, ACCOUNT), np.zeros(symbols, POSITION))
    station = Station(
        accounts,
        np.zeros(1, RULES),
        np.zeros(1, COSTS),
        np.zeros(1, WINDOW),
        book,
        np.zeros(0, SCAR),
    )
    for name, value in rules.items():
        station.rules[name] = value
    return station


def walk_prices(seed, bars, volatility):
    """(open, high, low, close, volume), a valid random walk; one bar in twenty has no volume."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, volatility, bars)))
    opens = np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0, volatility / 4, bars))
    high = np.maximum(opens, close) * np.exp(np.abs(rng.normal(0, volatility / 2, bars)))
    low = np.minimum(opens, close) * np.exp(-np.abs(rng.normal(0, volatility / 2, bars)))
    volume = 1000 * np.exp(rng.normal(0, 1, bars)) * (rng.random(bars) > 0.05)
    return Prices(opens, high, low, close, volume)


def walks(seed, bars, volatility, symbols):
    """The same of several symbols, [S, bars] each."""
    return Prices(
        *(
            np.array(each)
            for each in zip(
                *(walk_prices(seed + 100_000 * s, bars, volatility) for s in range(symbols)),
                strict=True,
            )
        )
    )


def spread_out(plan, symbols, seed):
    """[S, bars]: a plan for each symbol, the first as given, the others the same in another
    order.
    """
    rng = np.random.default_rng(seed)
    return np.array([plan, *(rng.permutation(plan) for _ in range(symbols - 1))])


def run(prices, actions, fees, *, short=False, leverage=1.0, multiplier=1.0, stop=0.0, profit=0.0):
    """(TRADE records, equity [bars], account) of the compiled ledger; prices [n] or [S, n] each,
    actions [bars] or [S, bars].
    """
    prices, plan = (
        Prices(*(np.atleast_2d(each) for each in prices)),
        np.atleast_2d(np.array(actions)),
    )
    book, equity = np.zeros(2 * plan.size + 2, TRADE), np.zeros(plan.shape[1] + 1)
    station = station_of(len(plan), book, long_short=short, stop_loss=stop, take_profit=profit)
    for name in COSTS.names:
        station.costs[name] = getattr(fees, name)
    equity[0] = MONEY
    trade_through(station, prices, plan, leverage, multiplier, equity)
    account = station.accounts.account
    return book[: account["trades"][0]], equity, account[0]


def run_slowly(
    prices, actions, fees, *, short=False, leverage=1.0, multiplier=1.0, stop=0.0, profit=0.0
):
    prices, plan = [np.atleast_2d(each) for each in prices], np.atleast_2d(np.array(actions))
    account, equity = SlowAccount(MONEY, fees, len(plan), multiplier, stop, profit), [MONEY]
    for t in range(1, plan.shape[1] + 1):
        opens, highs, lows, closes, volumes = (each[:, t] for each in prices)
        account.order(t, opens, plan[:, t - 1], short, leverage, volumes)
        account.force(t, opens, highs, lows, volumes)
        account.carry(closes)
        equity.append(account.equity(closes))
    account.leave_all(plan.shape[1], closes, "window_end", volumes)
    equity[-1] = account.cash
    return account, equity


a_seed, a_plan = (
    st.integers(0, 10_000),
    st.lists(st.sampled_from([SELL, HOLD, BUY]), min_size=1, max_size=60),
)
a_fee = st.one_of(st.just(0.0), st.floats(0, 0.01))
a_charge = st.one_of(st.just(0.0), st.floats(0, 0.002))
some_fees = st.builds(
    Fees,
    fee=a_fee,
    maker_fee=a_fee,
    half_spread=a_fee,
    slippage=a_fee,
    impact=st.one_of(st.just(0.0), st.floats(0, 1)),
    funding=a_charge,
    borrow=a_charge,
)
some_leverage, some_multiplier = (
    st.sampled_from([0.35, 0.5, 1.0, 2.5, 8.0]),
    st.sampled_from([1.0, 1.05, 1.9]),
)
a_move = st.one_of(st.just(0.0), st.floats(0.001, 0.2))
some_symbols = st.sampled_from([1, 3])
quick = settings(deadline=None, max_examples=150)


@quick
@given(
    a_seed,
    a_plan,
    some_symbols,
    some_fees,
    st.booleans(),
    some_leverage,
    some_multiplier,
    a_move,
    a_move,
    st.sampled_from([0.003, 0.03, 0.1]),
)
def test_every_trade_and_every_mark_equals_a_slow_account(
    seed, plan, symbols, fees, short, leverage, multiplier, stop, profit, volatility
):
    prices, plans = walks(seed, len(plan) + 1, volatility, symbols), spread_out(plan, symbols, seed)
    choice = {
        "short": short,
        "leverage": leverage,
        "multiplier": multiplier,
        "stop": stop,
        "profit": profit,
    }

    book, equity, _ = run(prices, plans, fees, **choice)

    slow, slow_equity = run_slowly(prices, plans, fees, **choice)
    np.testing.assert_allclose(equity, slow_equity, rtol=1e-9, atol=1e-9 * MONEY)
    assert [TRADE_REASONS[reason] for reason in book["reason"]] == [
        trade["reason"] for trade in slow.trades
    ]
    for name in (
        "sequence",
        "symbol",
        "entry_bar",
        "exit_bar",
        "side",
        "entry_price",
        "exit_price",
        "quantity",
        "leverage",
    ):
        np.testing.assert_allclose(book[name], [trade[name] for trade in slow.trades], rtol=1e-9)
    for name in ("gross_profit", *NAMES, "net_profit"):
        np.testing.assert_allclose(
            book[name], [trade[name] for trade in slow.trades], rtol=1e-9, atol=1e-9 * MONEY
        )


@quick
@given(
    a_seed,
    a_plan,
    some_symbols,
    some_fees,
    st.booleans(),
    some_leverage,
    some_multiplier,
    a_move,
    a_move,
)
def test_equity_changes_by_gross_profit_less_costs_and_by_nothing_else(
    seed, plan, symbols, fees, short, leverage, multiplier, stop, profit
):
    prices, plans = walks(seed, len(plan) + 1, 0.03, symbols), spread_out(plan, symbols, seed)

    book, equity, account = run(
        prices,
        plans,
        fees,
        short=short,
        leverage=leverage,
        multiplier=multiplier,
        stop=stop,
        profit=profit,
    )

    costs = sum(book[name].sum() for name in NAMES)
    assert equity[-1] - MONEY == pytest.approx(book["gross_profit"].sum() - costs, abs=1e-9 * MONEY)
    assert equity[-1] - MONEY == pytest.approx(book["net_profit"].sum(), abs=1e-9 * MONEY)
    assert equity[-1] == account["cash"] == account["equity"]
    assert account["wins"] + account["losses"] == len(book)
    assert sorted(book["sequence"]) == list(range(len(book)))


def test_a_million_random_trades_conserve_money():
    rng, done, lives = np.random.default_rng(5), 0, 0
    while done < 1_000_000:
        lives += 1
        plan = rng.choice(3, 4000, p=(0.45, 0.1, 0.45))
        prices = walk_prices(lives, len(plan) + 1, rng.choice([0.0005, 0.002, 0.01]))
        fees = Fees(
            *rng.uniform(0, 1e-4, 4),
            impact=rng.choice([0.0, 1e-3]),
            funding=rng.uniform(0, 1e-4),
            borrow=rng.uniform(0, 1e-4),
        )
        exits = {"stop": rng.choice([0.0, 0.01]), "profit": rng.choice([0.0, 0.02])}

        book, equity, _ = run(
            prices, plan, fees, short=True, leverage=rng.choice([0.5, 1.0, 3.0]), **exits
        )

        costs = [fsum(book[name]) for name in NAMES]
        turnover = fsum(book["quantity"] * (book["entry_price"] + book["exit_price"]))
        assert abs(equity[-1] + fsum(costs) - MONEY - fsum(book["gross_profit"])) <= 1e-9 * max(
            MONEY, equity[-1]
        )
        assert turnover > MONEY
        done += len(book)


@quick
@given(a_seed, a_plan, st.booleans(), some_leverage, a_move, a_move)
def test_without_costs_net_is_gross(seed, plan, short, leverage, stop, profit):
    prices = walk_prices(seed, len(plan) + 1, 0.03)

    book, equity, _ = run(
        prices, plan, Fees(), short=short, leverage=leverage, stop=stop, profit=profit
    )

    np.testing.assert_array_equal(book["net_profit"], book["gross_profit"])
    assert equity[-1] == pytest.approx(MONEY + book["gross_profit"].sum(), abs=1e-9 * MONEY)


RAISED = [field.name for field in fields(Fees)] + ["multiplier"]


@quick
@given(
    a_seed,
    a_plan,
    some_symbols,
    some_fees,
    st.sampled_from(RAISED),
    st.booleans(),
    some_leverage,
    a_move,
    a_move,
)
def test_for_one_order_sequence_a_higher_cost_never_gives_more(
    seed, plan, symbols, fees, raised, short, leverage, stop, profit
):
    # so calm a market calls no margin: a liquidation is no order; and nobody borrows to buy so much
    # that less of it would be more
    prices, plan = walks(seed, len(plan) + 1, 0.002, symbols), spread_out(plan, symbols, seed)
    prices = (*prices[:4], np.maximum(prices[4], 100.0))
    fees = replace(fees, impact=min(fees.impact, 0.02))
    more, choice = (
        replace(fees),
        {"short": short, "leverage": leverage, "multiplier": 1.0, "stop": stop, "profit": profit},
    )
    with_less, equity_with_less, _ = run(prices, plan, fees, **choice)
    if raised == "multiplier":
        choice["multiplier"] = 1.3
    else:
        setattr(more, raised, getattr(fees, raised) + 0.0005)

    with_more, equity, _ = run(prices, plan, more, **choice)

    if "liquidation" not in {
        TRADE_REASONS[reason] for reason in (*with_less["reason"], *with_more["reason"])
    }:
        assert equity[-1] <= equity_with_less[-1] + 1e-9 * MONEY


@quick
@given(
    a_seed,
    a_plan,
    some_fees,
    st.booleans(),
    some_leverage,
    a_move,
    st.sampled_from([0.03, 0.1, 0.4]),
)
def test_a_liquidation_loses_the_way_to_the_worst_price_and_what_leaving_costs_and_no_more(
    seed, plan, fees, short, leverage, stop, volatility
):
    prices = walk_prices(seed, len(plan) + 1, volatility)
    _, highs, lows, closes, _ = prices

    book, equity, _ = run(prices, plan, fees, short=short, leverage=leverage, stop=stop)

    called = book[book["reason"] == LIQUIDATION]
    for trade in called[called["entry_bar"] < called["exit_bar"]]:
        bar, side, quantity, price = (
            trade[name] for name in ("exit_bar", "side", "quantity", "exit_price")
        )
        worst = lows[bar] if side > 0 else highs[bar]
        leaving = quantity * abs(worst - price) + fees.fee * quantity * price
        assert equity[bar - 1] > 0
        assert equity[bar] == pytest.approx(
            equity[bar - 1] - side * quantity * (closes[bar - 1] - worst) - leaving,
            abs=1e-9 * MONEY,
        )


@quick
@given(a_seed, a_plan, st.booleans(), some_leverage, st.sampled_from([0.03, 0.1, 0.4]))
def test_nobody_owes_anything_but_by_a_liquidation_in_a_bar_that_went_too_far(
    seed, plan, short, leverage, volatility
):
    prices = walk_prices(seed, len(plan) + 1, volatility)

    book, equity, _ = run(prices, plan, Fees(), short=short, leverage=leverage)

    indebted = np.flatnonzero(equity < 0)
    if len(indebted):
        assert book["reason"][-1] == LIQUIDATION
        assert book["exit_bar"][-1] == indebted[0]
        assert list(indebted) == list(range(indebted[0], len(equity)))


def bars(*rows):
    """(open, high, low, close, volume) from rows of the first four; the first bar is only decided
    on, and the volume is 1000.
    """
    return (
        *(np.array(column, float) for column in zip(*rows, strict=True)),
        np.full(len(rows), 1000.0),
    )


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

    book, _, _ = run(
        prices, [BUY], Fees(fee=0.01, half_spread=0.001, slippage=0.002), multiplier=1.5
    )

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


def test_a_short_that_ends_where_it_began_has_gained_zero_without_a_sign():
    trades, _, _ = run(bars(*[(100,) * 4] * 4), [SELL, BUY, HOLD], Fees(), short=True)

    assert trades["gross_profit"][0] == 0.0
    assert not np.signbit(trades["gross_profit"]).any()


@pytest.mark.parametrize(("low", "called"), [(75.1, False), (74.9, True), (40.0, True)])
def test_a_leveraged_long_is_liquidated_at_the_worst_price_once_half_its_margin_is_gone(
    low, called
):
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


# -- what an order moves


def test_an_order_moves_the_price_by_the_square_root_of_its_share_of_the_volume():
    prices = bars((100,) * 4, (100,) * 4, (100,) * 4)

    book, _, _ = run(prices, [BUY, SELL], Fees(impact=0.1))

    share = book["quantity"][0] / 1000
    assert book["entry_price"][0] == pytest.approx(100 * (1 + 0.1 * np.sqrt(share)))
    assert book["exit_price"][0] == pytest.approx(100 * (1 - 0.1 * np.sqrt(share)))
    assert book["quantity"][0] * book["entry_price"][0] == pytest.approx(MONEY)
    assert book["slippage_cost"][0] == pytest.approx(
        2 * 100 * book["quantity"][0] * 0.1 * np.sqrt(share)
    )


@pytest.mark.parametrize("volume", [0.0, 1e-3])
def test_no_order_moves_the_price_by_more_than_a_quarter(volume):
    prices = (*bars((100,) * 4, (100,) * 4, (100,) * 4)[:4], np.full(3, volume))

    book, _, _ = run(prices, [BUY, SELL], Fees(impact=0.1), multiplier=1.5)

    assert book["entry_price"] == pytest.approx([125.0])
    assert book["exit_price"] == pytest.approx([75.0])


def test_volume_means_nothing_without_impact():
    prices = walk_prices(3, 41, 0.02)
    other = (*prices[:4], np.zeros(41))

    np.testing.assert_array_equal(
        run(prices, [BUY, SELL] * 20, Fees(fee=0.01))[1],
        run(other, [BUY, SELL] * 20, Fees(fee=0.01))[1],
    )


# -- what is borrowed


def test_a_short_pays_interest_on_all_it_sold():
    prices = bars((100,) * 4, (100, 120, 100, 110), (110,) * 4)

    book, _, _ = run(prices, [SELL, BUY], Fees(borrow=0.001), short=True)

    assert book["borrow"][0] == pytest.approx(0.001 * MONEY / 100 * 110)


@pytest.mark.parametrize(("leverage", "loan"), [(0.5, 0.0), (1.0, 0.0), (3.0, 2 * MONEY)])
def test_a_long_pays_interest_on_what_its_leverage_adds(leverage, loan):
    prices = bars((100,) * 4, (100, 110, 100, 110), (110,) * 4, (110,) * 4)

    book, _, _ = run(prices, [BUY, HOLD, SELL], Fees(borrow=0.001), leverage=leverage)

    assert book["borrow"][0] == pytest.approx(2 * 0.001 * loan)


# -- stops, and orders at a profit


def closed(prices, plan, fees=None, **choice):
    """(reason, exit price, exit bar) of the first trade."""
    book, _, _ = run(prices, plan, fees or Fees(), **choice)
    return (
        TRADE_REASONS[book["reason"][0]],
        pytest.approx(book["exit_price"][0]),
        book["exit_bar"][0],
    )


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((99, 99, 75.1, 98), ("window_end", 98, 2)),
        ((99, 99, 75, 98), ("stop_loss", 75, 2)),
        ((99, 99, 60, 98), ("stop_loss", 75, 2)),
        ((70, 99, 68, 98), ("stop_loss", 70, 2)),
    ],
    ids=["not reached", "touched", "far through", "gap"],
)
def test_a_stop_is_filled_at_its_level_or_at_the_open_of_a_bar_that_begins_beyond(second, expected):
    prices = bars((100,) * 4, (100, 101, 99, 99), second)

    assert closed(prices, [BUY, HOLD], stop=0.25) == expected


def test_a_stop_of_a_short_lies_above_and_pays_like_any_order_at_the_market():
    prices = bars((100,) * 4, (100, 106, 99, 99), (99,) * 4)

    book, _, _ = run(prices, [SELL, HOLD], Fees(fee=0.01, half_spread=0.01), short=True, stop=0.05)

    quantity = book["quantity"][0]
    assert closed(prices, [SELL, HOLD], short=True, stop=0.05) == ("stop_loss", 105, 1)
    assert book["exit_price"][0] == pytest.approx(105 * 1.01)
    assert book["spread_cost"][0] == pytest.approx(quantity * 0.01 * (100 + 105))


def test_the_stop_is_measured_from_the_middle_so_that_costs_alone_never_trip_it():
    prices = bars((100,) * 4, (100,) * 4, (100,) * 4)

    assert closed(prices, [BUY, HOLD], Fees(half_spread=0.05), stop=0.01)[0] == "window_end"


@pytest.mark.parametrize(
    ("low", "opened", "reason", "price"),
    [(60, 100, "stop_loss", 90), (60, 70, "liquidation", 60), (89, 100, "stop_loss", 90)],
    ids=["the stop is met first", "the bar opens beyond both", "the margin holds"],
)
def test_a_stop_saves_from_a_margin_call_unless_the_bar_opens_beyond_it(low, opened, reason, price):
    # twice the money: the margin is called at 75
    prices = bars((100,) * 4, (100,) * 4, (opened, 100, low, 100))

    assert closed(prices, [BUY, HOLD], leverage=2.0, stop=0.1) == (reason, price, 2)


def test_a_stop_beyond_the_margin_comes_too_late():
    prices = bars((100,) * 4, (100,) * 4, (100, 100, 60, 100))

    assert closed(prices, [BUY, HOLD], leverage=2.0, stop=0.3) == ("liquidation", 60, 2)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((101, 125, 100, 102), ("window_end", 102, 2)),
        ((101, 125.1, 100, 102), ("take_profit", 125, 2)),
        ((130, 140, 129, 135), ("take_profit", 130, 2)),
        ((101, 140, 75, 135), ("stop_loss", 75, 2)),
    ],
    ids=["touched", "through", "gap", "the stop first"],
)
def test_an_order_at_a_profit_is_filled_once_the_price_trades_beyond_it(second, expected):
    prices = bars((100,) * 4, (100, 101, 99, 101), second)

    # a quarter is a binary fraction: both levels are met exactly
    assert closed(prices, [BUY, HOLD], stop=0.25, profit=0.25) == expected


def test_an_order_that_rested_pays_the_makers_fee_and_neither_spread_nor_slippage():
    prices = bars((100,) * 4, (100, 101, 99, 101), (101, 111, 101, 105))
    fees = Fees(fee=0.01, maker_fee=0.002, half_spread=0.01, slippage=0.01, impact=0.1)

    book, _, _ = run(prices, [BUY, HOLD], fees, profit=0.1)

    quantity, entry = book["quantity"][0], book["entry_price"][0]
    assert book["exit_price"] == pytest.approx([110.0])
    assert book["fee"][0] == pytest.approx(quantity * (0.01 * entry + 0.002 * 110))
    assert book["spread_cost"][0] == pytest.approx(quantity * 0.01 * 100)


def test_a_full_book_loses_no_money():
    prices, plan, equity, small = (
        walk_prices(1, 41, 0.02),
        np.array([BUY, SELL] * 20),
        np.zeros(41),
        np.zeros(1, TRADE),
    )
    station = station_of(1, small)
    equity[0] = MONEY
    trade_through(station, Prices(*(each[None] for each in prices)), plan[None], 1.0, 1.0, equity)

    book, whole, _ = run(prices, plan, Fees())

    np.testing.assert_array_equal(equity, whole)
    assert small[0] == book[0]
    assert station.accounts.account["trades"][0] == 20
