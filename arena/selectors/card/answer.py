"""What an experiment has come to, as its page says it first: a heading, a sentence, the questions
that were asked, and four figures beside those of buy and hold.
"""

from typing import Any

from agents.strategies.rules import BuyAndHold
from arena.engine.judging.evidence.verdict import Doubt, above_luck, beaten_by
from arena.models import Evaluation, Experiment, ExperimentState, JudgementState
from arena.selectors.card.judged import LIVED, NAMES, VAULT, Judged, judged_of, null_p, rules
from arena.selectors.card.whole import doubts_of
from arena.selectors.evidence.judgement import judgement_of
from arena.selectors.evidence.nulls import null_worlds
from arena.selectors.waiting import work_waits
from arena.selectors.words import listed, number, percent, plural, points, whole
from arena.settings_schema import parse

State = ExperimentState
UNDER_WAY = (State.RUNNING, State.PAUSING, State.PAUSED)
# what a sceptic asks: doubts that answer no, the words of yes, the words of no
QUESTIONS = (
    ((Doubt.BEATEN,), "beats hold and the rules", "beaten by {better}"),
    ((Doubt.LOSS_POSSIBLE,), "gain certain at 95 %", "may have lost money"),
    (
        (Doubt.HOLD_POSSIBLE, Doubt.TIMING_POSSIBLE),
        "more than being in the market",
        "no more than being in the market",
    ),
    ((Doubt.LUCK, Doubt.NULL_WORLDS), "not luck of {trials} tried", "luck of {trials} tried"),
    ((Doubt.IN_SAMPLE,), "rounds used fresh prices", "rounds reused prices"),
)
# of these questions, those that only prices kept back can answer
OUT_OF_SAMPLE = QUESTIONS[:3]
ONCE = (
    "Whether it is skill is asked once, at the end, on the prices kept back, which nobody has seen."
)
LEAST_CHANCE = 0.001
MOST_NAMED = 2


def answer(*, experiment: Experiment) -> dict[str, Any]:
    """{tone, heading, text, checks, figures}; tone: wait, good, warn or danger.

    checks: {passed, text}, passed None while a question is open. figures: {label, value, note,
    hold, against, tone}, four of a champion that was judged, else none.
    """
    rows = Evaluation.objects.filter(experiment=experiment).order_by("after_round")
    found = list(rows.select_related("agent"))
    judged = judged_of(found)
    if ("champion", LIVED) not in judged:
        return _unjudged(experiment, bool(found))
    worlds = null_worlds(experiment=experiment)
    left = doubts_of(judged, worlds)
    return {
        "tone": "warn" if left else "good",
        "heading": "No edge shown" if left else "An edge is shown",
        "text": _earned(experiment, found, judged),
        "checks": _checks(left, judged, asked_nulls=null_p(worlds) is not None),
        "figures": _figures(judged),
    }


def _unjudged(experiment: Experiment, looked: bool) -> dict[str, Any]:
    tone, heading, text = _standing(experiment, looked)
    under_way = experiment.state in UNDER_WAY and experiment.rounds_done > 0
    checks = [_check(None, f"{len(QUESTIONS)} questions open")] if under_way else []
    return {"tone": tone, "heading": heading, "text": text, "checks": checks, "figures": []}


def _standing(experiment: Experiment, looked: bool) -> tuple[str, str, str]:
    """(tone, heading, text) of a run that nobody was judged in; looked: the judgement was made."""
    if experiment.state == State.DRAFT:
        return "wait", "Nothing has happened yet", _plan(experiment)
    if experiment.state == State.FAILED:
        return "danger", _failed(experiment), _safe(experiment)
    if experiment.state in UNDER_WAY:
        return "wait", *_under_way(experiment)
    if looked:
        return "danger", "No champion", "Nobody was alive at the end, so there is nobody to judge."
    return _ended(experiment)


def _ended(experiment: Experiment) -> tuple[str, str, str]:
    judgement = judgement_of(experiment=experiment)
    if judgement["state"] == JudgementState.FAILED:
        return "danger", "Not judged", judgement["text"]
    if judgement["state"] == JudgementState.WAITING:
        return "wait", "Being judged now", judgement["text"]
    return "warn", "Nothing to judge", judgement["text"]


def _plan(experiment: Experiment) -> str:
    settings = parse(experiment.settings)
    kept = settings.evaluation.vault
    plan = (
        f"{whole(experiment.population)} agents with random networks will trade"
        f" {plural(experiment.rounds_planned, 'round')} of {experiment.market.name}."
    )
    if not kept:
        return f"{plan} No prices are kept back, so nobody can be judged on unseen ones."
    return (
        f"{plan} The last {percent(kept, 0)} of the prices is kept back; when the run ends, the"
        " champion is judged on it once."
    )


def _under_way(experiment: Experiment) -> tuple[str, str]:
    waits = work_waits(experiment=experiment.pk)
    if not experiment.rounds_done:
        first = "The founders are born, then the first round is played."
        return "Waiting for the first round", waits or first
    return "Not judged yet", ONCE


def _failed(experiment: Experiment) -> str:
    if not experiment.rounds_done:
        return "The run failed before a round was closed"
    return f"Round {whole(experiment.rounds_done)} failed"


def _safe(experiment: Experiment) -> str:
    done = experiment.rounds_done
    reason = experiment.state_reason.rstrip(".")
    cause = f"{reason[:1].upper()}{reason[1:]}. " if reason else ""
    kept = f"The {plural(done, 'round')} closed before it are safe." if done else ""
    again = "Tried again, it begins anew with the same random numbers."
    return f"{cause}{kept} {again}".strip()


def _earned(experiment: Experiment, rows: list[Evaluation], judged: Judged) -> str:
    """What the champion earned where it practised, and where nobody had, each beside hold."""
    agents = [row.agent.number for row in rows if row.subject == "champion" and row.agent]
    sentences = [f"In its rounds champion {agents[-1]} earned {_beside_hold(judged, LIVED)}."]
    if ("champion", VAULT) in judged:
        sentences += [f"On the prices kept back it earned {_beside_hold(judged, VAULT)}."]
    else:
        sentences += ["No prices were kept back to judge it on."]
    if experiment.state == State.STOPPED:
        done, planned = experiment.rounds_done, experiment.rounds_planned
        sentences += [f"It was stopped after {whole(done)} of {plural(planned, 'round')}."]
    return " ".join(sentences)


def _beside_hold(judged: Judged, stretch: str) -> str:
    own = percent(judged["champion", stretch]["return"], 1, True)
    hold = rules(judged, stretch).get(BuyAndHold.name)
    return f"{own}, holding {percent(hold['return'], 1, True)}" if hold else own


def _checks(left: list[Doubt], judged: Judged, asked_nulls: bool) -> list[dict[str, Any]]:
    """Each question, passed or not; without prices kept back three of them cannot be asked."""
    words = {"trials": whole(judged["champion", LIVED]["trials"]), "better": _better(judged)}
    checks = []
    for question in QUESTIONS:
        doubts, passed, failed = question
        if Doubt.NO_VAULT in left and question in OUT_OF_SAMPLE:
            continue
        no = any(doubt in left for doubt in doubts)
        checks.append(_check(not no, (failed if no else passed).format(**words)))
    if Doubt.NO_VAULT in left:
        checks.insert(0, _check(False, "no prices were kept back"))
    if asked_nulls:
        no = Doubt.NULL_WORLDS in left
        checks.append(
            _check(
                not no, "shuffled markets do as well" if no else "better than on shuffled markets"
            )
        )
    return checks


def _better(judged: Judged) -> str:
    """Who did as well out of sample, by name where they are few."""
    vault = judged.get(("champion", VAULT))
    names = [NAMES[name] for name in beaten_by(vault, rules(judged, VAULT))] if vault else []
    return listed(names) if len(names) <= MOST_NAMED else plural(len(names), "rule")


def _check(passed: bool | None, text: str) -> dict[str, Any]:
    return {"passed": passed, "text": text}


def _figures(judged: Judged) -> list[dict[str, str]]:
    """Of the champion out of sample; where no prices were kept back, in the rounds it lived
    through.
    """
    lived = judged["champion", LIVED]
    stretch = VAULT if ("champion", VAULT) in judged else LIVED
    own, hold = judged["champion", stretch], rules(judged, stretch).get(BuyAndHold.name, {})
    against = own["return"] - hold["return"] if hold else None
    where = "out of sample" if stretch == VAULT else "in its rounds"
    return [
        _figure(
            f"Champion, {where}",
            percent(own["return"], 1, True),
            hold=percent(hold.get("return"), 1, True),
            against=points(against),
            tone="gain" if own["return"] > 0 else "loss",
        ),
        _figure(
            "Sharpe ratio, a year",
            number(own.get("annual_sharpe")),
            hold=number(hold.get("annual_sharpe")),
        ),
        _figure(
            "Deepest fall",
            percent(_down(own.get("max_drawdown"))),
            hold=percent(_down(hold.get("max_drawdown"))),
        ),
        _figure(
            "Chance of luck",
            chance_words(above_luck(lived)),
            note=f"best of {whole(lived['trials'])} tried",
        ),
    ]


def _figure(
    label: str, value: str, *, note: str = "", hold: str = "", against: str = "", tone: str = ""
) -> dict[str, str]:
    return {
        "label": label,
        "value": value,
        "note": note,
        "hold": hold,
        "against": against,
        "tone": tone,
    }


def _down(fall: float | None) -> float | None:
    return None if fall is None else -fall


def chance_words(above: float | None) -> str:
    """That noise alone gives the best of so many what the champion had."""
    if above is None:
        return percent(None)
    luck = 1.0 - above
    return f"< {percent(LEAST_CHANCE)}" if luck < LEAST_CHANCE else percent(luck, 0)
