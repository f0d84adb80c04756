"""How everybody was judged out of sample, beside the baselines of every round: plain records for
scripts.
"""

from typing import Any

from arena.models import Evaluation, Experiment, Round, RoundState
from arena.selectors.evidence.judgement import judgement_of


def evaluations(*, experiment: Experiment) -> dict[str, Any]:
    """data_kind, judgement, evaluations in the order they were made, rounds with their baselines in
    order.
    """
    judged = Evaluation.objects.filter(experiment=experiment).select_related("agent")
    closed = Round.objects.filter(experiment=experiment, state=RoundState.CLOSED)
    rounds = closed.values_list("index", "reused", "baselines")
    return {
        "data_kind": experiment.market.kind.value,
        "judgement": judgement_of(experiment=experiment),
        "evaluations": [_evaluation(row) for row in judged],
        "rounds": [
            {"round": index, "reused": reused, "baselines": baselines}
            for index, reused, baselines in rounds
        ],
    }


def _evaluation(row: Evaluation) -> dict[str, Any]:
    columns = {
        name: getattr(row, name) for name in ("subject", "stretch", "figures", "after_round")
    }
    return {**columns, "agent": row.agent.number if row.agent else None}
