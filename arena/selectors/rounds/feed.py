"""What happened, newest first, in words: births, deaths, scars, alarms, black swans and what people
did.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from agents.life.scars import ScarCause
from agents.models import AgentState, Scar
from arena.engine.generations.diversity import ALARMS
from arena.models import Experiment, Intervention, Round
from arena.settings_schema import parse

LENGTH = 100
FOREVER = 2**31 - 2
# a round's scars come after what may have caused them and before its deaths, and these before the
# births they make room for
ORDER = {
    "intervention": 0,
    "swan": 1,
    "scar": 2,
    "alarm": 3,
    "death": 4,
    "immigrant": 5,
    "birth": 5,
}
Event = dict[str, Any]


def feed(
    *,
    experiment: Experiment,
    rounds: Sequence[Round],
    rows: Iterable[dict[str, Any]],
    first: int = -1,
    last: int = FOREVER,
    scarred: Collection[int] | None = None,
) -> list[Event]:
    """The latest LENGTH events of rounds `first` to `last`, newest first; newborns count to the
    round whose close created them.

    rounds: closed ones; rows: agents as of selectors.agents.population.rows_of. scarred: numbers
    of the agents whose scars are looked for, None for all. Two queries.
    """
    rows = list(rows)
    happened = (
        *_births(rows),
        *_deaths(rows),
        *alarms(rounds, experiment),
        *_swans(rounds, experiment),
    )
    events = [event for event in happened if first <= event["round"] <= last]
    events += _scars(experiment, first, last, scarred)
    events += interventions(experiment, first, last)
    events.sort(
        key=lambda event: (event["round"], ORDER[event["kind"]], event["agent"] or 0), reverse=True
    )
    return events[:LENGTH]


def intervention_event(row: Intervention, who: str, number: int | None) -> Event:
    """What a person did; counted to the round before the first that feels it."""
    subject = f"agent {number}" if number else "the experiment"
    text = (
        f"{who or 'somebody'} changed {row.field} of {subject} from {row.before} to {row.after},"
        f" from round {row.effective_round} on"
    )
    return _event(row.effective_round - 1, "intervention", number, text)


def _event(index: int, kind: str, agent: int | None, text: str) -> Event:
    return {"round": index, "kind": kind, "agent": agent, "text": text}


def _births(rows: list[dict[str, Any]]) -> list[Event]:
    """Founders are there from the start and make no event."""
    return [_birth(row) for row in rows if row["origin"] != "founder"]


def _birth(row: dict[str, Any]) -> Event:
    number, index = row["number"], row["birth_round"] - 1
    if not row["parents"]:
        return _event(index, "immigrant", number, f"agent {number} came as an immigrant")
    parents = " and ".join(str(parent) for parent in row["parents"])
    return _event(
        index,
        "birth",
        number,
        f"agent {number} was born to {parents}, generation {row['generation']}",
    )


def _deaths(rows: list[dict[str, Any]]) -> list[Event]:
    return [
        _event(
            row["death_round"],
            "death",
            row["number"],
            f"agent {row['number']} died: {AgentState(row['state']).label}",
        )
        for row in rows
        if row["death_round"] is not None
    ]


def alarms(rounds: Iterable[Round], experiment: Experiment) -> list[Event]:
    """Those that were raised for the first time, round by round."""
    return [
        _event(row.index, "alarm", None, _alarm(name, row, experiment))
        for row in rounds
        for name in row.diversity.get("alarms", ())
    ]


def _alarm(name: str, row: Round, experiment: Experiment) -> str:
    """That diversity collapsed, by which measure, and what the settings ask for."""
    value, least = row.diversity[name], getattr(parse(experiment.settings).evolution, ALARMS[name])
    if name == "lineages":
        return (
            f"diversity collapsed: the living are as good as {value:.2f} equally large lineages,"
            f" fewer than {least:g}"
        )
    return (
        f"diversity collapsed: two agents act differently on {value:.1%} of the bars, less than"
        f" {least:.1%}"
    )


def _swans(rounds: Sequence[Round], experiment: Experiment) -> list[Event]:
    """Those that struck while agents competed, the last of a round first."""
    struck = [event for event in reversed(experiment.market.events) if event["kind"] == "swan"]
    return [
        _event(row.index, "swan", None, _swan(event, experiment.market.symbols))
        for row in rounds
        for event in struck
        if row.plan["competition"][0] <= event["bar"] < row.plan["competition"][1]
    ]


def _swan(event: dict[str, Any], symbols: Sequence[str]) -> str:
    when = datetime.fromtimestamp(event["time"] / 1000, UTC)
    what = f"the price of {symbols[event['symbol']]}" if len(symbols) > 1 else "the price"
    moved = "fell" if event["change"] < 0 else "rose"
    return (
        f"a black swan struck at {when:%Y-%m-%d %H:%M} UTC: {what} {moved} by"
        f" {abs(event['change']):.1%} within one bar"
    )


def _scars(
    experiment: Experiment, first: int, last: int, scarred: Collection[int] | None
) -> list[Event]:
    scars = Scar.objects.filter(agent__experiment=experiment, round__range=(max(first, 0), last))
    if scarred is not None:
        scars = scars.filter(agent__number__in=scarred)
    found = scars.order_by("-round", "-agent", "-sequence").select_related("agent")[:LENGTH]
    return [
        _event(row.round, "scar", row.agent.number, _scar(row, experiment.market.symbols))
        for row in found
    ]


def _scar(row: Scar, symbols: Sequence[str]) -> str:
    where = f", most of it on {symbols[row.symbol]}" if len(symbols) > 1 else ""
    cause = ScarCause(row.cause).label
    return (
        f"agent {row.agent.number} was scarred, severity {row.severity}: {cause},"
        f" drawdown {row.drawdown:.1%}{where}"
    )


def interventions(experiment: Experiment, first: int = -1, last: int = FOREVER) -> list[Event]:
    """The latest LENGTH first felt in a round after `first`, up to the one after `last`."""
    rows = Intervention.objects.filter(
        experiment=experiment, effective_round__range=(first + 1, last + 1)
    )
    found = rows.select_related("who", "agent").order_by("-pk")[:LENGTH]
    return [
        intervention_event(
            row, row.who.get_username() if row.who else "", row.agent.number if row.agent else None
        )
        for row in found
    ]
