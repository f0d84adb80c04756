"""The summary of a closed round tells what its rows tell, whenever it was made."""

from hashlib import sha256

import numpy as np
import pytest

from agents.models import Agent
from arena.models import Round, RoundSummary
from arena.selectors.rounds import lines, summarised
from arena.services.audit.run import experiment_audit
from arena.services.rounds.summing import summaries_make
from arena.store import summaries
from tests.arena.runs import finished, tiny

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = tuple(summaries.ARRAYS)


def stored(experiment) -> list[tuple[bytes, ...]]:
    rows = RoundSummary.objects.filter(round__experiment=experiment).order_by("round__index")
    return [tuple(map(bytes, row)) for row in rows.values_list(*COLUMNS)]


@pytest.fixture
def run():
    return finished(tiny(rounds=7))


def test_what_a_close_stored_is_what_its_rows_make_again_to_the_byte(run):
    closed = stored(run)
    RoundSummary.objects.filter(round__experiment=run, round__index__gte=3).delete()

    summaries_make(experiment_id=run.pk)
    some = stored(run)
    RoundSummary.objects.filter(round__experiment=run).update(format=0, lines=b"")
    summaries_make(experiment_id=run.pk)

    assert len(closed) == 7
    assert some == closed
    assert stored(run) == closed


def test_who_lives_after_a_round_is_who_plays_the_next_one(run):
    for index in range(6):
        kept = summarised.summary(experiment=run, index=index)
        after = summarised.summary(experiment=run, index=index + 1)

        assert summarised.living(kept).tolist() == after["places"].tolist()


def test_trades_and_earnings_are_those_of_the_rows_of_the_living(run):
    lived = summarised.lived(summarised.summary(experiment=run, index=6))
    living = Agent.objects.filter(experiment=run, state="active")

    assert set(lived) == {agent.number for agent in living}
    for agent in living:
        trades, earned = lived[agent.number]
        assert trades == agent.trade_count
        assert earned / agent.endowment == pytest.approx(agent.return_since_birth, abs=1e-12)


def test_a_line_of_descent_has_the_agents_and_the_money_of_its_members(run):
    clades = summarised.summary(experiment=run, index=4)["clades"]

    members = Agent.objects.filter(experiment=run, birth_round__lte=4).exclude(death_round__lt=4)
    founders = list(members.values_list("founder", flat=True))
    assert dict(zip(clades["founder"].tolist(), clades["agents"].tolist(), strict=True)) == {
        founder: founders.count(founder) for founder in founders
    }
    curve = Round.objects.get(experiment=run, index=4).curves["equity"]["mean"]
    assert clades["equity"].sum() / 20 == pytest.approx(curve, rel=0.2)


def test_everybody_who_ever_lived_is_known_by_number(run):
    lives = summarised.lives(experiment=run)

    rows = list(Agent.objects.filter(experiment=run).order_by("number"))
    assert len(lives["slot"]) == len(rows) > 20
    for place, row in enumerate(rows):
        assert row.number == place + 1
        death = -1 if row.death_round is None else row.death_round
        found = [lives[name][place] for name in ("slot", "birth", "death", "generation")]
        assert found == [row.slot, row.birth_round, death, row.generation]
        if death >= 0 and row.fitness is not None:
            assert lives["fitness"][place] == np.float32(row.fitness)


def test_the_audit_finds_a_summary_that_says_something_else(run):
    assert list(experiment_audit(experiment=run)) == []

    row = RoundSummary.objects.get(round__experiment=run, round__index=2)
    found = summaries.unpacked("lines", row.lines).copy()
    found[lines.PLACE["measures", "return", "mean"]] += 0.01
    RoundSummary.objects.filter(pk=row.pk).update(lines=found.tobytes())

    [(check, problem)] = experiment_audit(experiment=run)
    assert (check, problem) == (
        "summed",
        "round 2: lines of its summary are not what its rows tell",
    )


def test_another_layout_of_the_arrays_is_another_format():
    """Whoever moves a line or a field raises summaries.FORMAT, and writes the new layout here."""
    layout = {name: str(dtype) for name, dtype in summaries.ARRAYS.items()}

    assert summaries.FORMAT == 1
    assert sha256(repr((layout, lines.PATHS)).encode()).hexdigest()[:16] == "60b91386ab7aafb8"
