"""One round of one block: every agent practises, then all compete on the same bars.

The rules: docs/RULES.md#rounds and #race.
"""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numba import config
from xxhash import xxh3_128_digest

from agents.life.lifecycle import ACTIVE
from agents.life.scars import DAMAGE, DRAWDOWN, ladder_of
from arena.engine import limits
from arena.engine.generations.fitness import at_full_size, score_of
from arena.engine.generations.growth import figures, grow
from arena.engine.results import AGENT, SCAR, TRADE, Birth, Block, BlockResult, RoundPlan
from arena.engine.schedule import lately
from arena.engine.trading.contexts import Accounts, Lanes, Mind, Pupil, Station, Trail
from arena.engine.trading.costs import COSTS
from arena.engine.trading.ledger import ACCOUNT, POSITION
from arena.engine.trading.rewards import REWARDS, largest_reward
from arena.engine.trading.walk import walkers
from arena.engine.trading.windows import NONE, RULES, WINDOW
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from ml.kernels.records import Bare, bare
from ml.learning import priorities
from ml.learning.bench import bench_of
from ml.learning.contexts import Brain
from ml.learning.exploration import FINITE
from ml.networks.base import ACTIONS, INPUTS, PRIVATE
from ml.networks.registry import NETWORKS
from ml.params import aligned, disturbed
from ml.rng import Purpose, stream
from ml.sums import total

MOST_SCARS = 64


def records(array: np.ndarray) -> np.ndarray:
    """`array` with fields as attributes: compiled kernels read them so, and plain Python needs a
    recarray for it.
    """
    return array.view(np.recarray) if config.DISABLE_JIT else array


def rules_of(settings: Settings, *, for_real: bool = True) -> np.ndarray:
    """RULES [1] and what the kernels need of the settings."""
    life, learning = settings.life, settings.learning
    rules = np.zeros(1, RULES)
    rules["long_short"] = life.direction == "long_short"
    rules["max_leverage"], rules["bankrupt_at"], rules["max_scars"] = (
        life.max_leverage,
        life.bankrupt_at,
        life.max_scars,
    )
    rules["ladder"] = DRAWDOWN
    rules["stop_loss"], rules["take_profit"] = life.stop_loss, life.take_profit
    rules["for_real"], rules["learning"] = for_real, learning.enabled
    # who learns on policy has nothing but the last stretch to learn from
    rules["starts"] = learning.starts if NETWORKS[settings.network.kind].learner != "rollout" else 1
    rules["update_every"], rules["target_every"] = learning.update_every, learning.target_every
    rules["double"], rules["gradient_clip"], rules["weight_decay"] = (
        learning.double,
        learning.gradient_clip,
        learning.weight_decay,
    )
    rules["n_step"], rules["squared"], rules["tau"] = (
        learning.n_step,
        learning.loss == "squared",
        learning.tau,
    )
    rules["priority"], rules["priority_beta"] = learning.priority, learning.priority_beta
    rules["priority_updates"] = learning.priority_updates
    rules["reward"] = REWARDS.index(learning.reward)
    # a policy's preferences are no sums of rewards
    valued = NETWORKS[settings.network.kind].learner != "rollout"
    rules["largest_reward"] = (
        largest_reward(rules["reward"][0], life.max_leverage) if valued else FINITE
    )
    rules["exponential"] = learning.epsilon_decay == "exponential"
    rules["temperature"] = learning.temperature if learning.exploration == "boltzmann" else 0.0
    rules["epsilon_end"], rules["epsilon_compete"] = learning.epsilon_end, learning.epsilon_compete
    return records(rules)


def ladder_on(market: MarketView, bar: int, settings: Settings) -> np.ndarray:
    """Drawdowns at which scars are due on bars from `bar` on, float64 [5].

    The market's own move in a round is that of all symbols in equal parts, by all bars before.
    """
    if settings.life.ladder == "drawdown":
        return DRAWDOWN
    moves = np.diff(np.log(market.prices.close[:, :bar])).mean(axis=0)
    return ladder_of(float(moves.std()) * settings.round_bars**0.5)


def costs_of(settings: Settings) -> np.ndarray:
    """COSTS [1]."""
    costs = np.zeros(1, COSTS)
    for name in COSTS.names or ():
        costs[name] = getattr(settings.costs, name)
    return records(costs)


def account_of(symbols: int) -> Accounts:
    """Without any money."""
    return Accounts(records(np.zeros(1, ACCOUNT)), records(np.zeros(symbols, POSITION)))


def memory_of(symbols: int, capacity: int) -> Lanes:
    """What an agent remembers that remembers nothing yet, and draws nothing by priority."""
    shape = (symbols, capacity)
    return Lanes(
        private=np.zeros((*shape, PRIVATE), np.float32),
        action=np.zeros(shape, np.int8),
        reward=np.zeros(shape, np.float32),
        row=np.full(shape, -1, np.int32),
        **priorities_of(symbols, 0),
    )


def priorities_of(symbols: int, slots: int) -> dict[str, np.ndarray]:
    """{trees, bounds} of a memory with so many slots a symbol that have a priority."""
    tree, bounds = priorities.empty(slots)
    return {"trees": np.stack([tree] * symbols), "bounds": np.stack([bounds] * symbols)}


def slots_of(settings: Settings, symbols: int) -> int:
    """Slots of memory that each symbol has."""
    return settings.learning.replay // symbols


def slots_by_priority(settings: Settings, symbols: int) -> int:
    """How many of them have a priority: all, or none where the option is off."""
    return slots_of(settings, symbols) if settings.learning.priority else 0


def fresh_block(births: Sequence[Birth], settings: Settings, symbols: int) -> Block:
    """A block of newborns for a market of so many symbols: nothing learnt, nothing remembered."""
    n, shape = len(births), (symbols, slots_of(settings, symbols))
    weights = np.stack([birth.weights for birth in births])
    return Block(
        agents=np.array([birth.agent for birth in births], AGENT),
        online=weights,
        target=weights.copy(),
        moment1=np.zeros_like(weights),
        moment2=np.zeros_like(weights),
        private=np.zeros((n, *shape, PRIVATE), np.float32),
        action=np.zeros((n, *shape), np.int8),
        reward=np.zeros((n, *shape), np.float32),
        priority=np.zeros((n, symbols, slots_by_priority(settings, symbols)), np.float32),
        bar=np.full(shape, -1, np.int32),
        head=0,
    )


def mind_of(settings: Settings, symbols: int, weights: np.ndarray) -> Mind:
    """A network of the settings' kind that acts with these weights, float32 [parameters]."""
    network, hidden = NETWORKS[settings.network.kind], settings.network.hidden
    sizes, f = network.sizes(hidden), np.float32
    return Mind(
        weights=weights,
        sizes=sizes,
        x=np.empty(INPUTS, f),
        q=np.empty((symbols, ACTIONS), f),
        carried=np.tile(network.fresh_memory(hidden), (symbols, 1)),
        work=np.empty(network.workspace(sizes, 1), f),
    )


class Desk:
    """The arrays that one agent after another is played on, allocated once a block."""

    def __init__(self, settings: Settings, market: MarketView, *, for_real: bool = True):
        network, hidden = self.network, self.hidden = (
            NETWORKS[settings.network.kind],
            settings.network.hidden,
        )
        self.walk = walkers(settings.network.kind)
        self.market, symbols = market, market.symbols
        self.bench = bench_of(
            network, hidden, settings.learning.batch, symbols * slots_of(settings, symbols)
        )
        self.priorities = priorities_of(symbols, slots_by_priority(settings, symbols))
        self.brain = Brain(*(aligned(network.layout(hidden).size) for _ in Brain._fields))
        self.mind = mind_of(settings, symbols, self.brain.online)
        self.rules, self.costs = rules_of(settings, for_real=for_real), costs_of(settings)
        self.accounts, self.window = account_of(symbols), records(np.zeros(1, WINDOW))
        self.scars = records(np.zeros(MOST_SCARS, SCAR))
        self.nothing = self.book = records(np.zeros(0, TRADE))
        self.track = np.zeros((0, 2))
        # what is the same for every agent, as `walk` takes it
        self._seen, self._mind, self._pupil = (
            bare(market.seen),
            bare(self.mind),
            bare(Pupil(self.brain, self.bench)),
        )

    def brain_of(self, block: Block, i: int) -> Brain:
        """Agent i's networks and moments, copied to where they are fast to work on, as its
        priorities are.
        """
        for name, place in self.brain._asdict().items():
            part = getattr(block, name)[i]
            self.network.check(self.hidden, part)
            place[:] = part
        for tree, bounds, kept in zip(*self.priorities.values(), block.priority[i], strict=True):
            priorities.plant(tree, bounds, kept)
        return self.brain

    def give_back(self, block: Block, i: int) -> None:
        """What became of them."""
        for name, place in self.brain._asdict().items():
            getattr(block, name)[i] = place
        block.priority[i] = priorities.leaves(self.priorities["trees"])

    def _station(self, book: np.ndarray) -> Bare:
        """Where an agent is played whose trades go to `book`, TRADE [any]."""
        return bare(Station(self.accounts, self.rules, self.costs, self.window, book, self.scars))

    def _lanes(self, memory: Lanes) -> Bare:
        """What an agent remembers, with the priorities that lie here."""
        return tuple(
            memory
            if memory.trees is self.priorities["trees"]
            else memory._replace(**self.priorities)
        )

    def _acting(self, weights: np.ndarray) -> Bare:
        """A network with these weights."""
        return (
            self._mind
            if weights is self.mind.weights
            else tuple(self.mind._replace(weights=weights))
        )

    def begin_window(self) -> None:
        """What is summed from here on is of another window."""
        self.window[:] = np.zeros(1, WINDOW)

    def practise(
        self,
        agents: np.ndarray,
        n: int,
        window: tuple[int, int],
        memory: Lanes,
        head: int,
        brain: Brain,
    ) -> int:
        """Agent n through one practice window; the new head of memory. Sums are added to
        `self.window`.
        """
        pupil = self._pupil if brain is self.brain else bare(Pupil(brain, self.bench))
        station, lanes, mind = (
            self._station(self.nothing),
            self._lanes(memory),
            self._acting(brain.online),
        )
        return self.walk.practise(
            agents[n : n + 1], tuple(window), station, self._seen, lanes, head, mind, pupil
        )

    def compete(
        self,
        agents: np.ndarray,
        n: int,
        window: tuple[int, int],
        memory: Lanes,
        head: int,
        weights: np.ndarray,
        path: np.ndarray,
    ) -> np.ndarray:
        """Agent n through one competition window; its trades, TRADE [any] by sequence. Sums go to
        `self.window`, scars to `self.scars`.

        Net return of each bar, and exposure in it, go to `self.track`, where that has room for
        them. ValueError where the window or the network is none of this market and these settings.
        """
        self.market.check(window)
        self.network.check(self.hidden, weights)
        start, stop = window
        most = self.market.symbols * (stop - start)
        if len(self.book) < most:
            self.book = records(np.zeros(most, TRADE))
        station, lanes, mind = self._station(self.book), self._lanes(memory), self._acting(weights)
        trail = bare(Trail(path, self.track))
        self.walk.compete(
            agents[n : n + 1], tuple(window), station, self._seen, lanes, head, mind, trail
        )
        return by_sequence(self.book[: self.accounts.account["trades"][0]])


def end_to_end(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Records of one type, one after another; given only their bytes, NumPy does not look for a
    common type with every part.
    """
    return np.concatenate([part.view(np.uint8) for part in parts]).view(parts[0].dtype)


def by_sequence(trades: np.ndarray) -> np.ndarray:
    """TRADE [any] as they were opened, from how they were closed."""
    return np.asarray(trades)[np.argsort(trades["sequence"])]


def play(
    block: Block,
    market: MarketView,
    plan: RoundPlan,
    settings: Settings,
    on_progress: Callable[[float], None] | None = None,
) -> BlockResult:
    """Play round `plan` with every agent of `block`, in place. `on_progress(share)` is called after
    each agent.

    What an agent does depends on that agent alone, so any grouping into blocks gives the same bits.
    """
    _check(block, market, plan, settings)
    desk, agents, n = Desk(settings, market), records(block.agents), len(block.agents)
    desk.rules["ladder"] = ladder_on(market, plan.competition[0], settings)
    equity_start, practices, windows = (
        block.agents["equity"].copy(),
        np.zeros(n, WINDOW),
        np.zeros(n, WINDOW),
    )
    path = np.full((n, market.symbols, plan.competition[1] - plan.competition[0]), NONE, np.uint8)
    trades, scars = [], []
    slots = slots_by_priority(settings, market.symbols)
    block.priority = priorities.fitted(
        block.priority, slots, block.action, block.agents["remembered"], block.head
    )
    for i in range(n):
        memory = Lanes(
            block.private[i], block.action[i], block.reward[i], block.bar.copy(), **desk.priorities
        )
        brain = desk.brain_of(block, i)
        head = _practise(desk, agents, i, plan, memory, block.head, brain)
        practices[i : i + 1] = desk.window
        desk.begin_window()
        book = desk.nothing
        if agents["state"][i] == ACTIVE:
            book = desk.compete(agents, i, plan.competition, memory, head, brain.online, path[i])
        windows[i : i + 1] = desk.window
        desk.give_back(block, i)
        trades.append(book)
        scars.append(_suffer(desk, block, i, plan, settings))
        if on_progress:
            on_progress((i + 1) / n)
    grow(block.agents, windows, settings)
    _race(desk, block, lately(plan, len(market), settings), settings)
    digests = np.stack([agent_digest(block, i, trades[i], scars[i], path[i]) for i in range(n)])
    kept = figures(block.agents, equity_start, practices, windows, [len(book) for book in trades])
    steps = int(practices["bars"].sum() + windows["bars"].sum())
    turn_memory(block, plan, len(market))
    return BlockResult(kept, end_to_end(trades), end_to_end(scars), path, digests, steps)


def _check(block: Block, market: MarketView, plan: RoundPlan, settings: Settings) -> None:
    """ValueError where a kernel would be led out of an array: it looks at no index itself."""
    if block.bar.shape != (market.symbols, slots_of(settings, market.symbols)):
        raise ValueError(
            f"a block with memories of {block.bar.shape} does not fit a market of {market.symbols}"
            " symbols"
        )
    for window in (*plan.practice, plan.competition):
        market.check(window)
    if (
        problem := limits.agents_problem(block.agents)
        or limits.memory_problem(block)
        or limits.rows_problem(block.bar, len(market))
    ):
        raise ValueError(f"a block cannot be played: {problem}")


def _practise(
    desk: Desk, agents: np.ndarray, i: int, plan: RoundPlan, memory: Lanes, head: int, brain: Brain
) -> int:
    """All practice windows; the head of memory after. Sums over them stay in the desk's window.

    With every round wins begin anew to make it explore less: carried on for life, lucky wins would
    end exploration within three rounds, on noise too.
    """
    desk.begin_window()
    agents["win_factor"][i] = 1.0
    for window in plan.practice:
        if agents["state"][i] == ACTIVE:
            head = desk.practise(agents, i, window, memory, head, brain)
    return head


def _race(desk: Desk, block: Block, windows: Sequence[tuple[int, int]], settings: Settings) -> None:
    """Fitness of the living from the same `windows` for all, as their networks are now; none: it
    stays.

    Luck that all shared falls out of the comparison, and appetite, tier and costs of scars stay out
    of it. Of these windows no agent has practised on the newest.
    """
    quiet = settings.model_copy(
        update={"learning": settings.learning.model_copy(update={"epsilon_compete": 0.0})}
    )
    desk.rules = rules_of(quiet, for_real=False)
    memory = memory_of(desk.market.symbols, 2)._replace(**desk.priorities)
    longest = max((stop - start for start, stop in windows), default=0)
    path = np.empty((desk.market.symbols, longest), np.uint8)
    fresh = at_full_size(block.agents, settings.life.endowment)
    racers = records(fresh.copy())
    for i in np.flatnonzero(block.agents["state"] == ACTIVE) if windows else ():
        scores = []
        for window in windows:
            racers[i] = fresh[i]
            desk.begin_window()
            desk.compete(racers, int(i), window, memory, 0, block.online[i], path)
            scores.append(score_of(settings.evolution.fitness, desk.window[0]))
        block.agents["fitness"][i] = total(scores) / len(scores)


def _suffer(desk: Desk, block: Block, i: int, plan: RoundPlan, settings: Settings) -> np.ndarray:
    """The window's scars, SCAR [any], after the damage that deep ones do to the weights (once the
    window is over).
    """
    cut = np.asarray(desk.scars[: desk.window["scars"][0]]).copy()
    if not len(cut):
        return cut
    layout = NETWORKS[settings.network.kind].layout(settings.network.hidden)
    rng = stream(settings.seed, Purpose.SCAR_DAMAGE, plan.index, int(block.agents["number"][i]))
    for scar in cut:
        if strength := DAMAGE[scar["severity"] - 1]:
            hurt = disturbed(layout, block.online[i], strength, rng)
            scar["weight_damage"] = np.linalg.norm((hurt - block.online[i]).astype(np.float64))
            block.online[i] = hurt
    return cut


def agent_digest(
    block: Block, i: int, trades: np.ndarray, scars: np.ndarray, path: np.ndarray
) -> np.ndarray:
    """uint8 [32], the sha256 of all that agent i is, remembers and did in this round; what is large
    beside its network goes in by a faster digest.
    """
    digest = hashlib.sha256()
    for part in (block.agents, block.online, block.priority):
        digest.update(part[i : i + 1].view(np.uint8).data)
    for large in (
        block.target,
        block.moment1,
        block.moment2,
        block.private,
        block.action,
        block.reward,
    ):
        digest.update(xxh3_128_digest(large[i].view(np.uint8).data))
    for done in (trades, scars, path):
        digest.update(np.ascontiguousarray(done).view(np.uint8).data)
    return np.frombuffer(digest.digest(), np.uint8)


def turn_memory(block: Block, plan: RoundPlan, bars: int) -> None:
    """Write the rows of this round into the shared ring and move its head, whether or not every
    agent lived to fill it.
    """
    (symbols, capacity), head = block.bar.shape, block.head
    for start, stop in (*plan.practice, plan.competition):
        block.bar[:, (head + np.arange(stop - start)) % capacity] = bars * np.arange(symbols)[
            :, None
        ] + np.arange(start, stop)
        head = (head + stop - start) % capacity
    block.head = head
