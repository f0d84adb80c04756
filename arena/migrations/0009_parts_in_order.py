from django.db import migrations


def put_in_order(apps, schema_editor):
    """Links to the parts of a basket were stored in any order; from here on theirs is that of its symbols."""
    market = apps.get_model("arena", "MarketData")
    link = market.parts.through
    for basket in market.objects.filter(symbols__1__isnull=False):
        parts = [each.to_marketdata for each in link.objects.filter(from_marketdata=basket).order_by("pk")]
        # of two that are called the same the second was numbered
        called = {part.pk: part.symbols[0][:38] for part in parts}
        place = {name: index for index, name in reversed(list(enumerate(basket.symbols)))}
        parts.sort(key=lambda part: place.get(called[part.pk], len(place)))
        link.objects.filter(from_marketdata=basket).delete()
        for part in parts:
            link.objects.create(from_marketdata=basket, to_marketdata=part)


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0008_baskets'),
    ]

    operations = [
        migrations.RunPython(put_in_order, migrations.RunPython.noop, elidable=True),
    ]
