"""One exposure all along: what an agent would have earned with the same mean exposure as another,
but always.

Who did better than this was in at the right times; who did not was only in. A fraction that is
bought once and held drifts: a short shrinks as it earns, leverage fades as it does, and who
opens anew now and then would pass for one with a sense of time. So the exposure is brought back,
where it is off by more than a hundredth of itself. Closer would be trade for its own sake; but
leverage in a rising market is always off to the same side, and with a tenth in place of a hundredth
one in four who only held it came out significantly ahead.
"""

from dataclasses import dataclass

import numpy as np

from agents.life.costs import COSTS
from arena.engine.judging.evaluate import Run
from arena.engine.judging.growth import LEAST_SHARE
from arena.engine.play import costs_of, records
from arena.engine.results import TRADE
from arena.engine.trading.costs import take
from arena.engine.trading.ledger import POSITION, WINDOW_END
from arena.engine.trading.windows import WINDOW, count_bar
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from ml.sums import total

# how far the exposure may be off, as a share of itself
BAND = 0.01
# exposures below this are none
NONE = 1e-6
# costs of holding; all others are those of fills
HELD = ("funding", "borrow")
AT_FILLS = tuple(name for name in COSTS if name not in HELD)


@dataclass
class _Account:
    """cash; one POSITION and one TRADE a symbol, which gather what is bought and sold to stay
    there.
    """

    cash: float
    positions: np.ndarray
    book: np.ndarray


def constant_run(
    exposures: np.ndarray, market: MarketView, stretch: tuple[int, int], settings: Settings
) -> Run:
    """The run of an account that keeps `exposures`, float64 [S] in equities and signed.

    On bars stretch[0] .. stretch[1] - 1: it buys at the first open that it may, pays for what it
    trades what everybody pays, and sells at the last close. Nothing stops it before its money is
    gone. A symbol is one trade, from the first fill to the last.
    """
    start, stop = stretch
    money, costs, closes = settings.life.endowment, costs_of(settings)[0], market.prices.close
    account, before, least = _account(market.symbols, money), money, LEAST_SHARE * money
    window, track = records(np.zeros(1, WINDOW)), np.zeros((stop - start - 1, 2))
    for t in range(start + 1, stop):
        if before > least:
            _bring_back(account, exposures, market, t, costs)
            _carry(account, closes[:, t], costs)
        exposed = _exposure(account, closes[:, t])
        if t == stop - 1 or _equity(account, closes[:, t]) <= least:
            _leave(account, market, t, costs)
        equity = max(_equity(account, closes[:, t]), least)
        count_bar(window[0], before, equity, exposed)
        track[t - start - 1] = equity, exposed
        before = equity
    window["log_growth"] = np.log(before / money)
    returns = track[:, 0] / np.concatenate([[money], track[:-1, 0]]) - 1.0
    traded = account.book[account.book["quantity"] > 0.0]
    return Run(np.asarray(window)[0].copy(), traded, returns, track[:, 1])


def _account(symbols: int, money: float) -> _Account:
    book = np.zeros(symbols, TRADE)
    book["symbol"], book["reason"] = np.arange(symbols), WINDOW_END
    return _Account(money, records(np.zeros(symbols, POSITION)), book)


def _equity(account: _Account, prices: np.ndarray) -> float:
    return float(account.cash + np.dot(account.positions["quantity"], prices))


def _exposure(account: _Account, prices: np.ndarray) -> float:
    size = float(np.dot(np.abs(account.positions["quantity"]), prices))
    equity = _equity(account, prices)
    return size / equity if equity > 0.0 else 0.0


def _bring_back(
    account: _Account, exposures: np.ndarray, market: MarketView, t: int, costs: np.void
) -> None:
    """Trade at the open of bar t what is off by more than BAND; nothing where nothing is left."""
    opens = market.prices.open[:, t]
    equity = _equity(account, opens)
    for s in np.flatnonzero(np.abs(exposures) > NONE).tolist():
        off = exposures[s] * equity - account.positions["quantity"][s] * opens[s]
        if equity > 0.0 and abs(off) > BAND * abs(exposures[s] * equity):
            if account.book["quantity"][s] == 0.0:
                _open(account, s, off / equity, abs(off) / opens[s], t)
            _trade(account, s, off / opens[s], opens[s], market.prices.volume[s, t], t, costs)


def _open(account: _Account, s: int, exposure: float, quantity: float, t: int) -> None:
    trade = account.book[s]
    trade["entry_bar"], trade["side"] = t, np.sign(exposure)
    trade["quantity"], trade["leverage"] = quantity, abs(exposure)


def _trade(
    account: _Account, s: int, quantity: float, mid: float, volume: float, t: int, costs: np.void
) -> None:
    """Buy `quantity` (below 0: sell) of symbol s at the market."""
    position, trade, side = account.positions[s], account.book[s], float(np.sign(quantity))
    price, fee = take(position, mid, abs(quantity), side, volume, costs, 1.0)
    account.cash -= quantity * price + fee
    account.positions["quantity"][s] += quantity
    if trade["entry_price"] == 0.0:
        trade["entry_price"] = price
    trade["exit_bar"], trade["exit_price"] = t, price
    trade["gross_profit"] -= quantity * mid


def _carry(account: _Account, closes: np.ndarray, costs: np.void) -> None:
    """Charge a bar's funding, and interest on what is borrowed: all that is short, and of a long
    what its share of the equity lacks.
    """
    share = max(_equity(account, closes), 0.0) / len(closes)
    for s, close in enumerate(closes):
        value = account.positions["quantity"][s] * close
        funding = costs["funding"] * abs(value)
        borrow = costs["borrow"] * (max(value - share, 0.0) if value > 0.0 else -value)
        account.cash -= funding + borrow
        account.book["funding"][s] += funding
        account.book["borrow"][s] += borrow


def _leave(account: _Account, market: MarketView, t: int, costs: np.void) -> None:
    """Everything is sold, or bought back, at the close of bar t; the trades are complete."""
    for s in np.flatnonzero(account.positions["quantity"]).tolist():
        position, trade, held = (
            account.positions[s],
            account.book[s],
            account.positions["quantity"][s],
        )
        _trade(account, s, -held, market.prices.close[s, t], market.prices.volume[s, t], t, costs)
        for name in AT_FILLS:
            trade[name] = position[name]
        trade["net_profit"] = trade["gross_profit"] - total(float(trade[name]) for name in COSTS)
