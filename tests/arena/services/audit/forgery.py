"""What a forger does who knows the code: changes what is stored, and then makes every hash again,
so that nothing but playing tells.
"""

from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models

from arena.engine.results import AGENT
from arena.models import (
    BlockRun,
    Evaluation,
    Experiment,
    Intervention,
    NullWorld,
    Round,
    Seal,
    SealKind,
)
from arena.prices.models import MarketData
from arena.selectors.settings_as_of import settings_when_made
from arena.services.audit.closes import Closes
from arena.services.audit.judged import elsewhere_stored
from arena.services.audit.kept import Kept
from arena.services.audit.subject import Subject, saved
from arena.services.blocks.played import shown_made
from arena.services.evidence import judging
from arena.services.evidence.judgement import agents_at_end, case_of
from arena.services.records import seals
from arena.services.rounds.conclusion import happened_in
from arena.store import blocks, digests, files, ledger
from ml import checkpoint


def set_(model: type[models.Model], pk: int, **values: Any) -> None:
    """Past the guards."""
    models.QuerySet(model).filter(pk=pk).update(**values)


def write(name: str, data: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))


def rewrite(name: str, change) -> str:
    """Change the arrays of a safetensors file in place; its new sha256."""
    data = files.read(name)
    arrays, note = checkpoint.unpack(data, name), checkpoint.metadata(data)
    change(arrays)
    packed = checkpoint.pack(arrays, note)
    write(name, packed)
    return checkpoint.sha256(packed)


def in_records(arrays: dict[str, np.ndarray], number: int, **values: float) -> None:
    """Fields of an agent's record in a file of weights or of a population."""
    agents = checkpoint.unpack_records(arrays["agents"], AGENT)
    for name, value in values.items():
        agents[name][agents["number"] == number] = value
    arrays["agents"] = checkpoint.pack_records(agents)


def rehash(experiment: Experiment) -> None:
    """Every digest made again from what now stands in rows and files: of blocks, rounds, judgement
    and seals.
    """
    for run in BlockRun.objects.filter(round__experiment=experiment, state="done").select_related(
        "round"
    ):
        set_(
            BlockRun,
            run.pk,
            checkpoint_sha256=checkpoint.sha256(files.read(run.checkpoint + files.WEIGHTS)),
        )
        run.refresh_from_db()
        numbers = blocks.weights_read(saved(run))[0]["number"].tolist()
        key = {"experiment_id": experiment.pk, "index": run.round.index, "numbers": numbers}
        rows = {
            "trades_sha256": ledger.trades_read(**key),
            "scars_sha256": ledger.scars_read(**key),
        }
        set_(
            BlockRun,
            run.pk,
            **{name: digests.records_sha256(found) for name, found in rows.items()},
            shown=shown_made(run=run).tobytes(),
        )
    _links(experiment)
    _judge(experiment)
    _seals(experiment)


def _links(experiment: Experiment) -> None:
    again = Closes(Subject(Experiment.objects.get(pk=experiment.pk)))
    for row in Round.objects.filter(experiment=experiment, state="closed").order_by("index"):
        births = (
            again.subject.rounds[row.index - 1].close_sha256
            if row.index
            else checkpoint.sha256(files.read(row.births_file))
        )
        row.births_sha256, row.close_sha256 = births, checkpoint.sha256(files.read(row.close_file))
        row.state_sha256 = _link(again, row)
        row.save()
        again.pass_over(row)
        again.subject.rounds[row.index].state_sha256 = row.state_sha256
        again.subject.rounds[row.index].close_sha256 = row.close_sha256
    set_(Experiment, experiment.pk, state_sha256=row.state_sha256)


def _link(again: Closes, row: Round) -> str:
    kept = Kept(again.subject, row)
    if row.rules_version >= 2:
        return again.link(row, kept, happened_in(row=row))
    before = (
        again.subject.rounds[row.index - 1].state_sha256 if row.index else again.subject.genesis
    )
    return digests.link_by_first_rules(
        before, kept.agents["number"], kept.digests, row.close_sha256
    )


def _judge(experiment: Experiment) -> None:
    subject = Subject(Experiment.objects.get(pk=experiment.pk))
    last = subject.closed[-1]
    agents, kept = agents_at_end(row=last), Kept(subject, last)
    known = {"row": last, "agents": agents, "weights_of": kept.weights_of, "beat": lambda: None}
    found = judging.verdicts(case=case_of(**known, elsewhere=elsewhere_stored(subject)))
    for each in found:
        who = (
            None
            if each["slot"] is None
            else experiment.agents.get(number=agents["number"][each["slot"]]).pk
        )
        rows = models.QuerySet(Evaluation).filter(
            experiment=experiment, subject=each["subject"], stretch=each["stretch"]
        )
        rows.update(figures=each["figures"], agent=who)


def _seals(experiment: Experiment) -> None:
    before = ""
    for seal in Seal.objects.filter(market=experiment.market_id).order_by("sequence"):
        seal.content_sha256 = digests.content_sha256(_content(seal))
        seal.sha256 = before = seals.seal_link(seal=seal, before=before)
        models.QuerySet(Seal).filter(pk=seal.pk).update(
            content_sha256=seal.content_sha256, sha256=seal.sha256
        )
    count = Seal.objects.filter(market=experiment.market_id).count()
    MarketData.objects.filter(pk=experiment.market_id).update(seal_count=count, seal_sha256=before)


def _content(seal: Seal) -> dict[str, Any]:
    if seal.kind == SealKind.MARKET:
        return seals.market_content(market=seal.market)
    if seal.kind == SealKind.INTERVENTION:
        return seals.intervention_content(
            intervention=Intervention.objects.get(pk=int(seal.subject))
        )
    if seal.kind == SealKind.JUDGEMENT:
        return seals.judgement_content(
            experiment_id=seal.experiment_id, after_round=int(seal.subject)
        )
    if seal.kind == SealKind.NULL_WORLD:
        return seals.null_content(
            world=NullWorld.objects.get(experiment=seal.experiment, index=int(seal.subject))
        )
    if seal.kind == SealKind.END:
        return seals.end_content(experiment=seal.experiment)
    return seals.start_content(
        experiment=seal.experiment, settings=settings_when_made(experiment=seal.experiment)
    )
