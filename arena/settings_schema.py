"""The one schema of an experiment's settings: form, admin, command line and stored experiment are
made from it.

Every field carries its range, one sentence of help (`description`) and a unit
(`json_schema_extra["unit"]`). `parse(raw)` turns a nested mapping into frozen `Settings`, or raises
`SettingsError` naming every bad key.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from reprlib import Repr
from typing import Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

MARKETS = Literal[
    "sine",
    "trend_up",
    "trend_down",
    "gbm",
    "regimes",
    "jumps",
    "autoregressive",
    "mean_reverting",
    "rule_of_two",
    "planted",
    "planted_memory",
    "bootstrap",
    "file",
]
# kinds that begin from a series of real prices
ON_SERIES = ("file", "bootstrap")
NETWORKS = Literal["q_net", "dueling", "policy", "attention", "lstm"]
SELECTIONS = Literal["tournament", "truncation", "rank", "fitness_proportionate", "off"]
PRESETS = Literal["identical", "low", "medium", "high", "exploration"]
FITNESS = Literal["score", "sharpe", "sortino", "calmar", "roi"]
# bars of one
SHORTEST_ROUND, LONGEST_ROUND = 32, 100_000
# series that one market can be put together of
MOST_PARTS = 8
# limits on what is reported of wrong settings: keys beside one another, problems, problems with a
# nearest name (which costs 2 ms each), characters of a value or key
MOST_KEYS, MOST_PROBLEMS, MOST_GUESSES, MOST_SHOWN, LONGEST_NAME = 100, 20, 5, 60, 40
_SHORT = Repr()
_SHORT.maxstring = MOST_SHOWN
# networks that learn from single transitions
BY_TRANSITION = ("q_net", "dueling", "attention")


# a bound that was broken, as pydantic calls it, in words
BOUNDS = {
    "greater_than_equal": "at least",
    "greater_than": "more than",
    "less_than_equal": "at most",
    "less_than": "less than",
}


class SettingsError(ValueError):
    """Bad settings. `problems` maps a dotted key ("learning.gamma") to what is wrong and the
    remedy.
    """

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__("; ".join(f"{key}: {text}" for key, text in self.problems.items()))


def setting(default: Any, text: str, unit: str = "", **limits: Any) -> Any:
    """A field with its default, its sentence of help and its unit ("" for a plain number or a
    choice).
    """
    return Field(default=default, description=text, json_schema_extra={"unit": unit}, **limits)


class Section(BaseModel):
    """A frozen group of settings that refuses unknown keys and non-finite numbers."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )


class Market(Section):
    """Where the prices come from."""

    kind: MARKETS = setting(
        "sine",
        "Source of the prices: a simulator, a file of real prices, or a block bootstrap of such a"
        " file.",
    )
    path: str = setting(
        "",
        "File of real prices, or the name of a built-in series; only for kind = file or bootstrap.",
        max_length=500,
    )
    paths: tuple[str, ...] = setting(
        (),
        "Instead of path: two to eight series, traded side by side on their common bars.",
        max_length=MOST_PARTS,
        fail_fast=True,
    )
    drift: float = setting(
        0.25,
        "Drift per 1,000 bars of trend_up and trend_down; regimes use four times as much in bull"
        " and bear, jumps once as much in bull and 1.5 times in bear.",
        "log return",
        ge=0,
        le=5,
    )
    volatility: float = setting(
        0.002,
        "Standard deviation of one bar's log return in the simulators.",
        "per bar",
        ge=0,
        le=0.2,
    )
    period: int = setting(64, "Wavelength of the sine simulator.", "bars", ge=4, le=10_000)
    amplitude: float = setting(0.0035, "Amplitude of the sine wave.", "of price", ge=0, le=0.9)
    edge: float = setting(
        0.9,
        "Probability that a planted market's rule predicts the next bar; at 0.5 there is nothing to"
        " learn.",
        "",
        ge=0.5,
        le=0.99,
    )
    persistence: float = setting(
        0.1,
        "First-order autocorrelation of returns (AR(1)); negative values make moves alternate.",
        "",
        ge=-0.9,
        le=0.9,
    )
    pull: float = setting(
        0.1,
        "Speed of mean reversion (Ornstein-Uhlenbeck): share of its distance from the mean that the"
        " log price closes.",
        "per bar",
        ge=0,
        le=1,
    )
    signal: float = setting(
        0.25,
        "Expected move when the rule_of_two holds.",
        "x volatility of a bar",
        ge=0,
        le=2,
    )
    unrest: float = setting(
        0.5,
        "Stationary standard deviation of the jumps market's log volatility (stochastic"
        " volatility); 0 keeps it at the regime's level.",
        "deviation of its log",
        ge=0,
        le=1,
    )
    jump_rate: float = setting(
        5.0, "Intensity of the jumps, up and down equally likely.", "per 1,000 bars", ge=0, le=200
    )
    jump_size: float = setting(
        5.0, "Standard deviation of a jump's log return.", "x volatility of a bar", ge=0, le=50
    )
    swan_rate: float = setting(
        2.0,
        "Intensity of black swans in the jumps market: crashes within one bar.",
        "per 10,000 bars",
        ge=0,
        le=50,
    )
    swan_drop: float = setting(0.15, "Price drop in a black swan.", "of price", ge=0, le=0.9)
    resampling: Literal["stationary", "moving"] = setting(
        "stationary",
        "Block bootstrap of real prices: stationary (geometric block lengths) or moving (fixed"
        " length).",
    )
    block: int = setting(
        64, "Block length of the bootstrap; the mean one if stationary.", "bars", ge=1, le=10_000
    )

    @field_validator("paths")
    @classmethod
    def _several(cls, paths: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if paths and info.data.get("path"):
            raise ValueError("name one series in path or several in paths, not both")
        if len(paths) == 1:
            raise ValueError("name a single series in path")
        return paths

    @property
    def names(self) -> tuple[str, ...]:
        """The series that are named, by path or paths; one, or all that are put together."""
        return self.paths or (self.path,)


class Network(Section):
    """The neural network every agent owns."""

    kind: NETWORKS = setting("q_net", "Network architecture.")
    hidden: tuple[int, ...] = setting(
        (64, 64),
        "Units of each hidden layer, one to three layers of 4 to 256.",
        "units",
        min_length=1,
        max_length=3,
        fail_fast=True,
    )

    @model_validator(mode="after")
    def _sizes(self) -> "Network":
        if any(not 4 <= n <= 256 for n in self.hidden):
            raise ValueError("hidden layers have 4 to 256 units each")
        return self


class Learning(Section):
    """How an agent learns from each bar."""

    enabled: bool = setting(
        True, "Train networks; off keeps them as born, an ablation of what learning adds."
    )
    episodes: int = setting(
        2,
        "Training episodes, each over one practice window, before every competition.",
        "windows",
        ge=0,
        le=50,
    )
    learning_rate: float = setting(
        1e-3, "Founders' AdamW learning rate; heritable, so children vary.", "", ge=1e-6, le=0.1
    )
    gamma: float = setting(
        0.99,
        "Founders' discount factor gamma; heritable, so children vary.",
        "",
        ge=0,
        le=0.9999,
    )
    batch: int = setting(64, "Minibatch size.", "transitions", ge=1, le=1024)
    replay: int = setting(
        10_000, "Capacity of an agent's replay memory.", "transitions", ge=64, le=1_000_000
    )
    priority: float = setting(
        0.0,
        "Prioritisation exponent alpha of prioritised replay; 0 samples uniformly.",
        "exponent of error",
        ge=0,
        le=1,
    )
    priority_beta: float = setting(
        0.4,
        "Initial importance-sampling exponent beta of prioritised replay; it is annealed to 1, full"
        " correction.",
        "exponent",
        ge=0,
        le=1,
    )
    priority_updates: int = setting(
        2000, "Updates over which beta is annealed to 1.", "updates", ge=1, le=10_000_000
    )
    starts: int = setting(
        256,
        "Transitions in the replay memory (or a full one) before learning from it starts.",
        "transitions",
        ge=1,
        le=1_000_000,
    )
    update_every: int = setting(4, "Practice bars per gradient update.", "bars", ge=1, le=1000)
    target_every: int = setting(
        250, "Updates between hard updates of the target network.", "updates", ge=1, le=100_000
    )
    double: bool = setting(
        True,
        "Double Q-learning: the online network selects the action, the target network evaluates"
        " it.",
    )
    tau: float = setting(
        0.0,
        "Polyak factor of soft target updates; 0 uses hard updates every target_every instead.",
        "",
        ge=0,
        le=1,
    )
    n_step: int = setting(
        1, "Steps n of the n-step return before bootstrapping.", "bars", ge=1, le=64
    )
    loss: Literal["huber", "squared"] = setting(
        "huber", "Loss of the TD error: Huber clips the gradient of large errors."
    )
    reward: Literal["log_return", "differential_sharpe", "asymmetric"] = setting(
        "log_return",
        "Reward, net of costs: 100 x log return of equity, differential Sharpe ratio, or log return"
        " with losses counted double (asymmetric).",
    )
    exploration: Literal["epsilon_greedy", "boltzmann"] = setting(
        "epsilon_greedy",
        "Exploration in practice: epsilon-greedy, or Boltzmann (softmax over action values).",
    )
    temperature: float = setting(
        0.1, "Boltzmann temperature, scaled by epsilon as it decays.", "of reward", gt=0, le=100
    )
    epsilon_decay: Literal["linear", "exponential"] = setting(
        "linear", "Schedule of epsilon: linear, or exponential with a constant factor."
    )
    epsilon_start: float = setting(
        1.0,
        "Founders' initial epsilon in practice; its effect is capped at 0.9.",
        "",
        ge=0,
        le=1,
    )
    epsilon_end: float = setting(0.01, "Final epsilon, after the decay.", "", ge=0, le=1)
    epsilon_bars: int = setting(
        1500, "Practice bars over which epsilon decays.", "bars", ge=1, le=10_000_000
    )
    epsilon_compete: float = setting(
        0.0, "Epsilon in competition; 0 acts greedily.", "", ge=0, le=1
    )
    gradient_clip: float = setting(10.0, "Clip gradients to this global norm.", "", gt=0, le=1e6)
    weight_decay: float = setting(
        1.0,
        "Decoupled weight decay (AdamW), against overfitting.",
        "x learning rate",
        ge=0,
        le=10,
    )


class Evolution(Section):
    """Who dies, who breeds, and how children differ."""

    selection: SELECTIONS = setting(
        "tournament", "Parent selection by fitness; off draws parents and deaths at random."
    )
    tournament: int = setting(4, "Tournament size.", "agents", ge=1, le=64)
    truncation: float = setting(
        0.25,
        "Truncation selection draws parents uniformly from this best share.",
        "of eligible parents",
        gt=0,
        le=1,
    )
    rank_pressure: float = setting(
        1.8,
        "Selection pressure of linear ranking: expected children of the fittest (mean 1).",
        "children",
        ge=1,
        le=2,
    )
    turnover: float = setting(
        0.10, "Share of the population outcompeted after each round.", "of population", ge=0, le=0.9
    )
    juvenile_rounds: int = setting(
        2, "First rounds of life in which an agent cannot be outcompeted.", "rounds", ge=0, le=100
    )
    elite: int = setting(
        0, "Elitism: the fittest agents, who cannot be outcompeted.", "agents", ge=0, le=100_000
    )
    fitness: FITNESS = setting(
        "score", "Fitness measure, averaged over the last competition windows."
    )
    fitness_windows: Literal[5] = setting(
        5, "Competition windows over which fitness is averaged.", "windows"
    )
    race: int = setting(
        5,
        "Latest competition windows on which all agents are re-evaluated as they are now, at full"
        " size, for fitness; 0 uses what each earned in the windows it lived through.",
        "windows",
        ge=0,
        le=50,
    )
    novelty: float = setting(
        0.0,
        "Weight of novelty in selection: behavioural distance (exposure, trade frequency) to the"
        " nearest neighbours; 0 for none.",
        "fitness per distance",
        ge=0,
        le=1000,
    )
    novelty_neighbours: int = setting(
        5,
        "Nearest neighbours k of the novelty score.",
        "agents",
        ge=1,
        le=1000,
    )
    mutation: bool = setting(
        True, "Mutate children; off makes them equal their parents, an ablation of mutation."
    )
    preset: PRESETS = setting(
        "medium",
        "Mutation rate per weight: 0, 0.05, 0.15, 0.30, 0.50 from identical to exploration.",
    )
    strength: float = setting(
        0.02, "Standard deviation of a mutation.", "of layer deviation", ge=0, le=2
    )
    self_adaptive: bool = setting(
        False, "Self-adaptation: mutation strength is inherited, with log-normal mutation."
    )
    crossover: bool = setting(False, "Uniform crossover: two parents, each neuron from either.")
    inheritance: Literal["lamarckian", "baldwinian"] = setting(
        "lamarckian", "Children inherit weights as learned (lamarckian) or as born (baldwinian)."
    )
    lineage_cap: float = setting(
        1.0,
        "Cap on a lineage's share of the places, at which it has no more children; 1 for no cap.",
        "of population",
        gt=0,
        le=1,
    )
    least_lineages: float = setting(
        2.0,
        "Effective number of lineages below which an alarm of collapsed diversity is raised; 0 for"
        " never.",
        "lineages",
        ge=0,
        le=1000,
    )
    least_disagreement: float = setting(
        0.05,
        "Mean share of bars on which two agents disagree, below which an alarm of collapsed"
        " diversity is raised; 0 for never.",
        "of bars",
        ge=0,
        le=1,
    )


class Life(Section):
    """Money, scars and death."""

    endowment: float = setting(
        10_000.0,
        "Starting capital of every agent; that of newcomers is paid by the treasury, or put in from"
        " outside where that is empty.",
        "money",
        ge=1,
        le=1e12,
    )
    spawn_cost: float = setting(
        0.25,
        "Share of its equity that a parent pays to the treasury for a child.",
        "of equity",
        gt=0,
        lt=1,
    )
    max_scars: int = setting(
        5, "Scars of severity 2 or more at which an agent dies.", "scars", ge=1, le=100
    )
    bankrupt_at: float = setting(
        0.10, "Equity below which an agent is bankrupt.", "of endowment", ge=0, lt=1
    )
    max_leverage: float = setting(
        1.0,
        "Largest exposure any agent may take, before trust and scars reduce it.",
        "x equity",
        ge=1,
        le=20,
    )
    direction: Literal["long_flat", "long_short"] = setting(
        "long_flat", "Whether SELL means flat (out of the market) or short."
    )
    ladder: Literal["volatility", "drawdown"] = setting(
        "volatility",
        "Drawdowns at which scars are cut: at 5, 10, 20, 35 and 50 %, or deeper in proportion to"
        " the market's volatility over a round.",
    )
    stop_loss: float = setting(
        0.0,
        "Stop loss: adverse move that closes a position at the market, at the open if a bar gaps"
        " beyond it; 0 for none.",
        "of price",
        ge=0,
        lt=1,
    )
    take_profit: float = setting(
        0.0,
        "Take profit: favourable move at which a resting limit order closes a position, filled once"
        " the price trades through it; 0 for none.",
        "of price",
        ge=0,
        lt=1,
    )


class Costs(Section):
    """What a trade costs. Zero slippage is a choice, never a default."""

    fee: float = setting(
        0.001,
        "Taker fee on traded notional: all orders are market orders, except those of take_profit.",
        "of notional",
        ge=0,
        le=0.05,
    )
    maker_fee: float = setting(
        0.001,
        "Maker fee on notional of limit orders: only take_profit (under life) places them.",
        "of notional",
        ge=0,
        le=0.05,
    )
    half_spread: float = setting(0.0001, "Half of the bid-ask spread.", "of price", ge=0, le=0.05)
    slippage: float = setting(
        0.0002,
        "Slippage of a fill beyond the half spread, whatever its size.",
        "of price",
        ge=0,
        le=0.05,
    )
    impact: float = setting(
        0.0,
        "Market impact of an order as large as its bar's volume, capped at 25 %; smaller orders"
        " follow the square-root law. Needs a market with volume, in units of what is traded.",
        "of price",
        ge=0,
        le=1,
    )
    funding: float = setting(
        0.0,
        "Funding rate on the notional held, long or short.",
        "of notional per bar",
        ge=0,
        le=0.01,
    )
    borrow: float = setting(
        0.0,
        "Borrow rate on a short position's notional and on what leverage adds to a long one.",
        "of loan per bar",
        ge=0,
        le=0.01,
    )


class Evaluation(Section):
    """What is kept back to judge the result."""

    vault: float = setting(
        0.20, "Holdout at the end of the series, which no round touches.", "of series", ge=0, le=0.8
    )
    embargo: int = setting(
        80,
        "Embargo between practice, competition and vault; the longest feature looks back 80 bars.",
        "bars",
        ge=0,
        le=10_000,
    )


class Settings(Section):
    """Everything an experiment runs with."""

    population: int = setting(
        64, "Population size: agents alive at once.", "agents", ge=2, le=100_000
    )
    rounds: int = setting(20, "Rounds to run.", "rounds", ge=1, le=100_000)
    round_bars: int = setting(
        512,
        "Bars of one competition or practice window.",
        "bars",
        ge=SHORTEST_ROUND,
        le=LONGEST_ROUND,
    )
    seed: int = setting(
        1,
        "Seed of all randomness: the same seed gives the same run, bit for bit.",
        "",
        ge=0,
        le=2**63 - 1,
    )
    market: Market = Market()
    network: Network = Network()
    learning: Learning = Learning()
    evolution: Evolution = Evolution()
    life: Life = Life()
    costs: Costs = Costs()
    evaluation: Evaluation = Evaluation()

    @field_validator("learning")
    @classmethod
    def _priority_of_transitions(cls, learning: Learning, info: ValidationInfo) -> Learning:
        network = info.data.get("network")
        if learning.priority and network and network.kind not in BY_TRANSITION:
            raise ValueError(
                f"priority needs one of the networks {', '.join(BY_TRANSITION)}; leave it at 0 for"
                f" {network.kind}"
            )
        return learning


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}

RATE_OF_PRESET = dict(zip(get_args(PRESETS), (0.0, 0.05, 0.15, 0.30, 0.50), strict=True))


# keys that came later and whose default changes what happens: what holds where settings were stored
# before there was such a key
EARLIER: dict[str, dict[str, Any]] = {
    "learning": {"starts": 1},
    "life": {"ladder": "drawdown"},
    "evolution": {"race": 0},
}


@cache
def known_keys() -> tuple[str, ...]:
    """Every dotted key, in the order of the schema."""
    keys: list[str] = []
    for name in Settings.model_fields:
        section = SECTIONS.get(name)
        keys += [f"{name}.{field}" for field in section.model_fields] if section else [name]
    return tuple(keys)


def parse(raw: Mapping[str, Any]) -> Settings:
    """`Settings` from a nested mapping; `SettingsError` names each bad key, its range and the
    nearest valid name.

    An experiment stores all it runs with: what its settings do not say came later, and it runs on
    as it began. What is far too large is not read in full: `raw` may come from anyone.
    """
    if crowded := _crowded(raw):
        raise SettingsError(crowded)
    whole = EARLIER if _stored(raw) else {}
    try:
        return Settings.model_validate(
            {name: whole[name] | dict(raw[name]) if name in whole else raw[name] for name in raw}
        )
    except ValidationError as error:
        raise SettingsError(_problems(error)) from None


def _crowded(raw: Mapping[str, Any]) -> dict[str, str]:
    """{key: problem} of the mappings that hold more keys than are looked at."""
    if len(raw) > MOST_KEYS:
        return {
            "settings": (
                f"{len(raw):,} keys, of which at most {MOST_KEYS} are looked at; there are"
                f" {len(Settings.model_fields)}"
            )
        }
    sections = {name: len(raw[name]) for name in SECTIONS if isinstance(raw.get(name), Mapping)}
    return {
        name: (
            f"{count:,} keys, of which at most {MOST_KEYS} are looked at; there are"
            f" {len(SECTIONS[name].model_fields)}"
        )
        for name, count in sections.items()
        if count > MOST_KEYS
    }


def _stored(raw: Mapping[str, Any]) -> bool:
    """Whether these are the whole settings of an experiment: every section, and most of what it
    says.
    """
    if not set(Settings.model_fields) <= set(raw) or not all(
        isinstance(raw[name], Mapping) for name in EARLIER
    ):
        return False
    return all(len(raw[name]) > len(SECTIONS[name].model_fields) / 2 for name in EARLIER)


def _problems(error: ValidationError) -> dict[str, str]:
    """{dotted key: what is wrong} of the first MOST_PROBLEMS, and how many more there are."""
    items = error.errors(include_url=False)
    unknown = [_key(item) for item in items if item["type"] == "extra_forbidden"]
    guesses = {key: _nearest(key) for key in unknown[:MOST_GUESSES]}
    problems = {_cut(_key(item)): _problem(item, guesses) for item in items[:MOST_PROBLEMS]}
    left = len(items) - MOST_PROBLEMS
    return problems | ({"settings": f"{left:,} more problems are not listed"} if left > 0 else {})


def _key(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"]) or "settings"


def _problem(item: Any, guesses: Mapping[str, str]) -> str:
    if item["type"] == "extra_forbidden":
        near = guesses.get(_key(item))
        return "unknown setting" + (f"; did you mean {near}?" if near else "")
    return f"{_said(item)}, got {_SHORT.repr(item['input']):.{MOST_SHOWN}}{_range(item['loc'])}"


def _said(item: Any) -> str:
    """What is wrong with a value, as a person would say it."""
    words = BOUNDS.get(item["type"])
    if words is None:
        return str(item["msg"]).removeprefix("Value error, ")
    (bound,) = item["ctx"].values()
    return f"must be {words} {bound:,}"


def _nearest(key: str) -> str:
    """The valid name most like a key, "" where none is."""
    if len(key) > LONGEST_NAME:
        return ""
    return next(
        iter(difflib.get_close_matches(key, [*known_keys(), *SECTIONS], n=1, cutoff=0.4)), ""
    )


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _range(loc: tuple[Any, ...]) -> str:
    """' (allowed: 0 <= x < 1)' for a bounded number, else ''."""
    model: type[BaseModel] = Settings
    field = None
    for part in loc:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is None:
            return ""
        model = SECTIONS.get(part, model)
    text = limits(field) if field else ""
    return f" (allowed: {text})" if text else ""


def unit_of(field: FieldInfo) -> str:
    """What its value is counted in; "" for a plain number."""
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def limits(field: Any) -> str:
    """The range of a number field in words ("0 to below 1"), or '' where it has none."""
    low = high = ""
    for rule in field.metadata:
        if getattr(rule, "ge", None) is not None:
            low = f"{rule.ge:,}"
        if getattr(rule, "gt", None) is not None:
            low = f"above {rule.gt:,}"
        if getattr(rule, "le", None) is not None:
            high = f"{rule.le:,}"
        if getattr(rule, "lt", None) is not None:
            high = f"below {rule.lt:,}"
    return f"{low} to {high}" if low and high else ""
