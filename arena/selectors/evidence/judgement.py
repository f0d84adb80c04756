"""Where the judgement of an experiment stands: not asked for yet, waited for, made, or given up; in
words.
"""

from arena.models import Experiment, ExperimentState, JudgementState

NONE = "none"
YET_TO_END = "Not judged yet: the vault is opened once, when the run has ended."
NEVER_ENDED = "Not judged: the run failed before it had ended."
NOTHING_CLOSED = "The run was stopped before a round was closed: there is nobody to judge."


def judgement_of(*, experiment: Experiment) -> dict[str, str]:
    """{state, text}; state: "none", or one of JudgementState."""
    row = experiment.judgements.last()
    if row is None:
        return {"state": NONE, "text": _unasked(experiment)}
    ended = "was stopped" if experiment.state == ExperimentState.STOPPED else "has ended"
    text = {
        JudgementState.WAITING: f"The run {ended}, and is being judged now.",
        JudgementState.DONE: f"Judged as of round {row.after_round}.",
        JudgementState.FAILED: f"The run could not be judged: {row.reason}.",
    }
    return {"state": row.state, "text": text[JudgementState(row.state)]}


def _unasked(experiment: Experiment) -> str:
    if experiment.state == ExperimentState.FAILED:
        return NEVER_ENDED
    return NOTHING_CLOSED if experiment.state == ExperimentState.STOPPED else YET_TO_END
