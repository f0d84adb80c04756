from django.db import migrations

from arena.selectors.evidence.looks import vault_times


def carry_over(apps, schema_editor):
    """Looks that were judgements become rows of their own, and bars know what they were put together of, whatever is deleted."""
    looks, known = apps.get_model("arena", "Look").objects, apps.get_model("arena", "StoredBars").objects
    scored = apps.get_model("arena", "Evaluation").objects.filter(stretch="out_of_sample", subject="cash")
    for row in scored.select_related("experiment__market"):
        experiment, market = row.experiment, row.experiment.market
        try:
            start, stop = vault_times(market=market, settings=experiment.settings)
        except ValueError:
            # settings that nobody can read any more: the look counts for the whole series
            start, stop = market.first_time, market.last_time + market.timeframe_ms
        told = {"owner_id": experiment.owner_id, "market_sha256": market.sha256, "start": start, "stop": stop}
        looks.get_or_create(experiment=experiment.uuid, after_round=row.after_round, defaults=told)
    for row in apps.get_model("arena", "MarketData").objects.exclude(parts=None):
        known.get(sha256=row.sha256).parts.add(*known.filter(sha256__in=row.parts.values("sha256")))


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0023_removals'),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
