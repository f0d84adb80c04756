"""Judges an experiment that has ended, as of its last closed round: a step of its own, which
changes nothing of what was played.
"""

from collections.abc import Callable, Sequence

import numpy as np
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from agents.life.lifecycle import OUTCOMPETED
from agents.models import Agent
from arena.engine.results import RULES_VERSION
from arena.engine.warm import warm
from arena.models import Evaluation, Experiment, Judgement, JudgementState, Round
from arena.prices.market.year import bars_per_year
from arena.prices.models import MarketData
from arena.prices.store import market_bars, market_view
from arena.selectors.evidence.elsewhere import Elsewhere, elsewhere_of
from arena.selectors.evidence.trials import trials_of
from arena.services.blocks.played import Played
from arena.services.evidence import judging
from arena.services.evidence.tried import look_write
from arena.services.records import notifications
from arena.services.records.seals import judgement_seal
from arena.settings_schema import parse
from arena.store.population import Stored, population_read
from arena.work.claims import Claim, Pulse, StaleFence, claim_done, kept


def judgement_run(claim: Claim) -> None:
    """Compute and commit a claimed judgement. StaleFence."""
    experiment = (
        Experiment.objects.select_related("market").filter(judgements=claim.subject).first()
    )
    if experiment is None:
        raise StaleFence("the judgement is no more")
    with kept(claim):
        warm(parse(experiment.settings))
    case = case_at_end(experiment=experiment, beat=Pulse(claim))
    judgement_commit(claim=claim, case=case, found=judging.verdicts(case=case))


@transaction.atomic
def judgement_commit(*, claim: Claim, case: judging.Case, found: Sequence[judging.Verdict]) -> None:
    """Write it, and notify those who watch. StaleFence where it is no longer ours."""
    claim_done(claim)
    done = {
        "state": JudgementState.DONE,
        "reason": "",
        "done_at": Now(),
        "rules_version": RULES_VERSION,
    }
    Judgement.objects.filter(pk=claim.subject).update(**done)
    _write(claim.experiment, case, found)
    notifications.state_notify(experiment_id=claim.experiment)
    experiment = Experiment.objects.select_related("market", "owner").get(pk=claim.experiment)
    if any(verdict["stretch"] == judging.VAULT for verdict in found):
        look_write(experiment=experiment, after_round=case.rounds - 1)
    judgement_seal(experiment=experiment, after_round=case.rounds - 1)


def case_at_end(*, experiment: Experiment, beat: judging.Beat) -> judging.Case:
    """The case of an experiment that plays no further round."""
    row = Round.objects.select_related("experiment__market").get(
        experiment=experiment, index=experiment.rounds_done - 1
    )
    return case_of(
        row=row, agents=agents_at_end(row=row), weights_of=Played(row, beat).weights_of, beat=beat
    )


def case_of(
    *,
    row: Round,
    agents: np.ndarray,
    weights_of: Callable[[int], np.ndarray],
    beat: judging.Beat,
    elsewhere: Elsewhere | None = None,
) -> judging.Case:
    """`agents`, AGENT [population] by slot, judged after round `row`; elsewhere: None for what
    stands now.
    """
    experiment, settings, rounds = row.experiment, parse(row.experiment.settings), row.index + 1
    return judging.Case(
        agents=agents,
        weights_of=weights_of,
        market=market_view(experiment.market),
        settings=settings,
        rounds=rounds,
        per_year=year_of(market=experiment.market),
        trials=trials_of(
            experiment_id=experiment.pk, rounds=rounds, window_bars=settings.round_bars - 1
        ),
        beat=beat,
        elsewhere=elsewhere_of(experiment=experiment) if elsewhere is None else elsewhere,
    )


def year_of(*, market: MarketData) -> float:
    """Bars a year of a market; of blocks of a series as many as that has, for the times of the
    blocks are made up.
    """
    return bars_per_year(market_bars(market.drawn_from or market)[0])


def agents_at_end(*, row: Round) -> np.ndarray:
    """AGENT [population] by slot as the last close left it; alive are those who lived through the
    round.
    """
    population = population_read(Stored(row.close_file, row.close_sha256))
    agents = population.agents.copy()
    # who was born for a round that will not be played has lived through nothing: the place counts
    # as empty
    agents["state"][population.slots] = OUTCOMPETED
    return agents


def _write(experiment_id: int, case: judging.Case, found: Sequence[judging.Verdict]) -> None:
    """A row for each verdict."""
    now = timezone.now()
    for verdict in found:
        slot = verdict["slot"]
        number = None if slot is None else int(case.agents["number"][slot])
        Evaluation.objects.create(
            experiment_id=experiment_id,
            subject=verdict["subject"],
            stretch=verdict["stretch"],
            figures=verdict["figures"],
            agent=Agent.objects.get(experiment_id=experiment_id, number=number) if number else None,
            after_round=case.rounds - 1,
            at=now,
        )
