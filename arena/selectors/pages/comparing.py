"""Several experiments side by side: the settings in which they differ, their rounds against buy and
hold, and what is known of each with its interval.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from agents.strategies.rules import BuyAndHold
from arena.engine.judging.evidence.verdict import above_luck
from arena.models import Experiment, Round, RoundState
from arena.selectors.card.answer import chance_words
from arena.selectors.numbers import short, short_list
from arena.selectors.pages.outcomes import Outcome, outcomes
from arena.selectors.pages.rows import rows_of
from arena.selectors.pages.settings_page import flat, value_words
from arena.selectors.words import NONE, number, percent, plural, points, whole

MOST = 20
# points of a curve that a chart of several can show
POINTS = 400
CURVES = {
    "mean": "curves__return__mean",
    "q1": "curves__return__q1",
    "q3": "curves__return__q3",
    "hold": f"baselines__{BuyAndHold.name}__return",
}


def comparison(*, experiments: Sequence[Experiment], user: Any, now: datetime) -> dict[str, Any]:
    """{same, warnings, settings, count, rows, curves, intervals, sentence}, each in the order of
    the experiments; the number of queries does not grow with them, but for one each for its curves.

    settings: [{key, values: [{text, differs}]}] of those that are not alike, of `count`. curves:
    see `curves_of`. intervals: [{at, low, high, hold}] of the return out of sample, None of what
    was not judged on prices kept back.
    """
    found = outcomes(experiments=[row.pk for row in experiments])
    judged = [found.get(row.pk) for row in experiments]
    settings = [flat(row) for row in experiments]
    rows = rows_of(experiments=experiments, user=user, now=now)
    intervals = [_interval(each) for each in judged]
    comparable = len({row.market.sha256 for row in experiments}) < 2
    return {
        "same": _same(experiments, settings),
        "warnings": _warnings(experiments, settings),
        "settings": _differing(experiments, settings),
        "count": len(settings[0]) if settings else 0,
        "rows": [row | _figures(each) for row, each in zip(rows, judged, strict=True)],
        "curves": [curves_of(row) for row in experiments],
        "intervals": intervals,
        "sentence": _sentence(intervals, comparable),
    }


def curves_of(experiment: Experiment) -> dict[str, Any]:
    """{name, rounds, reused, measures, baselines} of closed rounds as the page's figures read them,
    every so many of those that a chart could not show.
    """
    step = -(-experiment.rounds_done // POINTS) or 1
    rows = _closed(experiment, step).values_list("index", "reused", *CURVES.values())
    index, reused, mean, q1, q3, hold = zip(*rows, strict=True) if rows else ((),) * 6
    return {
        "name": experiment.name,
        "rounds": list(index),
        # of every so many rounds a pass cannot be told
        "reused": [flag and step == 1 for flag in reused],
        "measures": {
            "return": {
                name: short_list(each) for name, each in (("mean", mean), ("q1", q1), ("q3", q3))
            }
        },
        "baselines": {"return": {BuyAndHold.name: short_list(hold)}},
    }


def _closed(experiment: Experiment, step: int) -> QuerySet[Round]:
    closed = Round.objects.filter(experiment=experiment, state=RoundState.CLOSED).order_by("index")
    return closed.annotate(place=F("index") % step).filter(place=0) if step > 1 else closed


def _same(experiments: Sequence[Experiment], settings: list[dict[str, Any]]) -> str:
    """What they have in common, of what makes them comparable."""
    alike = [
        words
        for words, values in (
            ("market", {row.market.sha256 for row in experiments}),
            ("seed", {row.seed for row in experiments}),
            ("costs", {_part(each, "costs.") for each in settings}),
        )
        if len(values) == 1
    ]
    return ", ".join(f"same {words}" for words in alike)


def _warnings(experiments: Sequence[Experiment], settings: list[dict[str, Any]]) -> list[str]:
    said = []
    if len({row.market.sha256 for row in experiments}) > 1:
        said.append(
            "They ran on different prices, so their returns cannot be compared in absolute terms:"
            " what could be earned was not the same. Read each against its own buy and hold."
        )
    if len({_part(each, "costs.") for each in settings}) > 1:
        said.append(
            "They paid different costs: a return that is higher may only have been cheaper."
        )
    lengths = {(row.rounds_done, row.settings.get("round_bars")) for row in experiments}
    if len(lengths) > 1:
        said.append("They have played rounds of different number or length.")
    return said


def _part(settings: dict[str, Any], section: str) -> tuple[Any, ...]:
    return tuple(value for key, value in settings.items() if key.startswith(section))


def _differing(
    experiments: Sequence[Experiment], settings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if not settings:
        return []
    names = [row.market.name for row in experiments]
    told = [{"key": "market", "values": _values(names)}] if len(set(names)) > 1 else []
    for key in settings[0]:
        values = [value_words(each[key]) for each in settings]
        if len(set(values)) > 1:
            told.append({"key": key, "values": _values(values)})
    return told


def _values(values: Sequence[str]) -> list[dict[str, Any]]:
    """differs: from the first, which the others are read against."""
    return [{"text": value, "differs": value != values[0]} for value in values]


def _figures(outcome: Outcome | None) -> dict[str, str]:
    """What is known of one, in words; a dash where nothing was judged."""
    vault = outcome.vault if outcome else None
    hold = outcome.hold if outcome else None
    away = vault["return"] - hold["return"] if vault and hold else None
    return {
        "sample": percent(vault and vault["return"], 1, True),
        "sample_range": _ends(vault, "return"),
        "held": percent(hold and hold["return"], 1, True),
        "against": points(away),
        "against_range": _ends(vault, "against_hold"),
        "sharpe": number(vault and vault.get("annual_sharpe")),
        "fall": percent(-vault["max_drawdown"] if vault else None),
        "luck": chance_words(above_luck(outcome.lived)) if outcome else NONE,
        "tried": whole(outcome.lived.get("trials")) if outcome else NONE,
    }


def _ends(figures: dict[str, Any] | None, name: str) -> str:
    """ "−1.2 % to +6.5 %", "" where there is no interval."""
    low, high = _bounds(figures, name)
    if low is None or high is None:
        return ""
    return f"{percent(low, 1, True)} to {percent(high, 1, True)}"


def _bounds(figures: dict[str, Any] | None, name: str) -> tuple[Any, Any]:
    return (figures or {}).get(f"{name}_low"), (figures or {}).get(f"{name}_high")


def _interval(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None or outcome.vault is None:
        return None
    low, high = _bounds(outcome.vault, "return")
    return {
        "at": short(outcome.vault["return"]),
        "low": short(low),
        "high": short(high),
        "hold": short(outcome.hold["return"]) if outcome.hold else None,
    }


def _sentence(intervals: Sequence[dict[str, Any] | None], comparable: bool) -> str:
    """Whether intervals tell any two of them apart, where that can be asked."""
    known = [each for each in intervals if each and None not in (each["low"], each["high"])]
    missing = len(intervals) - len(known)
    open_words = f" {plural(missing, 'run')} not judged." if missing else ""
    if len(known) < 2:
        return f"Fewer than two were judged on prices kept back.{open_words}"
    if not comparable:
        return f"On different prices, intervals are not set against one another.{open_words}"
    if max(each["low"] for each in known) <= min(each["high"] for each in known):
        return (
            f"All {whole(len(known))} intervals overlap: on these prices none is shown to be better"
            f" than another.{open_words}"
        )
    return (
        "Some intervals do not overlap: on these prices those runs differ beyond what chance within"
        f" one of them explains. Seeds tell whether the setting did it.{open_words}"
    )
