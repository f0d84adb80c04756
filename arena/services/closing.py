"""Closes a round whose blocks are all done: deaths, births, the books, the next round or the end; one transaction under a fence."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from agents.models import Agent, AgentState, Origin, Scar, Trade
from arena.engine import close as engine
from arena.engine import conservation, packing
from arena.engine.evaluate import baselines
from arena.engine.results import RULES_VERSION, CloseResult
from arena.models import BlockRun, Experiment, ExperimentState, Round, RoundState
from arena.prices.store import market_view
from arena.services import keeping, loading, news
from arena.services.close_claims import CloseClaim, ClosePulse, close_claim, close_ours, close_release
from arena.services.diversity import diversity_of
from arena.services.errors import StaleFence
from arena.services.judgements import ENDED, judgement_ask
from arena.services.opening import block_size, plan_of, round_announce, round_open
from arena.services.states import experiment_lock
from arena.settings_schema import Settings, parse
from arena.store import agents as agent_rows
from arena.store import blocks, digests, files, ledger
from arena.store.population import Population, Stored, population_kept, population_of, population_read, population_write

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Closed:
    """What `round_compute` made of a round, for `round_commit`."""

    result: CloseResult
    population: Population
    stored: Stored
    state_sha256: str
    baselines: dict[str, Any]
    diversity: dict[str, Any]
    ledger: dict[str, float]


def round_run_close(*, round_id: int) -> None:
    """Claim, compute and commit the close of a round; nothing to do is no error."""
    claim = close_claim(round_id=round_id)
    if claim is None:
        return
    try:
        round_commit(claim=claim, closed=round_compute(claim=claim))
    except StaleFence as error:
        logger.info("close of round %d given up: %s", claim.index, error)
        files.remove(claim.file)
    except Exception as error:
        logger.exception("close of round %d failed", claim.index)
        close_release(claim=claim, reason=f"{type(error).__name__}: {error}")


def round_compute(*, claim: CloseClaim) -> Closed:
    """Everything the close decides, and its file; no row is touched. StaleFence where the claim is lost on the way."""
    row = Round.objects.select_related("experiment__market").get(pk=claim.round_id)
    settings, pulse = parse(row.experiment.settings), ClosePulse(claim)
    played = Played(row, pulse)
    result = engine.close(
        agents=played.agents,
        plan=plan_of(row),
        purse=population_kept(Stored(row.births_file, row.births_sha256)).purse,
        settings=settings,
        weights_of=played.weights_of,
        born_weights_of=played.born_weights_of,
        figures=played.figures,
        next_number=row.experiment.next_number,
        retire=agent_rows.retiring_slots(experiment_id=row.experiment_id),
        last=row.index + 1 >= row.experiment.rounds_planned,
    )
    pulse()
    population = population_of(result.agents, result.births, played.parameters, result.purse)
    stored = population_write(claim.file, population)
    digest = digests.link(row.experiment.state_sha256, played.agents["number"], played.digests, stored.sha256)
    return Closed(
        result=result,
        population=population,
        stored=stored,
        state_sha256=digest,
        baselines=baselines(market_view(row.experiment.market), plan_of(row).competition, settings, row.index),
        diversity=diversity_of(row=row, agents=played.agents, weights_of=played.weights_of, settings=settings),
        ledger=ledger_of(population, result.imbalance),
    )


@transaction.atomic
def round_commit(*, claim: CloseClaim, closed: Closed) -> None:
    """Write the close, and open the next round or end the experiment. StaleFence where the close is no longer ours."""
    experiment = experiment_lock(experiment_id=claim.experiment_id)
    settings, result = parse(experiment.settings), closed.result
    changes = {
        "state": RoundState.CLOSED,
        "lease_until": None,
        "rules_version": RULES_VERSION,
        "curves": result.curves,
        "baselines": closed.baselines,
        "diversity": closed.diversity,
        "events": _events(claim, result),
        "ledger": closed.ledger,
        "close_file": closed.stored.name,
        "close_sha256": closed.stored.sha256,
        "state_sha256": closed.state_sha256,
        "closed_at": timezone.now(),
    }
    if not close_ours(claim=claim).update(**changes):
        raise StaleFence(f"fence {claim.fence} has moved, or the experiment was stopped")
    _bury(claim, result, settings)
    _bear(claim, experiment, result, settings)
    _go_on(claim, experiment, settings, closed)
    news.round_told(experiment_id=claim.experiment_id, index=claim.index)
    transaction.on_commit(lambda: _forget(claim))


def ledger_of(population: Population, imbalance: float) -> dict[str, float]:
    """The books after a close: what the living have, what everybody ever paid and made."""
    living, purse = population.agents[population.agents["state"] == 0], population.purse
    return {
        "total_equity": float(np.sum(living["equity"])),
        "treasury": purse.treasury,
        "money_put_in": purse.money_put_in,
        "costs_ever": purse.costs_ever + conservation.costs(living),
        "gross_profit_ever": purse.gross_profit_ever + float(np.sum(living["gross_profit"])),
        "imbalance": imbalance,
    }


class Played:
    """A round as its blocks left it: agents AGENT [population], figures [population, …], digests [population, 32], by slot."""

    def __init__(self, row: Round, pulse: Callable[[], None]):
        self.row, self.size = row, block_size(row.experiment)
        runs = list(row.blocks.order_by("block").select_related("round__experiment__market"))
        self.saved = [blocks.Saved(run.checkpoint, run.checkpoint_sha256) for run in runs]
        # all weights of a large population at once would be gigabytes: they are read again, a block at a time, where they are needed
        read = []
        for run in runs:
            agents, weights, found = loading.weights_load(run=run, beat=lambda share: pulse())
            read.append((agents, found))
        self.agents, self.digests = (np.concatenate(each) for each in zip(*read, strict=True))
        self.figures = np.concatenate([packing.unpack_figures(run.figures) for run in runs])
        self.parameters = weights.shape[1]
        self._online = lru_cache(maxsize=64)(lambda block: blocks.weights_read(self.saved[block])[1])
        self._born = lru_cache(maxsize=64)(lambda file: population_read(_births(row.experiment, file)).weights)

    def weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as learned."""
        return self._online(slot // self.size)[slot % self.size]

    def born_weights_of(self, slot: int) -> np.ndarray:
        """float32 [parameters] as born."""
        agent = Agent.objects.only("birth_file", "birth_row").get(experiment=self.row.experiment, slot=slot, state=AgentState.ACTIVE)
        return self._born(agent.birth_file)[agent.birth_row]


def _births(experiment: Experiment, file: str) -> Stored:
    """The file of a round's newborn, with its digest."""
    return Stored(file, experiment.rounds.filter(births_file=file).values_list("births_sha256", flat=True).first() or "")


def _is_end(index: int, experiment: Experiment, result: CloseResult) -> bool:
    return engine.EXTINCT in result.notes or index + 1 >= experiment.rounds_planned


def _events(claim: CloseClaim, result: CloseResult) -> dict[str, Any]:
    children = sum(bool(birth.parents) for birth in result.births)
    happened = {"agent__experiment_id": claim.experiment_id, "round": claim.index}
    return {
        "births": children,
        "immigrants": len(result.births) - children,
        "deaths": dict(Counter(cause for _, cause in result.deaths)),
        "scars": Scar.objects.filter(**happened).count(),
        "trades": Trade.objects.filter(**happened).count(),
    }


def _bury(claim: CloseClaim, result: CloseResult, settings: Settings) -> None:
    pk_of = ledger.agent_keys(experiment_id=claim.experiment_id, numbers=agent_rows.numbers_of(result.agents))
    edited = agent_rows.epsilon_edited(experiment_id=claim.experiment_id, index=claim.index)
    agent_rows.agents_update(result.agents, pk_of=pk_of, edited=edited, settings=settings)
    now = timezone.now()
    for cause in {cause for _, cause in result.deaths}:
        dead = [pk_of[int(result.agents["number"][slot])] for slot, of in result.deaths if of == cause]
        for first in range(0, len(dead), ledger.MOST_VALUES):
            rows = Agent.objects.filter(pk__in=dead[first : first + ledger.MOST_VALUES], state=AgentState.ACTIVE)
            rows.update(state=cause, death_round=claim.index, died_at=now)


def _bear(claim: CloseClaim, experiment: Experiment, result: CloseResult, settings: Settings) -> None:
    now = timezone.now()
    agent_rows.agents_insert(result.births, experiment=experiment, settings=settings, origin=Origin.IMMIGRANT, file=claim.file, now=now)
    told = {birth.number for birth in result.births} | {parent for birth in result.births for parent in birth.parents}
    ledger.edges_insert(result.births, pk_of=ledger.agent_keys(experiment_id=experiment.pk, numbers=told))


def _go_on(claim: CloseClaim, experiment: Experiment, settings: Settings, closed: Closed) -> None:
    """Where the experiment stands now, and its next round."""
    result = closed.result
    experiment.rounds_done = claim.index + 1
    experiment.next_number += len(result.births)
    experiment.treasury, experiment.money_put_in = result.purse.treasury, result.purse.money_put_in
    experiment.state_sha256 = closed.state_sha256
    if _is_end(claim.index, experiment, result):
        extinct = engine.EXTINCT in result.notes
        experiment.state = ExperimentState.EXTINCT if extinct else ExperimentState.FINISHED
        experiment.state_reason = f"nobody was alive after round {claim.index}" if extinct else "all rounds are played"
        experiment.finished_at = timezone.now()
    else:
        opened = round_open(experiment=experiment, settings=settings, index=claim.index + 1, births=closed.stored)
        if experiment.state == ExperimentState.PAUSING:
            experiment.state, experiment.state_reason = ExperimentState.PAUSED, f"paused after round {claim.index}"
        else:
            round_announce(opened=opened)
    names = "rounds_done next_number treasury money_put_in state_sha256 state state_reason finished_at"
    experiment.save(update_fields=names.split())
    if experiment.state in ENDED:
        judgement_ask(experiment=experiment)


def _forget(claim: CloseClaim) -> None:
    """Remove memories nobody will load again; what a fork shares belongs to another experiment."""
    population = Experiment.objects.values_list("population", flat=True).get(pk=claim.experiment_id)
    own, old = files.experiment_folder(claim.experiment_uuid), keeping.to_forget(claim.index + 1, population)
    old = BlockRun.objects.filter(round__experiment_id=claim.experiment_id, round__index__in=old, checkpoint__startswith=own)
    files.remove(*(stem + files.MEMORY for stem in old.values_list("checkpoint", flat=True)))
