"""Finds the experiment a person names on the command line."""

import uuid

from django.core.management.base import CommandError

from arena.models import Experiment

BAD_INPUT = 2


def experiment_named(text: str) -> Experiment:
    """The experiment with that id, uuid or name; the newest of one name would be a guess, so two
    are refused.
    """
    # its market is not asked for: an audit has to say that there is none
    rows = Experiment.objects.all()
    if text.isdecimal() and rows.filter(pk=int(text)).exists():
        return rows.get(pk=int(text))
    try:
        found = list(rows.filter(uuid=uuid.UUID(text)))
    except ValueError:
        found = list(rows.filter(name=text))
    if len(found) != 1:
        known = (
            f"{len(found)} experiments have that name; give the uuid of one"
            if found
            else "there is no such experiment"
        )
        raise CommandError(f"{text!r}: {known}", returncode=BAD_INPUT)
    return found[0]
