"""What an experiment's agents are worth beside the rules: on the rounds played, and on the vault that no round touched."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from statistics import median
from typing import Any

import numpy as np

from arena.engine.ceiling import best_on
from arena.engine.chains import NoCeiling
from arena.engine.evaluate import baselines, evaluate
from arena.engine.play import MarketView
from arena.engine.schedule import competition_range, rounds_without_reuse, vault
from arena.settings_schema import Settings

STRETCHES = ("competition", "out_of_sample")
Verdict = dict[str, Any]


def stretches(*, bars: int, settings: Settings, rounds: int) -> dict[str, tuple[int, int]]:
    """{stretch: (start, stop)} in bars; without those too short for a single step."""
    start, _ = competition_range(bars, settings)
    played = min(rounds, rounds_without_reuse(bars, settings)) * settings.round_bars
    found = dict(zip(STRETCHES, ((start, start + played), vault(bars, settings)), strict=True))
    return {name: (first, stop) for name, (first, stop) in found.items() if stop - first >= 2}


def champion_slot(agents: np.ndarray) -> int | None:
    """Slot of the fittest living agent of AGENT [population], the older of equals; None where nobody lives."""
    alive = np.flatnonzero(agents["state"] == 0)
    if not len(alive):
        return None
    fitness = np.where(np.isfinite(agents["fitness"][alive]), agents["fitness"][alive], -np.inf)
    return int(alive[np.lexsort((agents["number"][alive], -fitness))[0]])


def verdicts(
    *,
    agents: np.ndarray,
    weights_of: Callable[[int], np.ndarray],
    market: MarketView,
    settings: Settings,
    rounds: int,
    beat: Callable[[], None],
) -> list[Verdict]:
    """One {subject, stretch, figures, slot} for champion, median agent, each baseline and, where it is known, the ceiling on each stretch.

    agents: AGENT [population] by slot; weights_of(slot): float32 [parameters]; `beat` is called between agents.
    """
    found: list[Verdict] = []
    champion = champion_slot(agents)
    for stretch, bars in stretches(bars=len(market), settings=settings, rounds=rounds).items():
        rules = baselines(market, bars, settings, -1)
        beat()
        found += [_verdict(name, stretch, figures) for name, figures in rules.items()]
        with suppress(NoCeiling):
            found.append(_verdict("ceiling", stretch, best_on(market, bars, settings)))
            beat()
        if champion is not None:
            by_slot = _living(agents, weights_of, market, bars, settings, beat)
            found.append(_verdict("champion", stretch, by_slot[champion], champion))
            found.append(_verdict("median_agent", stretch, median_figures(list(by_slot.values()))))
    return found


def median_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over those that have it; None where nobody has."""
    values = {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}
    return {name: median(found) if found else None for name, found in values.items()}


def _living(
    agents: np.ndarray,
    weights_of: Callable[[int], np.ndarray],
    market: MarketView,
    bars: tuple[int, int],
    settings: Settings,
    beat: Callable[[], None],
) -> dict[int, dict[str, Any]]:
    found = {}
    for slot in np.flatnonzero(agents["state"] == 0).tolist():
        found[slot] = evaluate(weights_of(slot)[None], agents[slot : slot + 1], market, bars, settings)[0]
        beat()
    return found


def _verdict(subject: str, stretch: str, figures: dict[str, Any], slot: int | None = None) -> Verdict:
    return {"subject": subject, "stretch": stretch, "figures": figures, "slot": slot}
