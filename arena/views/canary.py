"""Whether anybody looks ahead, asked by a button: of an experiment, of one agent."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from agents.models import Agent
from arena.models import Experiment
from arena.selectors.agents.inspect import NotKept
from arena.services.evidence import canary
from arena.services.people.limits import CHECKS
from arena.views.access import data, limited, of_agent, of_experiment
from arena.views.answers import json_answer
from ml.checkpoint import CheckpointError


@data
@require_safe
@of_experiment
@limited(CHECKS)
def experiment_canary(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """What the canary says of the experiment's agents, see services.evidence.canary; within
    seconds. 409 where nothing of them is kept.
    """
    return _answer(canary.experiment_canary, experiment=experiment)


@data
@require_safe
@of_agent
@limited(CHECKS)
def agent_canary(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What it says of one agent."""
    return _answer(canary.agent_canary, agent=agent)


def _answer(ask: Callable[..., dict[str, Any]], **subject: Any) -> HttpResponse:
    try:
        return json_answer(ask(**subject))
    except (NotKept, CheckpointError) as error:
        return json_answer({"error": str(error)}, status=409)
