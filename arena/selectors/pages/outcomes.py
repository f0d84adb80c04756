"""What experiments have come to, of many at once: the figures and the verdict of the card, by a
number of queries that does not grow with them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import FloatField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from agents.strategies.rules import RULES, BuyAndHold
from arena.engine.judging.evidence.verdict import Doubt
from arena.models import BlockState, Evaluation, NullWorld
from arena.selectors.card.answer import QUESTIONS
from arena.selectors.card.judged import LIVED, VAULT, Judged, Worlds
from arena.selectors.card.whole import doubts_of
from arena.selectors.evidence.nulls import placed, real_of


@dataclass(frozen=True)
class Outcome:
    """Of one whose champion was judged. left: what is to doubt; vault, lived: the champion's
    figures; hold: {return} of buy and hold, where there is one.
    """

    left: list[Doubt]
    lived: dict[str, Any]
    vault: dict[str, Any] | None
    hold: dict[str, Any] | None

    @property
    def passed(self) -> int:
        """Of QUESTIONS, how many it passed; those that cannot be asked are not passed."""
        unasked = QUESTIONS[:3] if Doubt.NO_VAULT in self.left else ()
        return sum(
            question not in unasked and not any(doubt in self.left for doubt in question[0])
            for question in QUESTIONS
        )


def outcomes(*, experiments: Iterable[int]) -> dict[int, Outcome]:
    """Of those of the experiments (keys) that were judged; three queries."""
    keys = list(experiments)
    judged = _judged(keys)
    worlds = _worlds(keys, judged)
    return {
        key: Outcome(
            left=doubts_of(found, worlds.get(key)),
            lived=found["champion", LIVED],
            vault=found.get(("champion", VAULT)),
            hold=found.get((BuyAndHold.name, VAULT)),
        )
        for key, found in judged.items()
        if ("champion", LIVED) in found
    }


def _judged(keys: list[int]) -> dict[int, Judged]:
    """Of the newest judgement of each: the champion's figures, and what the rules earned on the
    vault.
    """
    rows = Evaluation.objects.filter(experiment__in=keys).order_by("after_round")
    champions = rows.filter(subject="champion", stretch__in=(LIVED, VAULT))
    earned = rows.filter(subject__in=list(RULES), stretch=VAULT).annotate(
        earned=Cast(KT("figures__return"), FloatField())
    )
    found: dict[int, dict[tuple[str, str], dict[str, Any]]] = {}
    for key, stretch, figures in champions.values_list("experiment_id", "stretch", "figures"):
        found.setdefault(key, {})["champion", stretch] = figures
    # of ten rules an experiment, reading all their figures would take longer than the rest
    for key, subject, value in earned.values_list("experiment_id", "subject", "earned"):
        found.setdefault(key, {})[subject, VAULT] = {"return": value}
    return dict(found)


def _worlds(keys: list[int], judged: dict[int, Judged]) -> dict[int, Worlds]:
    """Where each champion falls among those of its null worlds on the vault."""
    done = NullWorld.objects.filter(experiment__in=keys, state=BlockState.DONE)
    outcomes: dict[int, list[dict[str, Any]]] = {}
    for key, outcome in done.values_list("experiment_id", "outcome"):
        if outcome and key in judged:
            outcomes.setdefault(key, []).append(outcome)
    return {
        key: {"vault": placed(_real(judged[key]), "vault", "vault_hold", found)}
        for key, found in outcomes.items()
    }


def _real(judged: Judged) -> float | None:
    earned, held = judged.get(("champion", VAULT)), judged.get((BuyAndHold.name, VAULT))
    return real_of(earned["return"], held["return"]) if earned and held else None
