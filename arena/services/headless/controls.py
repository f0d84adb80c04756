"""Runs the 2 x 2 x 2 controls: the same settings and seeds with learning, selection and mutation
each on and off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agents.models import Origin
from agents.strategies.rules import BESIDE
from arena.engine.judging.factorial import CELLS, FACTORS, Cell, Interval, effects, interval
from arena.models import Evaluation, Experiment
from arena.prices.models import MarketData
from arena.services.experiments import lifecycle
from arena.services.headless import runner
from arena.settings_schema import Settings, SettingsError

SUBJECT, STRETCH, FIGURE = "median_agent", "out_of_sample", "return"


@dataclass(frozen=True)
class ControlRun:
    """One experiment of the controls; value: return of its median agent on the vault, None where
    no agent lived to be judged.

    children: born of parents, without whom there is nothing that mutation could change. rules:
    {committee or baseline: return on the same bars}.
    """

    seed: int
    cell: Cell
    experiment: Experiment
    value: float | None
    children: int
    rules: dict[str, float]


def controls_check(*, settings: Settings) -> None:
    """SettingsError where the controls could not be judged."""
    if not settings.evaluation.vault:
        raise SettingsError(
            {
                "evaluation.vault": (
                    "is 0, so there are no untouched bars to judge the controls on; choose 0.2"
                )
            }
        )


def budget(*, settings: Settings, seeds: int) -> str:
    """What the controls will cost, in words."""
    runs = len(CELLS) * seeds
    steps = (
        runs
        * settings.population
        * settings.rounds
        * settings.round_bars
        * (1 + settings.learning.episodes)
    )
    return (
        f"{runs} runs, {seeds} for each of {len(CELLS)} combinations, of {settings.population}"
        f" agents and {settings.rounds} rounds: about {steps:,} agent steps, {runs // 2} of the"
        " runs learning"
    )


def controls_run(
    *,
    settings: Settings,
    seeds: int,
    market: MarketData | None,
    name: str,
    tell: Callable[[str], None],
) -> list[ControlRun]:
    """Every combination of FACTORS for `seeds` seeds from the settings' own on; each run is stored
    as an experiment.

    Within a seed all runs share market, founders and every random stream, so that their differences
    are those of the switches.
    """
    found: list[ControlRun] = []
    for seed in range(settings.seed, settings.seed + seeds):
        for cell in CELLS:
            title = f"{name[:60]}: {cell_words(cell)}, seed {seed}"
            tell(f"run {len(found) + 1} of {len(CELLS) * seeds}: {cell_words(cell)}, seed {seed}")
            found.append(
                _run(
                    switched(settings, cell).model_copy(update={"seed": seed}),
                    cell,
                    market,
                    title,
                    tell,
                )
            )
    return found


def switched(settings: Settings, cell: Cell) -> Settings:
    """The settings with each factor on or off; selection that is on is of the settings' kind, or a
    tournament where they have none.
    """
    on = dict(zip(FACTORS, cell, strict=True))
    evolution = settings.evolution
    kind = evolution.selection if evolution.selection != "off" else "tournament"
    changed = evolution.model_copy(
        update={"selection": kind if on["selection"] else "off", "mutation": on["mutation"]}
    )
    return settings.model_copy(
        update={
            "learning": settings.learning.model_copy(update={"enabled": on["learning"]}),
            "evolution": changed,
        },
    )


def controls_effects(
    *, runs: Sequence[ControlRun]
) -> dict[tuple[str, ...], tuple[Interval, list[float]]]:
    """{term: (interval over seeds, effect by seed)}; a seed one of whose runs has no value is left
    out. Empty where no seed is whole.
    """
    by_seed: dict[int, dict[Cell, float]] = {}
    for run in runs:
        if run.value is not None:
            by_seed.setdefault(run.seed, {})[run.cell] = run.value
    whole = [effects(values) for _, values in sorted(by_seed.items()) if len(values) == len(CELLS)]
    return {
        term: (interval([each[term] for each in whole]), [each[term] for each in whole])
        for term in (whole[0] if whole else ())
    }


def cell_words(cell: Cell) -> str:
    """A combination in words."""
    return ", ".join(
        f"{factor} {'on' if on else 'off'}" for factor, on in zip(FACTORS, cell, strict=True)
    )


def _run(
    settings: Settings,
    cell: Cell,
    market: MarketData | None,
    title: str,
    tell: Callable[[str], None],
) -> ControlRun:
    experiment = lifecycle.experiment_create(
        owner=None, name=title, settings=settings, market=market
    )
    try:
        seconds = runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    except KeyboardInterrupt:
        lifecycle.experiment_stop(experiment_uuid=experiment.uuid, reason="interrupted")
        raise
    experiment.refresh_from_db()
    rows = Evaluation.objects.filter(experiment=experiment, stretch=STRETCH).values_list(
        "subject", "figures"
    )
    judged: dict[str, Any] = {subject: figures[FIGURE] for subject, figures in rows}
    value = judged.get(SUBJECT)
    shown = (
        "nobody lived to be judged"
        if value is None
        else f"median return out of sample {value:+.2%}"
    )
    tell(f"  {experiment.get_state_display()} in {seconds:.1f} s, {shown}")
    rules = {name: judged[name] for name in BESIDE if name in judged}
    return ControlRun(
        settings.seed,
        cell,
        experiment,
        value,
        experiment.agents.filter(origin=Origin.CHILD).count(),
        rules,
    )
