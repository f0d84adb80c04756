"""What share of the best possible growth the agents of planted markets reached, with learning on
and off side by side.
"""

from collections.abc import Iterable
from statistics import median
from typing import Any

import numpy as np

from agents.strategies.rules import COMMITTEE, RULES
from arena.engine.judging.ceiling import share
from arena.engine.judging.chains import CHAINS
from arena.models import Evaluation, Experiment
from arena.selectors.card.judged import NAMES

STRETCH = "out_of_sample"
SUBJECTS = ("ceiling", "median_agent", "champion", COMMITTEE, *RULES)
SIDES = (("learning on", True), ("learning off", False))
# what a comparison says of its market
MARKET_FIGURES = {
    "planted": ("edge", "volatility"),
    "planted_memory": ("edge", "volatility"),
    "sine": ("period", "amplitude", "volatility"),
}


def provable(*, experiments: Any) -> Any:
    """Those of the query set whose market has a known ceiling."""
    return experiments.filter(settings__market__kind__in=list(CHAINS))


def proof(*, experiment: Experiment) -> dict[str, Any]:
    """Of one experiment: share of the ceiling by the median living agent, the champion and the
    committee on the vault, None while it is not known.

    Also `ceiling` and `expected`: log growth per bar of the best policy on these bars, and on
    average; `rules`: shares of the baselines.
    """
    return proofs(experiments=[experiment])[0]


def proofs(*, experiments: Iterable[Experiment]) -> list[dict[str, Any]]:
    """`proof` of each, in order, with one query."""
    experiments = list(experiments)
    rows = Evaluation.objects.filter(
        experiment__in=experiments, stretch=STRETCH, subject__in=SUBJECTS
    )
    figures = {(row.experiment_id, row.subject): row.figures for row in rows}
    return [
        _proof(row, {subject: figures.get((row.pk, subject), {}) for subject in SUBJECTS})
        for row in experiments
    ]


def comparisons(*, experiments: Iterable[Experiment]) -> list[dict[str, Any]]:
    """Experiments that differ in seed and in learning alone, newest first: {market, network, size,
    expected, per_round, sides}.

    sides: (learning on, learning off), each {title, runs: proofs, median, low, high} of the median
    agents' shares.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for found in proofs(experiments=experiments):
        groups.setdefault(_key(found["experiment"].settings), []).append(found)
    return [_comparison(group) for group in groups.values()]


def spread(*, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """{runs, median, low, high} of their shares, the last three also in percent for people."""
    shares = [run["share"] for run in runs if run["share"] is not None]
    found = {
        name: measure(shares) if shares else None
        for name, measure in (("median", median), ("low", min), ("high", max))
    }
    return {
        "runs": runs,
        **{
            key: value for name, each in found.items() for key, value in _shares(name, each).items()
        },
    }


def _proof(experiment: Experiment, figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    best = figures["ceiling"].get("return")
    return {
        "experiment": experiment,
        "learning": _learns(experiment.settings),
        "ceiling": figures["ceiling"].get("growth"),
        "expected": figures["ceiling"].get("expected_growth"),
        **_shares("share", share(figures["median_agent"].get("return"), best)),
        "rules": [
            {"name": NAMES[name], **_shares("share", share(figures[name].get("return"), best))}
            for name in RULES
        ],
        **_shares("champion", share(figures["champion"].get("return"), best)),
        **_shares(COMMITTEE, share(figures[COMMITTEE].get("return"), best)),
    }


def _shares(name: str, value: float | None) -> dict[str, Any]:
    """The share, and in percent for people."""
    return {name: value, f"{name}_percent": None if value is None else round(100 * value)}


def _comparison(runs: list[dict[str, Any]]) -> dict[str, Any]:
    settings = runs[0]["experiment"].settings
    kind = settings["market"]["kind"]
    expected = next((run["expected"] for run in runs if run["expected"] is not None), None)
    told = [
        f"{name} {settings['market'][name]:g}"
        for name in MARKET_FIGURES[kind]
        if name in settings["market"]
    ]
    return {
        "market": ", ".join([kind.replace("_", " "), *told]),
        "network": settings["network"]["kind"],
        "size": f"{settings['population']} agents, {settings['rounds']} rounds",
        "expected": expected,
        "per_round": None
        if expected is None
        else round(100 * float(np.expm1(expected * settings["round_bars"])), 1),
        "sides": tuple(
            {"title": title, **spread(runs=[run for run in runs if run["learning"] is on])}
            for title, on in SIDES
        ),
    }


def _learns(settings: dict[str, Any]) -> bool:
    return bool(settings.get("learning", {}).get("enabled", True))


def _key(settings: dict[str, Any]) -> str:
    """The settings without seed and learning's switch."""
    learning = {**settings.get("learning", {}), "enabled": True}
    return repr(sorted({**settings, "seed": 0, "learning": learning}.items()))
