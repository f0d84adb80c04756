"""What share of the best possible growth agents reached on markets whose law is known, with
learning on and off side by side.
"""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

import numpy as np

from agents.strategies.rules import COMMITTEE, RULES
from arena.engine.judging.ceiling import share
from arena.engine.judging.chains import CHAINS
from arena.engine.judging.factorial import interval
from arena.engine.judging.growth import return_of
from arena.engine.schedule import vault
from arena.models import Evaluation, Experiment
from arena.prices.market.simulators import SIMULATORS
from arena.selectors.card.judged import NAMES
from arena.selectors.evidence.best import best_growth
from arena.selectors.words import FIXED, number, percent
from arena.settings_schema import parse

STRETCH = "out_of_sample"
# markets where knowing more than the drift earns something; of the others than chains the best is
# known on average, not on the very bars of a vault
BY_LAW = ("autoregressive", "mean_reverting", "regimes", "rule_of_two")
PROVABLE = (*CHAINS, *BY_LAW)
# whose shares are listed, and what each is called in a proof; a rule learns nothing
SHARES = {
    "median_agent": "share",
    "champion": "champion",
    COMMITTEE: COMMITTEE,
    "ridge": "ridge",
}
CALLED = NAMES | {"champion": "champion"}
SIDES = (("learning on", True), ("learning off", False))


def provable(*, experiments: Any) -> Any:
    """Those of the query set on whose market the best possible growth is known."""
    found = experiments.filter(settings__market__kind__in=PROVABLE)
    return found.select_related("market")


def proof(*, experiment: Experiment) -> dict[str, Any]:
    """Of one experiment: share of the best possible growth by the median living agent (`share`),
    the champion, the committee and ridge regression on the vault, None while it is not known.

    Also `ceiling` and `expected`: log growth per bar of the best policy on these bars, which is
    known of chains alone, and on average.
    """
    return proofs(experiments=[experiment])[0]


def proofs(*, experiments: Iterable[Experiment]) -> list[dict[str, Any]]:
    """`proof` of each, in order, with one query."""
    experiments = list(experiments)
    rows = Evaluation.objects.filter(
        experiment__in=experiments, stretch=STRETCH, subject__in=("ceiling", *SHARES)
    )
    figures: dict[int, dict[str, dict[str, Any]]] = {row.pk: {} for row in experiments}
    for row in rows:
        figures[row.experiment_id][row.subject] = row.figures
    return [_proof(row, figures[row.pk]) for row in experiments]


def comparisons(*, experiments: Iterable[Experiment]) -> list[dict[str, Any]]:
    """Experiments that differ only in seed and in learning, newest first: {market, network, size,
    exact, expected, per_round, sides, difference, rows}.

    sides: (learning on, learning off), each {title, runs: proofs with `percent`, share}; rows:
    {name, sides, difference} of each of SHARES. Shares are figures, see `figure`; a difference is
    on minus off of the same seed.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for found in proofs(experiments=experiments):
        groups.setdefault(_key(found["experiment"].settings), []).append(found)
    return [_comparison(group) for group in groups.values()]


def spread(*, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """{runs, median, low, high} of their shares."""
    shares = [run["share"] for run in runs if run["share"] is not None]
    measures = (("median", median), ("low", min), ("high", max))
    return {"runs": runs} | {
        name: measure(shares) if shares else None for name, measure in measures
    }


def figure(values: Sequence[float], *, signed: bool = False) -> dict[str, Any] | None:
    """{mean, low, high, count} of independent shares, with Student's 95 % interval where there are
    two or more, and in words `percent` and `range`; None of none.
    """
    if not values:
        return None
    found = interval(values)
    ends = [number(100 * end, 0, signed) for end in (found.low, found.high) if end is not None]
    return {
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "count": len(values),
        "percent": percent(found.mean, 0, signed),
        "range": f"{' to '.join(ends)}{FIXED}%" if ends else "",
    }


def _proof(experiment: Experiment, figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ceiling = figures.get("ceiling", {})
    by_law = bool(figures) and experiment.settings["market"]["kind"] in BY_LAW
    expected = _expected(experiment) if by_law else ceiling.get("expected_growth")
    best = _usual(experiment, expected) if by_law else ceiling.get("return")
    return {
        "experiment": experiment,
        "learning": _learns(experiment.settings),
        "judged": bool(figures),
        "ceiling": ceiling.get("growth"),
        "expected": expected,
        **{
            name: share(figures.get(subject, {}).get("return"), best)
            for subject, name in SHARES.items()
        },
    }


def _expected(experiment: Experiment) -> float | None:
    return best_growth(settings=parse(experiment.settings))


def _usual(experiment: Experiment, expected: float | None) -> float | None:
    """What the best policy returns on a vault as long as this one, on average in logarithms."""
    start, stop = vault(experiment.market.bars, parse(experiment.settings))
    return None if expected is None else return_of(expected * (stop - start - 1))


def _comparison(runs: list[dict[str, Any]]) -> dict[str, Any]:
    settings = runs[0]["experiment"].settings
    expected = next((run["expected"] for run in runs if run["expected"] is not None), None)
    sides = [[run for run in runs if run["learning"] is on] for _, on in SIDES]
    rows = [_row(subject, sides) for subject in SHARES]
    return {
        "market": _market(settings["market"]),
        "network": settings["network"]["kind"],
        "size": f"{settings['population']} agents, {settings['rounds']} rounds",
        "exact": settings["market"]["kind"] in CHAINS,
        "expected": expected,
        "per_round": None
        if expected is None
        else round(100 * float(np.expm1(expected * settings["round_bars"])), 1),
        "sides": [
            {"title": title, "runs": [_listed(run) for run in side], "share": side_share}
            for (title, _), side, side_share in zip(SIDES, sides, rows[0]["sides"], strict=True)
        ],
        "difference": rows[0]["difference"],
        "rows": [row for row in rows if any(row["sides"])],
    }


def _listed(run: dict[str, Any]) -> dict[str, Any]:
    """The proof with its share in words, "" where there is none."""
    return run | {"percent": "" if run["share"] is None else percent(run["share"], 0)}


def _market(market: dict[str, Any]) -> str:
    """The kind and all that its law hangs on, in words."""
    figures = [
        f"{name} {market[name]:g}" for name in SIMULATORS[market["kind"]].figures if name in market
    ]
    return ", ".join([market["kind"].replace("_", " "), *figures])


def _row(subject: str, sides: list[list[dict[str, Any]]]) -> dict[str, Any]:
    on, off = (_by_seed(side, SHARES[subject]) for side in sides)
    pairs = [] if subject in RULES else [on[seed] - off[seed] for seed in on if seed in off]
    return {
        "name": CALLED[subject],
        "sides": [figure(list(values.values())) for values in (on, off)],
        "difference": figure(pairs, signed=True),
    }


def _by_seed(runs: list[dict[str, Any]], name: str) -> dict[int, float]:
    """A share a seed: the same seed again is the same run, and says nothing new."""
    shares = [(run["experiment"].seed, run[name]) for run in reversed(runs)]
    return {seed: value for seed, value in shares if value is not None}


def _learns(settings: dict[str, Any]) -> bool:
    return bool(settings.get("learning", {}).get("enabled", True))


def _key(settings: dict[str, Any]) -> str:
    """The settings without seed and learning's switch."""
    learning = {**settings.get("learning", {}), "enabled": True}
    return repr(sorted({**settings, "seed": 0, "learning": learning}.items()))
