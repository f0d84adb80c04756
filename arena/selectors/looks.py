"""How often a vault was looked at: bars that were scored on are no longer untouched for whoever chooses by what they showed.

A look is one scoring of agents on the vault: the end of an experiment scores all who live, its baselines and its champion at once.
Pages, reports and exports show what was stored then and score nothing anew, so opening them is no look. Clones, forks and other
experiments on the same series look at the same bars, and count for all of them; so do those on a market that one of them was put
together of, or that has a part in common.
"""

from django.db.models import Q, QuerySet

from arena.engine.schedule import vault
from arena.models import Evaluation, Experiment
from arena.prices.models import MarketData
from arena.settings_schema import parse


def related(*, market: MarketData) -> QuerySet[MarketData]:
    """Markets that have bars of this one, whoever brought them: the same bars, those of its parts,
    what they are a part of, and what has a part in common with it.
    """
    own = market.sha256
    parts = list(MarketData.objects.filter(baskets__sha256=own).values_list("sha256", flat=True).distinct())
    shared = Q(sha256=own) | Q(sha256__in=parts) | Q(parts__sha256=own) | Q(parts__sha256__in=parts)
    return MarketData.objects.filter(shared).distinct()


def vault_looks(*, experiment: Experiment, of_owner: bool = False) -> dict[str, int]:
    """{own, others}: looks at the bars of this experiment's vault, by it and by other experiments
    on the same series.

    of_owner: only those of its owner, who alone can have chosen by what they showed.
    """
    start, stop = _times(experiment.market, experiment.settings)
    markets = related(market=experiment.market)
    scored = Evaluation.objects.filter(experiment__market__in=markets, stretch="out_of_sample", subject="cash")
    if of_owner:
        scored = scored.filter(experiment__owner=experiment.owner_id)
    found = {"own": 0, "others": 0}
    for row in scored.select_related("experiment__market"):
        others_start, others_stop = _times(row.experiment.market, row.experiment.settings)
        if max(start, others_start) < min(stop, others_stop):
            found["own" if row.experiment_id == experiment.pk else "others"] += 1
    return found


def _times(market: MarketData, settings: dict) -> tuple[float, float]:
    """From when to when the vault is, UTC milliseconds, as if bars were spread evenly; the same twice for an empty one."""
    first, stop = vault(market.bars, parse(settings))
    end = market.last_time + market.timeframe_ms
    return tuple(market.first_time + (end - market.first_time) * place / market.bars for place in (first, stop))
