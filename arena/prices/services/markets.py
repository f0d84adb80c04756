"""Stores markets: a row for each who brings bars, and one file for the same bars however often they
are brought.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from arena.prices.files import builtin
from arena.prices.files.confined import ReadFile, Series, read_confined, series_of
from arena.prices.files.errors import FeedError
from arena.prices.files.limits import OWN_FILE
from arena.prices.files.notes import gap_notes
from arena.prices.files.options import AS_IT_IS, Reading
from arena.prices.files.price_file import description_of, understand
from arena.prices.files.reading import PriceFile
from arena.prices.market.bars import Bars, sha256_of
from arena.prices.market.calendar import gaps
from arena.prices.models import DataKind, MarketData, StoredBars
from arena.prices.store import Written, bars_read, bars_write, is_stored, packed_bars_write
from arena.services.records.seals import market_seal
from arena.services.records.storage import storage_refusal

LONGEST_SYMBOL = 40
# of the description of a file, what is kept with its market beside the sentences
UNDERSTOOD = ("columns", "volume", "zone", "left_out", "said")
# what sentences said of gaps that were counted by the clock
BY_THE_CLOCK = ("No bar falls on a weekend", " bars missing, the longest ")


def market_store(
    *,
    bars: Sequence[Bars],
    name: str,
    data_kind: str,
    source: str,
    notes: Sequence[str] = (),
    provenance: str = "",
    symbols: Sequence[str] = (),
    events: Sequence[dict[str, Any]] = (),
    drawn_from: MarketData | None = None,
    understood: Mapping[str, Any] | None = None,
    owner: Any = None,
) -> MarketData:
    """The owner's row of these bars, a series a symbol: the one that stands already, or a new one.
    The file is written where it is missing.

    Bars said to be simulated are so from now on for everybody; of blocks of a series, the bars of
    each symbol too.
    """
    row = _row(
        series_of(bars),
        lambda: bars_write(bars),
        owner,
        name=name,
        data_kind=data_kind,
        source=source,
        notes=notes,
        provenance=provenance,
        symbols=symbols,
        events=list(events),
        drawn_from=drawn_from,
        understood=dict(understood or {}),
    )
    if data_kind == DataKind.SIMULATED:
        singles = {sha256_of([own]) for own in bars} if drawn_from else set()
        simulated_mark(digests={row.sha256, *singles})
        row.refresh_from_db(fields=["simulated"])
    return row


def market_keep(
    *, file: ReadFile, file_name: str, owner: Any, name: str = "", symbol: str = ""
) -> MarketData:
    """The row of an uploaded file that was understood, `owner`'s own from now on; called so, where
    a person says how. FeedError.
    """
    _room_check(owner=owner, name=file_name)
    packed = file.packed
    if packed is None:
        raise ValueError(f"the bars of {file_name} were not kept when it was read")
    return _row(
        file.series,
        lambda: packed_bars_write(file.series.sha256, packed),
        owner,
        **_of_file(file_name, file.description, name, symbol),
    )


def market_upload(
    *,
    file: BinaryIO,
    file_name: str,
    reading: Reading,
    owner: Any,
    name: str = "",
    symbol: str = "",
) -> MarketData:
    """The row of a file that a person sends; `reading`: what they say of it. FeedError."""
    read = read_confined(file, file_name, time.time_ns() // 1_000_000, reading, keep=True)
    return market_keep(file=read, file_name=file_name, owner=owner, name=name, symbol=symbol)


def market_import(
    *, path: Path, reading: Reading = AS_IT_IS, owner: Any = None, name: str = "", symbol: str = ""
) -> MarketData:
    """The row of a person's own file on this machine, of any size. FeedError."""
    _room_check(owner=owner, name=path.name)
    read = file_read(path=path, reading=reading)
    return market_store(
        bars=[read.bars], owner=owner, **_of_file(path.name, description_of(read), name, symbol)
    )


def _room_check(*, owner: Any, name: str) -> None:
    """FeedError where an owner's share of the disk is full."""
    if words := storage_refusal(owner=owner):
        raise FeedError(words, name=name)


def file_read(*, path: Path, reading: Reading = AS_IT_IS) -> PriceFile:
    """A person's own file on this machine, understood; nothing stored. FeedError, also where it
    cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return understand(file, path.name, time.time_ns() // 1_000_000, reading, OWN_FILE)
    except OSError as error:
        raise FeedError(f"cannot be read: {error.strerror or error}", name=str(path)) from None


def _of_file(
    file_name: str, description: Mapping[str, Any], name: str, symbol: str
) -> dict[str, Any]:
    """Columns of a market that was a file, by `price_file.description_of` and the names that a
    person gave.
    """
    called = symbol or description["symbol"]
    named = {
        "name": name or called or file_name,
        "source": f"file {file_name}",
        "symbols": [called] if called else [],
    }
    return named | {
        "notes": description["understood"],
        "understood": {key: description[key] for key in UNDERSTOOD},
        "data_kind": DataKind.HISTORICAL,
    }


def _row(
    series: Series,
    write: Callable[[], Written],
    owner: Any,
    *,
    name: str,
    source: str,
    symbols: Sequence[str],
    notes: Sequence[str] = (),
    **more: Any,
) -> MarketData:
    """The owner's row of the bars that `write` stores; one that is there already stays as it is,
    but is listed again. more: other columns.

    A series without a symbol is called what its market is.
    """
    written, called = write(), [symbol[:LONGEST_SYMBOL] for symbol in symbols or [name]]
    columns = {
        "name": name[:120],
        "source": source[:200],
        "symbols": called,
        "notes": list(notes),
        **more,
    }
    columns |= {"file": written.name, "stored_bytes": written.size}
    columns |= {
        "timeframe_ms": series.timeframe_ms,
        "bars": series.bars,
        "first_time": series.first_time,
        "last_time": series.last_time,
    }
    columns |= {
        "gap_count": series.gap_count,
        "missing_bars": series.missing_bars,
        "calendar": series.calendar,
    }
    columns |= {"leaps": series.leaps}
    whose = {"owner": owner} if owner else {"owner": None, "source": columns.pop("source")}
    with transaction.atomic():
        known = bars_lock(digest=series.sha256)
        columns |= {"created_at": timezone.now(), "simulated": known.simulated}
        if not is_stored(written):
            # the last who had these bars deleted them in this moment
            write()
        row, is_new = MarketData.objects.get_or_create(
            sha256=series.sha256, removed_at=None, **whose, defaults=columns
        )
        if is_new:
            market_seal(market=MarketData.objects.get(pk=row.pk))
        MarketData.objects.filter(pk=row.pk, archived=True).update(archived=False)
    return row


def bars_lock(*, digest: str) -> StoredBars:
    """What is known of bars, held until the running transaction ends: meanwhile no one marks them,
    or takes their file away.
    """
    StoredBars.objects.bulk_create([StoredBars(sha256=digest)], ignore_conflicts=True)
    return StoredBars.objects.select_for_update(no_key=True).get(sha256=digest)


def bars_put_together(*, digest: str, parts: Sequence[str]) -> None:
    """Note for ever which bars others were put together of: who tries or looks at some has
    tried and looked at the others.
    """
    StoredBars.objects.get(sha256=digest).parts.add(*StoredBars.objects.filter(sha256__in=parts))


@transaction.atomic
def simulated_mark(*, digests: Iterable[str]) -> None:
    """Bars that a simulator made are simulated for ever, in every market of them and in all that
    were put together of those.
    """
    for digest in sorted(digests):
        bars_lock(digest=digest)
        StoredBars.objects.filter(sha256=digest).update(simulated=True)
        unmarked = MarketData.objects.filter(
            Q(sha256=digest) | Q(parts__sha256=digest), simulated=False
        )
        MarketData.objects.filter(pk__in=list(unmarked.values_list("pk", flat=True))).update(
            simulated=True
        )


def market_builtin(*, name: str) -> MarketData:
    """The row of a built-in series; FeedError for a name there is not."""
    bars, notes = builtin.load(name)
    series = builtin.SERIES[name]
    return market_store(
        bars=[bars],
        name=series.title,
        symbols=[series.symbol],
        data_kind=DataKind.HISTORICAL,
        source=f"built-in series {name}",
        notes=notes,
        provenance=series.provenance,
    )


def gaps_recounted(*, row: Any) -> dict[str, Any]:
    """{gap_count, missing_bars, notes} of a stored series whose gaps were counted by the clock,
    nights and weekends too.

    CheckpointError or FileNotFoundError where its file cannot be read.
    """
    bars = bars_read(row)[0]
    found = gaps(bars)
    kept = [note for note in row.notes if not any(words in note for words in BY_THE_CLOCK)]
    counted = gap_notes(bars) if len(kept) < len(row.notes) else []
    return {
        "gap_count": len(found),
        "missing_bars": sum(missing for _, _, missing in found),
        "notes": kept + counted,
    }


def market_bars(*, market: MarketData) -> tuple[Bars, ...]:
    """The bars of each symbol of a stored market; CheckpointError where its file is damaged."""
    return bars_read(market)
