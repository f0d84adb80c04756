"""What an experiment takes is estimated before it is made, held to what runs really take, and
refused beyond what the site allows.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.engine.extent import PROCESS
from arena.errors import WrongState
from arena.forms.fields import form_name
from arena.models import BlockRun, Experiment, ExperimentState, Round
from arena.selectors.machine import allowance
from arena.selectors.machine.sizes import experiment_sizes
from arena.services.experiments.lifecycle import experiment_create, experiment_start
from arena.services.headless import runner
from arena.settings_schema import SettingsError, known_keys, parse
from tests.arena import world
from tests.arena.services.running.resident import STATUS
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[4]
TINY = {
    "population": 20,
    "rounds": 3,
    "round_bars": 64,
    "learning": {"replay": 256, "episodes": 1},
    "market": {"kind": "gbm"},
}
HUGE = {"population": 100_000, "network": {"kind": "lstm", "hidden": [256, 256, 256]}}
NETWORKS = [
    {"kind": "q_net", "hidden": [16]},
    {"kind": "lstm", "hidden": [16]},
    {"kind": "attention", "hidden": [8, 8]},
]
# how far an estimate may be off, either way
FACTOR = 2.0


@pytest.fixture
def narrow(settings):
    """A site that allows little."""
    settings.MOST = settings.MOST | {
        "memory": 400 << 20,
        "disk": 200 << 20,
        "rows": 100_000,
        "hours": 1,
    }


def made(raw, owner=None):
    return experiment_create(owner=owner, name="x", settings=parse(raw))


def run(raw):
    experiment = made(raw)
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    return Experiment.objects.get(pk=experiment.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network["kind"])
def test_files_and_rows_are_as_many_as_was_said(network):
    experiment = run({**TINY, "network": network})
    estimate = allowance.extent_of_experiment(experiment=experiment)

    files = sum(size.bytes for size in experiment_sizes(experiment=experiment))
    rows = sum(
        model.objects.count() for model in (Agent, LineageEdge, Scar, Trade, Round, BlockRun)
    )

    assert estimate.kept / FACTOR < files < estimate.kept * FACTOR
    assert estimate.rows / FACTOR < rows < estimate.rows * FACTOR


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux tells how large a process was")
@pytest.mark.parametrize(
    "network",
    [{"kind": "q_net", "hidden": [64, 64]}, {"kind": "lstm", "hidden": [128]}],
    ids=lambda network: network["kind"],
)
def test_a_process_grows_as_large_as_was_said(network, tmp_path):
    raw = {
        "population": 256,
        "rounds": 1,
        "round_bars": 64,
        "learning": {"episodes": 1},
        "market": {"kind": "gbm"},
        "network": network,
    }
    estimate = allowance.offer(settings=parse(raw)).extent

    # who compiles is larger: the first one does, and leaves the kernels to the second
    peak = [in_a_process({**raw, "population": each}) for each in (64, 256)][-1]

    assert peak < estimate.memory * 1.1
    assert estimate.memory < FACTOR * max(peak, PROCESS)


def test_what_is_asked_for_is_refused_before_anything_is_made(narrow):
    with pytest.raises(SettingsError, match="of memory in one process .400 MiB allowed"):
        made(HUGE)

    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        HUGE,
        {"rounds": 100_000},
        {"learning": {"replay": 1_000_000}},
        {"population": 5000, "learning": {"episodes": 50}, "rounds": 500},
    ],
)
def test_the_value_that_is_named_is_accepted(narrow, raw):
    with pytest.raises(SettingsError) as caught:
        made(raw)
    ((key, text),) = caught.value.problems.items()
    remedy = text.partition(": set ")[2].partition(", or ")[0]
    changes = dict(re.findall(r"([a-z_.]+) to ([\d,]+)", remedy))

    assert key in changes
    settings = parse(raw)
    for name, value in changes.items():
        section, _, field = name.rpartition(".")
        change = {field: int(value.replace(",", ""))}
        settings = settings.model_copy(
            update=(
                {section: getattr(settings, section).model_copy(update=change)}
                if section
                else change
            )
        )
    assert experiment_create(owner=None, name="x", settings=settings).state == ExperimentState.DRAFT


def test_the_api_says_what_a_run_takes_and_refuses_too_much_of_it(narrow):
    ada = Caller(world.user())

    status, answer = ada.post("/experiments/estimate", {"name": "x", "settings": TINY})
    assert (status, set(answer)) == (
        200,
        {"memory", "worlds", "disk", "kept", "rows", "seconds", "words"},
    )
    assert answer["words"].startswith("An estimate: about ")
    assert not Experiment.objects.exists()

    assert (
        ada.post("/experiments", {"name": "x", "settings": TINY})[1]["extent"]["rows"]
        == answer["rows"]
    )
    status, answer = ada.post("/experiments", {"name": "x", "settings": HUGE})
    assert (status, [error["key"] for error in answer["errors"]]) == (422, ["population"])


def test_the_form_says_it_while_one_types_and_beside_which_field_is_too_much(browser, narrow):
    answer = browser.post("/experiments/new/room.json", {"name": "x", **flat(TINY)}).json()
    assert answer["extent"].startswith("An estimate: about ") and answer["problems"] == {}

    answer = browser.post(
        "/experiments/new/room.json", {"name": "x", **flat(TINY), "population": 90_000}
    ).json()
    assert "population to " in answer["problems"]["population"]


def test_one_person_may_have_so_many_begun(settings):
    settings.MOST = settings.MOST | {"running": 1}
    ada = world.user()
    first, second = made(TINY, ada), made(TINY, ada)
    Experiment.objects.filter(pk=first.pk).update(state=ExperimentState.PAUSED)

    with pytest.raises(WrongState, match="1 of your experiments run or rest; at most 1 may"):
        experiment_start(experiment_uuid=second.uuid)
    allowance.start_check(experiment=made(TINY, world.user("eve")))


def test_what_one_person_has_begun_may_not_fill_the_disk_together(settings):
    ada = world.user()
    first, second = made(TINY, ada), made(TINY, ada)
    each = allowance.extent_of_experiment(experiment=first).disk
    settings.DISK_PER_USER_MB = 1.5 * each / 1e6
    allowance.start_check(experiment=second)
    Experiment.objects.filter(pk=first.pk).update(state=ExperimentState.RUNNING)

    with pytest.raises(WrongState, match="what you store and have begun"):
        allowance.start_check(experiment=second)
    Experiment.objects.filter(pk=first.pk).update(rounds_done=3)
    allowance.start_check(experiment=second)


def test_the_speed_of_the_machine_is_that_of_its_blocks(monkeypatch):
    allowance.speed.cache_clear()

    assert allowance.speed(0) == 1.0


def in_a_process(raw):
    """The most bytes that a process of its own held that played `raw`."""
    code = (
        "import json, sys; from tests.arena.services.running.resident import grown;"
        " print(grown(json.loads(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, json.dumps(raw)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=True
    )
    return int(done.stdout.splitlines()[-1])


def flat(raw):
    """As fields of the form, all others at their defaults."""
    settings = parse(raw)
    fields = {}
    for key in known_keys():
        section, _, name = key.rpartition(".")
        value = getattr(getattr(settings, section) if section else settings, name)
        fields[form_name(key)] = ", ".join(map(str, value)) if isinstance(value, tuple) else value
    return {
        name: value
        for name, value in fields.items()
        if value is not False and name not in ("market__path", "market__paths")
    }
