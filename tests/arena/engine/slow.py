"""The obvious version of money, scars and death: plain Python, one rule a line, no kernel."""

from dataclasses import dataclass, field
from math import log, sqrt

SELL, HOLD, BUY, NONE = 0, 1, 2, 3
NAMES = ("fee", "spread_cost", "slippage_cost", "funding", "borrow")
LADDER = {1: 0.05, 2: 0.10, 3: 0.20, 4: 0.35, 5: 0.50}
COST = {1: 1.05, 2: 1.10, 3: 1.15, 4: 1.20, 5: 1.25}


@dataclass
class Fees:
    """Fractions: fees of notional, half spread, slippage and impact of price, funding of notional and interest of a loan a bar."""

    fee: float = 0.0
    maker_fee: float = 0.0
    half_spread: float = 0.0
    slippage: float = 0.0
    impact: float = 0.0
    funding: float = 0.0
    borrow: float = 0.0

    @classmethod
    def of(cls, settings):
        return cls(**settings.costs.model_dump())


@dataclass
class Position:
    """An open trade; quantity > 0, side +1 or -1. Everything it has cost so far stands in `paid`."""

    side: int
    quantity: float
    bar: int
    mid: float
    price: float
    leverage: float
    paid: dict


@dataclass
class SlowAccount:
    """Cash and at most one position. `worth(price)` is its equity; `trades` are dicts named as the fields of TRADE.

    stop, profit: moves of the price against and for a position that close it; None for never.
    """

    cash: float
    fees: Fees
    multiplier: float = 1.0
    stop: float | None = None
    profit: float | None = None
    position: Position | None = None
    trades: list = field(default_factory=list)
    fills: list = field(default_factory=list)

    def worth(self, price):
        if self.position is None:
            return self.cash
        return self.cash + self.position.side * self.position.quantity * price

    def slip(self, quantity, volume):
        """The fixed part, and the square root of the share of the bar's volume."""
        moved = 0.0
        if self.fees.impact:
            moved = min(0.25, self.multiplier * self.fees.impact * sqrt(quantity / volume)) if volume else 0.25
        return self.multiplier * self.fees.slippage + moved

    def fill_price(self, mid, side, quantity, volume):
        """A buyer pays more than the middle, a seller gets less."""
        return mid + side * mid * (self.multiplier * self.fees.half_spread + self.slip(quantity, volume))

    def fill(self, mid, side, quantity, volume, paid, rests=False):
        """Exchange `quantity` for cash and pay for it; an order that rests gets its price."""
        price = mid if rests else self.fill_price(mid, side, quantity, volume)
        fee = self.multiplier * (self.fees.maker_fee if rests else self.fees.fee) * price * quantity
        self.cash -= side * quantity * price + fee
        paid["fee"] += fee
        if not rests:
            paid["spread_cost"] += self.multiplier * self.fees.half_spread * mid * quantity
            paid["slippage_cost"] += self.slip(quantity, volume) * mid * quantity
        self.fills.append((mid, price, side, quantity))
        return price

    def enter(self, bar, mid, side, cap, volume):
        """As much as `cap` times the cash pays for, its fee included: found by halving."""
        money, with_fee = cap * self.cash, 1 + self.multiplier * self.fees.fee
        if money <= 0:
            return
        low, high = 0.0, 2 * money / mid
        for _ in range(100):
            middle = (low + high) / 2
            dear = middle * self.fill_price(mid, side, middle, volume) * with_fee > money
            low, high = (low, middle) if dear else (middle, high)
        before, paid = self.cash, dict.fromkeys(NAMES, 0.0)
        price = self.fill(mid, side, low, volume, paid)
        self.position = Position(side, low, bar, mid, price, low * price / before, paid)

    def leave(self, bar, mid, reason, volume=0.0):
        p = self.position
        price = self.fill(mid, -p.side, p.quantity, volume, p.paid, rests=reason == "take_profit")
        gross = p.side * p.quantity * (mid - p.mid)
        self.trades.append(
            {"entry_bar": p.bar, "exit_bar": bar, "side": p.side, "entry_price": p.price, "exit_price": price, "quantity": p.quantity}
            | {"leverage": p.leverage, "gross_profit": gross, "net_profit": gross - sum(p.paid.values()), "reason": reason}
            | p.paid
        )
        self.position = None

    def order(self, bar, mid, action, short, cap, volume=0.0):
        """BUY wants to be long, SELL flat or short, HOLD nothing new."""
        want = {SELL: -1 if short else 0, HOLD: None, BUY: 1}[action]
        have = self.position.side if self.position else 0
        if want is None or want == have:
            return
        if have:
            self.leave(bar, mid, "reversal" if want else "signal", volume)
        if want:
            self.enter(bar, mid, want, cap, volume)

    def broke(self, price):
        """Whether half its margin is lost at that price; only who borrows has one."""
        p = self.position
        if p.side > 0 and p.leverage <= 1:
            return False
        return self.worth(price) < 0.5 * p.quantity * p.price / p.leverage

    def force(self, bar, opened, high, low, volume=0.0):
        """Why the bar closed the position by force, None where it did not: its stop, a margin call, or its order at a profit."""
        p = self.position
        if p is None:
            return None
        path = {1: (low, high), -1: (high, low)}[p.side]
        stop = p.mid - p.side * self.stop * p.mid if self.stop else None
        if stop and p.side * path[0] <= p.side * stop:
            at = min(opened, stop) if p.side > 0 else max(opened, stop)
            reason = "liquidation" if self.broke(at) else "stop_loss"
        elif self.broke(path[0]):
            reason = "liquidation"
        else:
            goal = p.mid + p.side * self.profit * p.mid if self.profit else None
            if goal is None or p.side * path[1] <= p.side * goal:
                return None
            at, reason = (max(opened, goal) if p.side > 0 else min(opened, goal)), "take_profit"
        self.leave(bar, path[0] if reason == "liquidation" else at, reason, volume)
        return reason

    def carry(self, price):
        """A bar's funding on what is held, and interest on what is borrowed."""
        p = self.position
        if p:
            loan = p.quantity * price if p.side < 0 else max(p.quantity * p.price * (1 - 1 / p.leverage), 0.0)
            charges = {"funding": self.fees.funding * p.quantity * price, "borrow": self.fees.borrow * loan}
            for name, charge in charges.items():
                self.cash -= charge
                p.paid[name] += charge


@dataclass
class SlowLife:
    """An agent in competition: replays `actions` and suffers for them. Scars are (bar, severity, cause, drawdown)."""

    account: SlowAccount
    endowment: float
    tier_cap: float
    bankrupt_at: float = 0.1
    max_scars: int = 5
    short: bool = False
    state: str = "active"
    scars: list = field(default_factory=list)
    equity: list = field(default_factory=list)

    def __post_init__(self):
        self.peak = self.since = self.account.cash
        self.step, self.max_drawdown, self.scar_leverage = 0, 0.0, 1.0
        self.at_peak = (0.0, 0.0)

    def cap(self):
        limit = min(self.tier_cap, 1.0) if any(scar[1] >= 3 for scar in self.scars) else self.tier_cap
        return limit * self.scar_leverage

    def books(self, price):
        """(gross profit, costs) of everything so far, the open position included."""
        done, p = self.account.trades, self.account.position
        gross = sum(t["gross_profit"] for t in done) + (p.side * p.quantity * (price - p.mid) if p else 0.0)
        return gross, sum(t[n] for t in done for n in NAMES) + (sum(p.paid.values()) if p else 0.0)

    def bar(self, t, action, prices, last):
        """Carry out what was decided at the close of bar t."""
        opens, highs, lows, closes, volumes = prices
        account, volume = self.account, volumes[t + 1]
        account.order(t + 1, opens[t + 1], action, self.short, self.cap(), volume)
        forced = account.force(t + 1, opens[t + 1], highs[t + 1], lows[t + 1], volume)
        account.carry(closes[t + 1])
        broke = self.bankrupt_at * self.endowment
        if account.worth(closes[t + 1]) < broke:
            self.state = "bankrupt"
        if account.position and (last or self.state != "active"):
            account.leave(t + 1, closes[t + 1], "window_end" if self.state == "active" else "death", volume)
        if account.worth(closes[t + 1]) < broke:
            self.state = "bankrupt"
        self.equity.append(account.worth(closes[t + 1]))
        self.scar(t + 1, closes, forced)
        if self.state == "active" and sum(scar[1] >= 2 for scar in self.scars) >= self.max_scars:
            self.state = "scarred_out"
            if account.position:
                account.leave(t + 1, closes[t + 1], "death", volume)

    def scar(self, t, closes, forced):
        now = self.account.worth(closes[t])
        if now > self.peak:
            self.peak, self.at_peak = now, self.books(closes[t])
            if self.step and self.peak >= 1.05 * self.since:
                self.step = 0
        drawdown = 1 - now / self.peak
        self.max_drawdown = max(self.max_drawdown, drawdown)
        passed = max((s for s, depth in LADDER.items() if drawdown >= depth), default=0)
        severity = passed if passed > self.step else max(passed, 1) if forced == "liquidation" else 0
        if not severity:
            return
        gross, costs = (now - then for now, then in zip(self.books(closes[t]), self.at_peak, strict=True))
        crash = closes[t] / closes[t - 1] - 1 <= -0.10
        slow = "fee_burden" if costs > max(-gross, 0) else "trade_loss"
        cause = "liquidation" if forced == "liquidation" else "crash" if crash else "stop_loss" if forced == "stop_loss" else slow
        self.scars.append((t, severity, cause, drawdown))
        self.step, self.since = max(self.step, severity), self.peak
        self.scar_leverage *= 1 - 0.1 * severity
        self.account.multiplier *= COST[severity]

    def live(self, actions, start, prices):
        """Bars start .. start + len(actions) - 1; the last action is none, for nothing can be filled after it."""
        for n, action in enumerate(actions):
            if action == NONE:
                break
            self.bar(start + n, int(action), prices, last=n == len(actions) - 2)
            if self.state != "active":
                break
        return self


def log_growth(life):
    return log(life.account.cash / life.endowment)
