"""Makes several experiments at once, alike but for their seeds: one group, of which all are made or
none.
"""

from typing import Any
from uuid import uuid4

from django.db import transaction

from arena.models import Experiment
from arena.prices.models import MarketData
from arena.selectors.machine.allowance import allowed, extent_check
from arena.selectors.machine.room import REMEDY, NoRoom, room_check, room_of_start
from arena.selectors.machine.storage import storage_limit, stored_bytes
from arena.selectors.words import size_words
from arena.services.experiments.lifecycle import experiment_create
from arena.services.experiments.market_choice import market_of_series
from arena.settings_schema import Settings, SettingsError


def experiments_create(
    *,
    owner: Any,
    name: str,
    settings: Settings,
    seeds: list[int],
    series: MarketData | None = None,
) -> list[Experiment]:
    """Drafts on a stored series, or on the market that the settings name, in the order of `seeds`;
    of one seed a single experiment of that name.

    SettingsError as of `experiment_create`, and where all of them together are more than the disk,
    or the owner's share of it, has room for. Nothing is stored then.
    """
    alike = [settings.model_copy(update={"seed": seed}) for seed in seeds]
    if len(seeds) == 1:
        return [_made(owner, name, alike[0], series)]
    _disk_check(owner, settings, len(seeds), series)
    group = uuid4()
    with transaction.atomic():
        made = [
            _made(owner, f"{name[:90]}, seed {each.seed}", each, series, group) for each in alike
        ]
        _room_check(made)
    return made


def _made(
    owner: Any, name: str, settings: Settings, series: MarketData | None, group: Any = None
) -> Experiment:
    market = (
        market_of_series(settings=settings, series=series, owner=owner)
        if series is not None
        else None
    )
    return experiment_create(owner=owner, name=name, settings=settings, market=market, group=group)


def _disk_check(owner: Any, settings: Settings, count: int, series: MarketData | None) -> None:
    """What all of them write, against what one experiment may, and what the owner has left."""
    needed = count * extent_check(settings=settings, market=series).extent.disk
    limit = storage_limit()
    share = limit - stored_bytes(owner_id=owner.pk) if limit and owner else needed
    most = min(allowed().disk, share)
    if needed > most:
        raise SettingsError(
            {
                "seeds": (
                    f"{count} runs need about {size_words(needed)} of disk together, and"
                    f" {size_words(max(most, 0))} are left: ask for fewer seeds, agents or rounds"
                )
            }
        )


def _room_check(made: list[Experiment]) -> None:
    """Room for the first rounds of all of them."""
    try:
        room_check(needed=len(made) * room_of_start(experiment=made[0]))
    except NoRoom as error:
        raise SettingsError({"seeds": f"{error} on the server; {REMEDY}"}) from None
