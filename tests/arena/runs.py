"""Small experiments that real services run in the test's own process."""

from arena import enqueue
from arena.models import Experiment, ExperimentState, Round
from arena.services import alone, experiments
from arena.settings_schema import Settings, parse

# seconds each: enough rounds for deaths, births and memories that are forgotten
TINY = {
    "population": 20,
    "rounds": 5,
    "round_bars": 48,
    "seed": 7,
    "market": {"kind": "sine", "amplitude": 0.05},
    "network": {"hidden": [8]},
    "learning": {"replay": 256, "batch": 16, "epsilon_bars": 100},
    "evolution": {"juvenile_rounds": 0, "turnover": 0.2},
}


def tiny(**changes) -> Settings:
    """TINY with top-level keys changed."""
    return parse(TINY | changes)


def draft(*, owner=None, name="tiny", settings: Settings | None = None) -> Experiment:
    """Not started."""
    return experiments.experiment_create(owner=owner, name=name, settings=settings or tiny())


def finished(settings: Settings | None = None) -> Experiment:
    """Played to its end."""
    experiment = draft(settings=settings)
    alone.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FINISHED, experiment.state_reason
    return experiment


def started(settings: Settings | None = None) -> tuple[Experiment, Round]:
    """Running, nothing of its first round played, its messages thrown away."""
    experiment = draft(settings=settings)
    with enqueue.locally():
        experiments.experiment_start(experiment_uuid=experiment.uuid)
    experiment.refresh_from_db()
    return experiment, experiment.rounds.get()
