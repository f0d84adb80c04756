"""Proof from the command line: shares for every seed with learning on and off, and one clear line
for what proves nothing.
"""

import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from arena.engine.judging.ceiling import ceiling
from arena.engine.judging.chains import CHAINS
from arena.management.commands.prove import _on_market
from arena.models import Evaluation, Experiment
from arena.presets import PRESETS
from arena.settings_schema import parse

pytestmark = pytest.mark.django_db(transaction=True)


def prove(*arguments):
    """What went to standard output."""
    out = io.StringIO()
    call_command("prove", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_each_seed_runs_with_learning_on_and_off_on_the_same_planted_market(config):
    result = json.loads(
        prove(config("[market]\nvolatility = 0.001\n"), "--seeds", 2, "--json").splitlines()[-1]
    )

    runs = [
        (row.seed, row.settings["learning"]["enabled"], row.state)
        for row in Experiment.objects.order_by("pk")
    ]
    assert runs == [(seed, on, "finished") for on in (True, False) for seed in (5, 6)]
    assert (result["market"], result["population"], result["rounds"]) == ("planted", 4, 1)
    assert [run["ceiling"] for run in result["on"]["runs"]] == [
        run["ceiling"] for run in result["off"]["runs"]
    ]
    assert result["on"]["low"] <= result["on"]["median"] <= result["on"]["high"]


def test_a_file_that_names_no_market_is_proved_on_the_preset_of_the_form(config):
    prove(config(), "--seeds", 1)

    settings = Experiment.objects.earliest("pk").settings
    assert settings["market"]["volatility"] == PRESETS["planted"].values["market__volatility"]
    assert settings["learning"]["episodes"] == PRESETS["planted"].values["learning__episodes"]
    assert (settings["population"], settings["rounds"], settings["learning"]["batch"]) == (4, 1, 8)


@pytest.mark.parametrize("kind", CHAINS)
def test_each_market_of_known_ceiling_has_a_preset_under_the_files_own_settings(kind):
    raw = _on_market(
        {"rounds": 3, "market": {"kind": "sine", "edge": 0.9}, "learning": {"tau": 0.5}}, kind
    )

    settings = parse(raw)
    assert (settings.market.kind, settings.market.edge, settings.rounds, settings.learning.tau) == (
        kind,
        0.9,
        3,
        0.5,
    )


def test_a_file_with_a_market_of_its_own_is_left_alone():
    raw = {"market": {"kind": "planted", "edge": 0.9}}

    assert _on_market(raw, None) is raw


def test_the_ceiling_is_stored_for_every_stretch_and_the_share_follows_from_it(config):
    result = json.loads(prove(config(), "--seeds", 1, "--json").splitlines()[-1])
    run = result["on"]["runs"][0]

    rows = Evaluation.objects.filter(experiment__uuid=run["experiment"])
    best = rows.get(subject="ceiling", stretch="out_of_sample").figures
    agent = rows.get(subject="median_agent", stretch="out_of_sample").figures

    assert rows.filter(subject="ceiling").count() == 2
    assert (
        best["expected_growth"]
        == result["expected_growth"]
        == ceiling(parse({"market": PRESETS["planted"].settings["market"]})).growth
    )
    assert run["share"] == pytest.approx(np.log1p(agent["return"]) / np.log1p(best["return"]))


def test_the_table_names_the_median_and_the_range_of_both_sides(config):
    lines = prove(config("[market]\nkind = 'sine'\namplitude = 0.01\n"), "--seeds", 1).splitlines()

    assert lines[0].startswith("sine, 4 agents, 1 rounds, q_net: the best policy grows by 0.000284")
    assert [line.split()[:2] for line in lines[2:4]] == [["on", "5"], ["off", "5"]]
    assert lines[4].startswith("share of the ceiling, learning on: median ")


@pytest.mark.parametrize(
    ("more", "arguments", "text"),
    [
        ("[market]\nkind = 'gbm'\n", [], "planted"),
        ("[costs]\nfunding = 0.001\n", [], "funding"),
        ("[evaluation]\nvault = 0.0\n", [], "vault"),
        ("[market]\nkindd = 'sine'\n", [], "market.kind"),
        ("", ["--seeds", "0"], "--seeds"),
    ],
)
def test_what_proves_nothing_is_refused_in_one_line(config, more, arguments, text):
    with pytest.raises(CommandError, match=text) as caught:
        prove(config(more), *arguments)

    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)


def test_without_an_edge_there_is_no_share_and_the_command_says_so(config):
    with pytest.raises(CommandError, match="not every run has a share") as caught:
        prove(config("[market]\nedge = 0.5\n"), "--seeds", 1, "--json")

    assert caught.value.returncode == 1
