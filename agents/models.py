"""Agents, what they did, what it did to them, and whose children they are."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from agents.ledger import AppendOnly
from agents.life import traits
from agents.life.costs import COSTS, Cost
from agents.life.lifecycle import AgentState
from agents.life.reasons import TradeReason
from agents.life.scars import ScarCause
from agents.life.trust import Tier
from agents.state_field import AmountField, GradeField, StateField


class Origin(models.TextChoices):
    """How an agent came into the world."""

    FOUNDER = "founder"
    IMMIGRANT = "immigrant"
    CHILD = "child"


def _trait(name: str, text: str) -> models.FloatField:
    low, high = traits.BOUNDS[name]
    return models.FloatField(
        help_text=f"{text} Allowed: {low:g} to {high:g}.",
        validators=[MinValueValidator(low), MaxValueValidator(high)],
    )


def _within(name: str) -> models.CheckConstraint:
    low, high = traits.BOUNDS[name]
    return models.CheckConstraint(
        condition=Q(**{f"{name}__gte": low, f"{name}__lte": high}),
        name=f"agent_{name}_range",
        violation_error_message=f"{name} must lie between {low:g} and {high:g}",
    )


class Agent(models.Model):
    """One trader with one network, from birth to its only death; the row is kept for ever."""

    experiment = models.ForeignKey(
        "arena.Experiment", on_delete=models.PROTECT, related_name="agents"
    )
    number = models.PositiveIntegerField(
        help_text="1, 2, 3 … in order of birth within the experiment."
    )
    slot = models.PositiveIntegerField(help_text="Place in the population; block = slot // 64.")
    origin = models.CharField(
        max_length=10, choices=Origin, help_text="How it came into the world."
    )
    generation = models.PositiveIntegerField(
        help_text="Depth of descent: 0 for a founder or immigrant."
    )
    founder = models.PositiveIntegerField(
        help_text=(
            "Number of the founder or immigrant its line of bearers goes back to; its own if it is"
            " one."
        )
    )
    birth_round = models.PositiveIntegerField(help_text="First round it lives in.")
    death_round = models.PositiveIntegerField(
        null=True, blank=True, help_text="Round in which it died."
    )
    born_at = models.DateTimeField(help_text="When its row was made.")
    died_at = models.DateTimeField(
        null=True, blank=True, help_text="When the round it died in was closed."
    )
    state = StateField(max_length=12, states=AgentState, default=AgentState.ACTIVE.value)
    retire = models.BooleanField(
        default=False, help_text="Asks for retirement at the end of the running round."
    )

    learning_rate = _trait("learning_rate", "Step size of Adam.")
    gamma = _trait("gamma", "Discount of future reward.")
    epsilon = _trait("epsilon", "Chance of a random action in practice.")
    epsilon_bars = _trait("epsilon_bars", "Practice bars over which epsilon falls.")
    risk_fraction = _trait("risk_fraction", "Share of the allowed exposure it takes.")
    mutation_rate = _trait("mutation_rate", "Chance that a weight of its child mutates.")
    mutation_strength = _trait(
        "mutation_strength",
        "Size of its children's mutations, where that is self-adaptive, before their own change.",
    )

    endowment = AmountField(help_text="What it began with.")
    equity = AmountField(help_text="Cash plus all positions at the last close.")
    return_since_birth = models.FloatField(
        default=0.0,
        help_text="Equity, with what was paid for children added back, over endowment, minus 1.",
    )
    paid_to_children = AmountField(
        "paid for children",
        default=0.0,
        help_text="To the treasury; in rounds closed under rules 1, to the children themselves.",
    )
    max_drawdown = models.FloatField(
        "largest drawdown", default=0.0, help_text="Since its birth, as a fraction of the peak."
    )
    fitness = models.FloatField(null=True, blank=True, help_text="What selection looks at.")
    trust = models.FloatField(default=50.0, help_text="0 to 100: how far its record lets it go.")
    tier = GradeField(states=Tier, default=Tier.BRONZE.value)
    scar_count = models.PositiveIntegerField(
        "scars", default=0, help_text="Lasting marks of heavy losses."
    )
    severe_scar_count = models.PositiveIntegerField(
        "severe scars", default=0, help_text="Scars of severity 2 or more."
    )
    trade_count = models.PositiveIntegerField(
        "trades", default=0, help_text="Round trips closed in competition."
    )
    bars_lived = models.PositiveIntegerField(default=0, help_text="Competition bars.")
    cost_multiplier = models.FloatField(
        default=1.0, help_text="What its trading costs are multiplied by, for its scars."
    )
    leverage_cap = models.FloatField(
        default=1.0, help_text="Largest exposure it may take, in multiples of its equity."
    )

    birth_file = models.CharField(
        max_length=200, blank=True, help_text="Where its weights at birth are kept."
    )
    birth_row = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(
        default=0, help_text="Counts edits, so that two people cannot overwrite each other."
    )

    class Meta:
        ordering = ["experiment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="agent_number_once"),
            models.UniqueConstraint(
                fields=["experiment", "slot"],
                condition=Q(state="active"),
                name="agent_slot_held_by_one",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AgentState.values()), name="agent_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="active", death_round=None)
                | (~Q(state="active") & Q(death_round__isnull=False)),
                name="agent_dead_has_a_death_round",
            ),
            models.CheckConstraint(
                condition=Q(trust__gte=0, trust__lte=100), name="agent_trust_range"
            ),
            models.CheckConstraint(
                condition=Q(endowment__gt=0, endowment__lt=1e300), name="agent_endowment_positive"
            ),
            models.CheckConstraint(
                condition=Q(equity__gt=-1e300, equity__lt=1e300), name="agent_equity_finite"
            ),
            *[_within(name) for name in traits.BOUNDS],
        ]
        indexes = [models.Index(fields=["experiment", "state"])]

    def __str__(self) -> str:
        return f"agent {self.number}"

    @property
    def alive(self) -> bool:
        return self.state == AgentState.ACTIVE


class Side(models.IntegerChoices):
    """Direction of a position."""

    SHORT = -1
    LONG = 1


class Costs(models.Model):
    """A column for each cost of the table of costs, in money."""

    class Meta:
        abstract = True


for _cost in Cost:
    Costs.add_to_class(_cost.value, AmountField(help_text=_cost.sentence))


class Trade(Costs, AppendOnly):
    """One round trip of competition, entry to exit; amounts in money, prices as filled."""

    # the unique key begins with it: no index of its own
    agent = models.ForeignKey(
        Agent, on_delete=models.PROTECT, related_name="trades", db_index=False
    )
    round = models.PositiveIntegerField(help_text="Index of the round.")
    sequence = models.PositiveIntegerField(
        help_text="0, 1, 2 … within agent and round, in order of entry."
    )
    symbol = models.PositiveSmallIntegerField(
        default=0, help_text="Which of the market's symbols, from 0."
    )
    entry_bar = models.PositiveIntegerField()
    exit_bar = models.PositiveIntegerField()
    entry_time = models.BigIntegerField(help_text="Open time of the bar, UTC milliseconds.")
    exit_time = models.BigIntegerField()
    side = models.SmallIntegerField(choices=Side)
    entry_price = models.FloatField()
    exit_price = models.FloatField()
    quantity = models.FloatField()
    leverage = models.FloatField(help_text="Notional over equity at entry.")
    gross_profit = models.FloatField(help_text="At mid prices, before any cost.")
    net_profit = models.FloatField()
    reason = StateField(max_length=12, states=TradeReason)

    class Meta:
        ordering = ["agent", "round", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "round", "sequence"], name="trade_once"),
            models.CheckConstraint(
                condition=Q(reason__in=TradeReason.values()), name="trade_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    entry_price__gt=0,
                    exit_price__gt=0,
                    quantity__gt=0,
                    entry_price__lt=1e18,
                    exit_price__lt=1e18,
                ),
                name="trade_prices_positive",
            ),
            models.CheckConstraint(
                condition=Q(exit_bar__gte=F("entry_bar")), name="trade_exit_after_entry"
            ),
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in COSTS}),
                name="trade_costs_not_negative",
            ),
        ]


class Scar(AppendOnly):
    """A permanent mark of a loss; never heals."""

    # the unique key begins with it: no index of its own
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="scars", db_index=False)
    round = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField(help_text="0, 1, 2 … within agent and round.")
    symbol = models.PositiveSmallIntegerField(
        default=0, help_text="Which of the market's symbols lost most in the bar, from 0."
    )
    severity = models.PositiveSmallIntegerField()
    cause = StateField(max_length=12, states=ScarCause)
    drawdown = models.FloatField(help_text="From peak equity, as a fraction.")
    bar = models.PositiveIntegerField()
    bar_time = models.BigIntegerField()
    trade_sequence = models.PositiveIntegerField(
        null=True, help_text="The symbol's last trade of the same agent and round, open or closed."
    )
    action = models.SmallIntegerField(
        help_text="Last action before the scar: 0 SELL, 1 HOLD, 2 BUY."
    )
    q_sell = models.FloatField(null=True, help_text="Null where the network had no finite answer.")
    q_hold = models.FloatField(null=True)
    q_buy = models.FloatField(null=True)
    weight_damage = models.FloatField(
        default=0.0, help_text="Euclidean length of the change of weights."
    )

    class Meta:
        ordering = ["agent", "round", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "round", "sequence"], name="scar_once"),
            models.CheckConstraint(
                condition=Q(severity__gte=1, severity__lte=5), name="scar_severity_range"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=ScarCause.values()), name="scar_cause_known"
            ),
        ]


class LineageEdge(AppendOnly):
    """Parent to child, with what changed on the way; a crossover child has two."""

    parent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="child_edges")
    child = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="parent_edges")
    kind = models.CharField(max_length=10, help_text="mutation or crossover.")
    rate = models.FloatField(help_text="Chance that a weight mutated.")
    strength = models.FloatField(help_text="Size of a mutation, in layer deviations.")
    seed = models.CharField(max_length=64, help_text="Address of the random stream.")
    weight_distance = models.FloatField(
        help_text="Euclidean distance between the child's weights and those it inherited."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="lineage_edge_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["mutation", "crossover"]), name="lineage_kind_known"
            ),
            models.CheckConstraint(condition=~Q(parent=F("child")), name="lineage_not_own_parent"),
        ]
