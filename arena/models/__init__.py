"""Experiments, the markets they run on, their rounds, what people did to them, and tokens for
scripts.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from agents.ledger import AppendOnly
from agents.state_field import StateField
from agents.states import State
from arena.models.installation import Installation  # noqa: F401
from arena.models.judgements import Judgement, JudgementState  # noqa: F401
from arena.models.removals import Removal, RemovalState, Removed  # noqa: F401
from arena.models.summaries import FirstPaint, RoundSummary  # noqa: F401
from arena.models.tried import Look, Tried  # noqa: F401

# rows with a file of their own; Django looks for models only here
from arena.people.models import RecoveryCode, SecondFactor, SecurityEvent, SeenSession  # noqa: F401
from arena.prices.models import (  # noqa: F401
    Acceptance,
    BasketRenewal,
    CandlePage,
    DataKind,
    ImportState,
    LastQuote,
    MarketData,
    MarketImport,
    ProviderKey,
    ProviderState,
    StoredBars,
)
from arena.work.models import (  # noqa: F401
    LONGEST_REASON,
    ExperimentShare,
    Job,
    Office,
    UserShare,
)

# characters of what people write about an experiment
LONGEST_TAGS, LONGEST_NOTE = 300, 2000


class ExperimentState(State):
    """Where an experiment stands; finished, stopped, extinct and failed are final."""

    DRAFT = "draft", "not started", "Its settings are stored, and nothing has been played."
    RUNNING = "running", "running", "Workers play one round after another."
    PAUSING = "pausing", "pausing after this round", "The open round is played to its end."
    PAUSED = "paused", "paused", "It plays no round until a person resumes it."
    STOPPED = "stopped", "stopped", "A person ended it before all rounds were played."
    FINISHED = "finished", "finished", "All rounds were played."
    EXTINCT = "extinct", "extinct", "Nobody was left alive."
    FAILED = "failed", "failed", "A round could not be played; a person may have it tried again."


class Experiment(models.Model):
    """Settings, market and state of one run."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="experiments",
    )
    market = models.ForeignKey(MarketData, on_delete=models.PROTECT, related_name="experiments")
    settings = models.JSONField(help_text="The whole validated set, as of the settings schema.")
    seed = models.BigIntegerField()
    population = models.PositiveIntegerField()
    rounds_planned = models.PositiveIntegerField()
    rounds_done = models.PositiveIntegerField(default=0)
    state = StateField(max_length=10, states=ExperimentState, default=ExperimentState.DRAFT.value)
    state_reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it stands where it stands, in words."
    )
    # sealed as it was when the clone was started: the key stays when the original is deleted
    cloned_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="clones",
    )
    forked_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="forks"
    )
    forked_after = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Last round it shares with the experiment it was forked from.",
    )
    forked_changes = models.JSONField(
        default=dict, help_text="What the fork set otherwise: {dotted key: [before, after]}."
    )
    next_number = models.PositiveIntegerField(
        default=1, help_text="Number of the next agent to be born."
    )
    treasury = models.FloatField(
        default=0.0, help_text="What the dead left and parents paid, minus what newcomers got."
    )
    money_put_in = models.FloatField(
        default=0.0, help_text="What founders got, and newcomers where the treasury was empty."
    )
    seq = models.PositiveBigIntegerField(
        default=0, help_text="Number of the last live message that told something durable."
    )
    state_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Digest of everything up to the last closed round."
    )
    environment = models.JSONField(
        default=dict,
        help_text="Machine type, library versions and digests of the code it ran with.",
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stored_bytes = models.BigIntegerField(
        default=0, help_text="Of its own files, and of rows about: arena.services.records.storage."
    )
    keep_every = models.PositiveIntegerField(
        default=1,
        help_text=(
            "Of so many rounds one is kept whole, with weights and memories; 1: the weights of all"
            " of them."
        ),
    )
    archived = models.BooleanField(
        default=False, help_text="Left out of lists; nothing else changes."
    )
    tags = models.CharField(
        max_length=LONGEST_TAGS,
        blank=True,
        help_text="What a person filed it under: words with a space before and after each.",
    )
    note = models.CharField(
        max_length=LONGEST_NOTE, blank=True, help_text="What a person wrote down about it."
    )
    group = models.UUIDField(
        null=True,
        blank=True,
        db_index=True,
        help_text="Shared by experiments that were made at once, one for each seed.",
    )
    removed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it was deleted; rows and files follow in the background.",
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExperimentState.values()), name="experiment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(population__gte=2, rounds_planned__gte=1), name="experiment_has_size"
            ),
            models.CheckConstraint(
                condition=Q(money_put_in__gte=0), name="experiment_money_put_in_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(forked_from=None, forked_after=None)
                | Q(forked_from__isnull=False, forked_after__isnull=False),
                name="experiment_fork_has_a_round",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_own(self) -> int:
        """The first round it does not share with the experiment it was forked from; 0 of one that
        is no fork.
        """
        return 0 if self.forked_after is None else self.forked_after + 1

    @property
    def tag_list(self) -> list[str]:
        """What it is filed under, in alphabetical order."""
        return self.tags.split()


class RoundState(State):
    """A round is open until all its blocks are done and its close is committed."""

    OPEN = "open", "Open", "Its blocks are played, or its close is waited for."
    CLOSED = "closed", "Closed", "Its close is committed, and nothing of it changes any more."


class Round(models.Model):
    """Practise, then compete: one window of the market for the whole population."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="rounds")
    index = models.PositiveIntegerField()
    state = StateField(max_length=8, states=RoundState, default=RoundState.OPEN.value)
    plan = models.JSONField(
        help_text="Bar windows: {competition: [start, stop], practice: [[start, stop], …]}."
    )
    reused = models.BooleanField(
        default=False, help_text="The series had to start again: counts as in sample."
    )
    fence = models.PositiveIntegerField(
        default=0, help_text="Of the claim it was closed under, in the name of its file."
    )
    worker = models.CharField(
        max_length=80, blank=True, help_text="Host and process that closed it."
    )
    rules_version = models.PositiveSmallIntegerField(
        default=1, help_text="Of the rules it was closed by: arena.engine.results."
    )
    curves = models.JSONField(
        default=dict,
        help_text=(
            "{measure: {mean, q1, median, q3, best, worst}} over the agents that lived through the"
            " round."
        ),
    )
    baselines = models.JSONField(
        default=dict,
        help_text="{name: {return, sharpe, max_drawdown, trades, score}} on the same window.",
    )
    diversity = models.JSONField(
        default=dict,
        help_text=(
            "Of those who lived through it: weights, behaviour, lineages, clades; alarms raised for"
            " the first time."
        ),
    )
    events = models.JSONField(
        default=dict, help_text="Counts: births, immigrants, deaths by cause, scars, trades."
    )
    ledger = models.JSONField(
        default=dict,
        help_text=(
            "total_equity, treasury, costs_ever, money_put_in, gross_profit_ever, imbalance; of the"
            " close, since rules 2: paid_by_parents, endowed, put_in."
        ),
    )
    births_file = models.CharField(
        max_length=200,
        blank=True,
        help_text="Population at its start, with the weights of the newborn.",
    )
    births_sha256 = models.CharField(max_length=64, blank=True, help_text="Of that file.")
    close_file = models.CharField(
        max_length=200, blank=True, help_text="Population after it: the next round's births_file."
    )
    close_sha256 = models.CharField(max_length=64, blank=True)
    state_sha256 = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["experiment", "index"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "index"], name="round_once"),
            models.CheckConstraint(
                condition=Q(state__in=RoundState.values()), name="round_state_known"
            ),
        ]


class BlockState(State):
    """A block waits until it is done, which is once; who is at it, its job says."""

    WAITING = "waiting", "Waiting", "It is to be played, or is being played."
    DONE = "done", "Done", "What it came to is committed."


class BlockRun(models.Model):
    """64 agents through one round: the unit of a task, a commit and a file."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="blocks")
    block = models.PositiveIntegerField()
    state = StateField(max_length=8, states=BlockState, default=BlockState.WAITING.value)
    fence = models.PositiveIntegerField(
        default=0, help_text="Of the claim it was done under, in the names of its files."
    )
    worker = models.CharField(
        max_length=80, blank=True, help_text="Host and process that played it."
    )
    checkpoint = models.CharField(
        max_length=200, blank=True, help_text="Folder and stem of its files in the storage."
    )
    checkpoint_sha256 = models.CharField(max_length=64, blank=True)
    figures = models.BinaryField(
        default=b"", help_text="safetensors: one row an agent, see arena.engine.results.FIGURES."
    )
    actions = models.BinaryField(
        default=b"",
        help_text="safetensors: competition actions, uint8 [agents, bars], 2 bits each.",
    )
    trades_sha256 = models.CharField(max_length=64, blank=True)
    scars_sha256 = models.CharField(max_length=64, blank=True)
    digests = models.BinaryField(
        default=b"",
        help_text=(
            "32 bytes an agent by place, the digest of all it is after the round, as in the file of"
            " weights."
        ),
    )
    shown = models.BinaryField(
        default=b"",
        help_text=(
            "32 bytes an agent by place, the digest of what is shown of it in the round:"
            " arena.store.digests."
        ),
    )
    agent_steps = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["round", "block"]
        constraints = [
            models.UniqueConstraint(fields=["round", "block"], name="block_run_once"),
            models.CheckConstraint(
                condition=Q(state__in=BlockState.values()), name="block_state_known"
            ),
        ]


class Intervention(AppendOnly):
    """A person's change to a living agent or to an experiment's settings: who, when, what, before,
    after, and why.
    """

    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="interventions"
    )
    agent = models.ForeignKey(
        "agents.Agent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="interventions",
    )
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    field = models.CharField(max_length=60)
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    effective_round = models.PositiveIntegerField(help_text="First round that feels it.")
    reason = models.CharField(
        max_length=200, blank=True, default="", help_text="Why, in the words of who changed it."
    )

    class Meta:
        ordering = ["experiment", "pk"]


class NullWorld(models.Model):
    """An experiment run again, in memory, on a copy of its market without structure; the outcome is
    kept, nothing else.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="null_worlds")
    index = models.PositiveIntegerField(
        help_text="0, 1, 2 …; with the seed it addresses the order of the bars."
    )
    block_bars = models.PositiveIntegerField(
        default=1, help_text="Bars that stay together: 1 leaves no structure."
    )
    state = StateField(max_length=8, states=BlockState, default=BlockState.WAITING.value)
    rounds_done = models.PositiveIntegerField(default=0)
    reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it has no outcome."
    )
    kept = models.JSONField(
        default=dict,
        help_text="Between steps: files and figures of the world as its next round begins.",
    )
    outcome = models.JSONField(
        default=dict, help_text="agent, competition, competition_hold, vault, vault_hold (returns)."
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["experiment", "index"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "index"], name="null_world_once"),
            models.CheckConstraint(
                condition=Q(state__in=BlockState.values(), block_bars__gte=1),
                name="null_world_state_known",
            ),
        ]


class Evaluation(AppendOnly):
    """How a subject did on a stretch of the market, greedily and without learning."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="evaluations")
    subject = models.CharField(
        max_length=40, help_text="champion, median_agent, committee, or a baseline's name."
    )
    agent = models.ForeignKey(
        "agents.Agent", null=True, blank=True, on_delete=models.PROTECT, related_name="evaluations"
    )
    stretch = models.CharField(
        max_length=16,
        help_text=(
            "lived (the champion's competition windows), competition or out_of_sample (the vault)."
        ),
    )
    figures = models.JSONField(
        help_text="return, sharpe, max_drawdown, trades, and more: arena.engine.judging."
    )
    after_round = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["experiment", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "subject", "stretch", "after_round"], name="evaluation_once"
            ),
            models.CheckConstraint(
                condition=Q(stretch__in=["lived", "competition", "out_of_sample"]),
                name="evaluation_stretch_known",
            ),
        ]


class SealKind(models.TextChoices):
    """What a seal is about."""

    MARKET = "market", "what a market is said to be"
    START = "start", "an experiment as it was started"
    INTERVENTION = "intervention", "a person's change"
    END = "end", "how an experiment ended"
    AGAIN = "again", "that a failed experiment is taken up again"
    JUDGEMENT = "judgement", "a judgement, which is a look at the market's vault"
    NULL_WORLD = "null_world", "the outcome of a null world"
    REMOVAL = "removal", "that an experiment was deleted"


class Seal(AppendOnly):
    """A link of the chain that hangs on a market: what was recorded beside the rounds, in the order
    in which it was.
    """

    market = models.ForeignKey(
        MarketData, on_delete=models.PROTECT, related_name="seals", db_index=False
    )
    sequence = models.PositiveBigIntegerField(help_text="0, 1, 2 … on its market.")
    # the chain of a market outlives the experiments on it
    experiment = models.ForeignKey(
        Experiment,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="seals",
    )
    kind = models.CharField(max_length=12, choices=SealKind)
    subject = models.CharField(
        max_length=40,
        blank=True,
        help_text="Which of its kind: an intervention's number, a round, a null world.",
    )
    content_sha256 = models.CharField(max_length=64, help_text="Of what it is about.")
    sha256 = models.CharField(max_length=64, help_text="Of this link and the one before.")

    class Meta:
        ordering = ["market", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["market", "sequence"], name="seal_once"),
            models.CheckConstraint(condition=Q(kind__in=SealKind.values), name="seal_kind_known"),
        ]


class ApiToken(models.Model):
    """A script's right to call the API in its user's name; the secret itself is not kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80, help_text="What it is for.")
    begins = models.CharField(max_length=16, help_text="First characters, to tell tokens apart.")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the secret.")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True, help_text="Last use, to the minute.")
    scopes = models.JSONField(
        default=list, help_text="What it is good for: arena.people.actions.Scope."
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="It is refused from then on; none: it never ends."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name
