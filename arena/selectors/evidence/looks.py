"""How often a vault was looked at: bars that were scored on are no longer untouched for those who
chooses by what they showed.

A look is one scoring of agents on the vault: the end of an experiment scores all who live, its
baselines and its champion at once. Pages, reports and exports show what was stored then and score
nothing anew, so opening them is no look. Clones, forks and other experiments on the same series
look at the same bars, and count for all of them; so do those on a market that one of them was put
together of, or that has a part in common.
"""

from django.db.models import Q, QuerySet

from arena.engine.schedule import vault
from arena.models import Experiment, Look
from arena.prices.models import MarketData, StoredBars
from arena.settings_schema import parse


def related_bars(*, market: MarketData) -> list[str]:
    """Digests of bars that share some with this market's, of any owner: its own, those of
    its parts, what they are a part of, and what has a part in common with it.
    """
    own = market.sha256
    parts = StoredBars.objects.filter(baskets__sha256=own).values("pk")
    shared = Q(sha256=own) | Q(pk__in=parts) | Q(parts__sha256=own) | Q(parts__in=parts)
    return list(StoredBars.objects.filter(shared).values_list("sha256", flat=True).distinct()) or [
        own
    ]


def related(*, market: MarketData) -> QuerySet[MarketData]:
    """Stored markets that have bars of this one."""
    return MarketData.objects.filter(sha256__in=related_bars(market=market))


def vault_looks(*, experiment: Experiment, of_owner: bool = False) -> dict[str, int]:
    """{own, others}: looks at the bars of this experiment's vault, by it and by other experiments
    on the same series, deleted ones too.

    of_owner: only those of its owner, who alone can have chosen by what they showed.
    """
    start, stop = vault_times(market=experiment.market, settings=experiment.settings)
    looks = Look.objects.filter(
        market_sha256__in=related_bars(market=experiment.market), start__lt=stop, stop__gt=start
    )
    if of_owner:
        looks = looks.filter(owner=experiment.owner_id)
    # an empty vault meets none, nor would its own look
    looks = looks if start < stop else looks.none()
    own = looks.filter(experiment=experiment.uuid).count()
    return {"own": own, "others": looks.count() - own}


def vault_times(*, market: MarketData, settings: dict) -> tuple[float, float]:
    """From when to when the vault is, UTC milliseconds, as if bars were spread evenly; the same
    twice for an empty one.
    """
    first, stop = vault(market.bars, parse(settings))
    end = market.last_time + market.timeframe_ms
    opens, closes = (
        market.first_time + (end - market.first_time) * place / market.bars
        for place in (first, stop)
    )
    return opens, closes
