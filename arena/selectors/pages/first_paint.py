"""What a page is first shown of an experiment, and what of an earlier round: as much as a screen
holds, however long the history and however many lived.
"""

from typing import Any
from uuid import UUID

from agents.models import Agent, AgentState
from arena.engine.results import AGENT_STATES
from arena.models import Experiment, Round, RoundState
from arena.selectors.agents.hall import hall_after
from arena.selectors.agents.past import rows_as_of
from arena.selectors.agents.population import columns, rows_of
from arena.selectors.pages import snapshot as whole
from arena.selectors.rounds import lines, summarised
from arena.selectors.rounds.bands import bands
from arena.store.summaries import MEASURES
from arena.wire import messages

FIRST_MEASURE = MEASURES[0]


def first_paint_message(*, experiment_uuid: UUID) -> messages.Message:
    """As of now, of an experiment whose closed rounds are summed up; read again where it moved on
    meanwhile. Experiment.DoesNotExist.
    """
    for _ in range(whole.MAX_TRIES):
        experiment = Experiment.objects.select_related("market").get(uuid=experiment_uuid)
        data = first_paint(experiment=experiment)
        if Experiment.objects.values_list("seq", flat=True).get(pk=experiment.pk) == experiment.seq:
            break
    last = data["curves"]["rounds"]
    return messages.message("snapshot", experiment, int(last[-1]) if len(last) else -1, data)


def first_paint(*, experiment: Experiment) -> dict[str, Any]:
    """Header, thinned curves, one measure of the heatmap, the living, hall, feed."""
    found = summarised.all_lines(experiment=experiment)
    count, alive = len(found), Agent.objects.filter(experiment=experiment, state=AgentState.ACTIVE)
    rows = rows_of(agents=alive)
    return {
        "experiment": {
            **whole.header(experiment),
            "ever": lines.ever(found[-1]) if count else {},
            "agents_ever": experiment.next_number - 1,
        },
        "curves": summarised.curves_thinned(found),
        "heatmap": summarised.heatmap_painted(
            experiment=experiment, rounds=count, measure=FIRST_MEASURE
        ),
        "agents": columns(rows),
        "hall": hall_after(experiment=experiment, last=count - 1, living=rows),
        "feed": summarised.feed_lately(experiment=experiment, last=count - 1),
        "evaluations": whole.evaluations_shown(experiment, None),
        "interventions": whole.interventions_shown(experiment, None),
    }


def heatmap_message(*, experiment: Experiment, measure: str) -> messages.Message:
    """Another measure of the heatmap; one of store.summaries.MEASURES."""
    count = summarised.summaries_of(experiment=experiment).count()
    data = summarised.heatmap_painted(experiment=experiment, rounds=count, measure=measure)
    return messages.message("heatmap", experiment, count - 1, {"heatmap": data})


def lives_message(*, experiment: Experiment) -> messages.Message:
    """Everybody who ever lived, for the lineage."""
    data = summarised.lives(experiment=experiment) | {"states": AGENT_STATES}
    return messages.message("lives", experiment, experiment.rounds_done - 1, {"lives": data})


def bands_message(*, experiment: Experiment) -> messages.Message:
    """Lines of descent through the rounds."""
    data = bands(experiment=experiment)
    return messages.message("bands", experiment, experiment.rounds_done - 1, {"bands": data})


def agents_message(*, experiment: Experiment, numbers: list[int]) -> messages.Message:
    """Some agents as they stand, dead ones among them."""
    rows = rows_of(agents=Agent.objects.filter(experiment=experiment, number__in=numbers))
    data = {"agents": columns(rows)}
    return messages.message("agents", experiment, experiment.rounds_done - 1, data)


def step_message(*, experiment: Experiment, index: int) -> messages.Message:
    """The close of an earlier round, for a page that has the first paint: what it showed but the
    curves and the heatmap, of which there is the one point. Round.DoesNotExist.
    """
    row = Round.objects.get(experiment=experiment, index=index, state=RoundState.CLOSED)
    kept = summarised.summary(experiment=experiment, index=index)
    numbers, lived = summarised.living(kept), summarised.lived(kept)
    now = rows_of(
        agents=Agent.objects.filter(experiment=experiment, number__in=numbers[numbers > 0].tolist())
    )
    rows = rows_as_of(experiment=experiment, index=index, rows=now, lived=lived)
    data = {
        "experiment": {**whole.as_of(row), "ever": lines.ever(kept["lines"])},
        "curves": summarised.curves_of(kept["lines"], index),
        "agents": columns(rows),
        "hall": hall_after(experiment=experiment, last=index, living=rows),
        "feed": summarised.feed_lately(experiment=experiment, last=index),
        "evaluations": whole.evaluations_shown(experiment, index),
        "interventions": whole.interventions_shown(experiment, index),
    }
    return messages.message("step", experiment, index, data)
