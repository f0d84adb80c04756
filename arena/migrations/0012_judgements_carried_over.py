from django.db import migrations, models

MOST_ATTEMPTS = 3


def carry_over(apps, schema_editor):
    """A row for every judgement that was made, and for every one that an abandoned round stood for."""
    Experiment, Round, Evaluation, Judgement = (
        apps.get_model("arena", name) for name in ("Experiment", "Round", "Evaluation", "Judgement")
    )
    made = Evaluation.objects.order_by().values("experiment", "after_round").annotate(at=models.Max("at"))
    Judgement.objects.bulk_create(
        Judgement(experiment_id=row["experiment"], after_round=row["after_round"], state="done", asked_at=row["at"], done_at=row["at"])
        for row in made
    )
    for experiment in Experiment.objects.filter(state__in=("stopped", "finished", "extinct")):
        first = 0 if experiment.forked_after is None else experiment.forked_after + 1
        told = {"experiment": experiment, "after_round": experiment.rounds_done - 1}
        if experiment.rounds_done > first and not Judgement.objects.filter(**told).exists():
            left_open = Round.objects.filter(experiment=experiment, state="open").first()
            Judgement.objects.create(**told, **_waiting(left_open), asked_at=experiment.finished_at or experiment.created_at)
    # nobody will close them
    Round.objects.filter(state="open", experiment__state="stopped").update(lease_until=None, attempts=0, reason="")


def _waiting(row):
    """What the round that a stop left open knows of the judgement it stood for."""
    if row is None or row.attempts < MOST_ATTEMPTS:
        return {}
    last = f"last with {row.reason}" if row.reason else "each time its worker died"
    return {"state": "failed", "attempts": row.attempts, "reason": f"it was tried {row.attempts} times, {last}"[:800]}


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0011_judgement'),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
