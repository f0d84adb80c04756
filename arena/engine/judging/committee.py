"""Many agents with one account: what they decide together, through the same ledger and costs.

At every close each member is shown what the committee sees, and says what each action is worth;
one choice is made of all. `deliberate` is a template that `chamber` binds to each network.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from agents.life.lifecycle import ACTIVE
from agents.life.trust import BRONZE, exposure_cap
from agents.strategies.base import BUY, HOLD, SELL
from arena.engine.generations.fitness import score_of
from arena.engine.judging.evaluate import Run, begin, carry_out, run_of, settled, state_of
from arena.engine.play import account_of, by_sequence, costs_of, records, rules_of
from arena.engine.results import FIGURES, SCAR, TRADE
from arena.engine.trading.contexts import Span, Station, Trail
from arena.engine.trading.observation import observe, private_inputs
from arena.engine.trading.windows import NONE, WINDOW
from arena.prices.market.view import Market, MarketView
from arena.settings_schema import Settings
from ml.kernels.compiled import bind, kernel, template
from ml.learning.exploration import FINITE, NO_ACTION, greedy
from ml.networks.base import ACTIONS, INPUTS, PRIVATE, Network, Seen, View
from ml.networks.q_net import Q_NET
from ml.networks.registry import NETWORKS

# how many become one: the greatest mean of action values (a policy's: of preferences), the action
# that most would take, or the side on which most would be if each had gone its own way
COMBINERS = ("mean", "majority", "exposure")
MEAN, MAJORITY, EXPOSURE = range(3)
# a single agent is no committee
LEAST_MEMBERS = 2
# of a larger population the oldest sit: all weights are held at once, and asked at every bar
SEATS = 1024
# the same in a round, where it is to cost a few hundredths of what the round did
SEATS_IN_ROUND = 256
# members asked between two beats, about a second
AT_ONCE = 1_000_000
SCORE = FIGURES.index("score")

network: Network = Q_NET


@kernel
def most(votes):
    """The action with the most of votes [3]; HOLD where it has as many, or SELL and BUY are
    level.
    """
    if votes[SELL] == votes[BUY]:
        return HOLD
    best = BUY if votes[BUY] > votes[SELL] else SELL
    return best if votes[best] > votes[HOLD] else HOLD


@kernel
def side_of_most(stands, long_short):
    """BUY or SELL as most of stands [members] are long, HOLD where as many are not."""
    total = 0.0
    for m in range(stands.shape[0]):
        total += stands[m] if long_short else 2.0 * stands[m] - 1.0
    if total > 0.0:
        return BUY
    return SELL if total < 0.0 else HOLD


class Members(NamedTuple):
    """Who sits on a committee.

    weights: float32 [members, parameters]; premium: bool [members], who is shown higher timeframes;
    stands: float64 [S, members], the side on which each would be; combiner: how they become one;
    cap: largest exposure of their account; money: what it began with.
    """

    weights: np.ndarray
    premium: np.ndarray
    stands: np.ndarray
    combiner: int
    cap: float
    money: float


class Room(NamedTuple):
    """The arrays on which a committee works: what is seen, float32 [24] and of itself [4]; of one
    member float32 q [3], of all float64 total [3]; carried float32 [S, members, any]; work float32.
    """

    sizes: np.ndarray
    x: np.ndarray
    private: np.ndarray
    q: np.ndarray
    total: np.ndarray
    carried: np.ndarray
    work: np.ndarray


@template
def deliberate(
    members: Members,
    span: Span,
    part: Span,
    station: Station,
    market: Market,
    room: Room,
    trail: Trail,
) -> int:
    """A committee through the bars of `part` of `span`; trades closed so far.

    Where its account can trade no more it stands still, see `evaluate.state_of`.
    """
    q, total, stands = room.q, room.total, members.stands
    account, positions = station.accounts.account[0], station.accounts.positions
    rules, sums = station.rules[0], station.sums[0]
    closes, features = market.prices.close, market.features
    symbols, bars = closes.shape
    closed = account.trades
    for t in range(part.start, part.stop):
        for s in range(symbols):
            row = s * bars + t
            private_inputs(account, positions[s], closes[s, t], 1.0, room.private)
            for a in range(total.shape[0]):
                total[a] = 0.0
            for m in range(members.weights.shape[0]):
                premium = members.premium[m]
                observe(features, row, room.private, premium, room.x)
                seen = Seen(room.x, row, View(features, premium))
                network.act(members.weights[m], room.sizes, seen, room.carried[s, m], room.work, q)
                choice = greedy(q, FINITE)
                if choice == NO_ACTION:
                    continue
                if choice != HOLD:
                    stands[s, m] = 1.0 if choice == BUY else (-1.0 if rules.long_short else 0.0)
                for a in range(total.shape[0]):
                    total[a] += q[a] if members.combiner == MEAN else (1.0 if a == choice else 0.0)
            if members.combiner == EXPOSURE:
                positions[s].choice = side_of_most(stands[s], rules.long_short)
            elif members.combiner == MAJORITY:
                positions[s].choice = most(total)
            else:
                positions[s].choice = greedy(total, FINITE)
            trail.path[s, t - span.start] = positions[s].choice
        held = sums.exposure
        last = t == span.stop - 2
        closed = carry_out(station, t, market.prices, members.cap, members.money, last)
        trail.track[t - span.start, 0] = account.equity / account.before - 1.0
        trail.track[t - span.start, 1] = sums.exposure - held
        if state_of(account.equity, members.money) != ACTIVE:
            break
    return closed


@lru_cache
def chamber(kind: str) -> Any:
    """`deliberate` compiled for one kind of network."""
    return bind(deliberate, kind, network=NETWORKS[kind])


def _room(network: Network, hidden: tuple[int, ...], symbols: int, members: int) -> Room:
    """For so many members."""
    sizes, f = network.sizes(hidden), np.float32
    return Room(
        sizes=sizes,
        x=np.empty(INPUTS, f),
        private=np.empty(PRIVATE, f),
        q=np.empty(ACTIONS, f),
        total=np.empty(ACTIONS, np.float64),
        carried=np.tile(network.fresh_memory(hidden), (symbols, members, 1)),
        work=np.empty(network.workspace(sizes, 1), f),
    )


def seated(agents: np.ndarray, slots: np.ndarray, seats: int = SEATS) -> np.ndarray:
    """Which of `slots`, int64 [any], sit on a committee: the oldest of AGENT [population]."""
    return slots[np.argsort(agents["number"][slots], kind="stable")][:seats]


def committee(
    weights: np.ndarray,
    agents: np.ndarray,
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
    combiner: str = "mean",
    beat: Callable[[], None] = lambda: None,
) -> tuple[Run, np.ndarray]:
    """What agents AGENT [n], weights float32 [n, parameters], n > 0, make of a stretch together.

    One account, with a founder's money, no scars and bronze tier; each member sees what its own
    scars leave it. Also the choices, uint8 [S, stretch[1] - stretch[0] - 1], NONE after its end.
    `beat` is called about every second.
    """
    start, stop = stretch
    network, hidden, n = NETWORKS[settings.network.kind], settings.network.hidden, len(agents)
    accounts, window = account_of(market.symbols), records(np.zeros(1, WINDOW))
    book = records(np.zeros(market.symbols * (stop - start), TRADE))
    path = np.full((market.symbols, stop - start - 1), NONE, np.uint8)
    track = np.zeros((stop - start - 1, 2))
    cap = exposure_cap(BRONZE, settings.life.max_leverage, 0, 1.0, 1.0)
    money, closed = settings.life.endowment, 0
    begin(accounts, money)
    members = Members(
        weights=np.ascontiguousarray(weights, np.float32),
        premium=agents["scars"] == 0,
        stands=np.zeros((market.symbols, n)),
        combiner=COMBINERS.index(combiner),
        cap=cap,
        money=money,
    )
    rules, costs, scars = (
        rules_of(settings, for_real=False),
        costs_of(settings),
        records(np.zeros(0, SCAR)),
    )
    station = Station(accounts, rules, costs, window, book, scars)
    rest = (station, market.seen, _room(network, hidden, market.symbols, n), Trail(path, track))
    step = max(1, AT_ONCE // (n * market.symbols))
    for first in range(start, stop - 1, step):
        part = Span(first, min(first + step, stop - 1))
        closed = chamber(network.kind)(members, Span(*stretch), part, *rest)
        beat()
        if state_of(float(accounts.account["equity"][0]), money) != ACTIVE:
            break
    ended = settled(accounts.account, window, stretch, money)
    return run_of(window, by_sequence(book[:closed]), track, ended), path


def of_round(
    agents: np.ndarray,
    figures: np.ndarray,
    weights_of: Callable[[int], np.ndarray],
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
) -> dict[str, float | None] | None:
    """Figures and score of who competed in a round, together on its window: all, or the
    SEATS_IN_ROUND oldest. None of fewer than two.

    agents: AGENT [population] and figures float64 [population, FIGURES] as the round's blocks left
    them; those who died in it had a voice until its end. Weights and eyes are those after the
    window, so what its scars took from a member it lacks all along.
    """
    slots = seated(agents, np.flatnonzero(np.isfinite(figures[:, SCORE])), SEATS_IN_ROUND)
    if len(slots) < LEAST_MEMBERS:
        return None
    weights = np.stack([weights_of(slot) for slot in slots.tolist()])
    run, _ = committee(weights, agents[slots], market, stretch, settings)
    return {**run.figures(), "score": score_of(settings.evolution.fitness, run.window)}
