"""What the best policy may expect on the market of an experiment, a bar: the line that its agents
are measured against, round by round.
"""

import hashlib
from functools import lru_cache
from typing import Any

from django.core.cache import caches
from redis.exceptions import RedisError

from arena.engine.judging.oracle import best_a_bar
from arena.engine.trading.rewards import SCALE
from arena.models import Experiment
from arena.settings_schema import Settings, parse

# the cache holds only whole numbers: log growth in these units, UNKNOWN where there is none
UNIT, UNKNOWN = 1e-15, -1
KEPT_SECONDS = 30 * 86_400
# the reward that is growth itself, SCALE times
GROWTH = "log_return"


def eras(*, experiment: Experiment) -> list[dict[str, Any]]:
    """On which terms growth is read, from which round on: {from, reward, scale, bars, best}.

    scale: reward of a bar over its log growth, None where the reward is none; bars: on which a
    position can stand in a round; best: log growth a bar. Empty before the first round; one more
    for each fork that the rounds came through.
    """
    if not experiment.rounds_done:
        return []
    first, origin = experiment.first_own, experiment.forked_from
    earlier = [] if origin is None else eras(experiment=origin)
    return [
        *(era for era in earlier if era["from"] < first),
        _era(parse(experiment.settings), first),
    ]


def best_growth(*, settings: Settings) -> float | None:
    """`best_a_bar` whatever the seed; computed once for all processes, which takes a second.

    What it depends on is market, costs and life, and nothing else of the settings is looked at.
    """
    return _best(Settings(market=settings.market, costs=settings.costs, life=settings.life))


@lru_cache(maxsize=256)
def _best(law: Settings) -> float | None:
    """A process that knows it does not ask again, and computes it once where Redis is away."""
    key = f"best:{hashlib.sha256(law.model_dump_json().encode()).hexdigest()[:32]}"
    try:
        found = caches["default"].get_or_set(key, lambda: _whole(best_a_bar(law)), KEPT_SECONDS)
    except RedisError:
        return best_a_bar(law)
    return None if found is None or found == UNKNOWN else found * UNIT


def _era(settings: Settings, first: int) -> dict[str, Any]:
    reward = settings.learning.reward
    return {
        "from": first,
        "reward": reward,
        "scale": SCALE if reward == GROWTH else None,
        "bars": settings.round_bars - 1,
        "best": best_growth(settings=settings),
    }


def _whole(growth: float | None) -> int:
    return UNKNOWN if growth is None else round(growth / UNIT)
