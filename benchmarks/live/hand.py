"""`python -m benchmarks.live.hand`: a hand on the controls of a running site, through its own
services.

A line of JSON [agents, rounds] on standard input starts an experiment and says its uuid; once those
rounds are closed, which it sees to by asking for a pause in the last one, it says [agent-steps,
seconds from the first round's opening to the last one's close]. Before anything it says the cookie
of a session of the admin's.
"""

import json
import sys
import time

import django

django.setup()

from django.conf import settings as site  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.test import Client  # noqa: E402

from arena.models import BlockRun, Experiment, ExperimentState  # noqa: E402
from arena.services.experiments import lifecycle  # noqa: E402
from benchmarks.engine import whole_settings  # noqa: E402

NAP = 0.25
PATIENCE = 600.0


def session(user) -> str:
    """The cookie a browser would have after the login."""
    visitor = Client()
    visitor.force_login(user)
    return f"{site.SESSION_COOKIE_NAME}={visitor.cookies[site.SESSION_COOKIE_NAME].value}"


def draft(user, agents: int) -> Experiment:
    """An experiment with more rounds than will be played."""
    settings = whole_settings(agents).model_copy(update={"rounds": 10})
    return lifecycle.experiment_create(owner=user, name=f"{agents} agents", settings=settings)


def play(experiment: Experiment, rounds: int) -> list[float]:
    """Start it and wait until it rests after so many rounds."""
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    until = time.monotonic() + PATIENCE
    while True:
        experiment.refresh_from_db(fields=("state", "state_reason", "rounds_done"))
        if experiment.state == ExperimentState.RUNNING and experiment.rounds_done >= rounds - 1:
            lifecycle.experiment_pause(experiment_uuid=experiment.uuid)
        elif experiment.state == ExperimentState.PAUSED:
            break
        elif (
            experiment.state not in (ExperimentState.RUNNING, ExperimentState.PAUSING)
            or time.monotonic() > until
        ):
            raise RuntimeError(f"the experiment is {experiment.state}: {experiment.state_reason}")
        time.sleep(NAP)
    closed = experiment.rounds.filter(state="closed").order_by("index")
    steps = BlockRun.objects.filter(round__in=closed).aggregate(sum=Sum("agent_steps"))["sum"]
    seconds = (closed.last().closed_at - closed.first().opened_at).total_seconds()
    return [steps, seconds]


def main() -> None:
    """Answer until the input ends."""
    user = get_user_model().objects.get(username="admin")
    print(json.dumps(session(user)), flush=True)
    for line in sys.stdin:
        agents, rounds = json.loads(line)
        experiment = draft(user, agents)
        print(json.dumps(str(experiment.uuid)), flush=True)
        # a watcher says so first
        sys.stdin.readline()
        print(json.dumps(play(experiment, rounds)), flush=True)


if __name__ == "__main__":
    main()
