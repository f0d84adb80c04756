"""The 2 x 2 x 2 controls on tiny settings: their structure, their budget, and what is refused."""

import io
import json
from itertools import product
from statistics import mean

import pytest
from django.core.management import CommandError, call_command

from agents.models import Agent
from arena.engine.judging.factorial import CELLS, TERMS
from arena.models import Experiment
from arena.services.headless.controls import ControlRun, controls_effects, switched
from arena.settings_schema import Settings
from tests.arena.runs import tiny

CONFIG = """
population = 4
rounds = 2
round_bars = 40
[network]
hidden = [4]
[learning]
replay = 64
batch = 8
episodes = 1
[evolution]
selection = "rank"
turnover = 0.5
juvenile_rounds = 0
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(CONFIG)
    return path


def controls(*arguments):
    """(what went to standard output, to standard error)."""
    out, err = io.StringIO(), io.StringIO()
    call_command("controls", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db(transaction=True)
def test_every_combination_is_run_for_every_seed_and_its_effects_printed(config):
    out, err = controls(config, "--seeds", 2, "--json")

    result = json.loads(out.splitlines()[-1])
    assert (
        err.splitlines()[0]
        == "16 runs, 2 for each of 8 combinations, of 4 agents and 2 rounds: about 10,240 agent"
        " steps, 8 of the runs learning"
    )
    printed = [
        (run["seed"], run["learning"], run["selection"], run["mutation"]) for run in result["runs"]
    ]
    assert sorted(printed) == sorted((seed, *cell) for seed, cell in product((1, 2), CELLS))
    assert {(effect, len(found["by_seed"])) for effect, found in result["effects"].items()} == {
        (" x ".join(term), 2) for term in TERMS
    }
    assert Experiment.objects.count() == 16


@pytest.mark.django_db(transaction=True)
def test_each_run_had_its_switches_and_within_a_seed_everything_else_in_common(config):
    out, _ = controls(config, "--seeds", 1, "--seed", 5, "--json")

    result = json.loads(out.splitlines()[-1])
    rows = {run["experiment"]: run for run in result["runs"]}
    for experiment in Experiment.objects.all():
        run = rows[str(experiment.uuid)]
        evolution = experiment.settings["evolution"]
        assert experiment.settings["learning"]["enabled"] == run["learning"]
        assert evolution["selection"] == ("rank" if run["selection"] else "off")
        assert evolution["mutation"] == run["mutation"]
        assert experiment.seed == run["seed"] == 5
        [figures] = experiment.evaluations.filter(
            subject="median_agent", stretch="out_of_sample"
        ).values_list("figures", flat=True)
        assert run["return"] == figures["return"]
    assert Experiment.objects.values("market").distinct().count() == 1
    on, off = (
        [run["return"] for run in result["runs"] if run["learning"] == value]
        for value in (True, False)
    )
    assert result["effects"]["learning"]["mean"] == pytest.approx(mean(on) - mean(off))
    assert result["effects"]["learning"]["low"] is None


@pytest.mark.django_db(transaction=True)
def test_the_table_has_a_line_for_each_combination_and_each_effect(config):
    out, _ = controls(config, "--seeds", 1)

    lines = out.splitlines()
    childless = not Agent.objects.filter(origin="child").exists()
    assert "seed 1" in lines[1] and len(lines) == 2 + 8 + 9 + 2 + 7 + childless + 1
    assert lines[10].startswith("committee") and lines[11].startswith("buy and hold")
    assert lines[2].split()[:3] == ["on", "on", "on"]
    assert lines[27].startswith("learning x selection x mutation")
    assert ("No agent was fit to have a child in any run" in out) == childless


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--seeds", 0), "--seeds must be at least 1"),
        (("--seed", -1), "seed: "),
        (("--market", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(config, arguments, text):
    with pytest.raises(CommandError, match=text) as refused:
        controls(config, *arguments)

    assert refused.value.returncode == 2
    assert not Experiment.objects.exists()


@pytest.mark.django_db
def test_without_a_vault_there_is_nothing_to_judge_on(config):
    config.write_text(CONFIG + "[evaluation]\nvault = 0\n")

    with pytest.raises(CommandError, match=r"evaluation\.vault") as refused:
        controls(config)

    assert refused.value.returncode == 2


def test_selection_that_was_off_is_a_tournament_where_it_is_on():
    off = Settings.model_validate(
        {"evolution": {"selection": "off", "mutation": False}, "learning": {"enabled": False}}
    )

    on = switched(off, (True, True, True))

    assert (on.learning.enabled, on.evolution.selection, on.evolution.mutation) == (
        True,
        "tournament",
        True,
    )
    assert switched(tiny(), (True, True, True)) == tiny()


def test_a_seed_that_lacks_a_value_is_left_out():
    def run(seed, cell, value):
        return ControlRun(seed, cell, Experiment(), value, 0, {})

    whole = [run(1, cell, float(cell[0])) for cell in CELLS]
    torn = [run(2, cell, None if cell == CELLS[3] else 5.0) for cell in CELLS]

    found = controls_effects(runs=[*whole, *torn])

    assert found["learning",][1] == [1.0]
    assert controls_effects(runs=torn) == {}
