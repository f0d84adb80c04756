from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0019_markets_of_their_owners'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='marketdata',
            name='owners',
        ),
        migrations.AddConstraint(
            model_name='marketdata',
            constraint=models.UniqueConstraint(condition=models.Q(('owner__isnull', False)), fields=('owner', 'sha256'), name='market_once_an_owner'),
        ),
        migrations.AddConstraint(
            model_name='marketdata',
            constraint=models.UniqueConstraint(condition=models.Q(('owner', None)), fields=('sha256', 'source'), name='market_of_nobody_once_a_source'),
        ),
    ]
