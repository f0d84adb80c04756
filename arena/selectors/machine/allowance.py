"""What this machine allows an experiment to take, what it is likely to take here, and whether it
may begin.
"""

import os
import shutil
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings as site
from django.db.models import Avg, Count

from arena.engine.extent import PROCESS, Allowed, Extent, Place, seconds_of
from arena.errors import WrongState
from arena.models import BlockRun, BlockState, Experiment, ExperimentState
from arena.prices.models import MarketData
from arena.selectors.machine import keeping
from arena.selectors.machine.offers import Offer, offer_of
from arena.selectors.machine.storage import storage_limit, stored_bytes
from arena.selectors.market_choice import market_length
from arena.selectors.words import size_words
from arena.settings_schema import Settings, SettingsError, parse

BEGUN = (ExperimentState.RUNNING, ExperimentState.PAUSING, ExperimentState.PAUSED)
# share of what is free that one experiment may fill
OF_DISK = 0.5
# share of the machine's memory that its workers and the web server have together, in equal parts,
# none below the least
OF_MEMORY, LEAST_MEMORY = 0.8, 2 * PROCESS
# experiments from whose blocks the machine's speed is taken, newest first; seconds for which it is
# taken as known
MEASURED, KNOWN_SECONDS = 8, 600
CGROUP = Path("/sys/fs/cgroup/memory.max")


def allowed() -> Allowed:
    """The most that one experiment may take: what the operator says, else by the machine."""
    asked = site.MOST
    return Allowed(
        memory=asked["memory"]
        or max(int(_memory() * OF_MEMORY / (site.WORKERS + 1)), LEAST_MEMORY),
        disk=asked["disk"] or int(_free() * OF_DISK),
        rows=asked["rows"],
        seconds=asked["hours"] * 3600.0,
    )


def place_of(*, settings: Settings, symbols: int, bars: int) -> Place:
    """This machine, for so long a market."""
    weights, memories = keeping.most_kept(settings.population, settings.rounds)
    speed_now = speed(int(time.time() // KNOWN_SECONDS))
    return Place(symbols, bars, site.BLOCK_SIZE, site.WORKERS, weights, memories, speed_now)


def offer(
    *, settings: Settings, market: MarketData | None = None, bars: int | None = None
) -> Offer:
    """What settings take on a market, or on the one that they name; bars: of a file that is not
    stored. SettingsError where they name none.
    """
    symbols = len(market.symbols) if market else len(settings.market.names)
    length = (
        bars
        if bars is not None
        else market.bars
        if market
        else market_length(settings=settings, series=None)
    )
    return offer_of(
        settings, lambda each: place_of(settings=each, symbols=symbols, bars=length), allowed()
    )


def extent_check(*, settings: Settings, market: MarketData | None = None) -> Offer:
    """The offer; SettingsError that names the setting, and the value that would fit, where it is
    more than is allowed.
    """
    found = offer(settings=settings, market=market)
    if found.problems:
        raise SettingsError(found.problems)
    return found


def extent_of_experiment(*, experiment: Experiment) -> Extent:
    """What a stored experiment takes."""
    return offer(settings=settings_now(experiment), market=experiment.market).extent


def settings_now(experiment: Experiment) -> Settings:
    """As they stand, its number of rounds among them."""
    return parse(experiment.settings | {"rounds": experiment.rounds_planned})


def more_rounds_problems(*, experiment: Experiment, rounds: int) -> str:
    """Why an experiment cannot go on for so many rounds in all; "" where it can, or they are no
    more than before.
    """
    if rounds <= experiment.rounds_planned:
        return ""
    settings = settings_now(experiment).model_copy(update={"rounds": rounds})
    return "; ".join(
        f"{key}: {text}"
        for key, text in offer(settings=settings, market=experiment.market).problems.items()
    )


def start_check(*, experiment: Experiment) -> None:
    """WrongState where the owner has begun as much as one person may, or the disk has no room for
    this one too.
    """
    found = offer(settings=settings_now(experiment), market=experiment.market)
    if found.problems:
        raise WrongState("; ".join(f"{key}: {text}" for key, text in found.problems.items()))
    begun = (
        Experiment.objects.filter(owner=experiment.owner, state__in=BEGUN)
        .exclude(pk=experiment.pk)
        .select_related("market")
    )
    if experiment.owner is None:
        return
    if begun.count() >= site.MOST["running"]:
        raise WrongState(
            f"{begun.count()} of your experiments run or rest; at most {site.MOST['running']} may:"
            " stop one, then start this"
        )
    most, taken = storage_limit(), stored_bytes(owner_id=experiment.owner_id) + _to_come(begun)
    if most and taken + found.extent.disk > most:
        raise WrongState(
            f"{experiment.name} needs {size_words(found.extent.disk)} of disk, what you store and"
            f" have begun {size_words(taken)}, and together at most {size_words(most)} are allowed:"
            " delete or stop one of them, or clone this one with fewer agents"
        )


def _to_come(experiments: Iterable[Experiment]) -> int:
    """Bytes that begun experiments have still to write."""
    left = [
        (row, max(row.rounds_planned - row.rounds_done, 0) / row.rounds_planned)
        for row in experiments
    ]
    return int(sum(extent_of_experiment(experiment=row).disk * share for row, share in left))


@lru_cache(maxsize=1)
def speed(turn: int) -> float:
    """Of one worker of this site, by the blocks it played last, where 1 is a core of our own; 1
    where it has played none.

    turn: any number; another one has it measured anew.
    """
    done = BlockRun.objects.filter(
        state=BlockState.DONE, seconds__gt=0, agent_steps__gt=0, round__index__gt=0
    )
    newest = done.order_by("-pk").values_list("round__experiment", flat=True)[: MEASURED * 8]
    found = [ratio for pk in dict.fromkeys(newest) if (ratio := _speed_in(pk, done))]
    return min(max(median(found), 0.01), 10.0) if found else 1.0


def _speed_in(experiment_id: int, done: Any) -> float | None:
    """How much faster an experiment's blocks were played than our own core would."""
    experiment = Experiment.objects.select_related("market").get(pk=experiment_id)
    average = done.filter(round__experiment=experiment).aggregate(
        seconds=Avg("seconds"), blocks=Count("pk")
    )
    settings = parse(experiment.settings)
    size = min(experiment.environment.get("block_size", site.BLOCK_SIZE), experiment.population)
    block = settings.model_copy(update={"rounds": 1, "population": size})
    place = Place(len(experiment.market.symbols), experiment.market.bars, size, 1, 0, 0)
    return seconds_of(block, place) / average["seconds"] if average["seconds"] else None


def _free() -> int:
    return shutil.disk_usage(site.VAR_DIR).free


def _memory() -> int:
    """Bytes of the machine, or of the container that it is."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(whole, int(CGROUP.read_text()))
    except (OSError, ValueError):
        return whole
