"""What this database is called, and so what the files that belong to it are known by."""

import uuid

from django.db import models


class Installation(models.Model):
    """One row, made at the first start."""

    only = models.BooleanField(primary_key=True, default=True)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
