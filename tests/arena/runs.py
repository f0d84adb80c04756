"""Small experiments that real services run in the test's own process."""

from collections.abc import Callable, Hashable
from functools import cache

from arena.models import Experiment, ExperimentState, Round
from arena.prices.models import MarketData
from arena.prices.services.markets import market_store
from arena.services.experiments import lifecycle
from arena.services.headless import runner
from arena.settings_schema import Settings, parse
from arena.work.queue import locally
from tests.arena.engine.small import small_bars
from tests.arena.kept import made_once

# seconds each: enough rounds for deaths, births and memories that are forgotten
TINY = {
    "population": 20,
    "rounds": 5,
    "round_bars": 48,
    "seed": 7,
    "market": {"kind": "sine", "amplitude": 0.05},
    "network": {"hidden": [8]},
    "learning": {"replay": 256, "batch": 16, "starts": 1, "epsilon_bars": 100},
    "evolution": {"juvenile_rounds": 0, "turnover": 0.2},
}


def tiny(**changes) -> Settings:
    """TINY with top-level keys changed."""
    return parse(TINY | changes)


def basket(symbols: int = 2, bars: int = 900, volatility: float = 0.02) -> MarketData:
    """A stored market of several symbols."""
    series = [small_bars(seed, bars, volatility) for seed in range(1, symbols + 1)]
    fields = {"name": "basket", "data_kind": "simulated", "source": "test"}
    return market_store(bars=series, symbols=[f"S{symbol}" for symbol in range(symbols)], **fields)


def draft(
    *, owner=None, name="tiny", settings: Settings | None = None, market: MarketData | None = None
) -> Experiment:
    """Not started."""
    return lifecycle.experiment_create(
        owner=owner, name=name, settings=settings or tiny(), market=market
    )


def finished(settings: Settings | None = None, market: MarketData | None = None) -> Experiment:
    """Played to its end."""
    experiment = draft(settings=settings, market=market)
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FINISHED, experiment.state_reason
    return experiment


def finished_once(settings: Settings | None = None) -> Experiment:
    """The same, played once in this process for all tests that only look at what came of it, or go
    on from there; called before anything else is made.
    """
    chosen = settings or tiny()
    return once(chosen.model_dump_json(), lambda: finished(chosen))


def once(name: Hashable, make: Callable[[], Experiment]) -> Experiment:
    """What `make` makes, made once in this process in blocks of each size."""
    made = made_once(name, lambda: make().pk)
    return Experiment.objects.select_related("market").get(pk=made)


@cache
def untouched() -> str:
    """The digest that a run of `tiny()` ends with where nothing happens to it; played once for all
    tests of this process, so that its rows are there in the first of them alone.
    """
    return finished().state_sha256


def started(settings: Settings | None = None) -> tuple[Experiment, Round]:
    """Running, nothing of its first round played, its messages thrown away."""
    experiment = draft(settings=settings)
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    experiment.refresh_from_db()
    return experiment, experiment.rounds.get()
