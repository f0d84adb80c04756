"""The row of an experiment whose founders are being born; it goes when they are."""

from django.db import models

from arena.judgement_models import LONGEST_REASON


class Founding(models.Model):
    """Work of its own, in short steps: a hundred thousand rows in one transaction would hold up everybody else."""

    experiment = models.OneToOneField("arena.Experiment", on_delete=models.CASCADE, related_name="founding")
    founded = models.PositiveIntegerField(default=0, help_text="Founders whose rows are written, in order of their number.")
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since rows were last written.")
    announced_at = models.DateTimeField(null=True, blank=True, help_text="When workers were last told of it.")
    worker = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why the last attempt failed.")
