"""The obvious version of money, scars and death: plain Python, one rule a line, no kernel."""

from dataclasses import dataclass, field
from math import log

SELL, HOLD, BUY, NONE = 0, 1, 2, 3
LADDER = {1: 0.05, 2: 0.10, 3: 0.20, 4: 0.35, 5: 0.50}
COST = {1: 1.05, 2: 1.10, 3: 1.15, 4: 1.20, 5: 1.25}


@dataclass
class Fees:
    """Fractions: fee of notional, half spread and slippage of price, funding of notional a bar."""

    fee: float = 0.0
    half_spread: float = 0.0
    slippage: float = 0.0
    funding: float = 0.0


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
    """Cash and at most one position. `worth(price)` is its equity; `trades` are dicts named as the fields of TRADE."""

    cash: float
    fees: Fees
    multiplier: float = 1.0
    position: Position | None = None
    trades: list = field(default_factory=list)
    fills: list = field(default_factory=list)

    def worth(self, price):
        if self.position is None:
            return self.cash
        return self.cash + self.position.side * self.position.quantity * price

    def fill_price(self, mid, side):
        """A buyer pays more than the middle, a seller gets less."""
        return mid + side * mid * self.multiplier * (self.fees.half_spread + self.fees.slippage)

    def fill(self, mid, side, quantity, paid):
        """Exchange `quantity` for cash and pay for it."""
        price = self.fill_price(mid, side)
        fee = self.multiplier * self.fees.fee * price * quantity
        self.cash -= side * quantity * price + fee
        paid["fee"] += fee
        paid["spread_cost"] += self.multiplier * self.fees.half_spread * mid * quantity
        paid["slippage_cost"] += self.multiplier * self.fees.slippage * mid * quantity
        self.fills.append((mid, price, side, quantity))
        return price

    def enter(self, bar, mid, side, cap):
        """As much as `cap` times the cash pays for, its fee included."""
        quantity = cap * self.cash / (self.fill_price(mid, side) * (1 + self.multiplier * self.fees.fee))
        if quantity <= 0:
            return
        before, paid = self.cash, dict.fromkeys(("fee", "spread_cost", "slippage_cost", "funding"), 0.0)
        price = self.fill(mid, side, quantity, paid)
        self.position = Position(side, quantity, bar, mid, price, quantity * price / before, paid)

    def leave(self, bar, mid, reason):
        p = self.position
        price = self.fill(mid, -p.side, p.quantity, p.paid)
        gross = p.side * p.quantity * (mid - p.mid)
        self.trades.append(
            {"entry_bar": p.bar, "exit_bar": bar, "side": p.side, "entry_price": p.price, "exit_price": price, "quantity": p.quantity}
            | {"leverage": p.leverage, "gross_profit": gross, "net_profit": gross - sum(p.paid.values()), "reason": reason}
            | p.paid
        )
        self.position = None

    def order(self, bar, mid, action, short, cap):
        """BUY wants to be long, SELL flat or short, HOLD nothing new."""
        want = {SELL: -1 if short else 0, HOLD: None, BUY: 1}[action]
        have = self.position.side if self.position else 0
        if want is None or want == have:
            return
        if have:
            self.leave(bar, mid, "reversal" if want else "signal")
        if want:
            self.enter(bar, mid, want, cap)

    def call_margin(self, bar, low, high):
        """Whether the position was closed because half its margin was lost at the bar's worst price."""
        p = self.position
        if p is None or (p.side > 0 and p.leverage <= 1):
            return False
        worst = low if p.side > 0 else high
        margin = p.quantity * p.price / p.leverage
        if self.worth(worst) >= 0.5 * margin:
            return False
        self.leave(bar, worst, "liquidation")
        return True

    def carry(self, price):
        """A bar's funding."""
        if self.position:
            charge = self.fees.funding * self.position.quantity * price
            self.cash -= charge
            self.position.paid["funding"] += charge


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
        names = ("fee", "spread_cost", "slippage_cost", "funding")
        return gross, sum(t[n] for t in done for n in names) + (sum(p.paid.values()) if p else 0.0)

    def bar(self, t, action, prices, last):
        """Carry out what was decided at the close of bar t."""
        opens, highs, lows, closes = prices
        account = self.account
        account.order(t + 1, opens[t + 1], action, self.short, self.cap())
        called = account.call_margin(t + 1, lows[t + 1], highs[t + 1])
        account.carry(closes[t + 1])
        broke = self.bankrupt_at * self.endowment
        if account.worth(closes[t + 1]) < broke:
            self.state = "bankrupt"
        if account.position and (last or self.state != "active"):
            account.leave(t + 1, closes[t + 1], "window_end" if self.state == "active" else "death")
        if account.worth(closes[t + 1]) < broke:
            self.state = "bankrupt"
        self.equity.append(account.worth(closes[t + 1]))
        self.scar(t + 1, closes, called)
        if self.state == "active" and sum(scar[1] >= 2 for scar in self.scars) >= self.max_scars:
            self.state = "scarred_out"
            if account.position:
                account.leave(t + 1, closes[t + 1], "death")

    def scar(self, t, closes, called):
        now = self.account.worth(closes[t])
        if now > self.peak:
            self.peak, self.at_peak = now, self.books(closes[t])
            if self.step and self.peak >= 1.05 * self.since:
                self.step = 0
        drawdown = 1 - now / self.peak
        self.max_drawdown = max(self.max_drawdown, drawdown)
        passed = max((s for s, depth in LADDER.items() if drawdown >= depth), default=0)
        severity = passed if passed > self.step else max(passed, 1) if called else 0
        if not severity:
            return
        gross, costs = (now - then for now, then in zip(self.books(closes[t]), self.at_peak, strict=True))
        crash = closes[t] / closes[t - 1] - 1 <= -0.10
        cause = "liquidation" if called else "crash" if crash else "fee_burden" if costs > max(-gross, 0) else "trade_loss"
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
