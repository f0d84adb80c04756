"""A judgement from the command line: made where it could not be before, refused where there is
nothing to judge.
"""

import io

import pytest
from django.core.management import CommandError, call_command

from arena.models import Evaluation, Judgement
from arena.services.evidence import judgement
from tests.arena.runs import draft, finished

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments):
    out = io.StringIO()
    call_command("judge", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_judges_again_what_could_not_be_judged_and_says_why_where_it_still_cannot(monkeypatch):
    real = judgement.judging.verdicts
    monkeypatch.setattr(judgement.judging, "verdicts", lambda **_: 1 / 0)
    experiment = finished()

    with pytest.raises(
        CommandError,
        match="tiny could not be judged: it was tried 3 times, last with ZeroDivisionError",
    ) as caught:
        run(experiment.uuid)
    monkeypatch.setattr(judgement.judging, "verdicts", real)
    out = run(experiment.uuid)

    assert caught.value.returncode == 1
    assert "is judged as of round 4" in out
    assert Judgement.objects.get().state == "done" and Evaluation.objects.exists()


def test_nothing_to_judge_is_one_line_and_exit_code_2():
    with pytest.raises(CommandError, match="it is judged when it has ended") as caught:
        run(draft().uuid)

    assert caught.value.returncode == 2
