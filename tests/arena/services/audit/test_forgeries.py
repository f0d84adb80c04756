"""A forger who makes every hash again is found by playing again; the round and the row are
named.
"""

import io
import shutil

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.test import override_settings
from django.utils import timezone

from agents.models import Agent, Scar, Trade
from arena.engine.packing import pack_actions, pack_figures, unpack_actions, unpack_figures
from arena.engine.results import FIGURES
from arena.models import BlockRun, Evaluation, Experiment, Intervention, Round, Seal, SealKind
from arena.services.audit.replay import replay
from arena.services.audit.run import experiment_audit
from arena.services.audit.subject import Subject
from arena.services.records import seals
from arena.store import files
from tests.arena.services.audit.audited import BLOCK, SILENT, audited, begun_by_first_rules
from tests.arena.services.audit.forgery import in_records, rehash, rewrite, set_


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker, tmp_path_factory):
    """One experiment for all tests here, whose rows are rolled back and whose files are put back;
    where these are.
    """
    folder = tmp_path_factory.mktemp("forgeries")
    with django_db_blocker.unblock():
        with override_settings(
            STORAGES={"default": storage(folder)}, BLOCK_SIZE=BLOCK, CHANNEL_LAYERS=SILENT
        ):
            audited()
        yield folder
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def experiment(place, settings, db, tmp_path):
    shutil.copytree(place, tmp_path / "storage", dirs_exist_ok=True)
    settings.STORAGES = settings.STORAGES | {"default": storage(tmp_path / "storage")}
    return Experiment.objects.get(forked_from=None)


def storage(folder):
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder},
    }


def run_of(experiment, index, block=0):
    return BlockRun.objects.get(round__experiment=experiment, round__index=index, block=block)


def again(experiment):
    """(what the checks say, what playing again says)."""
    fresh = Experiment.objects.select_related("market").get(pk=experiment.pk)
    return [text for _, text in experiment_audit(experiment=fresh)], list(
        replay(Subject(fresh), lambda text: None)
    )


def lift_the_deflated_sharpe_ratio(experiment):
    """All Sharpe ratios but the champion's made alike: among equals luck has nothing to choose
    from.
    """
    column = FIGURES.index("sharpe")
    for run in BlockRun.objects.filter(round__experiment=experiment):
        figures = unpack_figures(run.figures)
        figures[:, column] = np.where(np.isnan(figures[:, column]), np.nan, 0.01)
        set_(BlockRun, run.pk, figures=pack_figures(figures))
    return "round 0: sharpe of agent"


def pay_a_trade_more(experiment):
    trade = Trade.objects.filter(agent__experiment=experiment, round=1).first()
    set_(Trade, trade.pk, net_profit=trade.net_profit + 50, gross_profit=trade.gross_profit + 50)
    return "round 1: trade of agent"


def soften_a_scar(experiment):
    scar = Scar.objects.filter(agent__experiment=experiment).order_by("round", "pk").first()
    set_(Scar, scar.pk, drawdown=scar.drawdown / 2)
    return f"round {scar.round}: scar of agent"


def crown_another(experiment):
    """The last round's records and population say that another agent was the fittest."""
    last = experiment.rounds.last()
    agent = experiment.agents.filter(state="active").exclude(pk=champion(experiment)).first()
    for run in last.blocks.all():
        rewrite(
            run.checkpoint + files.WEIGHTS,
            lambda arrays: in_records(arrays, agent.number, fitness=9.0),
        )
    rewrite(last.close_file, lambda arrays: in_records(arrays, agent.number, fitness=9.0))
    set_(Agent, agent.pk, fitness=9.0)
    return f"round {last.index}: fitness of agent {agent.number} is 9.0 in its record"


def champion(experiment):
    return Evaluation.objects.get(
        experiment=experiment, subject="champion", stretch="lived"
    ).agent_id


def draw_a_better_curve(experiment):
    row = experiment.rounds.get(index=2)
    row.curves["return"]["median"] = 0.5
    row.save()
    return "round 2: curves: return: median is 0.5"


def write_baselines_down(experiment):
    row = experiment.rounds.get(index=2)
    row.baselines["buy_and_hold"]["return"] = -0.9
    row.save()
    return "round 2: baselines: buy_and_hold: return is -0.9"


def change_a_trait(experiment):
    agent = experiment.agents.filter(state="active").first()
    born = agent.birth_round
    for run in BlockRun.objects.filter(round__experiment=experiment, round__index__gte=born):
        rewrite(
            run.checkpoint + files.WEIGHTS,
            lambda arrays: in_records(arrays, agent.number, gamma=0.9),
        )
    for row in experiment.rounds.filter(index__gte=born):
        rewrite(row.close_file, lambda arrays: in_records(arrays, agent.number, gamma=0.9))
    set_(Agent, agent.pk, gamma=0.9)
    return f"round {born}: gamma of agent {agent.number} is 0.9 in its record"


def invent_a_change(experiment):
    agent = experiment.agents.filter(birth_round__lte=2).exclude(death_round__lt=3).last()
    fields = {"experiment": experiment, "agent": agent, "at": timezone.now(), "effective_round": 2}
    row = Intervention.objects.create(field="epsilon", before="0.5", after="0.05", **fields)
    seals.intervention_seal(intervention=row)
    return "round 2: "


def act_otherwise(experiment):
    run = run_of(experiment, 3)
    actions = unpack_actions(run.actions)
    actions[0, 0, 5] = (actions[0, 0, 5] + 1) % 3
    set_(BlockRun, run.pk, actions=pack_actions(actions))
    return "round 3: actions of agent"


def exchange_a_network(experiment):
    run = run_of(experiment, 2)
    rewrite(run.checkpoint + files.WEIGHTS, lambda arrays: arrays["online"].__imul__(1.01))
    return "round 2: "


def shift_the_books(experiment):
    row = experiment.rounds.get(index=3)
    row.ledger["treasury"] += 100.0
    row.ledger["money_put_in"] += 100.0
    row.save()
    return "round 3: ledger: money_put_in"


FORGERIES = [
    lift_the_deflated_sharpe_ratio,
    pay_a_trade_more,
    soften_a_scar,
    crown_another,
    draw_a_better_curve,
    write_baselines_down,
    change_a_trait,
    invent_a_change,
    act_otherwise,
    exchange_a_network,
    shift_the_books,
]


def test_what_was_played_comes_out_again_and_making_hashes_again_changes_none(experiment):
    fork = Experiment.objects.get(forked_from=experiment)
    chain = list(Round.objects.order_by("pk").values_list("state_sha256"))
    sealed = list(experiment.market.seals.values_list("sha256"))

    rehash(experiment)

    assert (again(experiment), again(fork)) == (([], []), ([], []))
    assert list(Round.objects.order_by("pk").values_list("state_sha256")) == chain
    assert list(experiment.market.seals.values_list("sha256")) == sealed


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forgery_with_every_hash_made_again_is_named_by_playing_again(experiment, forge):
    words = forge(experiment)
    rehash(experiment)

    by_checks, by_playing = again(experiment)

    assert any(text.startswith(words) for text in by_playing), by_playing
    # no digest gives it away
    assert not any("sha256" in text or "seal" in text for text in by_checks), by_checks


def test_the_lifted_ratio_is_believed_by_every_check_but_playing_again(experiment):
    before = ratio(experiment)
    lift_the_deflated_sharpe_ratio(experiment)
    rehash(experiment)

    by_checks, by_playing = again(experiment)

    assert ratio(experiment) != before
    assert by_checks == []
    assert by_playing


def ratio(experiment):
    return Evaluation.objects.get(
        experiment=experiment, subject="champion", stretch="lived"
    ).figures["dsr"]


def test_the_command_plays_again_tells_how_far_it_is_and_ends_with_1(experiment):
    out, err = io.StringIO(), io.StringIO()
    call_command("audit", str(experiment.pk), "--replay", stdout=out, stderr=err)
    assert "all sound and played again" in out.getvalue()
    assert "round 5 of 5 played again in" in err.getvalue()

    lift_the_deflated_sharpe_ratio(experiment)
    rehash(experiment)

    with pytest.raises(CommandError) as error:
        call_command("audit", str(experiment.pk), "--replay", stdout=out, stderr=err)
    assert error.value.returncode == 1
    assert "replay: round 0: sharpe of agent" in out.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [5, 2], ids=["all of them", "the first two"])
def test_rounds_of_older_rules_are_said_not_to_be_checked(monkeypatch, first):
    """As a database of the last version has them: an older link, no digests of what is shown, no
    seals.
    """
    experiment = begun_by_first_rules(monkeypatch, rounds=first, of=5)
    unseal(experiment, first)
    subject = Subject(Experiment.objects.select_related("market").get(pk=experiment.pk))

    found = [text for _, text in experiment_audit(experiment=subject.experiment, subject=subject)]

    assert found == []
    assert any(rounds == list(range(first)) for rounds in subject.left_out.values())
    assert list(replay(subject, lambda text: None)) == []
    assert "what comes of playing again" in subject.left_out


def unseal(experiment, first):
    """Take away what the last version did not keep of rounds below `first`, and of what came
    before them.
    """
    kept = () if first == 5 else (SealKind.END, SealKind.JUDGEMENT, SealKind.NULL_WORLD)
    models.QuerySet(Seal).filter(market=experiment.market).exclude(
        kind__in=kept, experiment=experiment
    )._raw_delete("default")
    for sequence, seal in enumerate(
        Seal.objects.filter(market=experiment.market).order_by("sequence")
    ):
        set_(Seal, seal.pk, sequence=sequence)
    rehash(experiment)
    BlockRun.objects.filter(round__experiment=experiment, round__index__lt=first).update(shown=b"")
