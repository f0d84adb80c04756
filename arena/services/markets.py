"""Stores markets, one row and one file for each series however often it is brought."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from arena.engine.schedule import bars_needed
from arena.feeds import builtin
from arena.feeds.errors import FeedError
from arena.market.bars import Bars, gaps
from arena.market.simulators import SimulatorError, simulate
from arena.models import DataKind, MarketData
from arena.settings_schema import Settings, SettingsError
from arena.store.markets import bars_read, bars_write
from ml.rng import Purpose, stream

# a longer run starts the series again, and says so
MOST_SIMULATED_BARS = 200_000


def market_store(
    *, bars: Bars, name: str, data_kind: str, source: str, notes: Sequence[str] = (), provenance: str = "", symbol: str = ""
) -> MarketData:
    """The row of these bars: the one they already have, or a new one. The file is written where it is missing."""
    digest, file = bars.sha256(), bars_write(bars)
    if found := MarketData.objects.filter(sha256=digest).first():
        return found
    holes = gaps(bars)
    row = MarketData(
        name=name[:120],
        data_kind=data_kind,
        source=source[:200],
        symbol=symbol[:40],
        timeframe_ms=bars.timeframe_ms,
        bars=len(bars),
        first_time=int(bars.time[0]),
        last_time=int(bars.time[-1]),
        gap_count=len(holes),
        missing_bars=sum(missing for _, _, missing in holes),
        sha256=digest,
        file=file,
        notes=list(notes),
        provenance=provenance,
        created_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # somebody else stored the same bars meanwhile, in the same file
        return MarketData.objects.get(sha256=digest)
    return row


def market_builtin(*, name: str) -> MarketData:
    """The row of a built-in series; FeedError for a name there is not."""
    bars, notes = builtin.load(name)
    series = builtin.SERIES[name]
    return market_store(
        bars=bars,
        name=series.title,
        data_kind=DataKind.HISTORICAL,
        source=f"built-in series {name}",
        notes=notes,
        provenance=series.provenance,
    )


def market_simulate(*, settings: Settings) -> MarketData:
    """The row of the simulated market that these settings and their seed make."""
    told, count = settings.market, min(bars_needed(settings), MOST_SIMULATED_BARS)
    shape = {"drift": told.drift, "volatility": told.volatility, "period": told.period, "amplitude": told.amplitude, "edge": told.edge}
    try:
        bars = simulate(told.kind, count, stream(settings.seed, Purpose.MARKET), **shape)
    except SimulatorError as error:
        raise SettingsError({"market": str(error)}) from None
    figures = ", ".join(f"{name} {value:g}" for name, value in shape.items())
    return market_store(
        bars=bars,
        name=told.kind.replace("_", " "),
        data_kind=DataKind.SIMULATED,
        source=f"simulator {told.kind}: {figures}, seed {settings.seed}",
    )


def market_of_settings(*, settings: Settings) -> MarketData:
    """The market settings name by themselves: a simulator's, or a built-in series. SettingsError where they name neither."""
    if settings.market.kind != "file":
        return market_simulate(settings=settings)
    try:
        return market_builtin(name=settings.market.path)
    except FeedError as error:
        text = str(error) if settings.market.path else "bring a file of prices, or name a built-in series: " + ", ".join(builtin.SERIES)
        raise SettingsError({"market.path": text}) from None


def market_bars(*, market: MarketData) -> Bars:
    """The bars of a stored market; CheckpointError where its file is damaged."""
    return bars_read(market)
