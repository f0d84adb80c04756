"""The obvious version of money, scars and death: plain Python, one rule a line, no kernel."""

from dataclasses import dataclass, field
from math import log, sqrt

SELL, HOLD, BUY, NONE = 0, 1, 2, 3
NAMES = ("fee", "spread_cost", "slippage_cost", "funding", "borrow")
LADDER = {1: 0.05, 2: 0.10, 3: 0.20, 4: 0.35, 5: 0.50}
COST = {1: 1.05, 2: 1.10, 3: 1.15, 4: 1.20, 5: 1.25}


@dataclass
class Fees:
    """Fractions: fees of notional, half spread, slippage and impact of price, funding of notional
    and interest of a loan a bar.
    """

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
    """An open trade; quantity > 0, side +1 or -1, own: the share of equity behind it. Everything it
    has cost so far stands in `paid`.
    """

    symbol: int
    sequence: int
    side: int
    quantity: float
    bar: int
    mid: float
    price: float
    leverage: float
    own: float
    paid: dict


@dataclass
class SlowAccount:
    """Cash and at most one position in each symbol. `trades` are dicts named as the fields of
    TRADE, in order of entry once all are closed.

    Prices are lists, one a symbol. stop, profit: moves of the price against and for a position that
    close it; None for never.
    """

    cash: float
    fees: Fees
    symbols: int = 1
    multiplier: float = 1.0
    stop: float | None = None
    profit: float | None = None
    opened: int = 0
    positions: dict = field(default_factory=dict)
    trades: list = field(default_factory=list)
    fills: list = field(default_factory=list)
    last: dict = field(default_factory=dict)

    def equity(self, prices):
        return self.cash + sum(p.side * p.quantity * prices[s] for s, p in self.positions.items())

    def slip(self, quantity, volume):
        """The fixed part, and the square root of the share of the bar's volume."""
        moved = 0.0
        if self.fees.impact:
            moved = (
                min(0.25, self.multiplier * self.fees.impact * sqrt(quantity / volume))
                if volume
                else 0.25
            )
        return self.multiplier * self.fees.slippage + moved

    def fill_price(self, mid, side, quantity, volume):
        """A buyer pays more than the middle, a seller gets less."""
        return mid + side * mid * (
            self.multiplier * self.fees.half_spread + self.slip(quantity, volume)
        )

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

    def enter(self, symbol, bar, prices, side, cap, volume):
        """As much as the symbol's share of `cap` equities pays for, its fee included: found by
        halving.
        """
        mid, equity, with_fee = (
            prices[symbol],
            self.equity(prices),
            1 + self.multiplier * self.fees.fee,
        )
        share = equity * cap / self.symbols
        money = share if cap > 1 else min(share, self.cash)
        if money <= 0 or money < 0.01 * share:
            return
        low, high = 0.0, 2 * money / mid
        for _ in range(100):
            middle = (low + high) / 2
            too_much = middle * self.fill_price(mid, side, middle, volume) * with_fee > money
            low, high = (low, middle) if too_much else (middle, high)
        paid, sequence = dict.fromkeys(NAMES, 0.0), self.opened
        price = self.fill(mid, side, low, volume, paid)
        leverage = low * price / equity
        own = low * price / (leverage * self.symbols)
        self.positions[symbol] = Position(
            symbol, sequence, side, low, bar, mid, price, leverage, own, paid
        )
        self.opened, self.last[symbol] = sequence + 1, sequence

    def leave(self, symbol, bar, mid, reason, volume=0.0):
        p = self.positions.pop(symbol)
        price = self.fill(mid, -p.side, p.quantity, volume, p.paid, rests=reason == "take_profit")
        gross = p.side * p.quantity * (mid - p.mid)
        self.trades.append(
            {
                "sequence": p.sequence,
                "symbol": symbol,
                "entry_bar": p.bar,
                "exit_bar": bar,
                "side": p.side,
                "entry_price": p.price,
            }
            | {
                "exit_price": price,
                "quantity": p.quantity,
                "leverage": p.leverage,
                "gross_profit": gross,
            }
            | {"net_profit": gross - sum(p.paid.values()), "reason": reason}
            | p.paid
        )

    def leave_all(self, bar, prices, reason, volumes):
        for symbol in sorted(self.positions):
            self.leave(symbol, bar, prices[symbol], reason, volumes[symbol])

    def order(self, bar, prices, actions, short, cap, volumes):
        """BUY wants to be long, SELL flat or short, HOLD nothing new; symbol after symbol."""
        for symbol, action in enumerate(actions):
            want = {SELL: -1 if short else 0, HOLD: None, BUY: 1}[int(action)]
            have = self.positions[symbol].side if symbol in self.positions else 0
            if want is None or want == have:
                continue
            if have:
                self.leave(
                    symbol, bar, prices[symbol], "reversal" if want else "signal", volumes[symbol]
                )
            if want:
                self.enter(symbol, bar, prices, want, cap, volumes[symbol])

    def broke(self, prices):
        """Whether at those prices half of the margin is lost that stands behind all that is
        borrowed; only who borrows has one.
        """
        margins = [
            p.own for p in self.positions.values() if p.side < 0 or p.leverage * self.symbols > 1
        ]
        return bool(margins) and self.equity(prices) < 0.5 * sum(margins)

    def force(self, bar, opens, highs, lows, volumes):
        """{symbol: why} of all that the bar closes by force: at a stop, at a margin call of
        everything, at a profit.
        """
        worst = {s: lows[s] if p.side > 0 else highs[s] for s, p in self.positions.items()}
        best = {s: highs[s] if p.side > 0 else lows[s] for s, p in self.positions.items()}
        stops = {}
        for s, p in self.positions.items():
            stop = p.mid - p.side * self.stop * p.mid if self.stop else None
            if stop and p.side * worst[s] <= p.side * stop:
                stops[s] = min(opens[s], stop) if p.side > 0 else max(opens[s], stop)
        called, forced = self.broke(worst | stops), {}
        for s, p in sorted(self.positions.items()):
            goal = p.mid + p.side * self.profit * p.mid if self.profit else None
            if called:
                forced[s] = ("liquidation", worst[s])
            elif s in stops:
                forced[s] = ("stop_loss", stops[s])
            elif goal and p.side * best[s] > p.side * goal:
                forced[s] = (
                    "take_profit",
                    max(opens[s], goal) if p.side > 0 else min(opens[s], goal),
                )
        for s, (reason, at) in forced.items():
            self.leave(s, bar, at, reason, volumes[s])
        return {s: reason for s, (reason, _) in forced.items()}

    def carry(self, prices):
        """A bar's funding on what is held, and interest on what is borrowed."""
        for s, p in self.positions.items():
            loan = p.quantity * prices[s] if p.side < 0 else max(p.quantity * p.price - p.own, 0.0)
            charges = {
                "funding": self.fees.funding * p.quantity * prices[s],
                "borrow": self.fees.borrow * loan,
            }
            for name, charge in charges.items():
                self.cash -= charge
                p.paid[name] += charge

    def earned(self, prices):
        """By symbol, what was earned and paid since the beginning, net."""
        total = [0.0] * self.symbols
        for trade in self.trades:
            total[trade["symbol"]] += trade["net_profit"]
        for s, p in self.positions.items():
            total[s] += p.side * p.quantity * (prices[s] - p.mid) - sum(p.paid.values())
        return total

    def by_sequence(self):
        return sorted(self.trades, key=lambda trade: trade["sequence"])


@dataclass
class SlowLife:
    """An agent in competition: replays `actions` and suffers for them.

    Scars are (bar, severity, drawdown, [(cause, symbol, trade, action)]), the last of each symbol
    that lost as much as any.
    """

    account: SlowAccount
    endowment: float
    tier_cap: float
    bankrupt_at: float = 0.1
    max_scars: int = 5
    short: bool = False
    state: str = "active"
    scars: list = field(default_factory=list)
    equity: list = field(default_factory=list)
    rewards: list = field(default_factory=list)

    def __post_init__(self):
        self.peak = self.since = self.account.cash
        self.step, self.max_drawdown, self.scar_leverage = 0, 0.0, 1.0
        self.at_peak = (0.0, 0.0)

    def cap(self):
        limit = (
            min(self.tier_cap, 1.0) if any(scar[1] >= 3 for scar in self.scars) else self.tier_cap
        )
        return limit * self.scar_leverage

    def books(self, prices):
        """(gross profit, costs) of everything so far, open positions included."""
        done, held = self.account.trades, self.account.positions.items()
        gross = sum(t["gross_profit"] for t in done) + sum(
            p.side * p.quantity * (prices[s] - p.mid) for s, p in held
        )
        return gross, sum(t[n] for t in done for n in NAMES) + sum(
            sum(p.paid.values()) for _, p in held
        )

    def bar(self, t, actions, prices, last):
        """Carry out what was decided at the close of bar t. prices: by name of column, float [S,
        n].
        """
        opens, highs, lows, closes, volumes = (column[:, t + 1] for column in prices)
        account, before = self.account, prices[3][:, t]
        equity, earned = account.equity(before), account.earned(before)
        account.order(t + 1, opens, actions, self.short, self.cap(), volumes)
        forced = account.force(t + 1, opens, highs, lows, volumes)
        account.carry(closes)
        gains = [now - then for now, then in zip(account.earned(closes), earned, strict=True)]
        self.rewards.append([100 * log(max((equity + gain) / equity, 1e-3)) for gain in gains])
        broke = self.bankrupt_at * self.endowment
        if account.equity(closes) < broke:
            self.state = "bankrupt"
        if last or self.state != "active":
            account.leave_all(
                t + 1, closes, "window_end" if self.state == "active" else "death", volumes
            )
        if account.equity(closes) < broke:
            self.state = "bankrupt"
        self.equity.append(account.equity(closes))
        gains = [now - then for now, then in zip(account.earned(closes), earned, strict=True)]
        self.scar(t + 1, before, closes, forced, gains, actions)
        if self.state == "active" and sum(scar[1] >= 2 for scar in self.scars) >= self.max_scars:
            self.state = "scarred_out"
            account.leave_all(t + 1, closes, "death", volumes)

    def scar(self, t, before, closes, forced, gains, actions):
        now, called = self.account.equity(closes), "liquidation" in forced.values()
        if now > self.peak:
            self.peak, self.at_peak = now, self.books(closes)
            if self.step and self.peak >= 1.05 * self.since:
                self.step = 0
        drawdown = 1 - now / self.peak
        self.max_drawdown = max(self.max_drawdown, drawdown)
        passed = max((s for s, depth in LADDER.items() if drawdown >= depth), default=0)
        severity = passed if passed > self.step else max(passed, 1) if called else 0
        if not severity:
            return
        gross, costs = (
            new - then for new, then in zip(self.books(closes), self.at_peak, strict=True)
        )
        slow, causes = "fee_burden" if costs > max(-gross, 0) else "trade_loss", []
        for worst in (s for s, gain in enumerate(gains) if gain <= min(gains) + 1e-6):
            crash = closes[worst] / before[worst] - 1 <= -0.10
            cause = (
                "liquidation"
                if called
                else "crash"
                if crash
                else "stop_loss"
                if forced.get(worst) == "stop_loss"
                else slow
            )
            causes.append((cause, worst, self.account.last.get(worst, -1), int(actions[worst])))
        self.scars.append((t, severity, drawdown, causes))
        self.step, self.since = max(self.step, severity), self.peak
        self.scar_leverage *= 1 - 0.1 * severity
        self.account.multiplier *= COST[severity]

    def live(self, actions, start, prices):
        """Bars start .. start + n - 1 of actions [S, n]; the last ones are none, for nothing can be
        filled after them.
        """
        for n, chosen in enumerate(actions.T):
            if NONE in chosen:
                break
            self.bar(start + n, chosen, prices, last=n == actions.shape[1] - 2)
            if self.state != "active":
                break
        return self


def log_growth(life):
    return log(life.account.cash / life.endowment)
