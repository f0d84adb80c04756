"""What share of the best possible growth the agents of planted markets reached, with learning on and off side by side."""

from collections.abc import Iterable
from statistics import median
from typing import Any

from arena.engine.ceiling import share
from arena.engine.chains import CHAINS
from arena.models import Evaluation, Experiment

STRETCH = "out_of_sample"
SUBJECTS = ("ceiling", "median_agent", "champion")
# settings that tell a comparison's runs apart, beside learning on or off
MARKET_FIGURES = {
    "planted": ("edge", "volatility"),
    "planted_memory": ("edge", "volatility"),
    "sine": ("period", "amplitude", "volatility"),
}


def provable(*, experiments: Any) -> Any:
    """Those of the query set whose market has a known ceiling."""
    return experiments.filter(settings__market__kind__in=list(CHAINS))


def proof(*, experiment: Experiment) -> dict[str, Any]:
    """Of one experiment: share of the ceiling by the median living agent and the champion on the vault, None while it is not known.

    Also `ceiling` and `expected`: log growth per bar of the best policy on these bars, and on average.
    """
    return proofs(experiments=[experiment])[0]


def proofs(*, experiments: Iterable[Experiment]) -> list[dict[str, Any]]:
    """`proof` of each, in order, with one query."""
    experiments = list(experiments)
    rows = Evaluation.objects.filter(experiment__in=experiments, stretch=STRETCH, subject__in=SUBJECTS)
    figures = {(row.experiment_id, row.subject): row.figures for row in rows}
    return [_proof(row, {subject: figures.get((row.pk, subject), {}) for subject in SUBJECTS}) for row in experiments]


def comparisons(*, experiments: Iterable[Experiment]) -> list[dict[str, Any]]:
    """Experiments that differ in seed and in learning alone, newest first: {market, kind, network, size, expected, on, off}.

    on, off: {runs: proofs, median, low, high} of the median agents' shares, None where no run has one.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for found in proofs(experiments=experiments):
        groups.setdefault(_key(found["experiment"].settings), []).append(found)
    return [_comparison(group) for group in groups.values()]


def spread(*, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """{runs, median, low, high} of their shares."""
    shares = [run["share"] for run in runs if run["share"] is not None]
    found = {"median": median(shares), "low": min(shares), "high": max(shares)} if shares else dict.fromkeys(("median", "low", "high"))
    return {"runs": runs, **found}


def _proof(experiment: Experiment, figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    best = figures["ceiling"].get("return")
    return {
        "experiment": experiment,
        "learning": _learns(experiment.settings),
        "ceiling": figures["ceiling"].get("growth"),
        "expected": figures["ceiling"].get("expected_growth"),
        "share": share(figures["median_agent"].get("return"), best),
        "champion": share(figures["champion"].get("return"), best),
    }


def _comparison(runs: list[dict[str, Any]]) -> dict[str, Any]:
    settings = runs[0]["experiment"].settings
    kind = settings["market"]["kind"]
    told = [f"{name} {settings['market'][name]:g}" for name in MARKET_FIGURES[kind] if name in settings["market"]]
    return {
        "kind": kind,
        "market": ", ".join([kind.replace("_", " "), *told]),
        "network": settings["network"]["kind"],
        "size": f"{settings['population']} agents, {settings['rounds']} rounds",
        "expected": next((run["expected"] for run in runs if run["expected"] is not None), None),
        "on": spread(runs=[run for run in runs if run["learning"]]),
        "off": spread(runs=[run for run in runs if not run["learning"]]),
    }


def _learns(settings: dict[str, Any]) -> bool:
    return bool(settings.get("learning", {}).get("enabled", True))


def _key(settings: dict[str, Any]) -> str:
    """The settings without seed and learning's switch."""
    learning = {**settings.get("learning", {}), "enabled": True}
    return repr(sorted({**settings, "seed": 0, "learning": learning}.items()))
