"""Judgements and null worlds: computed again from weights, market and settings."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from arena.engine.results import RULES_VERSION
from arena.models import (
    BlockState,
    Evaluation,
    ExperimentState,
    Judgement,
    JudgementState,
    NullWorld,
)
from arena.selectors.evidence.elsewhere import Elsewhere, elsewhere_of, tried_until
from arena.services.audit.subject import Subject, apart, saved
from arena.services.evidence import judging
from arena.services.evidence.judgement import agents_at_end, case_of
from arena.services.evidence.nulls import null_outcome
from arena.store import blocks
from arena.store.rounds import block_size

Judged = dict[str, tuple[int | None, dict[str, Any]]]
PLAYED_OUT = (ExperimentState.FINISHED, ExperimentState.EXTINCT)


def evaluations(subject: Subject) -> Iterator[str]:
    """What a judgement says of each subject on each stretch is what its weights, the market and the
    settings give.

    One that was made by older rules is not made again: they are no longer there.
    """
    rows = {_name(row.subject, row.stretch): row for row in _rows(subject)}
    for made in subject.experiment.judgements.exclude(
        after_round=subject.experiment.rounds_done - 1
    ):
        yield (
            f"a judgement is said to be of round {made.after_round}, the last is"
            f" {subject.experiment.rounds_done - 1}"
        )
    judgement = subject.experiment.judgements.last()
    if judgement is None or judgement.state != JudgementState.DONE:
        yield from _unmade(subject, rows, judgement)
        return
    if judgement.rules_version != RULES_VERSION:
        subject.leave_out("what the judgement says, which was made by older rules")
        return
    yield from _counts(subject)
    expected = _judged(subject)
    for name in sorted(rows.keys() ^ expected.keys()):
        yield (
            f"evaluation of {name}:"
            f" {'there is none' if name in expected else 'nobody made such a judgement'}"
        )
    for name in sorted(rows.keys() & expected.keys()):
        row, (number, figures) = rows[name], expected[name]
        if row.after_round != subject.experiment.rounds_done - 1:
            yield (
                f"evaluation of {name} is said to be after round {row.after_round}, the last is"
                f" {subject.experiment.rounds_done - 1}"
            )
        if (row.agent.number if row.agent else None) != number:
            yield (
                f"evaluation of {name} is of agent {row.agent and row.agent.number}, should be"
                f" {number}"
            )
        yield from (f"evaluation of {name}: {text}" for text in _differences(row.figures, figures))


def null_worlds(subject: Subject) -> Iterator[str]:
    """One null world, chosen by lot among those that are done, played again comes to the outcome
    that is stored.
    """
    done = NullWorld.objects.filter(experiment=subject.experiment, state=BlockState.DONE).exclude(
        outcome={}
    )
    keys = list(done.values_list("pk", flat=True))
    if keys:
        row = NullWorld.objects.select_related("experiment__market").get(
            pk=int(np.random.default_rng().choice(keys))
        )
        # what was held by the first rules was levered where agents were
        left_out = ("competition_hold", "vault_hold") if _by_older_rules(subject) else ()
        stored, again = (
            {key: value for key, value in each.items() if key not in left_out}
            for each in (row.outcome, null_outcome(row=row))
        )
        yield from (f"null world {row.index}: {text}" for text in _differences(stored, again))


def _by_older_rules(subject: Subject) -> bool:
    row = subject.experiment.judgements.last()
    return row is not None and row.rules_version != RULES_VERSION


def _counts(subject: Subject) -> Iterator[str]:
    """The counts of the day lie between what was there when the run ended, as far as it is still
    stored, and what there is today.
    """
    stored = elsewhere_stored(subject)
    ended = max((row.closed_at for row in subject.closed if row.closed_at), default=None)
    least, most = (
        tried_until(experiment=subject.experiment, at=ended),
        elsewhere_of(experiment=subject.experiment),
    )
    if not least <= stored.agents <= most.agents:
        yield (
            f"agents tried elsewhere are said to be {stored.agents}, were {least} when the run"
            f" ended and are {most.agents} today"
        )
    if not 0 <= stored.looks <= most.looks:
        yield f"looks before this one are said to be {stored.looks}, today there are {most.looks}"


def elsewhere_stored(subject: Subject) -> Elsewhere:
    """What the owner's other experiments had done by the day of the judgement, as its rows say."""
    figures = {row.stretch: row.figures for row in _rows(subject) if row.subject == "champion"}
    lived, vault = figures.get("lived", {}), figures.get("out_of_sample", {})
    own = lived.get("agents", lived.get("trials", 0)) + lived.get("committees", 0)
    agents = max(lived.get("trials", 0) - own, 0)
    return Elsewhere(agents, vault.get("looks", 1) - 1)


def _unmade(
    subject: Subject, rows: Mapping[str, Evaluation], judgement: Judgement | None
) -> Iterator[str]:
    """Before a judgement is made there are no evaluations of it; it is asked for as a run gets to
    its end.
    """
    for name in sorted(rows):
        yield f"evaluation of {name}: nobody made such a judgement"
    if judgement is None and subject.experiment.state in PLAYED_OUT:
        yield (
            f"experiment {subject.experiment.pk} is {subject.experiment.state}, and nobody asked"
            " for its judgement"
        )


def _rows(subject: Subject) -> list[Evaluation]:
    return list(Evaluation.objects.filter(experiment=subject.experiment).select_related("agent"))


def _judged(subject: Subject) -> Judged:
    """{"subject, stretch": (agent number, figures)}, computed anew; files that are damaged are
    reported of, not mended.
    """
    last, size = subject.closed[-1], block_size(subject.experiment)
    runs = {run.block: run for run in subject.done if run.round_id == last.pk}
    weights = lru_cache(maxsize=8)(lambda block: blocks.weights_read(saved(runs[block]))[1])
    agents = agents_at_end(row=last)
    case = case_of(
        row=last,
        agents=agents,
        weights_of=lambda slot: weights(slot // size)[slot % size],
        beat=lambda: None,
        elsewhere=elsewhere_stored(subject),
    )
    return {
        _name(each["subject"], each["stretch"]): (
            None if each["slot"] is None else int(agents["number"][each["slot"]]),
            each["figures"],
        )
        for each in judging.verdicts(case=case)
    }


def _name(subject: str, stretch: str) -> str:
    return f"{subject}, {stretch}"


def _differences(stored: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each figure that is not the one computed."""
    for name in sorted(stored.keys() | expected.keys()):
        found, right = stored.get(name), expected.get(name)
        if _differ(found, right):
            yield f"{name} is {found!r}, computed again {right!r}"


def _differ(found: object, right: object) -> bool:
    """Numbers may differ by the tolerance of money."""
    if isinstance(found, int | float) and isinstance(right, int | float):
        return apart(found, right, 0.0)
    return found != right
