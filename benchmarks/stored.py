"""`python -m benchmarks.stored`: plays a small experiment in VAR_DIR and says what each of its
rounds left there, an agent.
"""

import json

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from arena.models import Experiment  # noqa: E402
from arena.selectors.machine.sizes import bytes_per_round, experiment_sizes  # noqa: E402
from arena.services.experiments import lifecycle  # noqa: E402
from arena.services.headless import runner  # noqa: E402
from benchmarks.work import LAYERS, QUICK, settings_of  # noqa: E402

AGENTS, ROUNDS = (8, 2) if QUICK else (64, 5)


def main() -> None:
    """[[what, how much of it an agent and round, unit]]; memories are kept for a few rounds
    alone.
    """
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    settings = settings_of(LAYERS["L=2"], AGENTS).model_copy(update={"rounds": ROUNDS})
    made = lifecycle.experiment_create(owner=None, name="stored", settings=settings)
    runner.experiment_run(experiment_uuid=made.uuid, tell=lambda text: None)
    experiment = Experiment.objects.get(pk=made.pk)
    sizes = experiment_sizes(experiment=experiment)
    each = AGENTS * experiment.rounds_done
    rows = [
        (size.what.replace(", every round", ""), size.bytes / each, "bytes")
        for size in sizes
        if size.bytes
    ]
    rows += [(size.what, size.count / each, "rows") for size in sizes if not size.bytes]
    rows.append(
        (
            "all that stays but those rows",
            bytes_per_round(experiment=experiment, sizes=sizes) / AGENTS,
            "bytes",
        )
    )
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
