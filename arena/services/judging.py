"""What an experiment's agents are worth beside the rules: in the rounds its champion lived through, on all bars played, on the vault."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from arena.engine.ceiling import best_on
from arena.engine.chains import NoCeiling
from arena.engine.champion import champion_slot, record_of
from arena.engine.evaluate import Run, baseline_runs, joined, runs
from arena.engine.evidence.bootstrap import interval_of_return, interval_of_sharpe
from arena.engine.evidence.overfitting import overfitting, slice_sums
from arena.engine.play import MarketView
from arena.engine.schedule import competition_range, plan, rounds_without_reuse, vault
from arena.services.trials import Trials
from arena.settings_schema import Settings
from ml.rng import Purpose, stream

STRETCHES = ("competition", "out_of_sample")
# the competition windows that the champion lived through, as they were recorded then
LIVED = "lived"
HOLD = "buy_and_hold"
Verdict = dict[str, Any]
Beat = Callable[[], None]


@dataclass(frozen=True)
class Case:
    """Who is judged on what.

    agents: AGENT [population] by slot; weights_of(slot): float32 [parameters]; rounds: closed; per_year: bars a year; `beat` is called
    between agents and stretches.
    """

    agents: np.ndarray
    weights_of: Callable[[int], np.ndarray]
    market: MarketView
    settings: Settings
    rounds: int
    per_year: float
    trials: Trials
    beat: Beat


def stretches(*, bars: int, settings: Settings, rounds: int) -> dict[str, tuple[int, int]]:
    """{stretch: (start, stop)} in bars; without those too short for a single step."""
    start, _ = competition_range(bars, settings)
    played = min(rounds, rounds_without_reuse(bars, settings)) * settings.round_bars
    found = dict(zip(STRETCHES, ((start, start + played), vault(bars, settings)), strict=True))
    return {name: (first, stop) for name, (first, stop) in found.items() if stop - first >= 2}


def verdicts(*, case: Case) -> list[Verdict]:
    """One {subject, stretch, figures, slot} for champion, median agent, each baseline and, where it is known, the ceiling."""
    champion = champion_slot(case.agents)
    found = [] if champion is None else list(_lived(case, champion))
    for stretch, bars in stretches(bars=len(case.market), settings=case.settings, rounds=case.rounds).items():
        rules = baseline_runs(case.market, bars, case.settings, -1)
        case.beat()
        found += [_verdict(name, stretch, run.measures(case.per_year)) for name, run in rules.items()]
        with suppress(NoCeiling):
            found.append(_verdict("ceiling", stretch, best_on(case.market, bars, case.settings)))
            case.beat()
        if champion is not None:
            found += _living(case, champion, stretch, bars, rules[HOLD])
    return found


def median_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over those that have it; None where nobody has."""
    values = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    return {name: median(found) if found else None for name, found in values.items()}


def _lived(case: Case, slot: int) -> Iterator[Verdict]:
    """The champion's recorded life in competition, and the rules with fresh money on each of the same windows."""
    agent, trials = case.agents[slot], case.trials
    plans = [plan(len(case.market), case.settings, index) for index in range(int(agent["birth_round"]), case.rounds)]
    returns = trials.returns.get(int(agent["number"]), np.zeros(0))
    record = record_of(agent, returns, trials.ever, trials.sharpes, trials.lengths, case.per_year)
    yield _verdict("champion", LIVED, record | {"reused": sum(each.reused for each in plans)}, slot)
    parts: dict[str, list[Run]] = {}
    for each in plans:
        for name, run in baseline_runs(case.market, each.competition, case.settings, each.index).items():
            parts.setdefault(name, []).append(run)
        case.beat()
    for name, of in parts.items():
        yield _verdict(name, LIVED, joined(of).measures(case.per_year))


def _living(case: Case, champion: int, stretch: str, bars: tuple[int, int], hold: Run) -> Iterator[Verdict]:
    """Champion and median of all who live, as they are now; on the vault also how they rank, and whether ranks last."""
    figures, grown, slices = {}, {}, []
    for slot in np.flatnonzero(case.agents["state"] == 0).tolist():
        one = case.agents[slot : slot + 1]
        run = next(runs(case.weights_of(slot)[None], one, case.market, bars, case.settings))
        figures[slot], grown[slot] = run.figures(), float(run.window["log_growth"])
        slices.append(slice_sums(run.returns))
        if slot == champion:
            own = run
        case.beat()
    judged = own.measures(case.per_year) | _intervals(case, own, hold)
    if stretch == "out_of_sample":
        judged |= {"pbo": _pbo(slices), "place": _place(grown, champion), "candidates": len(figures)}
    case.beat()
    yield _verdict("champion", stretch, judged, champion)
    yield _verdict("median_agent", stretch, median_figures(list(figures.values())))


def _intervals(case: Case, own: Run, hold: Run) -> dict[str, float | None]:
    """95 % ends of return, Sharpe ratio, and equity relative to buy-and-hold's less 1."""
    draws = [stream(case.settings.seed, Purpose.BOOTSTRAP, index) for index in range(3)]
    found = {
        "return": interval_of_return(own.returns, draws[0]),
        "sharpe": interval_of_sharpe(own.returns, draws[1]),
        "against_hold": interval_of_return(own.returns, draws[2], hold.returns),
    }
    return {f"{name}_{end}": getattr(each, end, None) for name, each in found.items() for end in ("low", "high")}


def _pbo(slices: Sequence[np.ndarray | None]) -> float | None:
    kept = [each for each in slices if each is not None]
    return overfitting(np.stack(kept)) if kept else None


def _place(grown: dict[int, float], champion: int) -> int:
    """By log growth, from 1."""
    return 1 + sum(each > grown[champion] for each in grown.values())


def _verdict(subject: str, stretch: str, figures: dict[str, Any], slot: int | None = None) -> Verdict:
    return {"subject": subject, "stretch": stretch, "figures": figures, "slot": slot}
