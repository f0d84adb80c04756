"""Rows about the outside world: how each provider does, its key, candles kept from it, quotes,
imports, markets that were accepted.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from agents.ledger import AppendOnly
from agents.state_field import StateField
from agents.states import State

LONGEST_FAULT = 400


class DataKind(models.TextChoices):
    """What the badge on every page says."""

    SIMULATED = "simulated", "simulated"
    HISTORICAL = "historical", "historical"
    LIVE = "live", "live"


class StoredBars(models.Model):
    """Bars that a file holds, once for all the markets that are made of them.

    A row without an owner: what it knows of the bars is true for all who bring them, and it
    outlives all markets.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    simulated = models.BooleanField(
        default=False, help_text="A simulator has made them here, or blocks of a series."
    )
    parts = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="baskets",
        help_text="What they were put together of.",
    )

    def __str__(self) -> str:
        return self.sha256


class MarketData(models.Model):
    """What one person, or the site itself, says of validated bars: of one symbol or several, at the
    same times, in a file named by their hash.

    The file is shared with all who bring the same bars; nothing else is.
    """

    name = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="markets",
        help_text="Who brought it; none: the site itself, or the command line.",
    )
    data_kind = models.CharField(
        max_length=10, choices=DataKind, help_text="By the way it came; what is shown is `kind`."
    )
    simulated = models.BooleanField(
        default=False, help_text="Its bars, or those of a part, are known to be simulated."
    )
    source = models.CharField(
        max_length=200,
        help_text="Simulator and its figures, built-in series, or the uploaded file's name.",
    )
    symbols = models.JSONField(
        default=list,
        help_text="What each of its series is called, in the order of the file; one at least.",
    )
    timeframe_ms = models.BigIntegerField(help_text="Length of a bar in milliseconds.")
    bars = models.PositiveIntegerField()
    first_time = models.BigIntegerField(help_text="Open time of the first bar, UTC milliseconds.")
    last_time = models.BigIntegerField()
    gap_count = models.PositiveIntegerField(
        null=True, help_text="Places where bars are missing; none where nobody counted."
    )
    missing_bars = models.PositiveIntegerField(null=True)
    calendar = models.CharField(
        max_length=120,
        blank=True,
        help_text="Days and hours at which it trades, as its bars tell them.",
    )
    sha256 = models.CharField(max_length=64, db_index=True, help_text="Of the bars themselves.")
    file = models.CharField(max_length=200, help_text="Name in the storage.")
    notes = models.JSONField(
        default=list,
        help_text="What was understood and done: columns read, order turned round, gaps.",
    )
    understood = models.JSONField(
        default=dict,
        help_text=(
            "Of a file: columns read by role, volume, zone, what was left out, what a person said."
        ),
    )
    leaps = models.JSONField(
        default=list,
        help_text="Its largest moves beyond x1.5 in one bar: arena.prices.market.leaps.",
    )
    provenance = models.TextField(blank=True)
    events = models.JSONField(
        default=list,
        help_text=(
            "What struck it, by bar: [{bar, time, symbol, kind, change}], time in UTC milliseconds,"
            " change as a share of price."
        ),
    )
    parts = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="baskets",
        help_text="Markets it was put together from.",
    )
    drawn_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="copies",
        help_text="The series its blocks were drawn from.",
    )
    created_at = models.DateTimeField()
    stored_bytes = models.BigIntegerField(
        default=0, help_text="Of its file, counted for each who brought it."
    )
    archived = models.BooleanField(
        default=False, help_text="Left out of lists; nothing else changes."
    )
    removed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it was deleted; rows and files follow in the background.",
    )
    seal_count = models.PositiveBigIntegerField(
        default=0, help_text="How many seals hang on it: arena.services.records.seals."
    )
    seal_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the last of them.")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(data_kind__in=DataKind.values), name="market_data_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(bars__gt=0, timeframe_ms__gt=0), name="market_has_bars"
            ),
            models.UniqueConstraint(
                fields=["owner", "sha256"],
                condition=Q(owner__isnull=False, removed_at=None),
                name="market_once_an_owner",
            ),
            models.UniqueConstraint(
                fields=["sha256", "source"],
                condition=Q(owner=None, removed_at=None),
                name="market_of_nobody_once_a_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> DataKind:
        """What the badge says: simulated bars are simulated for all who bring them."""
        return DataKind.SIMULATED if self.simulated else DataKind(self.data_kind)

    @property
    def parts_in_order(self) -> list["MarketData"]:
        """The markets it was put together from, one a symbol; [] where it was not put together."""
        links = MarketData.parts.through.objects.filter(from_marketdata=self).order_by("pk")
        return [link.to_marketdata for link in links.select_related("to_marketdata")]


class ProviderState(models.Model):
    """Pace, breaker and health of one provider (of one exchange, where ccxt knows many), shared by
    all processes. Times in seconds.
    """

    name = models.CharField(max_length=60, unique=True)
    tokens = models.FloatField(default=0.0)
    filled_at = models.FloatField(default=0.0)
    wait_until = models.FloatField(default=0.0, help_text="It told us to send nothing before.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    opened_at = models.FloatField(
        null=True,
        blank=True,
        help_text="When the circuit breaker last opened; none while it is closed.",
    )
    trial_at = models.FloatField(null=True, blank=True)
    worked_at = models.FloatField(null=True, blank=True)
    fault = models.CharField(
        max_length=LONGEST_FAULT, blank=True, help_text="What last went wrong."
    )
    fault_at = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProviderKey(models.Model):
    """The key that a provider is asked with where the environment names none; sealed, and never
    shown again.
    """

    provider = models.CharField(max_length=20, unique=True)
    sealed = models.BinaryField(help_text="arena.sealing.")
    ends = models.CharField(max_length=4, help_text="Its last characters, to tell keys apart.")
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    stored_at = models.DateTimeField()

    class Meta:
        ordering = ["provider"]

    def __str__(self) -> str:
        return f"key of {self.provider}"


class CandlePage(models.Model):
    """One answer of a provider, checked: the cache of history, and the steps of an import."""

    provider = models.CharField(max_length=20)
    instrument = models.CharField(max_length=80)
    timeframe_ms = models.BigIntegerField()
    start_ms = models.BigIntegerField()
    stop_ms = models.BigIntegerField()
    rows = models.BinaryField(
        help_text="float64 little endian [n, 6]: open time, open, high, low, close, volume."
    )
    notes = models.JSONField(default=list)
    fetched_ms = models.BigIntegerField()

    class Meta:
        ordering = ["provider", "instrument", "timeframe_ms", "start_ms"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "instrument", "timeframe_ms", "start_ms", "stop_ms"],
                name="candle_page_once",
            ),
            models.CheckConstraint(
                condition=Q(stop_ms__gt=models.F("start_ms")), name="candle_page_has_length"
            ),
        ]


class LastQuote(models.Model):
    """The latest price that a provider gave, with its own date."""

    provider = models.CharField(max_length=20)
    instrument = models.CharField(max_length=80)
    price = models.FloatField()
    at_ms = models.BigIntegerField(help_text="By the provider's clock.")
    fetched_ms = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "instrument"], name="last_quote_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="last_quote_is_a_price"),
        ]


class Acceptance(AppendOnly):
    """A person's word that the wildest leap of a market's prices is real."""

    market = models.OneToOneField(
        "arena.MarketData", on_delete=models.PROTECT, related_name="acceptance"
    )
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        help_text="None: on the command line.",
    )
    leap = models.JSONField(help_text="What was shown: bar, time, price, before, after.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]


class ImportState(State):
    """An import runs until it is done or has failed; a cancelled or failed one can be resumed."""

    RUNNING = "running", "importing", "Candles are asked for, page by page."
    CANCELLED = "cancelled", "cancelled", "A person ended it; it can be resumed."
    FAILED = "failed", "failed", "No provider gave what is missing; it can be resumed."
    DONE = "done", "imported", "Its candles became a market."


class BasketRenewal(models.Model):
    """A basket on its way up to date: an import a part, in the order of its symbols; put together
    anew when the last one is done.
    """

    basket = models.ForeignKey(
        "arena.MarketData", on_delete=models.PROTECT, related_name="renewals"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="renewals",
    )
    market = models.ForeignKey(
        "arena.MarketData",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What it was put together to.",
    )
    reason = models.CharField(
        max_length=LONGEST_FAULT,
        blank=True,
        help_text="Why it could not be put together, in words.",
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.basket.name


class MarketImport(models.Model):
    """A series on its way from a provider into the database: a page of candles a step, each step
    committed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
    )
    name = models.CharField(max_length=120)
    sources = models.JSONField(
        help_text="[[provider, instrument], …] in the order in which they are tried."
    )
    timeframe_ms = models.BigIntegerField()
    start_ms = models.BigIntegerField()
    stop_ms = models.BigIntegerField(help_text="Bars open before it.")
    state = StateField(max_length=10, states=ImportState, default=ImportState.RUNNING.value)
    reason = models.CharField(
        max_length=LONGEST_FAULT,
        blank=True,
        help_text="What it waits for, or why it failed, in words.",
    )
    tried = models.JSONField(
        default=list, help_text="What was wrong with the sources that were given up."
    )
    source = models.PositiveSmallIntegerField(default=0, help_text="Index into sources.")
    next_ms = models.BigIntegerField(help_text="Everything before it has been asked for.")
    bars = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Of this source, in a row.")
    market = models.ForeignKey(
        "arena.MarketData", null=True, blank=True, on_delete=models.PROTECT, related_name="imports"
    )
    renewal = models.ForeignKey(
        BasketRenewal,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text="The basket it is a part for.",
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values()), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=Q(stop_ms__gt=models.F("start_ms"), timeframe_ms__gt=0),
                name="import_has_length",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(market__isnull=False),
                name="import_done_has_a_market",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def share(self) -> float:
        """Of the range, how much has been asked for, 0 to 1."""
        return min(max((self.next_ms - self.start_ms) / (self.stop_ms - self.start_ms), 0.0), 1.0)
