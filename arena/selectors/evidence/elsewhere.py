"""What the owner of an experiment had tried and seen of its bars, in other experiments, when it was
judged.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from agents.models import Agent
from arena.models import Experiment, Round, RoundState
from arena.selectors.evidence.looks import related, vault_looks
from arena.selectors.evidence.tried import shared_with_original, tried_elsewhere


@dataclass(frozen=True)
class Elsewhere:
    """agents: that other experiments had compete on the same bars; looks: at the vault, before this
    one.
    """

    agents: int = 0
    looks: int = 0


def elsewhere_of(*, experiment: Experiment) -> Elsewhere:
    """As it stands now."""
    looks = vault_looks(experiment=experiment, of_owner=True)
    return Elsewhere(tried_elsewhere(experiment=experiment), looks["own"] + looks["others"])


def tried_until(*, experiment: Experiment, at: datetime | None) -> int:
    """Agents that the owner's other experiments had had compete on these bars by the time `at`, of
    those that are still stored.

    Counted from agents and rounds: what was written down then can be checked by it.
    """
    if at is None:
        return 0
    others = Experiment.objects.filter(
        owner=experiment.owner_id, market__in=related(market=experiment.market)
    ).exclude(pk=experiment.pk)
    closed = Round.objects.filter(experiment__in=others, state=RoundState.CLOSED, closed_at__lte=at)
    last = dict(closed.values_list("experiment").annotate(last=Max("index")).order_by())
    found = 0
    for other in others.filter(pk__in=last).select_related("forked_from"):
        own = Q(birth_round__lte=last[other.pk])
        if other.forked_from and other.forked_from.owner_id == other.owner_id:
            own &= Q(birth_round__gt=other.forked_after)
        found += Agent.objects.filter(own, experiment=other).count()
    return max(found - shared_with_original(experiment=experiment), 0)
