"""A small finished experiment with everything an audit looks at: children, scars, people's changes,
null worlds, a fork beside it.
"""

from django.utils import timezone

from agents.models import Agent
from arena.engine.generations import births, conservation
from arena.models import Experiment
from arena.services.evidence import nulls
from arena.services.experiments import forks, interventions, lifecycle
from arena.services.headless import runner
from arena.services.rounds import closing, conclusion
from arena.settings_schema import parse
from arena.store import digests
from arena.work.queue import locally
from tests.arena.runs import TINY, draft, tiny
from tests.arena.turns import play_rounds, work_off
from tests.arena.world import user

BLOCK = 8
# where a fixture of a whole module makes it, there is no listener
SILENT = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
SETTINGS = parse(
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
    experiment = draft(owner=owner, settings=SETTINGS)
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        play_rounds(experiment, 1)
        _edit(experiment, owner, learning_rate=0.004, epsilon=0.7)
        seen = interventions.experiment_values(experiment=experiment)
        changes = {"evolution.turnover": 0.4, "name": "renamed"}
        interventions.experiment_change(
            experiment=experiment, who=owner, changes=changes, seen=seen, now=timezone.now()
        )
        play_rounds(experiment, 2)
        _edit(experiment, owner, retire=True)
        play_rounds(experiment, 5)
        work_off(experiment=experiment.pk)
        nulls.nulls_ask(experiment=experiment, count=2)
        runner.nulls_run(experiment=experiment, tell=lambda text: None)
    fork = forks.experiment_fork(
        experiment=experiment,
        after_round=3,
        name="other",
        changes={"costs.fee": 0.0005},
        owner=owner,
    )
    runner.experiment_run(experiment_uuid=fork.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    return experiment


def by_first_rules(agents, free, purse, *, settings, fill=births.fill, **options):
    """The births of the first rules: parents endowed children, the treasury immigrants alone."""
    equity = dict(zip(agents["number"].tolist(), agents["equity"].tolist(), strict=True))
    born, _ = fill(agents, free, purse, settings=settings, **options)
    for birth in born:
        if birth.parents:
            amount = equity[birth.parents[0]] * settings.life.spawn_cost
            equity[birth.parents[0]] -= amount
            for name in ("endowment", "equity", "peak"):
                birth.agent[name] = amount
        else:
            purse = conservation.endow(settings.life.endowment, purse)
    return born, purse


def link_by_first_rules(*, before, played, population_sha256, **options):
    """The digest of a round as it was when nothing hung in it but agents and births."""
    return digests.link_by_first_rules(
        before, played.agents["number"], played.digests, population_sha256
    )


def begun_by_first_rules(monkeypatch, *, rounds, of):
    """An experiment whose first rounds were closed, and booked, as the first rules had it."""
    # a seed whose founders are soon fit to breed
    experiment = draft(settings=tiny(rounds=of, seed=9))
    with locally(), monkeypatch.context() as then:
        then.setattr(births, "fill", by_first_rules)
        then.setattr(closing, "RULES_VERSION", 1)
        then.setattr(conclusion, "moved", lambda *books: {})
        then.setattr(closing, "link_of", link_by_first_rules)
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        play_rounds(experiment, rounds)
        then.undo()
        play_rounds(experiment, of)
    work_off(experiment=experiment.pk)
    return experiment


def _edit(experiment, who, **changes):
    agent = Agent.objects.filter(experiment=experiment, state="active").order_by("-number").first()
    asked = {"agent": agent, "who": who, "version": agent.version, "now": timezone.now()}
    interventions.intervention_record(changes=changes, **asked)
