"""How many were tried on the same bars: clones, forks and other seeds count, nothing twice, and
deletion makes them no fewer.
"""

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from agents.models import Agent
from arena import migrations
from arena.models import Evaluation, Experiment, NullWorld, Tried
from arena.prices.services.markets import market_store
from arena.selectors.card.whole import card
from arena.selectors.evidence.tried import tried_elsewhere
from arena.services.audit.run import experiment_audit
from arena.services.evidence import nulls
from arena.services.evidence.tried import tried_write
from arena.services.experiments import forks, lifecycle
from arena.services.headless import runner
from tests.arena import world
from tests.arena.engine.small import small_bars
from tests.arena.runs import draft, finished, tiny

pytestmark = pytest.mark.django_db(transaction=True)


def run(experiment):
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    return experiment


def ever(experiment):
    return Agent.objects.filter(
        experiment=experiment, birth_round__lt=experiment.rounds_done
    ).count()


def trials(experiment):
    """Agents among its champion's trials; its own committee is another."""
    figures = experiment.evaluations.get(subject="champion", stretch="lived").figures
    return figures["trials"] - figures["committees"]


def looks_counted(experiment):
    """At the vault, its own among them, as they entered its champion's verdict."""
    return experiment.evaluations.get(subject="champion", stretch="out_of_sample").figures["looks"]


@pytest.fixture
def market(db):
    return market_store(
        bars=[small_bars(bars=1200)], name="bars", data_kind="historical", source="test"
    )


def on(market, owner=None, **changes):
    return run(draft(owner=owner, market=market, settings=tiny(**changes)))


def test_every_seed_and_every_clone_on_the_same_bars_is_counted(market):
    first = on(market)
    second = on(market, seed=8)
    clone = run(lifecycle.experiment_clone(experiment_uuid=first.uuid))
    elsewhere = finished(tiny(seed=9))

    assert trials(first) == ever(first)
    assert trials(second) == ever(first) + ever(second)
    assert trials(clone) == 2 * ever(first) + ever(second)
    assert trials(elsewhere) == ever(elsewhere)


def test_a_fork_counts_what_it_shares_with_its_original_once(market):
    original = on(market)
    fork = run(
        forks.experiment_fork(
            experiment=original, after_round=0, name="", changes={}, owner=original.owner
        )
    )
    born_before = Agent.objects.filter(experiment=fork, birth_round__lte=0).count()

    assert 0 < born_before < ever(fork)
    assert trials(fork) == ever(original) + ever(fork) - born_before
    assert tried_elsewhere(experiment=original) == ever(fork) - born_before
    # a fork of the fork shares with both
    again = run(
        forks.experiment_fork(
            experiment=fork, after_round=3, name="", changes={}, owner=original.owner
        )
    )
    later = Agent.objects.filter(experiment=again, birth_round__gt=3).count()
    assert trials(again) == ever(original) + (ever(fork) - born_before) + later


def test_somebody_elses_trials_are_their_own_but_what_was_forked_from_them_was_tried(market):
    ada, bob = world.user("ada"), world.user("bob")
    theirs = on(market, ada)

    mine = on(market, bob, seed=8)
    fork = run(
        forks.experiment_fork(experiment=theirs, after_round=3, name="", changes={}, owner=bob)
    )

    assert trials(mine) == ever(mine)
    assert trials(fork) == ever(mine) + ever(fork)
    # nor could he choose by what she saw of the vault
    assert [looks_counted(each) for each in (theirs, mine, fork)] == [1, 1, 2]


def test_deleting_an_experiment_keeps_the_count(market):
    gone = on(market)
    tried = ever(gone)
    forget(gone)

    other = on(market, seed=8)

    assert not Experiment.objects.filter(pk=gone.pk).exists()
    assert trials(other) == tried + ever(other)


def forget(experiment):
    """Its rows, as an administrator's SQL would delete them."""
    for model, of in ((Evaluation, "experiment"), (Agent, "experiment")):
        for related in model._meta.related_objects:
            related.related_model.objects.filter(
                **{f"{related.field.name}__{of}": experiment}
            )._raw_delete("default")
        model.objects.filter(experiment=experiment)._raw_delete("default")
    for related in experiment.rounds.model._meta.related_objects:
        related.related_model.objects.filter(
            **{f"{related.field.name}__experiment": experiment}
        )._raw_delete("default")
    for related in Experiment._meta.related_objects:
        if related.field.name == "experiment":
            related.related_model.objects.filter(experiment=experiment)._raw_delete("default")
    Experiment.objects.filter(pk=experiment.pk)._raw_delete("default")


def test_a_count_only_grows_and_is_written_as_often_as_one_likes(market):
    experiment = on(market)
    before = list(Tried.objects.values())

    tried_write(experiment=experiment, ever=ever(experiment))
    tried_write(experiment=experiment, ever=3)

    assert list(Tried.objects.values()) == before
    assert Tried.objects.get().agents == ever(experiment)


def test_null_worlds_from_which_nothing_is_chosen_are_no_trials(market):
    experiment = on(market)
    nulls.nulls_ask(experiment=experiment, count=1)
    runner.nulls_run(experiment=experiment, tell=lambda text: None)

    assert NullWorld.objects.get().outcome
    assert Tried.objects.get().agents == ever(experiment)
    assert tried_elsewhere(experiment=experiment) == 0


def test_a_card_keeps_the_count_of_its_day_and_shows_todays_beside_it(market):
    first = on(market)
    line = tried_line(first)
    # the agents and their own committee, which is one trial more
    assert line["value"] == str(ever(first) + 1)
    assert "Today" not in line["text"]

    second = on(market, seed=8)

    assert tried_line(first)["value"] == str(ever(first) + 1)
    assert f"Today they are {ever(first) + 1 + ever(second)}." in tried_line(first)["text"]
    assert (
        f"{ever(second)} here, their committee and {ever(first)} of your other experiments on the"
        " same bars." in tried_line(second)["text"]
    )
    # looks at the vault before it enter its verdict
    assert [looks_counted(each) for each in (first, second)] == [1, 2]


def tried_line(experiment):
    return next(line for line in card(experiment=experiment)["lines"] if line["term"] == "trials")


def test_the_audit_judges_again_with_the_count_of_the_day(market):
    first, second = on(market), on(market, seed=8)

    assert list(experiment_audit(experiment=first)) == []
    assert list(experiment_audit(experiment=second)) == []
    # fewer trials than there were make luck smaller
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE arena_evaluation SET figures = json_set(figures, '$.trials',"
            " json_extract(figures, '$.agents')) WHERE subject = 'champion' AND stretch = 'lived'"
            f" AND experiment_id = {second.pk}"
        )
    problems = [text for _, text in experiment_audit(experiment=second)]
    assert any(
        text.startswith("agents tried elsewhere are said to be 0, were") for text in problems
    )


def test_users_can_go_and_take_their_counts_along(market):
    Tried.objects.create(
        experiment="0" * 32, owner=world.user("ada"), market_sha256=market.sha256, agents=5
    )

    User.objects.get(username="ada").delete()

    assert not Tried.objects.exists()


def test_a_database_of_before_is_counted_once_and_comes_to_the_same(market):
    original = on(market)
    run(forks.experiment_fork(experiment=original, after_round=3, name="", changes={}, owner=None))
    on(market, world.user("ada"), seed=8)
    columns = ("experiment", "owner", "market_sha256", "agents", "shared")
    written = set(Tried.objects.values_list(*columns))
    Tried.objects.all().delete()
    (name,) = (path.stem for path in Path(migrations.__path__[0]).glob("*_tried.py"))

    import_module(f"arena.migrations.{name}").count(apps, None)

    assert len(written) == 3
    assert set(Tried.objects.values_list(*columns)) == written
