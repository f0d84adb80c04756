"""What mattered in a run, without its routine births, deaths and scars: alarms, edits, and how
long its rounds take.
"""

from statistics import median

from arena.models import Experiment, Round, RoundState
from arena.selectors.rounds.feed import Event, alarms, interventions

# rounds whose length says how long the next ones will take
LATELY = 10


def notable(*, experiment: Experiment) -> list[Event]:
    """Alarms and what people did, newest first; two queries, which find few rows however long the
    run is.
    """
    raised = Round.objects.filter(
        experiment=experiment, state=RoundState.CLOSED, diversity__alarms__0__isnull=False
    ).only("index", "diversity")
    found = [*alarms(raised, experiment), *interventions(experiment)]
    return sorted(found, key=lambda event: event["round"], reverse=True)


def seconds_a_round(*, experiment: Experiment) -> float | None:
    """How long a round took lately, from its opening to its close; None before the second: the
    first also waits for a worker and its kernels.
    """
    closed = Round.objects.filter(experiment=experiment, state=RoundState.CLOSED, index__gt=0)
    times = closed.order_by("-index").values_list("opened_at", "closed_at")[:LATELY]
    lengths = [(end - start).total_seconds() for start, end in times if end is not None]
    return median(lengths) if lengths else None
