"""Where an experiment's champion and committee fall among those of its null worlds."""

from math import log1p
from typing import Any

from agents.strategies.rules import COMMITTEE
from arena.engine.judging.evidence.chance import p_value
from arena.engine.judging.growth import LEAST_SHARE, return_of
from arena.models import BlockState, Evaluation, Experiment, NullWorld
from arena.selectors.numbers import short
from arena.selectors.waiting import work_waits
from arena.settings_schema import parse
from arena.work.kinds import NULL_WORLD

# name, figure of a null world's outcome, which buy-and-hold stands beside; subject and stretch of
# the evaluation
MEASURES = (
    ("competition", "competition_hold", "champion", "lived"),
    ("vault", "vault_hold", "champion", "out_of_sample"),
    (COMMITTEE, "vault_hold", COMMITTEE, "out_of_sample"),
)
HOLD = "buy_and_hold"


def null_worlds(*, experiment: Experiment) -> dict[str, Any] | None:
    """{asked, done, failed, share, block_bars, waits, competition, vault, committee}; None where
    none were asked for.

    The last three: {real, null, rank, p}: equity of the champion, or of the committee on the vault,
    over that of buy-and-hold on the same bars, less 1, here and in each null world that is done
    (rising; -1 where no agent lived); rank 1 = highest. None where there was no such judgement.
    """
    rows = list(NullWorld.objects.filter(experiment=experiment).order_by("index"))
    if not rows:
        return None
    done = [row.outcome for row in rows if row.state == BlockState.DONE and row.outcome]
    planned = parse(experiment.settings).rounds
    return {
        "asked": len(rows),
        "done": len(done),
        "failed": sum(row.state == BlockState.DONE and not row.outcome for row in rows),
        "share": sum(
            1.0 if row.state == BlockState.DONE else row.rounds_done / planned for row in rows
        )
        / len(rows),
        "block_bars": rows[0].block_bars,
        "waits": work_waits(experiment=experiment.pk, kind=NULL_WORLD),
        **{name: placed(_real(experiment, *of), name, hold, done) for name, hold, *of in MEASURES},
    }


def relative(earned: float, held: float) -> float:
    """Equity of one who earned a return, over that of another, less 1."""
    return return_of(log1p(max(earned, LEAST_SHARE - 1.0)) - log1p(max(held, LEAST_SHARE - 1.0)))


def real_of(earned: float, held: float) -> float:
    """What stands beside null worlds: `relative`, of which a logarithm can be taken."""
    return max(relative(earned, held), -1.0 + 1e-9)


def placed(
    real: float | None, name: str, hold: str, done: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """{real, null, rank, p} of `null_worlds` for a measure and its buy-and-hold, among outcomes."""
    # of a world in which a single agent lived, or that was played before committees were, there is
    # none
    null = [
        _null(outcome, name, hold)
        for outcome in done
        if outcome["agent"] is None or outcome.get(name) is not None
    ]
    if real is None or not null:
        return None
    p = p_value(log1p(real), [log1p(value) for value in null])
    return {
        "real": short(real),
        "null": sorted(short(value) for value in null),
        "rank": 1 + sum(value >= real for value in null),
        "p": p,
    }


def _null(outcome: dict[str, Any], name: str, hold: str) -> float:
    """Of a world in which no agent lived to be champion: as bad as can be."""
    return (
        -1.0 + 1e-9
        if outcome["agent"] is None
        else max(relative(outcome[name], outcome[hold]), -1.0 + 1e-9)
    )


def _real(experiment: Experiment, subject: str, stretch: str) -> float | None:
    rows = Evaluation.objects.filter(
        experiment=experiment, stretch=stretch, subject__in=(subject, HOLD)
    ).order_by("after_round")
    found = {row.subject: row.figures["return"] for row in rows}
    return real_of(found[subject], found[HOLD]) if len(found) == 2 else None
