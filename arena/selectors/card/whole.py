"""The whole champion card, and its verdict."""

from typing import Any

from agents.strategies.rules import RULES
from arena.engine.judging.evidence.verdict import (
    ABOVE_ZERO,
    Doubt,
    above_luck,
    as_good,
    beaten_by,
    doubts,
    looks_at,
    tail_of,
)
from arena.models import Evaluation, Experiment, ExperimentState
from arena.selectors.card.ended import ended_words
from arena.selectors.card.judged import (
    LIVED,
    NAMES,
    VAULT,
    Figures,
    Judged,
    Worlds,
    judged_of,
    null_p,
    rules,
)
from arena.selectors.card.lines import lines_of
from arena.selectors.card.tables import columns_of, measures_of, table_of
from arena.selectors.card.together import algebra_sentence
from arena.selectors.evidence.judgement import judgement_of
from arena.selectors.evidence.looks import vault_looks
from arena.selectors.evidence.nulls import null_worlds
from arena.selectors.evidence.tried import tried_elsewhere
from arena.selectors.words import listed, number, percent, plural, whole

LOST = "It earned nothing on the vault."
MAY_LOSE = "Its return on the vault may as well have been a loss: the 95 % interval reaches 0."
NO_MEASURES: dict[str, list[Any]] = {"columns": [], "measures": [], "notes": []}
REASONS = {
    Doubt.NO_VAULT: "No bars were kept back to judge it on.",
    Doubt.IN_SAMPLE: (
        "Some of its rounds ran on bars that had been used before, so its record is partly in"
        " sample."
    ),
    Doubt.BEATEN: "On the vault {better} did as well or better.",
    Doubt.LOSS_POSSIBLE: "{loss}",
    Doubt.HOLD_POSSIBLE: (
        "On the vault it cannot be told from buy and hold: the 95 % interval of their difference"
        " reaches 0."
    ),
    Doubt.TIMING_POSSIBLE: (
        "On the vault it cannot be told from being in all along as much as it was on average: the"
        " 95 % interval of their difference reaches 0."
    ),
    Doubt.LUCK: (
        "Luck among {trials} trials explains its record: the chance that it is above what noise"
        " gives the best of so many is {above_luck}, and 95 % would be needed."
    ),
    Doubt.NULL_WORLDS: "Search finds as good a champion in worlds without structure: p = {p}.",
}


def card(*, experiment: Experiment) -> dict[str, Any]:
    """{agent, edge, verdict, reasons, lines, table, measures, notes, null_worlds, judgement}; agent
    and edge None where no agent was judged.

    lines: {term, label, value, text}, `term` an anchor of the page of terms. table: {name, lived,
    vault} with texts, champion first. measures: {term, label, values}, values beside `columns`.
    """
    rows = list(
        Evaluation.objects.filter(experiment=experiment)
        .select_related("agent")
        .order_by("after_round")
    )
    judged = judged_of(rows)
    agent = next(
        (row.agent for row in reversed(rows) if row.subject == "champion" and row.stretch == LIVED),
        None,
    )
    worlds, judgement = null_worlds(experiment=experiment), judgement_of(experiment=experiment)
    shared = {"null_worlds": worlds, "judgement": judgement}
    if agent is None:
        text = "No champion: nobody was alive at the end." if rows else judgement["text"]
        return (
            {"agent": None, "edge": None, "verdict": text, "reasons": [], "lines": [], "table": []}
            | NO_MEASURES
            | shared
        )
    left = doubts_of(judged, worlds)
    return {
        "agent": agent.number,
        "edge": not left,
        "verdict": _verdict(agent.number, left, judged),
        "reasons": [_reason(doubt, judged, worlds) for doubt in left],
        "lines": lines_of(
            judged,
            worlds,
            vault_looks(experiment=experiment),
            tried_elsewhere(experiment=experiment),
        ),
        "table": table_of(judged),
        "columns": columns_of(judged),
        "measures": measures_of(judged),
        "notes": _notes(experiment, judged),
        **shared,
    }


def doubts_of(judged: Judged, worlds: Worlds) -> list[Doubt]:
    """What is left to doubt of a champion that was judged."""
    return doubts(
        judged["champion", LIVED],
        judged.get(("champion", VAULT)),
        rules(judged, VAULT),
        null_p(worlds),
    )


def _verdict(agent: int, left: list[Doubt], judged: Judged) -> str:
    others = algebra_sentence(judged, edge=False) if left else _beside_others(judged)
    if left:
        return (
            f"No edge shown: agent {agent} is the champion, and it does not pass every question"
            f" asked here.{others}"
        )
    return (
        f"An edge is shown: agent {agent} passes every question asked here.{others} It is still one"
        " stretch of one market, which can change; the past of a price does not bind its future."
    )


def _beside_others(judged: Judged) -> str:
    """What an edge means where others had it too: most of those alive, or a rule that reads the
    market.
    """
    vault = judged["champion", VAULT]
    better, alive = vault["place"] - 1, vault["candidates"]
    text, good = "", as_good(vault, rules(judged, VAULT))
    learnt_nothing = [NAMES[name] for name in good if not RULES[name].fitted]
    if 2 * better >= alive:
        text += (
            f" But {whole(better)} of the {whole(alive)} agents alive did better on the vault: what"
            " is shown is that this population has an edge, not that its fittest agent has the"
            " best of it."
        )
    if learnt_nothing:
        text += (
            f" But {listed(learnt_nothing)}, without having learnt anything, did as well or better:"
            " it takes no agent to have this edge."
        )
    return text + algebra_sentence(judged, edge=True)


def _reason(doubt: Doubt, judged: Judged, worlds: Worlds) -> str:
    lived, vault = judged["champion", LIVED], judged.get(("champion", VAULT), {})
    better = [NAMES[name] for name in beaten_by(vault, rules(judged, VAULT))] if vault else []
    p = null_p(worlds)
    loss = LOST if vault and vault["return"] <= 0.0 else MAY_LOSE
    values = {
        "better": listed(better),
        "loss": loss,
        "trials": whole(lived["trials"]),
        "above_luck": percent(above_luck(lived)),
        "p": number(p, 3),
    }
    return REASONS[doubt].format(**values) + (_after_looks(vault) if doubt in ABOVE_ZERO else "")


def _after_looks(vault: Figures) -> str:
    """What more is asked of a vault that was looked at before; "" at the first look."""
    looks = looks_at(vault)
    if looks == 1:
        return ""
    return (
        f" It was look {whole(looks)} at these bars, so the chance of that had to be"
        f" {percent(tail_of(looks), 2)} at most."
    )


def _notes(experiment: Experiment, judged: Judged) -> list[str]:
    per_year = judged["champion", LIVED]["bars_per_year"]
    stopped = experiment.state == ExperimentState.STOPPED
    notes = (
        [
            f"Stopped after {experiment.rounds_done} of {experiment.rounds_planned} rounds, and"
            " judged as of then."
        ]
        if stopped
        else []
    )
    notes += [
        text for text in (ended_words(judged, VAULT), ended_words(judged, "competition")) if text
    ]
    notes += [
        f"A year is {number(per_year, 0)} bars of this series. Sharpe ratios without a word on it"
        " are a bar's."
    ]
    touched = experiment.interventions.exclude(field="name").count()
    if touched:
        notes.append(
            f"People intervened {plural(touched, 'time')}; null worlds are run without that, with"
            " the settings as they stand."
        )
    if experiment.forked_from_id:
        notes.append(
            f"A fork: what it was before round {experiment.first_own} is the record of another"
            " experiment too."
        )
    return notes
