"""The state of an experiment as of a round: what first paint, reconnect and time travel all show,
and what a message adds to it.
"""

from typing import Any
from uuid import UUID

from agents.models import Agent
from arena.models import Evaluation, Experiment, ExperimentState, Intervention, Round, RoundState
from arena.selectors.agents.hall import hall_after, hall_of_fame
from arena.selectors.agents.past import rows_as_of
from arena.selectors.agents.population import Row, columns, rows_of
from arena.selectors.evidence.best import eras
from arena.selectors.evidence.judgement import judgement_of
from arena.selectors.fitting import reuse
from arena.selectors.numbers import short
from arena.selectors.rounds import summarised
from arena.selectors.rounds.curves import curves
from arena.selectors.rounds.feed import FOREVER, feed, intervention_event
from arena.selectors.rounds.heatmap import heatmap
from arena.selectors.rounds.lines import ever
from arena.selectors.waiting import machine_waits, work_waits
from arena.settings_schema import parse
from arena.wire import messages

MAX_TRIES = 3
CHANGING = ("state", "state_reason", "rounds_done", "state_sha256", "started_at", "finished_at")


def snapshot_message(*, experiment_uuid: UUID, as_of_round: int | None = None) -> messages.Message:
    """The snapshot in its envelope; read again where the experiment moved on meanwhile.
    Experiment.DoesNotExist.
    """
    for _ in range(MAX_TRIES):
        experiment = Experiment.objects.select_related("market").get(uuid=experiment_uuid)
        data = snapshot(experiment=experiment, as_of_round=as_of_round)
        if Experiment.objects.values_list("seq", flat=True).get(pk=experiment.pk) == experiment.seq:
            break
    last = data["curves"]["rounds"][-1] if data["curves"]["rounds"] else -1
    return messages.message("snapshot", experiment, last, data)


def snapshot(*, experiment: Experiment, as_of_round: int | None = None) -> dict[str, Any]:
    """Everything the live page shows, as of the close of `as_of_round` (None: as of now); heatmap
    measures are arrays, see its selector.
    """
    rounds = list(
        Round.objects.filter(experiment=experiment, state=RoundState.CLOSED).order_by("index")
    )
    rows = rows_of(agents=Agent.objects.filter(experiment=experiment))
    closed = rounds[-1].index if rounds else -1
    then = as_of_round if as_of_round is not None and as_of_round < closed else None
    if then is not None:
        rounds = [row for row in rounds if row.index <= then]
        lived = summarised.lived(summarised.summary(experiment=experiment, index=then))
        rows = rows_as_of(experiment=experiment, index=then, rows=rows, lived=lived)
    last = None if then is None else rounds[-1].index
    return {
        "experiment": header(experiment) | ({} if then is None else as_of(rounds[-1])),
        **_drawn(experiment, rounds, rows),
        "agents": columns(rows),
        "hall": hall_of_fame(experiment=experiment, rows=rows, rounds=rounds),
        "feed": feed(
            experiment=experiment, rounds=rounds, rows=rows, last=FOREVER if last is None else last
        ),
        "evaluations": evaluations_shown(experiment, last),
        "interventions": interventions_shown(experiment, last),
    }


def round_delta(*, experiment: Experiment, index: int) -> dict[str, Any]:
    """Data of a `round` message: what the closed round `index`, which is summed up, adds, with all
    who played it and all who were born at its close.
    """
    [row] = Round.objects.filter(experiment=experiment, index=index, state=RoundState.CLOSED)
    kept = summarised.summary(experiment=experiment, index=index)
    numbers = {*kept["places"].tolist(), *kept["born"]["number"].tolist()}
    rows = rows_of(agents=Agent.objects.filter(experiment=experiment, number__in=numbers))
    living = [agent for agent in rows if agent["death_round"] is None]
    slot_of = {agent["number"]: agent["slot"] for agent in rows}
    return {
        "experiment": _news(experiment)
        | {"ever": ever(kept["lines"]), "agents_ever": experiment.next_number - 1},
        "curves": summarised.curves_of(kept["lines"], index),
        "heatmap": heatmap(experiment=experiment, rounds=[index], slot_of=slot_of),
        "agents": columns(rows),
        "hall": hall_after(experiment=experiment, last=index, living=living),
        "feed": feed(
            experiment=experiment,
            rounds=[row],
            rows=rows,
            first=index,
            last=index,
            scarred=numbers,
        ),
    }


def state_delta(*, experiment: Experiment) -> dict[str, Any]:
    """Data of a `state` message."""
    return {"experiment": _news(experiment), "feed": []}


def intervention_delta(*, intervention: Intervention) -> dict[str, Any]:
    """Data of an `intervention` message, with its agent as it stands."""
    experiment, agent = intervention.experiment, intervention.agent
    rows = rows_of(agents=Agent.objects.filter(pk=agent.pk)) if agent else []
    who = intervention.who.get_username() if intervention.who else ""
    return {
        "experiment": _news(experiment),
        "interventions": [_intervention(intervention)],
        "agents": columns(rows),
        "feed": [intervention_event(intervention, who, agent.number if agent else None)],
    }


def _news(experiment: Experiment) -> dict[str, Any]:
    """What a message says of the header: a place in the queue is true for a moment only, and left
    out.
    """
    return {**_changing(experiment), "waits": machine_waits(experiment_id=experiment.pk)}


def _changing(experiment: Experiment) -> dict[str, Any]:
    """The fields of the header that change while an experiment runs."""
    settings = parse(experiment.settings | {"rounds": experiment.rounds_planned})
    used_again, remedy = reuse(bars=experiment.market.bars, settings=settings)
    return {
        **{name: getattr(experiment, name) for name in CHANGING},
        "state_label": experiment.get_state_display(),
        "state_sentence": ExperimentState(experiment.state).sentence,
        "treasury": short(experiment.treasury),
        "money_put_in": short(experiment.money_put_in),
        "reuse": used_again,
        "remedy": remedy,
        "growth": eras(experiment=experiment),
        "judgement": judgement_of(experiment=experiment),
    }


def header(experiment: Experiment) -> dict[str, Any]:
    market = experiment.market
    kept = ("name", "symbols", "timeframe_ms", "bars", "source", "first_time", "last_time")
    return {
        "uuid": str(experiment.uuid),
        "name": experiment.name,
        "rounds_planned": experiment.rounds_planned,
        "population": experiment.population,
        "seed": str(experiment.seed),  # up to 2^63: more than a browser's number holds
        "endowment": experiment.settings.get("life", {}).get("endowment"),
        "network": experiment.settings.get("network", {}).get("kind", ""),
        "data_kind": market.kind.value,
        "market": {name: getattr(market, name) for name in kept},
        **_changing(experiment),
        "waits": work_waits(experiment=experiment.pk),
    }


def as_of(last: Round) -> dict[str, Any]:
    """Fields of the header as they stood when `last` was closed."""
    money = {name: short(last.ledger.get(name)) for name in ("treasury", "money_put_in")}
    return {**money, "rounds_done": last.index + 1, "state_sha256": last.state_sha256}


def _drawn(experiment: Experiment, rounds: list[Round], rows: list[Row]) -> dict[str, Any]:
    """Curves and heatmap of `rounds`; `rows`: at least all agents who played them."""
    births = [row["birth_round"] for row in rows]
    deaths = [row["death_round"] for row in rows if row["death_round"] is not None]
    slot_of = {row["number"]: row["slot"] for row in rows}
    return {
        "curves": curves(rounds=rounds, births=births, deaths=deaths),
        "heatmap": heatmap(
            experiment=experiment, rounds=[row.index for row in rounds], slot_of=slot_of
        ),
    }


def evaluations_shown(experiment: Experiment, last: int | None) -> list[dict[str, Any]]:
    """Those made by the close of round `last`, or all."""
    found = Evaluation.objects.filter(
        experiment=experiment, **({} if last is None else {"after_round__lte": last})
    ).order_by("pk")
    names = {
        "subject": "subject",
        "agent__number": "agent",
        "stretch": "stretch",
        "after_round": "after_round",
        "figures": "figures",
    }
    return [dict(zip(names.values(), row, strict=True)) for row in found.values_list(*names)]


def interventions_shown(experiment: Experiment, last: int | None) -> list[dict[str, Any]]:
    """Oldest first; those felt in the round after `last` at the latest, or all."""
    found = Intervention.objects.filter(
        experiment=experiment, **({} if last is None else {"effective_round__lte": last + 1})
    )
    return [_intervention(row) for row in found.select_related("who", "agent").order_by("pk")]


def _intervention(row: Intervention) -> dict[str, Any]:
    return {
        "at": row.at,
        "who": row.who.get_username() if row.who else "",
        "agent": row.agent.number if row.agent else None,
        "field": row.field,
        "before": row.before,
        "after": row.after,
        "effective_round": row.effective_round,
        "reason": row.reason,
    }
