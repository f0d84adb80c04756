"""The audit sees every single change of what is stored: a table made from the models, so that a new
column cannot be forgotten.
"""

import io
import random

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.test import override_settings

from agents.models import Agent, LineageEdge
from arena.models import BlockRun, Evaluation, Experiment
from arena.services.audit.run import experiment_audit
from arena.store import files
from tests.arena.services.audit.audited import BLOCK, SILENT, audited
from tests.arena.services.audit.changes import (
    DELETED_WITH_ALL,
    EXEMPT,
    MADE_AGAIN,
    OUTLIVES,
    REACHED,
    UNREACHED,
    changes,
    concrete_models,
    delete,
    double,
    file_changed,
    make,
    rows_of,
    undone,
)

SAMPLE = 40


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker, tmp_path_factory):
    """One experiment and its fork for all tests here, which take back what they change; the
    settings of its storage.
    """
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path_factory.mktemp("changes")},
    }
    with django_db_blocker.unblock():
        with override_settings(
            STORAGES={"default": storage}, BLOCK_SIZE=BLOCK, CHANNEL_LAYERS=SILENT
        ):
            audited()
        yield storage
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def experiment(place, settings, db):
    settings.STORAGES = settings.STORAGES | {"default": place}
    return Experiment.objects.get(forked_from=None)


@pytest.fixture
def fork(experiment):
    return Experiment.objects.get(forked_from=experiment)


def finding(experiment):
    """The first thing that the audit says, None where all is sound."""
    try:
        return next(
            experiment_audit(
                experiment=Experiment.objects.select_related("market").get(pk=experiment.pk)
            ),
            None,
        )
    except Exception as error:
        return "audit", repr(error)


def commanded(experiment):
    """The same of the real command, which ends with exit code 1."""
    out = io.StringIO()
    try:
        call_command("audit", str(experiment.pk), stdout=out, stderr=io.StringIO())
    except CommandError as error:
        assert error.returncode == 1
        return out.getvalue() or str(error)
    return None


def unseen(experiment, chosen, search=finding):
    """Of changes, those that no check noticed although they are not exempt."""
    missed = []
    for change in chosen:
        with undone():
            make(change)
            if change.name not in EXEMPT and search(experiment) is None:
                missed.append(str(change))
    return missed


def test_what_the_services_wrote_is_sound(experiment, fork):
    assert (
        list(experiment_audit(experiment=experiment)),
        list(experiment_audit(experiment=fork)),
    ) == ([], [])


def test_the_run_has_everything_that_could_be_changed(experiment):
    assert all(rows_of(model, experiment).exists() for model in REACHED)
    assert LineageEdge.objects.filter(child__experiment=experiment).count() > 3
    assert experiment.interventions.count() == 5
    assert Agent.objects.filter(experiment=experiment, state="retired").exists()


def test_every_model_is_audited_or_exempt_by_name():
    assert {model.__name__ for model in concrete_models()} == {
        model.__name__ for model in REACHED
    } | set(UNREACHED)


def test_every_exemption_is_of_a_column_there_is_and_has_a_reason():
    columns = {
        f"{model.__name__}.{field.attname}"
        for model in REACHED
        for field in model._meta.concrete_fields
    }

    assert set(EXEMPT) <= columns
    assert all(EXEMPT.values())


def test_a_sample_of_single_changes_of_columns_is_noticed(experiment):
    every = [change for change in changes(experiment) if change.name not in EXEMPT]

    assert unseen(experiment, random.Random(1).sample(every, SAMPLE)) == []


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("forked", [False, True], ids=["original", "fork"])
def test_every_single_change_of_a_column_is_noticed(experiment, fork, forked):
    subject = fork if forked else experiment

    assert unseen(subject, changes(subject), commanded) == []


@pytest.mark.parametrize(
    "model", [model for model in REACHED if model not in (*DELETED_WITH_ALL, *MADE_AGAIN)]
)
def test_a_row_deleted_or_put_in_is_noticed(experiment, model):
    first, last = rows_of(model, experiment).first(), rows_of(model, experiment).last()
    for row in (first, last):
        with undone():
            delete(model, row.pk)
            assert finding(experiment), f"{row} deleted"
    if model not in OUTLIVES:
        with undone():
            double(last)
            assert finding(experiment), f"{last} put in"


def test_anothers_look_deleted_or_put_in_is_noticed(experiment, fork):
    look = models.QuerySet(Evaluation).filter(
        experiment=fork, stretch="out_of_sample", subject="cash"
    )
    with undone():
        delete(Evaluation, look.get().pk)
        assert finding(experiment)[0] == "seals"
    with undone():
        double(look.get())
        # a judgement after a round there is not
        assert finding(fork)


def kinds_of_files(experiment):
    run = BlockRun.objects.filter(round__experiment=experiment).order_by("round__index", "block")
    last = experiment.rounds.last()
    return {
        "weights": run.first().checkpoint + files.WEIGHTS,
        "memory": run.last().checkpoint + files.MEMORY,
        "founders": experiment.rounds.first().births_file,
        "population": last.close_file,
        "market": experiment.market.file,
    }


@pytest.mark.parametrize("kind", ["weights", "memory", "founders", "population", "market"])
def test_a_flipped_bit_in_any_kind_of_file_is_noticed(experiment, kind):
    with file_changed(kinds_of_files(experiment)[kind], None):
        assert finding(experiment)
