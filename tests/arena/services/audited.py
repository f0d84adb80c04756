"""A small finished experiment with everything an audit looks at: children, scars, people's changes,
null worlds, a fork beside it.
"""

from django.utils import timezone

from agents.models import Agent
from arena import enqueue
from arena.models import Experiment
from arena.services import alone, experiments, forks, interventions, nulls
from arena.settings_schema import parse
from tests.arena.runs import TINY, draft
from tests.arena.world import user

BLOCK = 8
# where a fixture of a whole module makes it, nobody listens
SILENT = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
TOLD = parse(
    TINY
    | {
        "population": 16,
        "round_bars": 32,
        "market": {"kind": "sine", "amplitude": 0.05},
        "learning": TINY["learning"] | {"epsilon_compete": 0.2},
        "life": {"direction": "long_short", "max_leverage": 2.0},
        "costs": {"fee": 0.0002, "funding": 0.0001, "borrow": 0.0001},
        "evolution": {"juvenile_rounds": 0, "turnover": 0.25},
    }
)


def audited() -> Experiment:
    """The experiment; its fork is the only other one."""
    owner = user()
    experiment = draft(owner=owner, settings=TOLD)
    with enqueue.locally() as queue:
        experiments.experiment_start(experiment_uuid=experiment.uuid)
        _play(experiment, queue, 1)
        _edit(experiment, owner, learning_rate=0.004, epsilon=0.7)
        seen = interventions.experiment_values(experiment=experiment)
        changes = {"evolution.turnover": 0.4, "name": "renamed"}
        interventions.experiment_change(experiment=experiment, who=owner, changes=changes, seen=seen, now=timezone.now())
        _play(experiment, queue, 2)
        _edit(experiment, owner, retire=True)
        _play(experiment, queue, 5)
        nulls.nulls_ask(experiment=experiment, count=2)
        nulls.nulls_run(experiment=experiment, tell=lambda text: None)
    fork = forks.experiment_fork(experiment=experiment, after_round=3, name="other", changes={"costs.fee": 0.0005}, owner=owner)
    alone.experiment_run(experiment_uuid=fork.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    return experiment


def _play(experiment, queue, rounds):
    while experiment.rounds_done < rounds:
        task, arguments = queue.popleft()
        alone.WORK[task](*arguments)
        experiment.refresh_from_db()


def _edit(experiment, who, **changes):
    agent = Agent.objects.filter(experiment=experiment, state="active").order_by("-number").first()
    told = {"agent": agent, "who": who, "version": agent.version, "now": timezone.now()}
    interventions.intervention_record(changes=changes, **told)
