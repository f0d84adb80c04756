"""Asks the canary whether any agent of an experiment looks ahead, and tells what it found in
words.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from agents.models import Agent
from arena.engine import schedule
from arena.engine.generations.founders import founders
from arena.engine.judging import players
from arena.engine.judging.canary import Deed, Leak, Play, Report, canary, moments_in
from arena.models import BlockRun, BlockState, Experiment, Round, RoundState
from arena.prices.market.bars import Bars
from arena.prices.market.causality import Table, cut
from arena.prices.market.features import NAMES, features
from arena.prices.store import market_bars
from arena.selectors.agents.inspect import rounds_lived
from arena.selectors.fitting import refusal
from arena.services.blocks.loading import weights_load
from arena.settings_schema import Settings, SettingsError, parse
from arena.store.rounds import block_size, plan_of
from ml.networks.registry import NETWORKS
from ml.rng import Purpose, stream

# for an answer within seconds: moments tried, and the multiplications that playing them may take
FEW = 6
AFFORDABLE = 1.2e10
# newcomers that practise and compete where the settings are asked about; they learn, which takes a
# hundred times as long as acting
LEARNERS = 4
MOST_LISTED = 20


class Cast(NamedTuple):
    """Who plays: agents AGENT [n] with weights float32 [n, parameters], in bars start .. stop - 1
    of `window` = (start, stop); and both in words.
    """

    agents: np.ndarray
    weights: np.ndarray
    window: tuple[int, int]
    who: str
    where: str


def experiment_canary(
    *, experiment: Experiment, moments: int = FEW, everybody: bool = False, table: Table = features
) -> dict[str, Any]:
    """{sound, text, found: [sentence]}: agents compete again in the last closed round with other
    futures, the founders in the first of all.

    everybody: however long it takes. CheckpointError where what they were cannot be read. Bars
    after that round are not looked at.
    """
    settings = parse(experiment.settings)
    afford = (
        experiment.population
        if everybody
        else _affordable(settings, len(experiment.market.symbols), moments)
    )
    row = (
        Round.objects.filter(experiment=experiment, state=RoundState.CLOSED)
        .order_by("index")
        .last()
    )
    cast = (
        _founders(experiment.market.bars, settings, afford)
        if row is None
        else _survivors(experiment, row, afford)
    )
    return _asked(market_bars(experiment.market), cast, settings, moments, table)


def agent_canary(*, agent: Agent, moments: int = FEW, table: Table = features) -> dict[str, Any]:
    """As `experiment_canary`, of one agent in its last round. NotKept before its first,
    CheckpointError.
    """
    experiment = agent.experiment
    row = Round.objects.get(experiment=experiment, index=rounds_lived(agent=agent)[1])
    records, weights = _block(row, agent.slot // block_size(experiment))
    own = np.flatnonzero(records["number"] == agent.number)
    cast = Cast(
        records[own],
        weights[own],
        plan_of(row).competition,
        f"agent {agent.number}",
        f"round {row.index}",
    )
    return _asked(market_bars(experiment.market), cast, parse(experiment.settings), moments, table)


def settings_canary(
    *, settings: Settings, series: Sequence[Bars], moments: int = FEW, table: Table = features
) -> dict[str, Any]:
    """As `experiment_canary`, of founders in the first round of an experiment that there is not
    yet; some of them practise before.

    SettingsError where the series is too short for a round.
    """
    bars = len(series[0])
    if words := refusal(bars=bars, settings=settings):
        raise SettingsError({"round_bars": words})
    cast = _founders(bars, settings, settings.population)
    acting = _asked(series, cast, settings, moments, table)
    some, plan = (
        settings.model_copy(update={"population": min(LEARNERS, settings.population)}),
        schedule.plan(bars, settings, 0),
    )
    learning = _report(
        series,
        players.newcomers(founders(some), some, plan),
        cast,
        settings,
        moments,
        table,
        whole_round=True,
    )
    return {
        "sound": acting["sound"] and learning["sound"],
        "text": f"{acting['text']} {learning['text']}",
        "found": list(dict.fromkeys([*acting["found"], *learning["found"]])),
    }


def _founders(bars: int, settings: Settings, most: int) -> Cast:
    some = founders(settings.model_copy(update={"population": min(most, settings.population)}))
    who = _counted(len(some), settings.population, "founders")
    agents, weights = (
        np.array([birth.agent for birth in some]),
        np.stack([birth.weights for birth in some]),
    )
    return Cast(
        agents, weights, schedule.plan(bars, settings, 0).competition, who, "the first round"
    )


def _survivors(experiment: Experiment, row: Round, most: int) -> Cast:
    """Those who played round `row`, or some of them, evenly over all places."""
    population, size = experiment.population, block_size(experiment)
    slots = np.unique(np.linspace(0, population - 1, min(most, population)).astype(int))
    agents, weights = [], []
    for block in np.unique(slots // size).tolist():
        records, networks = _block(row, block)
        own = slots[slots // size == block] - block * size
        agents.append(records[own])
        weights.append(networks[own])
    who = _counted(len(slots), population, "agents")
    return Cast(
        np.concatenate(agents),
        np.concatenate(weights),
        plan_of(row).competition,
        who,
        f"round {row.index}",
    )


def _block(row: Round, block: int) -> tuple[np.ndarray, np.ndarray]:
    run = BlockRun.objects.select_related("round__experiment__market").get(
        round=row, block=block, state=BlockState.DONE
    )
    records, weights, _ = weights_load(run=run)
    return records, weights


def _affordable(settings: Settings, symbols: int, moments: int) -> int:
    parameters = NETWORKS[settings.network.kind].layout(settings.network.hidden).size
    return max(
        int(AFFORDABLE / ((2 * moments + 1) * settings.round_bars * symbols * parameters)), 1
    )


def _counted(some: int, of: int, what: str) -> str:
    return f"all {of:,} {what}" if some == of else f"{some:,} of {of:,} {what}"


def _asked(
    series: Sequence[Bars], cast: Cast, settings: Settings, moments: int, table: Table
) -> dict[str, Any]:
    start, _ = cast.window
    play = players.competing(cast.agents, cast.weights, settings, start)
    return _report(series, play, cast, settings, moments, table)


def _report(
    series: Sequence[Bars],
    play: Play,
    cast: Cast,
    settings: Settings,
    moments: int,
    table: Table,
    whole_round: bool = False,
) -> dict[str, Any]:
    start, stop = cast.window
    rng, bars = stream(settings.seed, Purpose.CANARY, start), series[0]
    report = canary(
        [cut(each, stop) for each in series],
        play,
        cast.window,
        moments_in(cast.window, moments, rng),
        rng,
        table,
    )
    who = f"{report.agents} newcomers, their practice included," if whole_round else cast.who
    tried = (
        f"{who[0].upper()}{who[1:]} played {cast.where} again from {len(report.moments)} moments,"
        " with all later bars cut off and changed"
    )
    if report.sound:
        held = (
            f"up to then, not a bit changed of the {len(NAMES)} features, of what they saw of"
            " themselves, or of what they did"
        )
        return {"sound": True, "text": f"Nobody looks ahead. {tried}: {held}.", "found": []}
    numbers = cast.agents["number"].tolist()
    found = [_leak(leak, bars) for leak in report.leaks] + [
        _deed(deed, numbers, bars) for deed in report.deeds
    ]
    more = [f"… and {len(found) - MOST_LISTED} more."] if len(found) > MOST_LISTED else []
    return {
        "sound": False,
        "text": f"{_verdict(report)} {tried}.",
        "found": found[:MOST_LISTED] + more,
    }


def _verdict(report: Report) -> str:
    inputs = ", ".join(leak.name for leak in report.leaks) or "something that is no input"
    return (
        f"The future is seen, through {inputs}; {len(report.deeds)} of {report.agents} agents acted"
        " on it."
    )


def _leak(leak: Leak, bars: Bars) -> str:
    return (
        f"{leak.name} looks ahead: its value at {_time(bars, leak.bar)} changed with bars after"
        f" {_time(bars, leak.moment)}."
    )


def _deed(deed: Deed, numbers: list[int], bars: Bars) -> str:
    because = " or ".join(deed.because) or "more than one input, or something that is none"
    when = f"at {_time(bars, deed.bar)}, with bars after {_time(bars, deed.moment)}"
    return f"Agent {numbers[deed.place]} acted otherwise {when}, because of {because}."


def _time(bars: Bars, bar: int) -> str:
    return f"{datetime.fromtimestamp(int(bars.time[bar]) / 1000, UTC):%Y-%m-%d %H:%M}"
