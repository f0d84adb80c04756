"""Makes a small site by the code of an earlier version, to be kept as `tests/upgrades/NAME.tar.xz`:

    cd EARLIER_CHECKOUT && VAR_DIR=/tmp/site python THIS_FILE
    tar -C /tmp/site -cJf NAME.tar.xz lineage.sqlite3 storage secret_key expected.json

A user, an experiment that ended, one that is paused after its second round, and a draft; and in
`expected.json` what the earlier version says of them. Only what both versions have is used.
"""

import json
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lineage_site.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402

from agents.models import Agent, Scar, Trade  # noqa: E402
from arena.models import Experiment  # noqa: E402
from arena.services.experiments import lifecycle  # noqa: E402
from arena.services.headless import runner  # noqa: E402
from arena.settings_schema import parse  # noqa: E402

SETTINGS = {
    "population": 8,
    "rounds": 4,
    "round_bars": 48,
    "seed": 7,
    "market": {"kind": "sine", "amplitude": 0.05},
    "network": {"hidden": [4]},
    "learning": {"replay": 64, "batch": 8, "epsilon_bars": 100},
    "evolution": {"juvenile_rounds": 0, "turnover": 0.25},
}


def made(owner: User, name: str) -> Experiment:
    """A draft."""
    return lifecycle.experiment_create(owner=owner, name=name, settings=parse(SETTINGS))


def run(experiment: Experiment, pause_after: int = 0) -> None:
    """Until it ends, or is paused after so many rounds."""

    def tell(line: str) -> None:
        row = Experiment.objects.get(pk=experiment.pk)
        if pause_after and row.state == "running" and row.rounds_done == pause_after - 1:
            lifecycle.experiment_pause(experiment_uuid=row.uuid)

    runner.experiment_run(experiment_uuid=experiment.uuid, tell=tell)


def outcome(experiment: Experiment) -> dict:
    """What has to be the same in any later version."""
    experiment.refresh_from_db()
    rows = {
        "agents": Agent.objects.filter(experiment=experiment),
        "trades": Trade.objects.filter(agent__experiment=experiment),
        "scars": Scar.objects.filter(agent__experiment=experiment),
    }
    return {
        "state": experiment.state,
        "rounds_done": experiment.rounds_done,
        "state_sha256": experiment.state_sha256,
        "rounds": list(experiment.rounds.order_by("index").values_list("state_sha256", flat=True)),
    } | {name: found.count() for name, found in rows.items()}


call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
ada = User.objects.create_user("ada", password="correct horse")  # noqa: S106
ended, paused, draft = (made(ada, name) for name in ("ended", "paused", "draft"))
run(ended)
run(paused, pause_after=2)
expected = {each.name: outcome(each) for each in (ended, paused, draft)}
(settings.VAR_DIR / "expected.json").write_text(json.dumps(expected, indent=1))
