"""What goes in and comes out of the API: the shapes the documentation page shows."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, FloatField, IntegerField
from django.db.models import Field as ModelField
from ninja import Field, Schema
from pydantic import BeforeValidator, create_model
from pydantic_core import PydanticCustomError

from agents.life.costs import Cost
from agents.life.reasons import TradeReason
from agents.states import Described
from arena.engine.schedule import rounds_without_reuse
from arena.models import ExperimentState, JudgementState, RemovalState
from arena.prices.files.options import LONGEST, OPTIONS, ROLES
from arena.prices.selectors.quarantine import question_words
from arena.selectors.columns import columns
from arena.selectors.fitting import reuse_words
from arena.selectors.machine.allowance import offer, settings_now
from arena.selectors.rounds.house import profit
from arena.selectors.waiting import work_waits
from arena.settings_schema import MOST_PARTS, Settings, SettingsError, parse


def state_field(states: type[Described], *others: str) -> Any:
    """A field that holds a state: what each of them means, and the values that there are."""
    return Field(
        description=states.described(),
        json_schema_extra={"enum": [*others, *states.values()]},
    )


KINDS = ((IntegerField, int), (FloatField, float), (DateTimeField, datetime), (CharField, str))


def _typed(column: ModelField) -> tuple[Any, Any]:
    """A column of a model as a field of a shape."""
    kind: Any = next(kind for of, kind in KINDS if isinstance(column, of))
    states = getattr(column, "states", None)
    field = state_field(states) if states else Field(description=str(column.help_text))
    return (kind | None if column.null else kind), field


def _parsed(raw: Any) -> Settings:
    """By the schema's own reader, whose errors name key, range and nearest valid name."""
    if not isinstance(raw, dict):
        raise ValueError("settings are an object of keys and values")
    try:
        return parse(raw)
    except SettingsError as error:
        raise PydanticCustomError(
            "settings", "wrong settings", {"problems": error.problems}
        ) from None


class NewExperiment(Schema):
    """A draft to be made. Every setting has a default; an unknown one is refused."""

    name: str = Field(max_length=120, min_length=1, description="What the list will call it.")
    market: int | None = Field(
        None,
        description=(
            "Id of a stored series, run on as it is or, with kind = bootstrap, in shuffled blocks;"
            " else settings.market says."
        ),
    )
    settings: Annotated[Settings, BeforeValidator(_parsed)] = Field(
        Settings(), description="As in a configuration file of evolve."
    )


# what a person says of a file: which column plays which role, and every option of reading
_ROLES: dict[str, Any] = {
    role: (str, Field("", max_length=LONGEST, description=f"Heading of {role}, or column 3."))
    for role in ROLES
}
_OPTIONS: dict[str, Any] = {
    option.name: (
        str,
        Field(
            "",
            max_length=LONGEST,
            description=f"{option.help} {' | '.join(option.choices)}".strip(),
        ),
    )
    for option in OPTIONS.values()
}
_Said = create_model("Said", __base__=Schema, **_ROLES, **_OPTIONS)


# a base that is made of a table is no type to mypy
class Said(_Said):  # type: ignore[valid-type,misc]
    """What a person says of a file."""


class NewMarket(Said):
    """What a person says of a file that is to be a market."""

    name: str = Field(
        "",
        max_length=120,
        description="What the list will call it; its symbol or file where left out.",
    )
    symbol: str = Field("", max_length=40, description="What its series is called.")


class Market(Schema):
    """A stored series; times in UTC milliseconds."""

    id: int
    name: str
    data_kind: str
    source: str
    symbols: list[str]
    timeframe_ms: int
    bars: int
    first_time: int
    last_time: int
    gap_count: int | None
    missing_bars: int | None
    sha256: str
    notes: list[str]
    calendar: str
    understood: dict[str, Any]
    archived: bool
    stored_bytes: int
    question: str = Field(
        "", description="Why it is in quarantine, with the bar; empty where it is not."
    )

    @staticmethod
    def resolve_data_kind(row: Any) -> str:
        return row.kind.value

    @staticmethod
    def resolve_question(row: Any) -> str:
        return question_words(market=row)


class Renamed(Schema):
    """What may be changed of an experiment or a market; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=120)
    archived: bool | None = Field(
        None, description="Archived ones are left out of lists; nothing else changes."
    )


class Removal(Schema):
    """Something on its way out; `told` is what belonged to it when that was asked for."""

    id: int
    kind: str
    uuid: UUID | None
    name: str
    state: str = state_field(RemovalState)
    rows: int = Field(description="Deleted so far.")
    reason: str
    told: dict[str, Any]
    asked_at: datetime
    done_at: datetime | None


class Storage(Schema):
    """Bytes of the disk."""

    used: int
    limit: int = Field(description="0: none.")


class NewBasket(Schema):
    """Markets to be put together; symbols come in their order."""

    parts: list[int | str] = Field(
        min_length=2,
        max_length=MOST_PARTS,
        description=(
            "Ids of stored series of one symbol, and names of built-in ones, all of one length of"
            " bar."
        ),
    )
    name: str = Field("", max_length=120, description="Left blank, it is called after its symbols.")


class Common(Schema):
    """What markets have in common, before it is stored; times in UTC milliseconds."""

    symbols: list[str]
    data_kind: str
    timeframe_ms: int
    bars: int
    first_time: int
    last_time: int
    gap_count: int
    missing_bars: int
    notes: list[str]
    rounds: int = Field(description="Rounds that fit into it with every setting at its default.")
    refusal: str = Field(
        "", description="Why not even one does, and what to set; empty where one does."
    )


class BuiltIn(Schema):
    """A series that comes with the project; use it with market = {kind = "file", path = name}, or
    kind = "bootstrap".
    """

    name: str
    title: str


class Markets(Schema):
    """What experiments of the caller can run on."""

    markets: list[Market]
    built_in: list[BuiltIn]


class Experiment(Schema):
    """Where an experiment stands."""

    uuid: UUID
    name: str
    state: str = state_field(ExperimentState)
    state_reason: str
    rounds_done: int
    rounds_planned: int
    population: int
    seed: int
    market_id: int
    data_kind: str
    archived: bool
    stored_bytes: int = Field(description="Of its own files, and of rows about.")
    state_sha256: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    treasury: float
    money_put_in: float
    profit: float | None = Field(
        None,
        description="Of the house: living equity + treasury - money put in, at the last close.",
    )
    fresh_rounds: int = Field(description="Rounds the series holds before its bars are used again.")
    waits: str = Field(
        description=(
            "What its work waits for: its turn, with its place in the queue, or what the machine"
            " lacks; empty for nothing."
        )
    )
    reuse: str = Field(
        description=(
            "From which round on bars are used again, and which length keeps all rounds fresh;"
            " empty where all are."
        )
    )

    @staticmethod
    def resolve_data_kind(row: Any) -> str:
        return row.market.kind.value

    @staticmethod
    def resolve_profit(row: Any) -> float | None:
        return profit(getattr(row, "last_books", None))

    @staticmethod
    def resolve_fresh_rounds(row: Any) -> int:
        return rounds_without_reuse(row.market.bars, parse(row.settings))

    @staticmethod
    def resolve_waits(row: Any) -> str:
        return work_waits(experiment=row.pk)

    @staticmethod
    def resolve_reuse(row: Any) -> str:
        return reuse_words(
            bars=row.market.bars, settings=parse(row.settings | {"rounds": row.rounds_planned})
        )


class Extent(Schema):
    """What a whole run is likely to take here: bytes, rows and seconds, all of it estimated."""

    memory: int = Field(description="Of the largest process.")
    worlds: int = Field(description="Memory of a null world.")
    disk: int = Field(description="While it runs.")
    kept: int = Field(description="Of that, for good.")
    rows: int
    seconds: float
    words: str


class ExperimentWithSettings(Experiment):
    """The same with the whole stored set of settings, and what the run takes."""

    settings: dict[str, Any]
    extent: Extent

    @staticmethod
    def resolve_extent(row: Any) -> dict[str, Any]:
        return offer(settings=settings_now(row), market=row.market).payload


class Evaluation(Schema):
    """How a subject did, greedily and without learning, on a stretch; the vault is
    `out_of_sample`.
    """

    subject: str
    agent: int | None
    stretch: str
    figures: dict[str, Any]
    after_round: int


class Judgement(Schema):
    """Where it stands, none where it was not asked for yet; and in words."""

    state: str = state_field(JudgementState, "none")
    text: str


class RoundBaselines(Schema):
    """Rule strategies on the window of one round, at the same costs."""

    round: int
    reused: bool
    baselines: dict[str, Any]


class Evidence(Schema):
    """Judgements out of sample, and the baselines of every closed round."""

    data_kind: str
    judgement: Judgement
    evaluations: list[Evaluation]
    rounds: list[RoundBaselines]


# one field a column that says something of an agent, with its help
COLUMNS: dict[str, Any] = {field.name: _typed(field) for field in columns()}
AgentColumns: Any = create_model("AgentColumns", __base__=Schema, **COLUMNS)


class Agent(AgentColumns):
    """One agent as it stands, or died."""


# one amount a cost, so that none can be left out
AMOUNTS: dict[str, Any] = {cost.value: (float, Field(description=cost.sentence)) for cost in Cost}
Costs = create_model("Costs", __base__=Schema, **AMOUNTS)


# a base that is made of a table is no type to mypy
class Trade(Costs):  # type: ignore[valid-type,misc]
    """One round trip; times in UTC milliseconds, amounts in money."""

    agent: int
    round: int
    sequence: int
    symbol: int = Field(description="Place in the market's symbols, from 0.")
    entry_time: int
    exit_time: int
    side: int
    entry_price: float
    exit_price: float
    quantity: float
    leverage: float
    gross_profit: float = Field(description="At mid prices, before any cost.")
    net_profit: float = Field(description="Gross profit less all costs.")
    reason: str = state_field(TradeReason)

    @staticmethod
    def resolve_agent(row: Any) -> int:
        return row.agent.number


class Page(Schema):
    """How many rows there are in all, of which some follow."""

    count: int


class Experiments(Page):
    experiments: list[Experiment]


class Agents(Page):
    agents: list[Agent]


class Trades(Page):
    trades: list[Trade]


class Problem(Schema):
    """application/problem+json; `errors` names keys of settings or of the call, files name line,
    column and headings.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
