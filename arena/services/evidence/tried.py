"""Writes down how many agents were tried on which bars, and each look at a vault, so that it is
known for ever.
"""

from typing import Any

from arena.models import Experiment, Look, Tried
from arena.selectors.evidence.looks import vault_times
from arena.selectors.evidence.tried import shared_with_original


def tried_write(*, experiment: Experiment, ever: int) -> None:
    """That `ever` agents of `experiment` have competed, those before a fork among them; a smaller
    number changes nothing.
    """
    # what is shared is counted only where there is no row yet
    first: dict[str, Any] = {
        "owner": experiment.owner,
        "market_sha256": experiment.market.sha256,
        "shared": lambda: shared_with_original(experiment=experiment),
    }
    row, _ = Tried.objects.get_or_create(experiment=experiment.uuid, defaults=first)
    Tried.objects.filter(pk=row.pk, agents__lt=ever - row.shared).update(agents=ever - row.shared)


def look_write(*, experiment: Experiment, after_round: int) -> None:
    """That agents of `experiment` were scored on its market's vault after a round."""
    start, stop = vault_times(market=experiment.market, settings=experiment.settings)
    columns = {
        "owner": experiment.owner,
        "market_sha256": experiment.market.sha256,
        "start": start,
        "stop": stop,
    }
    Look.objects.get_or_create(
        experiment=experiment.uuid, after_round=after_round, defaults=columns
    )
