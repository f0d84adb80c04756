"""What a person calls their experiments and markets, files them under and writes about them, and
which of them lists show.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from arena.errors import WrongState
from arena.models import LONGEST_NOTE, LONGEST_TAGS, Experiment, MarketData
from arena.services.experiments.interventions import InterventionError, experiment_change
from arena.services.records.notifications import list_notify

TAG = re.compile(r"[\w.+-]{1,40}")
TAG_WORDS = "a tag is one word of letters, digits, and . + - _, 40 signs at most"


def experiment_rename(*, experiment: Experiment, who: Any, name: str) -> None:
    """Another name, listed among what people changed. InterventionError."""
    changes = {"name": name.strip()}
    experiment_change(
        experiment=experiment,
        who=who,
        changes=changes,
        seen={"name": experiment.name},
        now=timezone.now(),
    )


def market_rename(*, market: MarketData, name: str) -> None:
    """Another name; what it is and where it came from stay as they were sealed.
    InterventionError.
    """
    if not 0 < len(name.strip()) <= 120:
        raise InterventionError("name must have 1 to 120 characters")
    MarketData.objects.filter(pk=market.pk).update(name=name.strip())


def archive_set(*, row: Experiment | MarketData, archived: bool) -> None:
    """Leave an experiment or a market out of lists, or show it there again; nothing else
    changes.
    """
    type(row).objects.filter(pk=row.pk).update(archived=archived)
    if isinstance(row, Experiment):
        list_notify(experiment=row)


def tags_set(*, experiment: Experiment, tags: Iterable[str]) -> None:
    """File an experiment under these tags alone. InterventionError."""
    words = sorted({tag.casefold() for tag in tags})
    for word in words:
        if not TAG.fullmatch(word):
            raise InterventionError(f"{TAG_WORDS}, not {word!r:.60}")
    text = f" {' '.join(words)} " if words else ""
    if len(text) > LONGEST_TAGS:
        raise InterventionError(f"tags have {LONGEST_TAGS} signs together at most")
    _keep(experiment, tags=text)


def tags_add(*, experiment: Experiment, tags: Iterable[str]) -> None:
    """File an experiment under these tags too. InterventionError."""
    tags_set(experiment=experiment, tags=[*experiment.tag_list, *tags])


def note_set(*, experiment: Experiment, note: str) -> None:
    """What a person wants to remember of an experiment. InterventionError."""
    text = note.strip().replace("\r\n", "\n")
    if len(text) > LONGEST_NOTE:
        raise InterventionError(f"a note has {LONGEST_NOTE:,} signs at most")
    _keep(experiment, note=text)


def each_of(*, experiments: Iterable[Experiment], deed: Callable[[Experiment], Any]) -> list[str]:
    """Do something to each; what was refused, in words, the others are done."""
    refused = []
    for experiment in experiments:
        try:
            deed(experiment)
        except (InterventionError, WrongState) as error:
            refused.append(str(error))
    return refused


def _keep(experiment: Experiment, **columns: str) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(**columns)
    list_notify(experiment=experiment)
