"""The seals on the market, and on those that share a series with it: unbroken, and each of them
still true.
"""

from collections.abc import Iterator

from arena.models import BlockState, Evaluation, Intervention, NullWorld, Round, Seal, SealKind
from arena.prices.models import MarketData
from arena.selectors.evidence.looks import related
from arena.selectors.settings_as_of import settings_when_made
from arena.services.audit.subject import Subject
from arena.services.records import seals as kept
from arena.services.records.states import FINAL
from arena.store.digests import content_sha256

UNSEALED = "{}: stored before there were seals"


def seals(subject: Subject) -> Iterator[str]:
    """Nothing sealed was changed or left out, and nothing was put in: what was said of the market,
    of start and end, changes by people, judgements, also those of others, and null worlds.
    """
    for market in related(market=subject.experiment.market).order_by("pk"):
        yield from _chain(market)
        yield from _looks(subject, market)
    mine = Seal.objects.filter(experiment=subject.experiment)
    sealed = {(seal.kind, seal.subject): seal.content_sha256 for seal in mine.iterator()}
    yield from _market(subject)
    yield from _start_and_end(subject, sealed)
    yield from _interventions(subject, sealed)
    yield from _null_worlds(subject, sealed)


def _chain(market: MarketData) -> Iterator[str]:
    before, count = "", 0
    for seal in market.seals.order_by("sequence").iterator():
        if seal.sequence != count:
            yield (
                f"market {market.pk}: between its seals {count - 1} and {seal.sequence} there is"
                " none, or one too many"
            )
            return
        if seal.sha256 != kept.seal_link(seal=seal, before=before):
            yield (
                f"market {market.pk}: seal {seal.sequence} ({seal.get_kind_display()}) does not"
                " follow from the one before"
            )
        before, count = seal.sha256, count + 1
    if (market.seal_count, market.seal_sha256) != (count, before):
        yield (
            f"market {market.pk} has {market.seal_count} seals that end in {market.seal_sha256},"
            f" found are {count} that end in {before}"
        )


def _market(subject: Subject) -> Iterator[str]:
    market = subject.experiment.market
    first = market.seals.filter(kind=SealKind.MARKET).order_by("sequence").first()
    if first is None:
        subject.leave_out(UNSEALED.format("what its market is said to be"))
    elif first.content_sha256 != content_sha256(kept.market_content(market=market)):
        yield (
            f"market {market.pk} is not said to be what it was when it was stored: kind, source,"
            " symbols, notes, events or times"
        )


def _start_and_end(subject: Subject, sealed: dict[tuple[str, str], str]) -> Iterator[str]:
    experiment = subject.experiment
    start, end = sealed.get((SealKind.START, "")), None
    for seal in experiment.seals.filter(kind__in=(SealKind.END, SealKind.AGAIN)).order_by(
        "sequence"
    ):
        if seal.kind == SealKind.AGAIN and seal.content_sha256 != end:
            yield f"experiment {experiment.pk} was taken up again after another end than it had"
        end = seal.content_sha256 if seal.kind == SealKind.END else None
    if experiment.started_at is not None and start is None:
        subject.leave_out(UNSEALED.format("how it was started"))
    content = kept.start_content(
        experiment=experiment, settings=settings_when_made(experiment=experiment)
    )
    if start and start != content_sha256(content):
        yield f"experiment {experiment.pk} is not as it was started: {', '.join(content)}"
    if experiment.state in FINAL and end is None:
        if start:
            yield f"experiment {experiment.pk} is {experiment.state}, but no seal says so"
        else:
            subject.leave_out(UNSEALED.format("how it ended"))
    if end and end != content_sha256(kept.end_content(experiment=experiment)):
        yield f"experiment {experiment.pk} is not as it ended: {', '.join(kept.ENDED)}"


def _interventions(subject: Subject, all_sealed: dict[tuple[str, str], str]) -> Iterator[str]:
    """Every change is sealed here, or is one that a fork shares; every seal has its change."""
    experiment = subject.experiment
    sealed = {
        name: digest for (kind, name), digest in all_sealed.items() if kind == SealKind.INTERVENTION
    }
    theirs = {
        _shared(row)
        for row in Intervention.objects.filter(experiment=experiment.forked_from_id).select_related(
            "agent"
        )
    }
    for row in experiment.interventions.select_related("agent").order_by("pk"):
        digest = sealed.pop(str(row.pk), None)
        who = f"agent {row.agent.number}" if row.agent else "the experiment"
        if digest is None and _shared(row) in theirs:
            continue
        if digest is None and (SealKind.START, "") not in all_sealed:
            subject.leave_out(UNSEALED.format("some changes by people"))
        elif digest != content_sha256(kept.intervention_content(intervention=row)):
            yield (
                f"change {row.pk} of {who}, {row.field} from {row.before} to {row.after}: nobody"
                " made it, or not like this"
            )
    for name in sealed:
        yield f"change {name} was made by a person, and is not told any more"


def _shared(row: Intervention) -> tuple[object, ...]:
    return (
        row.agent.number if row.agent else None,
        *(getattr(row, name) for name in kept.CHANGED if name != "agent_id"),
    )


def _null_worlds(subject: Subject, all_sealed: dict[tuple[str, str], str]) -> Iterator[str]:
    sealed = {
        name: digest for (kind, name), digest in all_sealed.items() if kind == SealKind.NULL_WORLD
    }
    done = NullWorld.objects.filter(experiment=subject.experiment).exclude(outcome={})
    for row in done.filter(state=BlockState.DONE).order_by("index"):
        digest = sealed.pop(str(row.index), None)
        if digest is None and (SealKind.END, "") not in all_sealed:
            subject.leave_out(UNSEALED.format("some null worlds"))
        elif digest != content_sha256(kept.null_content(world=row)):
            yield f"null world {row.index} did not come to what its row says"
    for name in sealed:
        yield f"null world {name} was played, and is not told any more"


def _looks(subject: Subject, market: MarketData) -> Iterator[str]:
    """All judgements on the market: each is a look."""
    sealed = market.seals.filter(kind=SealKind.JUDGEMENT).order_by("sequence")
    known: dict[tuple[int, int], str] = {}
    gone = set(market.seals.filter(kind=SealKind.REMOVAL).values_list("experiment", flat=True))
    for experiment, round_index, digest in sealed.values_list(
        "experiment", "subject", "content_sha256"
    ).iterator():
        if experiment is not None:
            known[experiment, int(round_index)] = digest
    rows = (
        Evaluation.objects.filter(experiment__market=market)
        .order_by()
        .values_list("experiment", "after_round")
        .distinct()
    )
    for key in sorted(known.keys() | set(rows)):
        pk, after = key
        if pk in gone:
            continue
        content = kept.judgement_content(experiment_id=pk, after_round=after)
        if key not in known:
            if Round.objects.filter(experiment=pk, index=after, rules_version__gte=2).exists():
                yield f"the judgement of experiment {pk} after round {after} was made by nobody"
            else:
                subject.leave_out(UNSEALED.format("some judgements"))
        elif content_sha256(content) != known[key]:
            yield (
                f"the judgement of experiment {pk} after round {after} is not what it was, or not"
                " told any more"
            )
