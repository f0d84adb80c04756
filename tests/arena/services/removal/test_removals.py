"""Experiments and markets are deleted in small steps, whatever breaks in between; what others need,
and what was tried, stays.
"""

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.errors import StillNeeded, WrongState
from arena.models import (
    BlockRun,
    Experiment,
    Look,
    MarketData,
    Removal,
    RemovalState,
    Round,
    Seal,
    StoredBars,
    Tried,
)
from arena.prices.services.baskets import basket_look, basket_store
from arena.prices.services.markets import market_store
from arena.selectors.agents.inspect import agent_network
from arena.selectors.evidence.looks import vault_looks
from arena.selectors.evidence.tried import tried_elsewhere
from arena.selectors.experiments import experiments_visible
from arena.services.audit.run import experiment_audit
from arena.services.experiments.forks import experiment_fork
from arena.services.experiments.lifecycle import experiment_clone, experiment_create
from arena.services.headless import runner
from arena.services.removal import removing
from arena.services.removal.removals import experiment_remove, market_remove
from arena.services.running.turns import turns_lost
from arena.store import files
from arena.work.claims import StaleFence
from arena.work.kinds import REMOVAL
from arena.work.models import Job
from arena.work.queue import locally
from tests.arena import world
from tests.arena.engine.small import small_bars
from tests.arena.runs import draft, finished_once, started, tiny
from tests.arena.turns import claim, lose_lease, work_off

pytestmark = pytest.mark.django_db(transaction=True)
OF_IT = {
    Agent: "experiment",
    Trade: "agent__experiment",
    Scar: "agent__experiment",
    LineageEdge: "child__experiment",
    Round: "experiment",
}
OF_IT |= {BlockRun: "round__experiment"}


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr(removing, "LONGEST_NAP", 0.0)
    with locally():
        yield


def work(removal):
    """Take turns at a removal until there is nothing left to do."""
    work_off(kind=REMOVAL, subject=removal.pk)


@pytest.fixture
def run(ada):
    row = finished_once(tiny(seed=3))
    Experiment.objects.filter(pk=row.pk).update(owner=ada)
    MarketData.objects.filter(pk=row.market_id).update(owner=ada)
    Tried.objects.filter(experiment=row.uuid).update(owner=ada)
    Look.objects.filter(experiment=row.uuid).update(owner=ada)
    row.refresh_from_db()
    return row


def left(experiment_id):
    return {
        model.__name__: count
        for model, path in OF_IT.items()
        if (count := model.objects.filter(**{path: experiment_id}).count())
    }


def folder(row):
    return list(files.within(files.experiment_folder(row.uuid)))


def test_nothing_is_left_of_an_experiment_but_what_was_tried_and_seen(ada, run):
    twin = experiment_create(owner=ada, name="twin", settings=tiny(seed=3), market=run.market)
    before = tried_elsewhere(experiment=twin), vault_looks(experiment=twin, of_owner=True)["others"]
    assert left(run.pk).keys() == {model.__name__ for model in OF_IT}
    assert folder(run)

    removal = experiment_remove(experiment=run, who=ada)

    assert not experiments_visible(user=ada).filter(pk=run.pk).exists()
    work(removal)
    removal.refresh_from_db()
    assert (removal.state, left(run.pk), folder(run)) == (RemovalState.DONE, {}, [])
    assert not default_storage.exists(files.experiment_folder(run.uuid))
    assert not Experiment.objects.filter(pk=run.pk).exists()
    assert (
        tried_elsewhere(experiment=twin),
        vault_looks(experiment=twin, of_owner=True)["others"],
    ) == before
    assert min(before) > 0


def test_each_step_is_short_and_a_broken_off_deletion_goes_on(ada, run, monkeypatch):
    monkeypatch.setattr(removing, "ROWS", 20)
    monkeypatch.setattr(removing, "FILES", 3)
    removal = experiment_remove(experiment=run, who=ada)
    for _ in range(7):
        mine = claim(REMOVAL, removal.pk)
        with CaptureQueriesContext(connection) as seen:
            assert removing.removal_step(claim=mine)
        deletes = [query["sql"] for query in seen if query["sql"].startswith("DELETE")]
        assert len(deletes) <= 1
        # the worker is heard of no more, and another takes over
        lose_lease()
        turns_lost()
        assert claim(REMOVAL, removal.pk)
        with pytest.raises(StaleFence):
            removing.removal_step(claim=mine)
        lose_lease()
        turns_lost()

    rows = Removal.objects.get(pk=removal.pk).rows
    work(removal)

    assert 0 < rows <= 140
    assert Removal.objects.get(pk=removal.pk).state == RemovalState.DONE
    assert (left(run.pk), folder(run)) == ({}, [])


def test_it_is_never_given_up(ada, run, monkeypatch):
    removal = experiment_remove(experiment=run, who=ada)
    with monkeypatch.context() as broken:
        broken.setattr(removing, "_experiment_rows", lambda removal: 1 / 0)
        for _ in range(3):
            Job.objects.update(not_before=None)
            work(removal)

    removal.refresh_from_db()
    assert (removal.state, left(run.pk) == {}) == (RemovalState.GOING, False)
    assert (
        removal.reason
        == "tried 3 times, last with ZeroDivisionError: division by zero; it goes on by itself"
    )
    assert Job.objects.get(kind=REMOVAL).not_before is not None
    Job.objects.update(not_before=None)
    work(removal)
    assert Removal.objects.get(pk=removal.pk).state == RemovalState.DONE


def test_a_running_experiment_is_not_deleted_and_a_draft_is(ada):
    running, _ = started()
    with pytest.raises(WrongState, match="stop it first"):
        experiment_remove(experiment=running, who=ada)

    waiting = draft(owner=ada)
    work(experiment_remove(experiment=waiting, who=ada))

    assert not Experiment.objects.filter(pk=waiting.pk).exists()
    assert Experiment.objects.filter(pk=running.pk).exists()


def test_what_a_fork_is_shown_from_stays_until_the_fork_is_deleted(ada, run):
    fork = experiment_fork(experiment=run, after_round=3, name="fork", changes={}, owner=ada)
    runner.experiment_run(experiment_uuid=fork.uuid, tell=lambda text: None)
    agent = Agent.objects.filter(experiment=fork, birth_round=0).order_by("number").first()
    before = agent_network(agent=agent, index=0)["weights"]
    shared = {
        name
        for name in removing.files_of_rows(experiment_id=fork.pk)
        if str(run.uuid) in name and default_storage.exists(name)
    }

    removal = experiment_remove(experiment=run, who=ada)
    work(removal)

    assert Removal.objects.get(pk=removal.pk).state == RemovalState.HELD
    assert shared
    assert set(folder(run)) == shared
    assert [list(a) for a in agent_network(agent=agent, index=0)["weights"]] == [
        list(a) for a in before
    ]
    assert list(experiment_audit(experiment=Experiment.objects.get(pk=fork.pk))) == []
    work(experiment_remove(experiment=Experiment.objects.get(pk=fork.pk), who=ada))
    work(removal)
    assert not Experiment.objects.filter(pk__in=[run.pk, fork.pk]).exists()
    assert folder(run) + folder(fork) == []


def test_the_chain_of_the_market_holds_for_those_who_stay(ada, run):
    twin = experiment_create(owner=ada, name="twin", settings=tiny(seed=4), market=run.market)
    runner.experiment_run(experiment_uuid=twin.uuid, tell=lambda text: None)

    work(experiment_remove(experiment=run, who=ada))

    twin.refresh_from_db()
    assert list(experiment_audit(experiment=twin)) == []
    Seal.objects.filter(kind="removal").order_by()._raw_delete("default")
    problems = str(list(experiment_audit(experiment=twin)))
    assert "seals that end in" in problems
    assert "not told any more" in problems


def test_a_clone_stays_as_it_was_started_when_its_original_goes(ada, run):
    clone = experiment_clone(experiment_uuid=run.uuid, owner=ada)
    runner.experiment_run(experiment_uuid=clone.uuid, tell=lambda text: None)

    work(experiment_remove(experiment=run, who=ada))

    clone.refresh_from_db()
    assert list(experiment_audit(experiment=clone)) == []


def test_a_market_goes_when_nothing_is_on_it_and_its_file_with_the_last_who_has_the_bars(ada, run):
    bob = world.user("bob")
    fields = {
        "bars": [small_bars()],
        "name": "mine",
        "data_kind": "historical",
        "source": "file a.csv",
    }
    hers, his = (market_store(owner=owner, **fields) for owner in (ada, bob))
    other = market_store(
        bars=[small_bars(2)], name="other", data_kind="historical", source="file b.csv", owner=ada
    )
    basket = basket_store(basket=basket_look(parts=[hers, other]), owner=ada)
    with pytest.raises(StillNeeded, match="put together of it: mine"):
        market_remove(market=hers, who=ada)
    with pytest.raises(StillNeeded, match="experiments on it: tiny"):
        market_remove(market=run.market, who=ada)

    for row in (basket, hers):
        work(market_remove(market=row, who=ada))

    assert default_storage.exists(his.file)
    assert market_store(owner=ada, **fields).pk != hers.pk
    for row in (MarketData.objects.get(owner=ada, sha256=his.sha256), his):
        work(market_remove(market=row, who=row.owner))
    assert not default_storage.exists(his.file)
    assert not MarketData.objects.filter(sha256=his.sha256).exists()
    assert StoredBars.objects.get(sha256=his.sha256).baskets.count() == 1


def test_looks_at_a_basket_count_for_its_parts_when_it_is_gone(ada, run):
    parts = [
        market_store(
            bars=[small_bars(seed, 900)], name="x", data_kind="historical", source="f", owner=ada
        )
        for seed in (1, 2)
    ]
    basket = basket_store(basket=basket_look(parts=parts), owner=ada)
    settings = tiny(market={"kind": "file", "path": "x"}, rounds=2)
    on_basket, on_part = (
        experiment_create(owner=ada, name="run", settings=settings, market=market)
        for market in (basket, parts[0])
    )
    runner.experiment_run(experiment_uuid=on_basket.uuid, tell=lambda text: None)
    before = vault_looks(experiment=on_part)["others"], tried_elsewhere(experiment=on_part)

    removal = experiment_remove(experiment=on_basket, who=ada, market_too=True)
    work(removal)
    work(Removal.objects.get(kind="market"))

    assert not MarketData.objects.filter(pk=basket.pk).exists()
    assert (
        vault_looks(experiment=on_part)["others"],
        tried_elsewhere(experiment=on_part),
    ) == before
    assert min(before) > 0
