"""The canary of an experiment, an agent and bare settings: in words, and with the name of the
leak.
"""

import numpy as np
import pytest

from agents.models import Agent
from arena.models import Experiment
from arena.prices.market.features import NAMES, features
from arena.selectors.agents.inspect import NotKept
from arena.selectors.market_choice import bars_of_settings
from arena.services.evidence import canary
from arena.settings_schema import SettingsError, parse
from tests.arena.runs import TINY, draft, finished, finished_once, tiny

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = {"population": 6, "rounds": 2, "round_bars": 48}


def leaky(bars):
    """Bar range of tomorrow."""
    table = features(bars).copy()
    table[:-1, 11] = np.sign(np.diff(bars.close)) * 5
    return table


def everything_leaks(bars):
    return features(bars) + np.float32(bars.close[-1])


@pytest.fixture
def run():
    return finished_once(tiny(**SETTINGS))


def test_nobody_looks_ahead_and_the_words_say_what_was_tried(run):
    verdict = canary.experiment_canary(experiment=run)

    assert (verdict["sound"], verdict["found"]) == (True, [])
    assert verdict["text"].startswith("Nobody looks ahead. All 6 agents played round 1 again from ")
    assert f"not a bit changed of the {len(NAMES)} features" in verdict["text"]


def test_a_leak_is_named_with_its_bar(run):
    verdict = canary.experiment_canary(experiment=run, table=leaky)

    assert not verdict["sound"]
    assert verdict["text"].startswith("The future is seen, through bar range; ")
    assert verdict["found"][0].startswith("bar range looks ahead: its value at 20")
    assert all("because of bar range" in sentence for sentence in verdict["found"][1:])


def test_a_long_list_of_findings_is_cut_and_counted(run, monkeypatch):
    whole = canary.experiment_canary(experiment=run, table=everything_leaks)["found"]
    monkeypatch.setattr(canary, "MOST_LISTED", 6)

    listed = canary.experiment_canary(experiment=run, table=everything_leaks)["found"]

    assert len(whole) >= len(NAMES) and listed == [*whole[:6], f"… and {len(whole) - 6} more."]


def test_the_agents_of_many_blocks_are_sampled_over_all_places(settings, monkeypatch):
    settings.BLOCK_SIZE = 4
    run = finished(tiny(**SETTINGS | {"population": 10}))
    monkeypatch.setattr(canary, "AFFORDABLE", 0)

    few, all_of_them = (
        canary.experiment_canary(experiment=run),
        canary.experiment_canary(experiment=run, everybody=True),
    )

    assert "1 of 10 agents" in few["text"]
    assert "All 10 agents" in all_of_them["text"]


def test_before_the_first_round_the_founders_are_asked():
    verdict = canary.experiment_canary(experiment=draft(settings=tiny(**SETTINGS)))

    assert verdict["sound"]
    assert "All 6 founders played the first round again" in verdict["text"]


def test_one_agent_is_asked_alone_the_dead_too(run):
    dead = Agent.objects.filter(experiment=run).exclude(state="active").first()

    for agent in (Agent.objects.get(experiment=run, number=1), dead):
        assert canary.agent_canary(agent=agent)["text"].startswith(
            f"Nobody looks ahead. Agent {agent.number} played round "
        )
        assert not canary.agent_canary(agent=agent, table=leaky)["sound"]


def test_a_newborn_has_nothing_to_be_asked_about():
    run = draft(settings=tiny(**SETTINGS))
    newborn = Agent(experiment=run, number=9, slot=0, birth_round=0)

    with pytest.raises(NotKept):
        canary.agent_canary(agent=newborn)


@pytest.mark.parametrize("network", ["q_net", "lstm"])
def test_bare_settings_are_asked_with_practice_and_nothing_is_stored(network):
    chosen = parse(
        TINY | SETTINGS | {"network": {"kind": network, "hidden": [8]}, "market": {"kind": "jumps"}}
    )
    series = bars_of_settings(settings=chosen)

    sound = canary.settings_canary(settings=chosen, series=series)
    caught = canary.settings_canary(settings=chosen, series=series, table=leaky)

    assert sound["sound"]
    assert "All 6 founders" in sound["text"]
    assert "4 newcomers, their practice included, played the first round" in sound["text"]
    assert not caught["sound"]
    assert not Experiment.objects.exists()


def test_a_series_too_short_for_a_round_is_refused():
    chosen = parse({"round_bars": 4000, "market": {"kind": "file", "path": "ibm_daily"}})

    with pytest.raises(SettingsError, match="3,270 bars"):
        canary.settings_canary(settings=chosen, series=bars_of_settings(settings=chosen))
