"""The admin: traits of the living are edited through the service, ledgers are read, nothing is
deleted.
"""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.urls import reverse

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.models import (
    ApiToken,
    BlockRun,
    Evaluation,
    Experiment,
    Intervention,
    Judgement,
    NullWorld,
    Removal,
    Round,
    Seal,
)
from arena.people.models import SecurityEvent, SeenSession
from arena.prices.models import (
    Acceptance,
    BasketRenewal,
    CandlePage,
    LastQuote,
    MarketData,
    MarketImport,
    ProviderKey,
    ProviderState,
)
from arena.services.experiments import interventions
from arena.services.records.seals import start_seal
from arena.work.kinds import BLOCK
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask
from tests.arena import world

pytestmark = pytest.mark.django_db
READ_ONLY = [
    Trade,
    Scar,
    LineageEdge,
    Intervention,
    Evaluation,
    Round,
    BlockRun,
    MarketData,
    NullWorld,
    Judgement,
    Seal,
    Job,
]
READ_ONLY += [
    BasketRenewal,
    MarketImport,
    ProviderState,
    CandlePage,
    LastQuote,
    Acceptance,
    Removal,
]


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    monkeypatch.setattr(interventions, "publish", lambda message: None)


@pytest.fixture
def run(boss):
    return world.experiment(boss)


@pytest.fixture
def agent(run):
    return Agent.objects.get(experiment=run, number=2)


def url(row, what="change"):
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{what}", args=[row.pk])


def filled(client, row) -> dict[str, str]:
    """The change form as the browser would send it back untouched."""
    page = client.get(url(row)).content.decode()
    tags = re.findall(r"<input[^>]*>", page[page.index('id="content-main"') :])
    values = {}
    for tag in tags:
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or "checked" in tag) and 'type="submit"' not in tag:
            values[name[1]] = unescape(value[1]) if value else "on"
    return values


def send(client, row, **changes):
    return client.post(url(row), filled(client, row) | changes, follow=True)


def test_a_trait_of_a_living_agent_is_edited_as_an_intervention(client, boss, agent):
    answer = send(client, agent, learning_rate="0.0042")

    agent.refresh_from_db()
    assert answer.status_code == 200 and "was changed successfully" in answer.content.decode()
    assert (agent.learning_rate, agent.version) == (0.0042, 1)
    row = Intervention.objects.get()
    assert (row.who, row.field, row.before, row.after, row.effective_round) == (
        boss,
        "learning_rate",
        "0.001",
        "0.0042",
        3,
    )


@pytest.mark.parametrize("field", ["equity", "paid_to_children", "endowment"])
def test_money_in_the_admin_can_be_read(client, agent, field):
    Agent.objects.filter(pk=agent.pk).update(**{field: 1_234_567.0})
    trade = world.trade(agent, 0, 1, net_profit=-2.31e-10, fee=1e7)

    pages = [
        client.get(url(agent)),
        client.get(url(trade)),
        client.get(reverse("admin:agents_trade_changelist")),
    ]

    assert "1.235\u00a0million" in pages[0].content.decode()
    assert "&gt; \u22120.000001" in pages[2].content.decode()
    assert "10\u00a0million" in pages[1].content.decode()
    assert not any("e-10" in answer.content.decode() for answer in pages)


def test_only_traits_and_retirement_can_be_edited(client, agent):
    names = {
        name for name in filled(client, agent) if not name.startswith(("initial-", "_", "csrf"))
    }

    assert names == {
        "learning_rate",
        "gamma",
        "epsilon",
        "epsilon_bars",
        "risk_fraction",
        "mutation_rate",
        "mutation_strength",
        "version",
    }

    before = agent.equity
    send(client, agent, trust="99", equity="1e9", state="retired", number="77")

    agent.refresh_from_db()
    assert (agent.trust, agent.equity, agent.state, agent.number) == (50.0, before, "active", 2)
    assert not Intervention.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("learning_rate", "0.5", "less than or equal to 0.1"),
        ("gamma", "1", "less than or equal to 0.9999"),
        ("epsilon", "0", "greater than or equal to 0.01"),
        ("risk_fraction", "nan", "Enter a number"),
        ("mutation_rate", "1e999", "Enter a number"),
        ("epsilon_bars", "", "required"),
    ],
)
def test_a_value_out_of_range_is_refused_beside_its_field(client, agent, field, value, text):
    answer = send(client, agent, **{field: value})

    assert text in unescape(answer.content.decode())
    assert not Intervention.objects.exists()


def test_the_page_says_what_is_allowed(client, agent):
    assert "Step size of Adam. Allowed: 1e-06 to 0.1." in client.get(url(agent)).content.decode()


def test_of_two_people_editing_at_once_the_second_sees_a_conflict_and_keeps_what_was_typed(
    client, agent
):
    mine, theirs = filled(client, agent), filled(client, agent)
    client.post(url(agent), theirs | {"gamma": "0.9"})

    answer = client.post(url(agent), mine | {"learning_rate": "0.02"}, follow=True)

    page = unescape(answer.content.decode())
    agent.refresh_from_db()
    assert "Somebody else edited this agent meanwhile (gamma is now 0.9)" in page
    assert 'value="0.02"' in page
    assert (agent.learning_rate, agent.gamma, agent.version) == (0.001, 0.9, 1)
    assert Intervention.objects.count() == 1


def test_a_conflict_at_the_very_moment_of_saving_is_shown_too(client, agent, monkeypatch):
    sent = filled(client, agent) | {"gamma": "0.8"}

    def other_first(**kwargs):
        raise interventions.EditConflict("agent 2 was edited by somebody else meanwhile")

    monkeypatch.setattr("arena.admin.rows.intervention_record", other_first)
    answer = client.post(url(agent), sent, follow=True)

    assert (
        "Nothing was saved: agent 2 was edited by somebody else meanwhile."
        in answer.content.decode()
    )


def test_an_epsilon_that_moved_by_itself_is_not_taken_for_the_persons_edit(client, agent):
    sent = filled(client, agent) | {"gamma": "0.9"}
    Agent.objects.filter(pk=agent.pk).update(epsilon=0.123)

    client.post(url(agent), sent)

    agent.refresh_from_db()
    assert (agent.epsilon, agent.gamma) == (0.123, 0.9)
    assert [row.field for row in Intervention.objects.all()] == ["gamma"]


def test_retirement_can_be_asked_for(client, agent):
    send(client, agent, retire="on")

    agent.refresh_from_db()
    assert agent.retire
    assert Intervention.objects.get().field == "retire"


def test_the_dead_and_those_of_finished_experiments_can_only_be_looked_at(client, run, agent):
    dead = Agent.objects.get(experiment=run, number=1)
    sent = filled(client, agent) | {"gamma": "0.9"}
    Experiment.objects.filter(pk=run.pk).update(state="finished")

    for row in (dead, agent):
        assert 'name="_save"' not in client.get(url(row)).content.decode()
    assert "plays no more rounds, it died in round" in refused(client, dead, sent)
    assert "plays no more rounds, its experiment is finished" in refused(client, agent, sent)
    assert not Intervention.objects.exists()


def refused(client, row, sent):
    """What the page says to who had it open before."""
    answer = client.post(url(row), sent, follow=True)
    assert answer.redirect_chain == [(url(row), 302)]
    return unescape(answer.content.decode())


def test_an_experiment_is_renamed_lengthened_and_tuned(client, run):
    send(client, run, name="tuned", rounds_planned="30", turnover="0.25")

    run.refresh_from_db()
    assert (run.name, run.rounds_planned, run.settings["evolution"]["turnover"]) == (
        "tuned",
        30,
        0.25,
    )
    assert {row.field for row in Intervention.objects.all()} == {
        "name",
        "rounds_planned",
        "evolution.turnover",
    }


def test_a_setting_out_of_the_schemas_range_is_refused_beside_its_field(client, run):
    answer = send(client, run, turnover="0.95", tournament="0")

    page = unescape(answer.content.decode())
    assert "must be at most 0.9" in page and "must be at least 1" in page
    assert not Intervention.objects.exists()


def test_an_experiment_cannot_be_made_shorter_than_it_is_old(client, run):
    answer = send(client, run, rounds_planned="2")

    assert "rounds_planned must be at least 3" in unescape(answer.content.decode())


def test_state_and_seed_of_an_experiment_cannot_be_edited(client, run):
    send(client, run, state="finished", seed="9", treasury="1e9")

    run.refresh_from_db()
    assert (run.state, run.seed, run.treasury) == ("running", 1, 0.0)


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_a_ledger_is_listed_and_shown_but_never_added_to_changed_or_deleted(
    client, boss, run, model
):
    world.intervention(run, boss)
    Evaluation.objects.create(
        experiment=run,
        subject="champion",
        stretch="competition",
        figures={},
        after_round=2,
        at=world.NOON,
    )
    NullWorld.objects.create(experiment=run, index=0, asked_at=world.NOON)
    Judgement.objects.create(experiment=run, after_round=2, asked_at=world.NOON)
    jobs_ask(wanted=[Wanted(BLOCK, 1)], user=boss.pk, experiment=run.pk)
    start_seal(experiment=run, settings=run.settings)
    world.outside(boss)
    BasketRenewal.objects.create(basket=run.market, owner=boss, created_at=world.NOON)
    Removal.objects.create(kind="market", subject_id=1, name="gone", asked_at=world.NOON)
    Acceptance.objects.create(
        market=world.market(name="market 2"), who=boss, leap={}, at=world.NOON
    )
    row = model.objects.first()
    name = model._meta.label_lower.replace(".", "_")

    assert client.get(reverse(f"admin:{name}_changelist"), {"q": "2"}).status_code == 200
    assert 'name="_save"' not in client.get(url(row)).content.decode()
    assert client.post(url(row), {"round": "9"}).status_code == 403
    assert client.post(url(row, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(reverse(f"admin:{name}_add"), {}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_agents_and_experiments_are_deleted_and_added_by_nobody(client, run, agent):
    for row in (agent, run):
        assert client.post(url(row, "delete"), {"post": "yes"}).status_code == 403
        name = row._meta.label_lower.replace(".", "_")
        assert client.post(reverse(f"admin:{name}_add"), {}).status_code == 403
        deletion = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(reverse(f"admin:{name}_changelist"), deletion)
        assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Trade, Scar, LineageEdge], ids=lambda model: model.__name__)
def test_the_orm_refuses_to_change_or_delete_a_ledger_row(run, model):
    row = model.objects.first()

    with pytest.raises(TypeError, match="append-only"):
        row.save()
    with pytest.raises(TypeError, match="append-only"):
        row.delete()
    for bulk in (
        lambda rows: rows.update(pk=1),
        lambda rows: rows.delete(),
        lambda rows: rows.bulk_update([row], ["pk"]),
    ):
        with pytest.raises(TypeError, match="append-only"):
            bulk(model.objects.all())


def test_every_model_of_the_project_stands_in_the_admin():
    registered = {
        model for model in admin.site._registry if model._meta.app_label in ("agents", "arena")
    }

    assert registered == {
        *READ_ONLY,
        Agent,
        Experiment,
        ProviderKey,
        ApiToken,
        SecurityEvent,
        SeenSession,
    }


def test_somebody_without_rights_sees_nothing_of_it(client, run, agent):
    client.force_login(world.user("guest"))

    for where in (url(agent), url(run), reverse("admin:agents_trade_changelist")):
        assert client.get(where).status_code == 302


def test_a_hostile_name_is_shown_as_text(client, run):
    Experiment.objects.filter(pk=run.pk).update(name="<script>alert(1)</script>")

    page = client.get(reverse("admin:arena_experiment_changelist")).content.decode()

    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
