"""Experiments that were made at once, one for each seed: folded into one row of the list, which
shows the median over seeds and how far they lie apart.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any

from arena.models import Experiment, ExperimentState
from arena.selectors.pages.finding import in_order
from arena.selectors.pages.rows import rows_of
from arena.selectors.words import percent, plural, size_words, whole

# what the names of one group have in common ends with this, where nobody renamed any
SEED = ", seed"


def entries(
    *, heads: Sequence[Experiment], found: Any, user: Any, now: datetime
) -> list[dict[str, Any]]:
    """[{group, rows}] of a page of the list: group None and one row of an experiment by itself,
    else its summary. found: all that were asked for, of which a group shows those in it.
    """
    groups = [row.group for row in heads if row.group]
    members = list(in_order(found.filter(group__in=groups), "seed")) if groups else []
    shown = [row for row in heads if not row.group] + members
    rows = {row["uuid"]: row for row in rows_of(experiments=shown, user=user, now=now)}
    return [
        _entry([row for row in members if row.group == head.group] if head.group else [head], rows)
        for head in heads
    ]


def _entry(experiments: list[Experiment], rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    shown = [rows[str(row.uuid)] for row in experiments]
    # of a group of which a search finds one, that one is the row
    if len(experiments) < 2:
        return {"group": None, "rows": shown}
    return {"group": _summary(experiments, shown), "rows": shown}


def _summary(experiments: list[Experiment], rows: list[dict[str, Any]]) -> dict[str, Any]:
    done = sum(row.rounds_done for row in experiments)
    planned = sum(row.rounds_planned for row in experiments)
    states = [row.state for row in experiments]
    earned = [row["earned"] for row in rows if row["earned"] is not None]
    held = [row["held"] for row in rows if row["held"] is not None]
    edges = sum(row["tones"]["verdict"] == "good" for row in rows)
    return {
        "key": str(experiments[0].group),
        "name": name_of([row.name for row in experiments]),
        "seeds": plural(len(rows), "seed"),
        "states": [
            f"{whole(states.count(state))} {ExperimentState(state).label}"
            for state in dict.fromkeys(states)
        ],
        "rounds": f"{whole(done)} of {whole(planned)}",
        "percent": int(100 * min(done / planned, 1.0)),
        "sample": spread(earned),
        "hold": percent(median(held), 1, True) if held else "",
        "verdict": f"{edges} of {plural(len(earned), 'edge')} shown" if earned else "not judged",
        "market": rows[0]["market"] if len({row["market"] for row in rows}) == 1 else "several",
        "badge": rows[0]["badge"],
        "disk": size_words(sum(row.stored_bytes for row in experiments)),
        "age": rows[0]["age"],
        "moment": rows[0]["moment"],
        "created": rows[0]["created"],
    }


def spread(values: Sequence[float]) -> dict[str, str] | None:
    """{median, range, sure} over seeds, None of none. Lowest and highest of n hold the median of
    all seeds there could be with a probability of 1 - 2^(1 - n), whatever they are drawn from.
    """
    if not values:
        return None
    count = len(values)
    ends = f"{percent(min(values), 1, True)} to {percent(max(values), 1, True)}"
    sure = percent(1.0 - 2.0 ** (1 - count), 0)
    return {
        "median": percent(median(values), 1, True),
        "tone": "gain" if median(values) > 0 else "loss",
        "range": ends if count > 1 else "one seed",
        "sure": f"Lowest to highest of {plural(count, 'seed')}: the median of all seeds lies"
        f" between them with a probability of {sure}."
        if count > 1
        else "One seed says nothing of others.",
    }


def name_of(names: Sequence[str]) -> str:
    """What they are called together: what all names begin with."""
    common = os.path.commonprefix(list(names))
    return common.rpartition(SEED)[0] or common.rstrip(" ,-") or names[0]
