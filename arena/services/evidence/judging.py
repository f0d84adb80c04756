"""What an experiment's agents are worth, each and together, beside the rules: in the rounds its
champion lived through, on all bars played, on the vault.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from agents.strategies.rules import COMMITTEE, RULES, BuyAndHold, ConstantExposure
from arena.engine.judging.algebra import algebra_runs
from arena.engine.judging.ceiling import best_on
from arena.engine.judging.chains import NoCeiling
from arena.engine.judging.champion import champion_slot, record_of
from arena.engine.judging.committee import LEAST_MEMBERS, committee, seated
from arena.engine.judging.constant import constant_run
from arena.engine.judging.dissent import dissent
from arena.engine.judging.evaluate import AgentRun, Run, baseline_runs, joined, runs
from arena.engine.judging.evidence.bootstrap import interval_of_return, interval_of_sharpe
from arena.engine.judging.evidence.overfitting import overfitting, slice_sums
from arena.engine.judging.exposure import mean_exposures
from arena.engine.schedule import competition_range, plan, rounds_without_reuse, vault
from arena.prices.market.view import MarketView
from arena.selectors.evidence.elsewhere import Elsewhere
from arena.selectors.evidence.trials import Trials, exposures_lived
from arena.settings_schema import Settings
from ml.rng import Purpose, stream

VAULT = "out_of_sample"
STRETCHES = ("competition", VAULT)
# the competition windows that the champion lived through, as they were recorded then
LIVED = "lived"
CONSTANT = ConstantExposure.name
# whom champion and committee are set against by an interval, and what that is called among their
# figures
AGAINST = {"hold": BuyAndHold.name, "constant": CONSTANT} | {
    name: name for name, rule in RULES.items() if rule.reads
}
AGAINST |= {COMMITTEE: COMMITTEE}
# where the committee's random streams begin, beyond all of the champion's
OF_COMMITTEE = 100
Verdict = dict[str, Any]
Beat = Callable[[], None]


@dataclass(frozen=True)
class Case:
    """Who is judged on what.

    agents: AGENT [population] by slot; weights_of(slot): float32 [parameters]; rounds: closed;
    per_year: bars a year; `beat` is called between agents and stretches. elsewhere: what the
    owner's other experiments did on the same bars until now.
    """

    agents: np.ndarray
    weights_of: Callable[[int], np.ndarray]
    market: MarketView
    settings: Settings
    rounds: int
    per_year: float
    trials: Trials
    beat: Beat
    elsewhere: Elsewhere = Elsewhere()


def stretches(*, bars: int, settings: Settings, rounds: int) -> dict[str, tuple[int, int]]:
    """{stretch: (start, stop)} in bars; without those too short for a single step."""
    start, _ = competition_range(bars, settings)
    played = min(rounds, rounds_without_reuse(bars, settings)) * settings.round_bars
    found = dict(zip(STRETCHES, ((start, start + played), vault(bars, settings)), strict=True))
    return {name: (first, stop) for name, (first, stop) in found.items() if stop - first >= 2}


def verdicts(*, case: Case) -> list[Verdict]:
    """One {subject, stretch, figures, slot} for champion, median agent, committee, each baseline
    and, where it is known, the ceiling.
    """
    champion = champion_slot(case.agents)
    found = [] if champion is None else list(_lived(case, champion))
    for stretch, bars in stretches(
        bars=len(case.market), settings=case.settings, rounds=case.rounds
    ).items():
        rules = baseline_runs(case.market, bars, case.settings, -1)
        case.beat()
        if stretch == VAULT:
            rules |= algebra_runs(case.market, case.settings)
            case.beat()
        found += [
            _verdict(name, stretch, run.measures(case.per_year)) for name, run in rules.items()
        ]
        with suppress(NoCeiling):
            found.append(_verdict("ceiling", stretch, best_on(case.market, bars, case.settings)))
            case.beat()
        if champion is not None:
            found += _living(case, champion, stretch, bars, rules)
    return found


def median_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over those that have it; None where none has."""
    values = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    return {name: median(found) if found else None for name, found in values.items()}


def _lived(case: Case, slot: int) -> Iterator[Verdict]:
    """The champion's recorded life in competition, and the rules with fresh money on each of the
    same windows.
    """
    agent, trials = case.agents[slot], case.trials
    plans = [
        plan(len(case.market), case.settings, index)
        for index in range(int(agent["birth_round"]), case.rounds)
    ]
    returns = trials.returns.get(int(agent["number"]), np.zeros(0))
    # a choice between champion and committee is one more trial
    committees = int(len(_members(case)) >= LEAST_MEMBERS)
    tried = trials.ever + committees + case.elsewhere.agents
    record = record_of(agent, returns, tried, trials.sharpes, trials.lengths, case.per_year)
    counts = {
        "reused": sum(each.reused for each in plans),
        "agents": trials.ever,
        "committees": committees,
    }
    yield _verdict("champion", LIVED, record | counts, slot)
    parts: dict[str, list[Run]] = {}
    exposures = exposures_lived(
        trials=trials, number=int(agent["number"]), plans=plans, closes=case.market.prices.close
    )
    for each in plans:
        for name, run in baseline_runs(
            case.market, each.competition, case.settings, each.index
        ).items():
            parts.setdefault(name, []).append(run)
        parts.setdefault(CONSTANT, []).append(
            constant_run(exposures, case.market, each.competition, case.settings)
        )
        case.beat()
    for name, of in parts.items():
        yield _verdict(name, LIVED, joined(of).measures(case.per_year))


def _living(
    case: Case, champion: int, stretch: str, bars: tuple[int, int], rules: dict[str, Run]
) -> Iterator[Verdict]:
    """Champion, median and committee of all who live, as they are now; on the vault also how they
    rank, and whether ranks last.
    """
    figures, grown, slices = {}, {}, []
    for slot in np.flatnonzero(case.agents["state"] == 0).tolist():
        one = case.agents[slot : slot + 1]
        run = next(runs(case.weights_of(slot)[None], one, case.market, bars, case.settings))
        figures[slot], grown[slot] = run.figures(), float(run.window["log_growth"])
        slices.append(slice_sums(run.returns))
        if slot == champion:
            own = run
        case.beat()
    constant, together = _constant(case, own, bars), _committee(case, bars)
    others = rules | ({COMMITTEE: together[0]} if together else {})
    judged = own.measures(case.per_year) | _intervals(case, own, others | {CONSTANT: constant}, 0)
    looks = {"looks": case.elsewhere.looks + 1} if stretch == VAULT else {}
    if stretch == VAULT:
        judged |= {
            "pbo": _pbo(slices),
            "place": _place(grown, champion),
            "candidates": len(figures),
        } | looks
    if together:
        judged |= _dissent(case, own, together[1], bars)
        yield _verdict(COMMITTEE, stretch, _together(case, together[0], bars, rules) | looks)
    case.beat()
    yield _verdict("champion", stretch, judged, champion)
    yield _verdict(CONSTANT, stretch, constant.measures(case.per_year))
    yield _verdict("median_agent", stretch, median_figures(list(figures.values())))


def _members(case: Case) -> np.ndarray:
    """Slots of the committee, int64 [any]."""
    return seated(case.agents, np.flatnonzero(case.agents["state"] == 0))


def _committee(case: Case, bars: tuple[int, int]) -> tuple[Run, np.ndarray] | None:
    """Its run and its choices; None where too few live."""
    slots = _members(case)
    if len(slots) < LEAST_MEMBERS:
        return None
    weights = np.stack([case.weights_of(slot) for slot in slots.tolist()])
    return committee(weights, case.agents[slots], case.market, bars, case.settings, beat=case.beat)


def _together(case: Case, run: Run, bars: tuple[int, int], rules: dict[str, Run]) -> dict[str, Any]:
    """The committee's figures: the champion's, as far as they mean something for it."""
    constant = {CONSTANT: _constant(case, run, bars)}
    size = {"members": len(_members(case))}
    return (
        run.measures(case.per_year) | _intervals(case, run, rules | constant, OF_COMMITTEE) | size
    )


def _constant(case: Case, run: Run, bars: tuple[int, int]) -> Run:
    """The mean exposure of `run`, held all along."""
    exposures = mean_exposures(run.trades, run.exposures, case.market.prices.close, bars[0] + 1)
    return constant_run(exposures, case.market, bars, case.settings)


def _dissent(
    case: Case, own: AgentRun, theirs: np.ndarray, bars: tuple[int, int]
) -> dict[str, float | None]:
    closes = case.market.prices.close[:, bars[0] : bars[1]]
    return dissent(own.choices, theirs, closes, case.settings.life.direction == "long_short")


def _intervals(case: Case, own: Run, others: dict[str, Run], first: int) -> dict[str, float | None]:
    """95 % ends, and the p-value against 0, of return, Sharpe ratio, and equity relative to that of
    AGAINST, as far as they are among `others`, less 1; draws are addressed from `first` on.
    """
    draws = [
        stream(case.settings.seed, Purpose.BOOTSTRAP, first + k) for k in range(2 + len(AGAINST))
    ]
    found = {
        "return": interval_of_return(own.returns, draws[0]),
        "sharpe": interval_of_sharpe(own.returns, draws[1]),
    }
    for draw, (name, rule) in zip(draws[2:], AGAINST.items(), strict=True):
        if rule in others:
            found[f"against_{name}"] = interval_of_return(own.returns, draw, others[rule].returns)
    return {
        f"{name}_{end}": getattr(each, end, None)
        for name, each in found.items()
        for end in ("low", "high", "p")
    }


def _pbo(slices: Sequence[np.ndarray | None]) -> float | None:
    kept = [each for each in slices if each is not None]
    return overfitting(np.stack(kept)) if kept else None


def _place(grown: dict[int, float], champion: int) -> int:
    """By log growth, from 1."""
    return 1 + sum(each > grown[champion] for each in grown.values())


def _verdict(
    subject: str, stretch: str, figures: dict[str, Any], slot: int | None = None
) -> Verdict:
    return {"subject": subject, "stretch": stretch, "figures": figures, "slot": slot}
