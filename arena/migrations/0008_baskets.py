from django.db import migrations, models


def name_the_symbols(apps, schema_editor):
    """What a market's only series was called becomes a list, one without a symbol is called what its market is; and it is what was struck."""
    for market in apps.get_model("arena", "MarketData").objects.all():
        market.symbols = [(market.symbol or market.name)[:40]]
        market.events = [event | {"symbol": 0} for event in market.events]
        market.save(update_fields=["symbols", "events"])


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0007_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='marketdata',
            name='symbols',
            field=models.JSONField(default=list, help_text='What each of its series is called, in the order of the file; one at least.'),
        ),
        migrations.RunPython(name_the_symbols, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='marketdata',
            name='symbol',
        ),
        migrations.AddField(
            model_name='marketdata',
            name='parts',
            field=models.ManyToManyField(blank=True, help_text='Markets it was put together from.', related_name='baskets', to='arena.marketdata'),
        ),
        migrations.AlterField(
            model_name='marketdata',
            name='events',
            field=models.JSONField(default=list, help_text='What struck it, by bar: [{bar, time, symbol, kind, change}], time in UTC milliseconds, change as a share of price.'),
        ),
    ]
