"""How many agents an owner has tried on the same bars, by all experiments that there are or ever
were.

The best of many looks good by luck, and it does not matter in which experiment they were: clones,
forks, other seeds and other settings are further draws. What a fork shares with its original is
counted once. Null worlds are no trials: nothing is chosen from them.
"""

from django.db.models import Sum

from agents.models import Agent
from arena.models import Experiment, Tried
from arena.selectors.evidence.looks import related_bars


def tried_elsewhere(*, experiment: Experiment) -> int:
    """Agents that the owner's other experiments had compete on these bars until now, without those
    that this one has among its own.
    """
    rows = Tried.objects.filter(
        owner=experiment.owner_id, market_sha256__in=related_bars(market=experiment.market)
    )
    others = rows.exclude(experiment=experiment.uuid).aggregate(sum=Sum("agents"))["sum"] or 0
    shared = rows.filter(experiment=experiment.uuid).aggregate(sum=Sum("shared"))["sum"] or 0
    return max(others - shared, 0)


def shared_with_original(*, experiment: Experiment) -> int:
    """Agents of a fork that competed before it and count for its original; 0 where that is someone
    else's, who had them tried.
    """
    original = experiment.forked_from
    if original is None or original.owner_id != experiment.owner_id:
        return 0
    return Agent.objects.filter(
        experiment=experiment, birth_round__lte=experiment.forked_after
    ).count()
