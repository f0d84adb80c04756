from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0019_work_becomes_jobs'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='blockrun',
            name='block_state_known',
        ),
        migrations.RemoveConstraint(
            model_name='nullworld',
            name='null_world_state_known',
        ),
        migrations.RemoveField(
            model_name='blockrun',
            name='announced_at',
        ),
        migrations.RemoveField(
            model_name='blockrun',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='blockrun',
            name='lease_until',
        ),
        migrations.RemoveField(
            model_name='blockrun',
            name='reason',
        ),
        migrations.RemoveField(
            model_name='judgement',
            name='announced_at',
        ),
        migrations.RemoveField(
            model_name='judgement',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='judgement',
            name='fence',
        ),
        migrations.RemoveField(
            model_name='judgement',
            name='lease_until',
        ),
        migrations.RemoveField(
            model_name='judgement',
            name='worker',
        ),
        migrations.RemoveField(
            model_name='marketimport',
            name='announced_at',
        ),
        migrations.RemoveField(
            model_name='marketimport',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='marketimport',
            name='fence',
        ),
        migrations.RemoveField(
            model_name='marketimport',
            name='lease_until',
        ),
        migrations.RemoveField(
            model_name='marketimport',
            name='not_before',
        ),
        migrations.RemoveField(
            model_name='marketimport',
            name='worker',
        ),
        migrations.RemoveField(
            model_name='nullworld',
            name='announced_at',
        ),
        migrations.RemoveField(
            model_name='nullworld',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='nullworld',
            name='fence',
        ),
        migrations.RemoveField(
            model_name='nullworld',
            name='lease_until',
        ),
        migrations.RemoveField(
            model_name='nullworld',
            name='worker',
        ),
        migrations.RemoveField(
            model_name='round',
            name='announced_at',
        ),
        migrations.RemoveField(
            model_name='round',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='round',
            name='lease_until',
        ),
        migrations.RemoveField(
            model_name='round',
            name='reason',
        ),
        migrations.AlterField(
            model_name='blockrun',
            name='fence',
            field=models.PositiveIntegerField(default=0, help_text='Of the claim it was done under, in the names of its files.'),
        ),
        migrations.AlterField(
            model_name='blockrun',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done')], default='waiting', max_length=8),
        ),
        migrations.AlterField(
            model_name='blockrun',
            name='worker',
            field=models.CharField(blank=True, help_text='Host and process that played it.', max_length=80),
        ),
        migrations.AlterField(
            model_name='judgement',
            name='reason',
            field=models.CharField(blank=True, help_text='Why it could not be made.', max_length=800),
        ),
        migrations.AlterField(
            model_name='nullworld',
            name='reason',
            field=models.CharField(blank=True, help_text='Why it has no outcome.', max_length=800),
        ),
        migrations.AlterField(
            model_name='nullworld',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done')], default='waiting', max_length=8),
        ),
        migrations.AlterField(
            model_name='round',
            name='fence',
            field=models.PositiveIntegerField(default=0, help_text='Of the claim it was closed under, in the name of its file.'),
        ),
        migrations.AlterField(
            model_name='round',
            name='worker',
            field=models.CharField(blank=True, help_text='Host and process that closed it.', max_length=80),
        ),
        migrations.AddConstraint(
            model_name='blockrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done'])), name='block_state_known'),
        ),
        migrations.AddConstraint(
            model_name='nullworld',
            constraint=models.CheckConstraint(condition=models.Q(('block_bars__gte', 1), ('state__in', ['waiting', 'done'])), name='null_world_state_known'),
        ),
    ]
