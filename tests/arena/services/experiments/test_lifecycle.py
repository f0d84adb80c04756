"""Experiments are created whole or not at all, and go only where their state allows."""

from dataclasses import replace

import numpy as np
import pytest

from agents.models import Agent
from arena.errors import WrongState
from arena.models import BlockRun, Experiment, ExperimentState
from arena.prices.models import MarketData
from arena.prices.services.markets import market_store
from arena.services.experiments import lifecycle
from arena.services.rounds import playing
from arena.settings_schema import SettingsError
from arena.work.claims import StaleFence, claim_beat
from arena.work.kinds import BLOCK
from arena.work.queue import locally
from tests.arena.engine.small import small_bars
from tests.arena.runs import TINY, basket, draft, started, tiny
from tests.arena.turns import claim_block, waiting, work_off

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_draft_has_a_market_and_remembers_where_it_was_made():
    experiment = draft()

    assert experiment.state == ExperimentState.DRAFT
    assert experiment.market.data_kind == "simulated"
    assert set(experiment.environment) == {
        "machine",
        "python",
        "numpy",
        "numba",
        "code",
        "lock",
        "block_size",
    }
    assert not Agent.objects.exists()


def test_the_same_market_is_stored_once():
    draft()
    draft(name="again")

    assert MarketData.objects.count() == 1


def test_a_built_in_series_is_found_by_name():
    experiment = draft(settings=tiny(market={"kind": "file", "path": "ibm_daily"}))

    assert experiment.market.data_kind == "historical"
    assert "public domain" in experiment.market.provenance


@pytest.mark.parametrize("path", ["", "/etc/passwd", "no_such_series"])
def test_a_file_is_never_opened_by_its_name_alone(path):
    with pytest.raises(SettingsError, match=r"market.path.*ibm_daily"):
        draft(settings=tiny(market={"kind": "file", "path": path}))

    assert not Experiment.objects.exists()


def test_too_short_a_series_names_round_bars_and_how_many_there_are():
    with pytest.raises(
        SettingsError,
        match=r"round_bars: the series has 3,\d\d\d bars, a single round of 4,000 needs",
    ):
        draft(settings=tiny(market={"kind": "file", "path": "ibm_daily"}, round_bars=4000))


def test_impact_is_refused_where_the_market_has_no_volume():
    silent = market_store(
        bars=[replace(small_bars(), volume=np.zeros(600))],
        name="silent",
        data_kind="historical",
        source="test",
    )

    with pytest.raises(SettingsError, match=r"costs.impact: needs volume, and silent has none"):
        lifecycle.experiment_create(
            owner=None, name="x", settings=tiny(costs={"impact": 0.1}), market=silent
        )
    lifecycle.experiment_create(owner=None, name="x", settings=tiny(), market=silent)


def test_a_memory_too_small_for_all_symbols_is_refused():
    small = tiny(learning=TINY["learning"] | {"replay": 191})

    with pytest.raises(SettingsError, match="3 symbols share the memory, which takes at least 192"):
        draft(settings=small, market=basket(3))


def test_a_start_bears_the_founders_and_opens_the_first_round():
    experiment, opened = started()

    assert experiment.state == ExperimentState.RUNNING
    assert (
        Agent.objects.filter(experiment=experiment, origin="founder", state="active").count() == 20
    )
    assert experiment.money_put_in == 200_000
    assert [run.state for run in opened.blocks.all()] == ["waiting"]
    # started, its founders' rows written, its first round opened
    assert experiment.seq == 3


def test_a_start_asks_for_the_blocks_of_the_first_round():
    experiment = draft()

    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)

    assert waiting() == [BLOCK]


def test_a_second_start_is_refused_in_a_sentence():
    experiment, _ = started()

    with pytest.raises(WrongState, match="tiny is running and cannot be started again"):
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)


@pytest.mark.parametrize("move", [lifecycle.experiment_pause, lifecycle.experiment_resume])
def test_a_draft_can_be_neither_paused_nor_resumed(move):
    with pytest.raises(WrongState, match="is not started and cannot be"):
        move(experiment_uuid=draft().uuid)


def test_a_pause_waits_for_the_end_of_the_round_and_a_resume_goes_on():
    experiment = draft()
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        lifecycle.experiment_pause(experiment_uuid=experiment.uuid)
        work_off()
        experiment.refresh_from_db()
        assert (experiment.state, experiment.rounds_done) == (ExperimentState.PAUSED, 1)

        lifecycle.experiment_resume(experiment_uuid=experiment.uuid)

        assert waiting() == [BLOCK]
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING


def test_a_pause_can_be_taken_back_before_the_round_ends():
    experiment, _ = started()
    lifecycle.experiment_pause(experiment_uuid=experiment.uuid)

    with locally():
        lifecycle.experiment_resume(experiment_uuid=experiment.uuid)

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.RUNNING


def test_a_stop_is_immediate_and_refuses_the_running_round():
    experiment, opened = started()
    claim = claim_block(opened)
    played = playing.block_play(claim=claim)

    lifecycle.experiment_stop(experiment_uuid=experiment.uuid)

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.STOPPED
    with pytest.raises(StaleFence):
        playing.block_commit(claim=claim, played=played)
    with pytest.raises(StaleFence):
        claim_beat(claim.job)
    assert claim_block(opened) is None
    assert BlockRun.objects.get().state == "waiting"


def test_a_stop_is_final():
    experiment, _ = started()
    lifecycle.experiment_stop(experiment_uuid=experiment.uuid)

    for move in (
        lifecycle.experiment_pause,
        lifecycle.experiment_resume,
        lifecycle.experiment_stop,
    ):
        with pytest.raises(WrongState, match="is stopped"):
            move(experiment_uuid=experiment.uuid)


def test_a_clone_is_a_draft_with_the_same_settings_and_market():
    experiment, _ = started()

    clone = lifecycle.experiment_clone(experiment_uuid=experiment.uuid)

    assert clone.state == ExperimentState.DRAFT
    assert (clone.settings, clone.market, clone.cloned_from) == (
        experiment.settings,
        experiment.market,
        experiment,
    )
    assert clone.uuid != experiment.uuid
