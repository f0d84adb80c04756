import hashlib
import json

from django.db import migrations

# what was sealed of a market
SAID = (
    *("data_kind", "source", "symbols", "timeframe_ms", "bars", "first_time", "last_time", "gap_count", "missing_bars", "sha256"),
    *("notes", "leaps", "provenance", "events", "calendar", "understood", "drawn_from_id", "created_at"),
)
# of somebody who brought what another had brought before, nothing but the bars is known
UNKNOWN = {"source": "a file that somebody else had brought before", "notes": [], "understood": {}, "provenance": ""}


def carry_over(apps, schema_editor):
    """Every market to the one who brought it; where that were several, to each a row of their own, and the old one to nobody:
    what ran on it stays there, where its seals are.
    """
    markets = apps.get_model("arena", "MarketData").objects
    for row in list(markets.order_by("pk")):
        users = set(row.experiments.values_list("owner", flat=True)) | set(row.copies.values_list("experiments__owner", flat=True))
        brought = list(row.owners.through.objects.filter(marketdata=row).order_by("pk").values_list("user_id", flat=True))
        claims = [] if row.source.startswith("built-in series ") else brought or sorted(users - {None})
        if len(claims) == 1 and users - {None} <= set(claims):
            markets.filter(pk=row.pk).update(owner=claims[0])
        else:
            for place, owner in enumerate(brought):
                _copy(apps, row, owner, is_first=place == 0)
    _own_parts(apps)


def _copy(apps, row, owner, is_first):
    """A row of the owner's own; the words of the old one are those of the first, and of who imported it themselves."""
    copy = apps.get_model("arena", "MarketData").objects.get(pk=row.pk)
    imports = apps.get_model("arena", "MarketImport").objects.filter(market=row, owner=owner)
    copy.pk, copy.owner_id, copy.seal_count = None, owner, 1
    if imports.exists():
        copy.name = imports.last().name
    elif not is_first:
        copy.name = f"{row.bars} bars, {row.sha256[:10]}"
        for name, value in UNKNOWN.items():
            setattr(copy, name, value)
    content = _digest({name: _text(getattr(copy, name)) for name in SAID})
    copy.seal_sha256 = _digest(["", 0, None, "market", "", content])
    copy.save()
    seals = apps.get_model("arena", "Seal").objects
    seals.create(market=copy, sequence=0, kind="market", content_sha256=content, sha256=copy.seal_sha256)
    for part in row.parts.through.objects.filter(from_marketdata=row).order_by("pk"):
        row.parts.through.objects.create(from_marketdata=copy, to_marketdata_id=part.to_marketdata_id)
    imports.update(market=copy)


def _own_parts(apps):
    """What somebody put together is of their own parts, where they have them."""
    markets = apps.get_model("arena", "MarketData").objects
    for link in markets.model.parts.through.objects.select_related("from_marketdata", "to_marketdata"):
        owner, part = link.from_marketdata.owner_id, link.to_marketdata
        own = markets.filter(owner=owner, sha256=part.sha256).first() if owner and part.owner_id != owner else None
        if own:
            type(link).objects.filter(pk=link.pk).update(to_marketdata=own)


def _digest(value):
    """As seals have it."""
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (float(value) + 0.0).hex()
    return value


def _text(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def mark(apps, schema_editor):
    """What a simulator made is simulated, though somebody brought the bars as a file before it did."""
    markets, known = apps.get_model("arena", "MarketData").objects, apps.get_model("arena", "StoredBars").objects
    for digest in markets.order_by("sha256").values_list("sha256", flat=True).distinct():
        rows = markets.filter(sha256=digest)
        kinds = {settings.get("market", {}).get("kind", "file") for settings in rows.exclude(experiments=None).values_list("experiments__settings", flat=True)}
        known.create(sha256=digest, simulated=rows.filter(data_kind="simulated").exists() or bool(kinds - {"file"}))
    simulated = known.filter(simulated=True).values("sha256")
    markets.filter(sha256__in=simulated).update(simulated=True)
    together = markets.filter(parts__simulated=True).values_list("pk", flat=True)
    markets.filter(pk__in=list(together)).update(simulated=True)


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0021_stored_bars'),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
