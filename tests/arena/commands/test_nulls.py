"""Null worlds from the command line: a table for people, one JSON line for programs."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from arena.models import BlockState, NullWorld
from tests.arena.runs import draft, finished_once

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("nulls", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_works_them_off_and_ranks_the_champion():
    experiment = finished_once()

    out, err = run(experiment.uuid, "--count", 3, "--json")

    found = json.loads(out.splitlines()[-1])
    assert (found["asked"], found["done"]) == (3, 3)
    assert found["vault"]["p"] in {0.25, 0.5, 0.75, 1.0}
    assert "null world 3 of 3: 5 rounds in" in err
    assert [row.state for row in NullWorld.objects.all()] == [BlockState.DONE] * 3


def test_the_table_says_what_it_can_show_and_more_can_be_added():
    experiment = finished_once()
    run(experiment.uuid, "--count", 1, "--block", 4)

    out, _ = run(experiment.uuid, "--count", 1, "--block", 4)

    assert "rank" in out and "of 3, p = " in out
    assert "The smallest p that 2 null worlds can give is 0.333." in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(["--count", -1], "ask for 1 to 200 more"), (["--count", 0], "give --count")],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, text):
    with pytest.raises(CommandError, match=text) as caught:
        run(finished_once().uuid, *arguments)

    assert caught.value.returncode == 2


def test_an_experiment_without_a_champion_is_refused():
    with pytest.raises(CommandError, match="finished experiment"):
        run(draft().uuid)
