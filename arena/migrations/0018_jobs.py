from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0017_market_understood'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExperimentShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.PositiveBigIntegerField()),
                ('experiment', models.PositiveBigIntegerField()),
                ('used', models.FloatField(help_text="Seconds of workers, upon what the user's least busy had when this one came.")),
                ('lasting', models.JSONField(default=dict, help_text='{kind: seconds that a job of it took of late}.')),
            ],
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='Which line of arena.work.kinds.', max_length=20)),
                ('subject', models.PositiveBigIntegerField(help_text='Key of the row that the work is on, in the table of its kind.')),
                ('user', models.PositiveBigIntegerField(default=0, help_text='For whom; 0: for nobody in particular.')),
                ('experiment', models.PositiveBigIntegerField(default=0, help_text='Of which experiment; 0: of none.')),
                ('rank', models.PositiveSmallIntegerField(help_text="Its kind's place among the kinds: an experiment's lowest is done first.")),
                ('place', models.PositiveIntegerField(default=0, help_text='Its own among its kind: number of the block, of the null world.')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('claimed', 'Claimed'), ('held', 'Held')], default='waiting', max_length=8)),
                ('fence', models.PositiveIntegerField(default=0, help_text='Number of the last claim; what an older one did is refused.')),
                ('since', models.DateTimeField(help_text="When its state last changed, or its holder was last heard of; by the database's clock.")),
                ('not_before', models.DateTimeField(blank=True, help_text='It rests until then.', null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text="Claims that neither ended well nor were the machine's fault.")),
                ('pauses', models.PositiveSmallIntegerField(default=0, help_text='How often in a row the machine was not up to it.')),
                ('worker', models.CharField(blank=True, help_text='Host and process that holds it, or did.', max_length=80)),
                ('home', models.CharField(blank=True, help_text='Host and process that asked for it and does it itself.', max_length=80)),
                ('reason', models.CharField(blank=True, help_text='Why the last attempt failed, or what it waits for.', max_length=800)),
                ('seconds', models.FloatField(default=0.0, help_text='What its owner was charged at the claim.')),
            ],
            options={
                'ordering': ['rank', 'place', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='UserShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.PositiveBigIntegerField(unique=True)),
                ('used', models.FloatField(help_text='Seconds of workers, upon what the least busy had when this one came.')),
            ],
        ),
        migrations.AddConstraint(
            model_name='experimentshare',
            constraint=models.UniqueConstraint(fields=('user', 'experiment'), name='experiment_share_once'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(fields=['state', 'user', 'experiment', 'rank', 'place'], name='job_by_turn'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(fields=['experiment', 'state'], name='job_by_experiment'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.UniqueConstraint(fields=('kind', 'subject'), name='job_once'),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'claimed', 'held'])), name='job_state_known'),
        ),
    ]
