import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def count(apps, schema_editor):
    """A row for every experiment whose agents have competed."""
    Experiment, Tried, Agent = apps.get_model("arena", "Experiment"), apps.get_model("arena", "Tried"), apps.get_model("agents", "Agent")
    for row in Experiment.objects.filter(rounds_done__gt=0).select_related("market", "forked_from"):
        played = Agent.objects.filter(experiment=row, birth_round__lt=row.rounds_done)
        own = row.forked_from is not None and row.forked_from.owner_id == row.owner_id
        shared = played.filter(birth_round__lte=row.forked_after).count() if own else 0
        told = {"owner_id": row.owner_id, "market_sha256": row.market.sha256, "shared": shared}
        Tried.objects.create(experiment=row.uuid, agents=played.count() - shared, **told)


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0014_gaps_counted_in_open_hours'),
        ('agents', '0006_overflow'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tried',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('experiment', models.UUIDField(unique=True)),
                ('market_sha256', models.CharField(help_text='Of the bars they competed on.', max_length=64)),
                ('agents', models.PositiveIntegerField(default=0, help_text='Without those that count for the experiment it was forked from.')),
                ('shared', models.PositiveIntegerField(default=0, help_text='Those, who competed before the fork.')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['owner', 'market_sha256'], name='tried_by_owner_and_bars')],
            },
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
