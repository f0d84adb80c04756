"""Trades and scars: hashes, numbering, times and arithmetic."""

from collections.abc import Iterator

import numpy as np
from django.db.models import Count, Max

from agents.life.costs import COSTS
from agents.models import Scar, Trade
from arena.engine.packing import unpack_figures
from arena.engine.results import FIGURES
from arena.models import BlockRun
from arena.selectors.settings_as_of import settings_of_round
from arena.services.audit.fills import Fills
from arena.services.audit.subject import TOLERANCE, Subject, saved
from arena.store import blocks, digests, ledger

NO_SYMBOL = "its symbol is none of the market's"


def ledgers(subject: Subject) -> Iterator[str]:
    """Every done block's trades and scars are those it committed, and each trade is possible."""
    found = {"trade": 0, "scar": 0}
    for run in subject.done:
        multiplier = _multipliers(subject, run)
        pk, index, numbers = subject.experiment.pk, run.round.index, list(multiplier)
        trades = ledger.trades_read(experiment_id=pk, index=index, numbers=numbers)
        scars = ledger.scars_read(experiment_id=pk, index=index, numbers=numbers)
        found["trade"] += len(trades)
        found["scar"] += len(scars)
        yield from _hashes(run, trades, scars)
        yield from _trades(
            subject,
            run,
            trades,
            np.array([multiplier[number] for number in trades["agent"].tolist()]),
        )
        yield from _scars(subject, run, scars)
    for name, model in (("trade", Trade), ("scar", Scar)):
        stored = model.objects.filter(agent__experiment=subject.experiment).count()
        if stored != found[name]:
            yield f"{stored} {name}s are stored, but done blocks account for {found[name]}"


def _multipliers(subject: Subject, run: BlockRun) -> dict[int, float]:
    """{agent number: its cost multiplier after the round}; without a bound where the round's files
    are not kept.
    """
    if subject.is_thin(run.round.index):
        figures = unpack_figures(BlockRun.objects.only("figures").get(pk=run.pk).figures)
        return dict.fromkeys(map(int, figures[:, FIGURES.index("number")]), np.inf)
    agents, _, _ = blocks.weights_read(saved(run))
    return dict(zip(agents["number"].tolist(), agents["cost_multiplier"].tolist(), strict=True))


def times(subject: Subject) -> Iterator[str]:
    """Times of trades and scars are those of their bars."""
    clock = subject.series[0].time
    for model, name, pairs in (
        (Trade, "trade", (("entry_bar", "entry_time"), ("exit_bar", "exit_time"))),
        (Scar, "scar", (("bar", "bar_time"),)),
    ):
        names = [column for pair in pairs for column in pair]
        rows = model.objects.filter(agent__experiment=subject.experiment).order_by()
        for number, index, sequence, *values in rows.values_list(
            "agent__number", "round", "sequence", *names
        ).iterator():
            for (bar_name, _), bar, at in zip(pairs, values[::2], values[1::2], strict=True):
                if bar >= len(clock) or clock[bar] != at:
                    yield (
                        f"{name} of agent {number}, round {index}, sequence {sequence}: {bar_name}"
                        f" {bar} is not at time {at}"
                    )


def sequences(subject: Subject) -> Iterator[str]:
    """Trades and scars of an agent in a round are numbered 0, 1, 2 …"""
    for model, name in ((Trade, "trades"), (Scar, "scars")):
        rows = model.objects.filter(agent__experiment=subject.experiment).order_by()
        counted = rows.values_list("agent__number", "round").annotate(
            n=Count("pk"), kinds=Count("sequence", distinct=True), last=Max("sequence")
        )
        for number, index, count, kinds, last in counted:
            if not count == kinds == last + 1:
                yield (
                    f"{name} of agent {number}, round {index}: {count} rows are not numbered 0 to"
                    f" {count - 1}"
                )


def _hashes(run: BlockRun, trades: np.ndarray, scars: np.ndarray) -> Iterator[str]:
    for name, records, digest in (
        ("trades", trades, run.trades_sha256),
        ("scars", scars, run.scars_sha256),
    ):
        if digests.records_sha256(records) != digest:
            yield (
                f"{name} of round {run.round.index}, block {run.block}: the rows are not those that"
                " were committed (sha256 differs)"
            )


def _scars(subject: Subject, run: BlockRun, scars: np.ndarray) -> Iterator[str]:
    start, stop = run.round.plan["competition"]
    wrong = {
        "bar lies outside the round's window": (scars["bar"] < start) | (scars["bar"] >= stop),
        "drawdown is not above 0": ~(scars["drawdown"] > 0),
        NO_SYMBOL: _foreign(subject, scars),
    }
    yield from _named("scar", run, scars, wrong)


def _trades(
    subject: Subject, run: BlockRun, trades: np.ndarray, highest: np.ndarray
) -> Iterator[str]:
    """highest: float64 [any], the cost multiplier of each trade's agent after the round, which it
    cannot have exceeded.
    """
    start, stop = run.round.plan["competition"]
    inside = (
        (trades["entry_bar"] >= start)
        & (trades["exit_bar"] < stop)
        & (trades["entry_bar"] <= trades["exit_bar"])
    )
    foreign = _foreign(subject, trades)
    yield from _named(
        "trade", run, trades, {"bars lie outside the round's window": ~inside, NO_SYMBOL: foreign}
    )
    yield from _named("trade", run, trades, _arithmetic(trades))
    settings = settings_of_round(experiment=subject.experiment, index=run.round.index)
    fair = inside & ~foreign
    yield from _named(
        "trade",
        run,
        trades[fair],
        Fills(trades[fair], subject.series, settings, highest[fair]).problems(),
    )


def _foreign(subject: Subject, records: np.ndarray) -> np.ndarray:
    return (records["symbol"] < 0) | (records["symbol"] >= len(subject.series))


def _arithmetic(t: np.ndarray) -> dict[str, np.ndarray]:
    """{what is wrong: bool [any]}."""
    scale = t["quantity"] * (t["entry_price"] + t["exit_price"])
    costs = sum(t[name] for name in COSTS)
    filled = t["side"] * t["quantity"] * (t["exit_price"] - t["entry_price"])
    return {
        "net profit is not gross profit less costs": _off(
            t["net_profit"], t["gross_profit"] - costs, scale
        ),
        "gross profit does not fit its fills": _off(
            t["gross_profit"], filled + t["spread_cost"] + t["slippage_cost"], scale
        ),
    }


def _off(left: np.ndarray, right: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return ~(np.abs(left - right) <= TOLERANCE * scale)


def _named(
    name: str, run: BlockRun, records: np.ndarray, wrong: dict[str, np.ndarray]
) -> Iterator[str]:
    for text, rows in wrong.items():
        for row in records[rows]:
            yield (
                f"{name} of agent {row['agent']}, round {run.round.index}, sequence"
                f" {row['sequence']}: {text}"
            )
