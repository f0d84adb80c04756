from django.db import migrations
from django.db.models.functions import Now

RANKS = {name: rank for rank, name in enumerate(("close", "block", "judgement", "import", "null"))}
BATCH = 500


def to_jobs(apps, schema_editor):
    """A job for all that waited or was claimed; whoever is at it will find that somebody else has taken over."""
    Experiment, Round, BlockRun, NullWorld, Judgement, MarketImport, Job = (
        apps.get_model("arena", name)
        for name in ("Experiment", "Round", "BlockRun", "NullWorld", "Judgement", "MarketImport", "Job")
    )
    going = Experiment.objects.filter(state__in=("running", "pausing"))
    jobs = []
    for opened in Round.objects.filter(state="open", experiment__in=going).select_related("experiment"):
        undone = BlockRun.objects.filter(round=opened).exclude(state="done")
        rows = [("block", row, row.block) for row in undone] or [("close", opened, 0)]
        jobs += [_job(Job, kind, row, opened.experiment, place) for kind, row, place in rows]
    for world in NullWorld.objects.exclude(state="done").select_related("experiment"):
        jobs.append(_job(Job, "null", world, world.experiment, world.index))
    for judgement in Judgement.objects.filter(state="waiting").select_related("experiment"):
        jobs.append(_job(Job, "judgement", judgement, judgement.experiment))
    for row in MarketImport.objects.filter(state="running"):
        jobs.append(_job(Job, "import", row, None, not_before=row.not_before, owner_id=row.owner_id))
    Job.objects.bulk_create(jobs, batch_size=BATCH)
    _share(apps, jobs)
    BlockRun.objects.exclude(state="done").update(state="waiting")
    NullWorld.objects.exclude(state="done").update(state="waiting", reason="")
    Judgement.objects.filter(state="waiting").update(reason="")


def _job(Job, kind, row, experiment, place=0, not_before=None, owner_id=None):
    return Job(
        kind=kind,
        subject=row.pk,
        user=(experiment.owner_id if experiment else owner_id) or 0,
        experiment=experiment.pk if experiment else 0,
        rank=RANKS[kind],
        place=place,
        fence=row.fence,
        attempts=row.attempts,
        worker=row.worker,
        not_before=not_before,
        since=Now(),
        # what an import tells there is shown to people, and stays where it is
        reason="" if kind == "import" else row.reason,
    )


def _share(apps, jobs):
    """All begin with nothing used."""
    parties = {(job.user, job.experiment) for job in jobs}
    rows = apps.get_model("arena", "ExperimentShare").objects
    rows.bulk_create([rows.model(user=user, experiment=experiment, used=0.0) for user, experiment in sorted(parties)])
    rows = apps.get_model("arena", "UserShare").objects
    rows.bulk_create([rows.model(user=user, used=0.0) for user in sorted({user for user, _ in parties})])


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0018_jobs'),
    ]

    operations = [
        migrations.RunPython(to_jobs, migrations.RunPython.noop),
    ]
