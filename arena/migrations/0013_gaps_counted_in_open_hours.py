from django.db import migrations

from arena.prices.services.markets import gaps_recounted


def recount(apps, schema_editor):
    """What stored series lack, counted in the hours in which their markets are open; what cannot be read keeps what was counted."""
    for row in apps.get_model("arena", "MarketData").objects.exclude(gap_count=None).exclude(gap_count=0):
        try:
            changes = gaps_recounted(row=row)
        except (ValueError, OSError):
            continue
        type(row).objects.filter(pk=row.pk).update(**changes)


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0012_judgements_carried_over'),
    ]

    operations = [
        migrations.RunPython(recount, migrations.RunPython.noop),
    ]
