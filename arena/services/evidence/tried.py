"""Writes down how many agents were tried on which bars, so that it is known for ever."""

from agents.models import Agent
from arena.models import Experiment, Tried


def tried_write(*, experiment: Experiment, ever: int) -> None:
    """That `ever` agents of `experiment` have competed, those before a fork among them; a smaller
    number changes nothing.
    """
    row, _ = Tried.objects.get_or_create(
        experiment=experiment.uuid,
        defaults={
            "owner": experiment.owner,
            "market_sha256": experiment.market.sha256,
            "shared": lambda: shared_with_original(experiment=experiment),
        },
    )
    Tried.objects.filter(pk=row.pk, agents__lt=ever - row.shared).update(agents=ever - row.shared)


def shared_with_original(*, experiment: Experiment) -> int:
    """Agents of a fork that competed before it and count for its original; 0 where that is somebody
    else's, who had them tried.
    """
    original = experiment.forked_from
    if original is None or original.owner_id != experiment.owner_id:
        return 0
    return Agent.objects.filter(experiment=experiment, birth_round__lte=experiment.forked_after).count()
