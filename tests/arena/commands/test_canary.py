"""The canary from the command line: one sentence and exit code 0, or names and exit code 1."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from arena.management.commands import canary as command
from arena.models import Experiment
from arena.prices.models import MarketData
from arena.prices.services.quarantine import leaps_accept
from tests.arena.commands.test_evolve import prices
from tests.arena.prices.services.test_quarantine import SENTENCE, brought, csv
from tests.arena.runs import finished, tiny

pytestmark = pytest.mark.django_db(transaction=True)


def canary(*arguments):
    """What went to standard output."""
    out = io.StringIO()
    call_command("canary", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_stored_experiment_is_asked_by_its_name():
    finished(tiny(population=6, rounds=2, round_bars=48))

    said = canary("tiny", "--moments", 4)

    assert said.startswith("Nobody looks ahead. All 6 agents played round 1 again")


@pytest.mark.parametrize("market", ["kind = 'jumps'", "kind = 'bootstrap'\npath = 'ibm_daily'"])
def test_settings_are_asked_without_storing_anything(config, market):
    verdict = json.loads(
        canary(config(f"[market]\n{market}\n"), "--moments", 4, "--json").splitlines()[-1]
    )

    assert (verdict["sound"], verdict["found"]) == (True, [])
    assert not Experiment.objects.exists()
    assert not MarketData.objects.exists()


def test_settings_are_asked_on_a_file_whose_columns_are_given_and_nothing_is_stored(
    config, tmp_path
):
    file = prices(tmp_path / "prices.csv", 700)
    file.write_text(file.read_text().replace("close", "worth", 1))

    with pytest.raises(CommandError, match="column close"):
        canary(config(), "--market", file, "--moments", 4)
    said = canary(config(), "--market", file, "--column", "close=worth", "--moments", 4)

    assert said.startswith("Nobody looks ahead.")
    assert not MarketData.objects.exists()


def test_a_series_in_quarantine_is_refused_until_a_person_says_it_is_real(config, tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(csv())
    asked = (config(), "--market", file, "--moments", 4)

    with pytest.raises(
        CommandError, match=re.escape(f"prices.csv is in quarantine: {SENTENCE}")
    ) as caught:
        canary(*asked)
    assert caught.value.returncode == 2
    assert not MarketData.objects.exists()

    assert canary(*asked, "--accept-jumps").startswith("Nobody looks ahead.")
    # what was accepted where it is stored is accepted here
    leaps_accept(market=brought(None), who=None)
    assert canary(*asked).startswith("Nobody looks ahead.")


def test_a_future_that_is_seen_is_exit_code_1_and_the_names(config, monkeypatch):
    answer = {
        "sound": False,
        "text": "The future is seen, through bar range.",
        "found": ["bar range looks ahead."],
    }
    monkeypatch.setattr(command, "settings_canary", lambda **_: answer)

    with pytest.raises(CommandError) as caught:
        canary(config())

    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nowhere"], "no such experiment"),
        (["nowhere.toml"], "nowhere.toml: cannot be read"),
        (["{config}", "--moments", "1"], "--moments"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(config, arguments, text):
    path = str(config())

    with pytest.raises(CommandError, match=text) as caught:
        canary(*[argument.replace("{config}", path) for argument in arguments])

    assert caught.value.returncode == 2
