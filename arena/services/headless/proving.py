"""Runs the same settings on a market of known ceiling with several seeds, learning on and learning
off.
"""

from collections.abc import Callable
from typing import Any

from arena.engine.judging.chains import NoCeiling, chain_of
from arena.models import Experiment
from arena.selectors.pages.proof import proof, spread
from arena.services.experiments import lifecycle
from arena.services.headless import runner
from arena.settings_schema import Settings, SettingsError


def proof_check(*, settings: Settings) -> None:
    """SettingsError where no share of a ceiling can come of these settings."""
    try:
        chain_of(settings)
    except NoCeiling as error:
        raise SettingsError({"market": str(error)}) from None
    if not settings.evaluation.vault:
        raise SettingsError(
            {
                "evaluation.vault": (
                    "is 0, so there are no untouched bars to prove anything on; choose 0.2"
                )
            }
        )


def proof_run(
    *, settings: Settings, seeds: int, tell: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """{"on": spread, "off": spread} over `seeds` seeds from the settings' own on; every run is
    stored as an experiment.
    """
    proof_check(settings=settings)
    found = {}
    for name, enabled in (("on", True), ("off", False)):
        runs = [_run(settings, settings.seed + k, enabled, name, tell) for k in range(seeds)]
        found[name] = spread(runs=runs)
    return found


def _run(
    settings: Settings, seed: int, enabled: bool, name: str, tell: Callable[[str], None]
) -> dict[str, Any]:
    learning = settings.learning.model_copy(update={"enabled": enabled})
    title = f"proof on {settings.market.kind}, learning {name}, seed {seed}"
    changed = settings.model_copy(update={"seed": seed, "learning": learning})
    experiment = lifecycle.experiment_create(owner=None, name=title, settings=changed)
    try:
        runner.experiment_run(experiment_uuid=experiment.uuid, tell=tell)
    except KeyboardInterrupt:
        lifecycle.experiment_stop(experiment_uuid=experiment.uuid, reason="interrupted")
        raise
    return proof(experiment=Experiment.objects.get(pk=experiment.pk))
