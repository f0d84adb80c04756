"""The audit passes what services wrote, and names the row that was changed behind their back."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from agents.models import Agent
from arena.engine.results import AGENT
from arena.models import BlockRun, Experiment, Round
from arena.services.audit.run import CHECKS, experiment_audit, problems_of
from arena.services.audit.subject import Subject
from arena.services.evidence import nulls
from arena.services.headless import runner
from arena.settings_schema import parse
from arena.work.queue import locally
from tests.arena.runs import TINY, finished

# one round more than memories are kept, and costs high enough for scars
SETTINGS = parse(
    TINY | {"costs": {"fee": 0.01}, "evolution": {"juvenile_rounds": 0, "turnover": 0.3}}
)


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker, tmp_path_factory):
    """One experiment for all tests here, which change it inside transactions that are rolled back;
    its storage settings.
    """
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path_factory.mktemp("audit")},
    }
    with django_db_blocker.unblock():
        with override_settings(STORAGES={"default": storage}):
            experiment = finished(SETTINGS)
            with locally():
                nulls.nulls_ask(experiment=experiment, count=1)
                runner.nulls_run(experiment=experiment, tell=lambda text: None)
        yield storage
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def experiment(place, settings, db):
    settings.STORAGES = settings.STORAGES | {"default": place}
    return Experiment.objects.get()


def run_sql(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute(sql, values)
        assert cursor.rowcount != 0
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


def problems(experiment):
    """{check: [what it says]}."""
    found = {}
    for check, text in experiment_audit(experiment=experiment):
        found.setdefault(check, []).append(text)
    return found


def problems_by(check, experiment):
    """The same from one check alone: judging again, which none of the others does, is most of an
    audit's time.
    """
    (asked,) = [each for each in CHECKS if each.__name__ == check]
    return {check: [text for _, text in problems_of(check, asked(Subject(experiment)))]}


def test_what_the_services_wrote_is_sound(experiment):
    assert problems(experiment) == {}


def test_the_run_had_something_to_audit(experiment):
    assert Agent.objects.filter(origin="immigrant").exists()
    assert Agent.objects.filter(scar_count__gt=0).exists()
    assert {check.__name__ for check in CHECKS} >= {
        "digest_chain",
        "money",
        "conservation",
        "ledgers",
        "lineage",
    }


ONE = "id = (SELECT MIN(id) FROM {})"
CHAMPION = " WHERE subject = 'champion' AND stretch = 'out_of_sample'"
LIVED = " WHERE subject = 'champion' AND stretch = 'lived'"
SET_FIGURE = "UPDATE arena_evaluation SET figures = json_set(figures, '$.{}', {})"
JOB = (
    "INSERT INTO arena_job (kind, subject, user, experiment, rank, place, state, fence, since,"
    " attempts, pauses, worker, home, reason, seconds) SELECT '{}', MIN(id), 0, (SELECT id FROM"
    " arena_experiment), 0, 0, 'waiting', 0, '2030-01-01', 0, 0, '', '', '', 0 FROM {}"
)
SET_BOOKS = "UPDATE arena_round SET ledger = json_set(ledger, '$.{}', {}) WHERE \"index\" = 2"
CORRUPTIONS = [
    # (sql, check that must notice, words in what it says)
    (
        "UPDATE agents_trade SET net_profit = net_profit + 0.000001 WHERE " + ONE,
        "ledgers",
        "rows are not those that were committed",
    ),
    (
        "UPDATE agents_trade SET net_profit = net_profit + 0.01 WHERE " + ONE,
        "ledgers",
        "net profit is not gross profit less costs",
    ),
    (
        "UPDATE agents_trade SET net_profit = net_profit + 0.01 WHERE " + ONE,
        "money",
        "is not endowment + net profits",
    ),
    (
        "UPDATE agents_trade SET quantity = quantity * 1.0000001 WHERE " + ONE,
        "ledgers",
        "rows are not those that were committed",
    ),
    (
        "UPDATE agents_trade SET quantity = quantity * 1.01 WHERE " + ONE,
        "ledgers",
        "gross profit does not fit its fills",
    ),
    (
        "UPDATE agents_trade SET entry_price = entry_price * 1.001 WHERE " + ONE,
        "ledgers",
        "entry price does not fit the bar's open",
    ),
    (
        "UPDATE agents_trade SET exit_price = exit_price * 1.001 WHERE " + ONE,
        "ledgers",
        "exit price does not fit its bar",
    ),
    (
        "UPDATE agents_trade SET fee = fee * 0.9 WHERE " + ONE,
        "ledgers",
        "fee does not fit the settings",
    ),
    (
        "UPDATE agents_trade SET spread_cost = 0 WHERE " + ONE,
        "ledgers",
        "spread cost does not fit the settings",
    ),
    ("UPDATE agents_trade SET exit_time = exit_time + 1 WHERE " + ONE, "times", "is not at time"),
    (
        "UPDATE agents_trade SET exit_bar = exit_bar + 400 WHERE " + ONE,
        "ledgers",
        "bars lie outside the round's window",
    ),
    (
        "UPDATE agents_trade SET round = round + 1, sequence = 4000 WHERE " + ONE,
        "ledgers",
        "rows are not those that were committed",
    ),
    ("UPDATE agents_trade SET sequence = 4000 WHERE " + ONE, "sequences", "are not numbered"),
    (
        "UPDATE agents_trade SET side = -side WHERE " + ONE,
        "ledgers",
        "gross profit does not fit its fills",
    ),
    ("DELETE FROM agents_trade WHERE " + ONE, "counts", "trade_count is"),
    (
        "UPDATE agents_scar SET severity = 5 WHERE " + ONE,
        "ledgers",
        "rows are not those that were committed",
    ),
    ("DELETE FROM agents_scar WHERE " + ONE, "counts", "scar_count is"),
    ("UPDATE agents_agent SET equity = equity + 1 WHERE " + ONE, "money", "agent 1: equity"),
    (
        "UPDATE agents_agent SET trust = 101 WHERE " + ONE,
        "counts",
        "trust 101.0 is not from 0 to 100",
    ),
    (
        "UPDATE agents_agent SET slot = 1 WHERE state <> 'active'",
        "places",
        "places are not held by exactly one agent",
    ),
    ("UPDATE agents_agent SET died_at = NULL WHERE state <> 'active'", "deaths", "died in round"),
    (
        "UPDATE agents_agent SET state = 'bankrupt' WHERE state = 'outcompeted'",
        "deaths",
        "deaths as outcompeted are told",
    ),
    (
        "UPDATE agents_agent SET death_round = 99 WHERE state <> 'active'",
        "deaths",
        "died in round 99, which cannot be",
    ),
    ("UPDATE agents_agent SET generation = 1 WHERE " + ONE, "lineage", "is of generation 1"),
    (
        "UPDATE agents_agent SET origin = 'child' WHERE " + ONE,
        "lineage",
        "agent 1 is a child with 0 parents",
    ),
    (
        "UPDATE arena_experiment SET treasury = treasury + 1 WHERE " + ONE,
        "conservation",
        "the rows do not balance",
    ),
    (
        "UPDATE arena_experiment SET state_sha256 = 'x' WHERE " + ONE,
        "digest_chain",
        "state_sha256 is x",
    ),
    (
        "UPDATE arena_experiment SET rounds_done = 4 WHERE " + ONE,
        "rounds",
        "counts 4 rounds done, 5 are closed",
    ),
    (
        "UPDATE arena_experiment SET settings = replace(settings, '\"seed\": 7', '\"seed\": 8')"
        " WHERE " + ONE,
        "closes",
        "round 0: state_sha256 is",
    ),
    (
        "UPDATE arena_round SET state_sha256 = 'x' WHERE " + ONE,
        "closes",
        "round 0: state_sha256 is x",
    ),
    ('UPDATE arena_round SET "index" = 7 WHERE "index" = 4', "rounds", "not numbered without gaps"),
    (
        (
            "UPDATE arena_round SET ledger = replace(ledger, '\"treasury\": ', '\"treasury\": 9')"
            ' WHERE "index" = 2'
        ),
        "conservation",
        "round 2",
    ),
    (SET_BOOKS.format("paid_by_parents", "1.5"), "treasury", "round 2: the treasury is"),
    (SET_BOOKS.format("paid_by_parents", "1.5"), "payments", "for whom rounds booked"),
    (SET_BOOKS.format("put_in", "1.5"), "treasury", "round 2: put_in is 1.5"),
    (SET_BOOKS.format("endowed", "1.5"), "treasury", "round 2: endowed is 1.5"),
    (
        "UPDATE agents_agent SET endowment = 9000 WHERE origin = 'immigrant'",
        "treasury",
        "not all newcomers started with 10000.0",
    ),
    (
        "UPDATE agents_agent SET paid_to_children = paid_to_children + 1 WHERE " + ONE,
        "payments",
        "parents paid",
    ),
    (JOB.format("close", "arena_round"), "leases", "round 0 is closed, but its job is waiting"),
    (JOB.format("block", "arena_blockrun"), "leases", "block 0 is done, but its job is waiting"),
    (
        JOB.format("judgement", "arena_judgement"),
        "leases",
        "the judgement of round 4 was made or given up, but its job is waiting",
    ),
    (
        "UPDATE arena_blockrun SET state = 'waiting' WHERE " + ONE,
        "leases",
        "round 0 is closed, but its block 0 is waiting",
    ),
    (
        "UPDATE arena_blockrun SET checkpoint_sha256 = 'x' WHERE " + ONE,
        "checkpoints",
        "has changed since it was written",
    ),
    (
        "UPDATE arena_blockrun SET trades_sha256 = 'x' WHERE " + ONE,
        "ledgers",
        "trades of round 0, block 0",
    ),
    (
        SET_FIGURE.format("return", "0.5") + CHAMPION,
        "evaluations",
        "evaluation of champion, out_of_sample: return is 0.5, computed again",
    ),
    (
        SET_FIGURE.format("sharpe_low", "9") + CHAMPION,
        "evaluations",
        "evaluation of champion, out_of_sample: sharpe_low is 9, computed again",
    ),
    (
        SET_FIGURE.format("trials", "1") + LIVED,
        "evaluations",
        "evaluation of champion, lived: trials is 1, computed again",
    ),
    (
        SET_FIGURE.format("made_up", "1") + LIVED,
        "evaluations",
        "evaluation of champion, lived: made_up is 1, computed again None",
    ),
    (
        "UPDATE arena_evaluation SET agent_id = NULL" + LIVED,
        "evaluations",
        "evaluation of champion, lived is of agent None",
    ),
    (
        "UPDATE arena_evaluation SET after_round = 1" + LIVED,
        "evaluations",
        "champion, lived is said to be after round 1, the last is 4",
    ),
    (
        "DELETE FROM arena_evaluation" + LIVED,
        "evaluations",
        "evaluation of champion, lived: there is none",
    ),
    (
        "UPDATE arena_evaluation SET subject = 'ghost'" + LIVED,
        "evaluations",
        "evaluation of ghost, lived: nobody made such a judgement",
    ),
    (
        "UPDATE arena_nullworld SET outcome = json_set(outcome, '$.vault', 0.5) WHERE " + ONE,
        "null_worlds",
        "null world 0: vault is 0.5",
    ),
    (
        "UPDATE arena_nullworld SET outcome = json_set(outcome, '$.agent', 0) WHERE " + ONE,
        "null_worlds",
        "null world 0: agent is 0",
    ),
    ('UPDATE arena_nullworld SET "index" = 7 WHERE ' + ONE, "null_worlds", "null world 7: "),
]


@pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.full)], ids=["by its check", "by all"]
)
@pytest.mark.parametrize(("sql", "check", "words"), CORRUPTIONS)
def test_a_row_changed_behind_the_services_back_is_named(experiment, sql, check, words, whole):
    run_sql(sql.format(sql.split()[2] if sql.startswith("DELETE") else sql.split()[1]))
    experiment.refresh_from_db()

    found = problems(experiment) if whole else problems_by(check, experiment)

    assert any(words in text for text in found.get(check, [])), found


def test_a_lineage_that_cannot_be_is_named(experiment):
    old, young = Agent.objects.order_by("number").first(), Agent.objects.order_by("number").last()
    columns = "parent_id, child_id, kind, rate, strength, seed, weight_distance"
    run_sql(
        f"INSERT INTO agents_lineageedge ({columns}) VALUES (%s, %s, 'mutation', 0, 0, '', 0)",
        young.pk,
        old.pk,
    )

    assert any(
        f"its parent {young.number} did not live just before" in text
        for text in problems(experiment)["lineage"]
    )


@pytest.mark.parametrize("which", ["weights", "population", "market"])
def test_a_changed_file_is_named(experiment, which):
    run, last = BlockRun.objects.get(round__index=2), Round.objects.get(index=2)
    name = {
        "weights": run.checkpoint + ".weights.safetensors",
        "population": last.close_file,
        "market": experiment.market.file,
    }[which]
    whole = default_storage.open(name).read()
    default_storage.delete(name)
    default_storage.save(name, ContentFile(whole[:-1] + bytes([whole[-1] ^ 1])))
    try:
        found = problems(experiment)
    finally:
        default_storage.delete(name)
        default_storage.save(name, ContentFile(whole))

    check = {"weights": "checkpoints", "population": "closes", "market": "times"}[which]
    assert found[check]


@pytest.mark.parametrize("attribute", ["pk", "uuid", "name"])
def test_the_command_finds_an_experiment_by_id_uuid_or_name(experiment, attribute):
    out = io.StringIO()

    call_command("audit", str(getattr(experiment, attribute)), stdout=out)

    assert f"{len(CHECKS)} checks, 5 rounds, all sound" in out.getvalue()


def test_the_command_exits_with_1_and_the_row(experiment):
    run_sql(
        "UPDATE agents_trade SET net_profit = net_profit + 1 WHERE id = (SELECT MIN(id) FROM"
        " agents_trade)"
    )
    out = io.StringIO()

    with pytest.raises(CommandError) as error:
        call_command("audit", "tiny", stdout=out)

    assert error.value.returncode == 1
    assert "ledgers: trade of agent 1, round 0, sequence 0" in out.getvalue()


def test_the_command_exits_with_2_where_there_is_no_such_experiment(db):
    with pytest.raises(CommandError, match="no such experiment") as error:
        call_command("audit", "nobody")

    assert error.value.returncode == 2


def test_sizes_tell_what_a_round_leaves_and_an_agent_takes(experiment):
    out = io.StringIO()

    call_command("audit", str(experiment.pk), "--sizes", stdout=out)

    lines = out.getvalue().splitlines()
    assert next(line for line in lines if line.startswith("weights")).endswith("in 5")
    assert next(line for line in lines if line.startswith("memories")).endswith("in 3")
    # four arrays of 227 weights, 256 transitions of 21 bytes, and the record
    assert f"an agent takes {4 * 4 * 227 + 256 * 21 + AGENT.itemsize:,} bytes" in lines[-1]
