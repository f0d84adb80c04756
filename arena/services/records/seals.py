"""Seals what is recorded beside the rounds: a chain on each market, in which nothing can be
changed, left out or put in unseen.

A market's chain, because a look at its vault counts for all who run on it. Its head stands in
the market's row, which is held until the running transaction ends, and is taken last: two commits
never wait for each other.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from arena.models import Evaluation, Experiment, Intervention, Judgement, NullWorld, Seal, SealKind
from arena.prices.models import MarketData
from arena.store.digests import canonical, content_sha256

# of a market; its name, who brought it and the chain's head may change
SAID = (
    *(
        "data_kind",
        "source",
        "symbols",
        "timeframe_ms",
        "bars",
        "first_time",
        "last_time",
        "gap_count",
        "missing_bars",
        "sha256",
    ),
    *(
        "notes",
        "leaps",
        "provenance",
        "events",
        "calendar",
        "understood",
        "drawn_from_id",
        "created_at",
    ),
)
STARTED = (
    *(
        "uuid",
        "owner_id",
        "cloned_from_id",
        "forked_from_id",
        "forked_after",
        "seed",
        "population",
        "environment",
    ),
    *("created_at", "started_at"),
)
ENDED = ("state", "state_reason", "rounds_done", "finished_at")
OUTCOME = ("block_bars", "rounds_done", "outcome", "asked_at", "done_at")
JUDGED = ("state", "rules_version", "asked_at", "done_at")
CHANGED = ("agent_id", "who_id", "at", "field", "before", "after", "effective_round")


@transaction.atomic
def seal_add(
    *,
    market_id: int,
    kind: SealKind,
    subject: str,
    content: dict[str, Any],
    experiment: Experiment | None = None,
) -> Seal:
    """Hang one more seal on a market."""
    market = (
        MarketData.objects.select_for_update(no_key=True)
        .only("seal_count", "seal_sha256")
        .get(pk=market_id)
    )
    made = Seal(
        market_id=market_id,
        sequence=market.seal_count,
        experiment=experiment,
        kind=kind,
        subject=subject,
    )
    made.content_sha256 = content_sha256(content)
    made.sha256 = seal_link(seal=made, before=market.seal_sha256)
    made.save()
    MarketData.objects.filter(pk=market_id).update(
        seal_count=F("seal_count") + 1, seal_sha256=made.sha256
    )
    return made


def seal_link(*, seal: Seal, before: str) -> str:
    """The digest of a seal that follows the one whose digest is `before`."""
    fields = [
        before,
        seal.sequence,
        seal.experiment_id,
        seal.kind,
        seal.subject,
        seal.content_sha256,
    ]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def market_seal(*, market: MarketData) -> None:
    """What a market is said to be, the first of its seals."""
    seal_add(
        market_id=market.pk, kind=SealKind.MARKET, subject="", content=market_content(market=market)
    )


def start_seal(*, experiment: Experiment, settings: dict[str, Any]) -> None:
    """An experiment as it was started, with the settings as they were before any person changed
    them.
    """
    _of(experiment, SealKind.START, "", start_content(experiment=experiment, settings=settings))


def end_seal(*, experiment_id: int) -> None:
    """How an experiment ended."""
    experiment = Experiment.objects.get(pk=experiment_id)
    _of(experiment, SealKind.END, "", end_content(experiment=experiment))


def again_seal(*, experiment: Experiment) -> None:
    """That an experiment which had failed is taken up again; what is sealed is the end that is so
    taken back.
    """
    _of(experiment, SealKind.AGAIN, "", end_content(experiment=experiment))


def intervention_seal(*, intervention: Intervention) -> None:
    """A person's change."""
    _of(
        intervention.experiment,
        SealKind.INTERVENTION,
        str(intervention.pk),
        intervention_content(intervention=intervention),
    )


def judgement_seal(*, experiment: Experiment, after_round: int) -> None:
    """All that was judged after a round."""
    _of(
        experiment,
        SealKind.JUDGEMENT,
        str(after_round),
        judgement_content(experiment_id=experiment.pk, after_round=after_round),
    )


def removal_seal(*, experiment: Experiment, who: Any) -> None:
    """That an experiment was deleted, so that what is shown of it no more is not missed."""
    _of(experiment, SealKind.REMOVAL, "", {"uuid": str(experiment.uuid), "who": who and who.pk})


def null_seal(*, world: NullWorld) -> None:
    """The outcome of a null world."""
    _of(world.experiment, SealKind.NULL_WORLD, str(world.index), null_content(world=world))


def market_content(*, market: MarketData) -> dict[str, Any]:
    """What is sealed of a market."""
    return _columns(market, SAID)


def start_content(*, experiment: Experiment, settings: dict[str, Any]) -> dict[str, Any]:
    """What is sealed of an experiment as it starts."""
    return {**_columns(experiment, STARTED), "settings": settings}


def end_content(*, experiment: Experiment) -> dict[str, Any]:
    """What is sealed of an experiment as it ends."""
    return _columns(experiment, ENDED)


def intervention_content(*, intervention: Intervention) -> dict[str, Any]:
    """What is sealed of a person's change, with its reason where one was given."""
    given = ("reason",) if intervention.reason else ()
    return _columns(intervention, (*CHANGED, *given))


def judgement_content(*, experiment_id: int, after_round: int) -> dict[str, Any]:
    """What is sealed of a judgement: when and by which rules it was made, and the figures of every
    subject on every stretch.
    """
    made = Judgement.objects.filter(experiment=experiment_id, after_round=after_round).first()
    rows = Evaluation.objects.filter(experiment=experiment_id, after_round=after_round).order_by(
        "subject", "stretch"
    )
    return {
        "made": made and _columns(made, JUDGED),
        **{
            f"{row.subject}, {row.stretch}": [row.agent_id, row.figures, _text(row.at)]
            for row in rows
        },
    }


def null_content(*, world: NullWorld) -> dict[str, Any]:
    """What is sealed of a null world."""
    return _columns(world, OUTCOME)


def _of(experiment: Experiment, kind: SealKind, subject: str, content: dict[str, Any]) -> None:
    seal_add(
        market_id=experiment.market_id,
        kind=kind,
        subject=subject,
        content=content,
        experiment=experiment,
    )


def _columns(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _text(getattr(row, name)) for name in names}


def _text(value: Any) -> Any:
    """Times and names of experiments are no JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return (
        value if value is None or isinstance(value, str | int | float | list | dict) else str(value)
    )
