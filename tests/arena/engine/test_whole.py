"""A world in memory is the experiment that services play and store, to the last bit; and what it
came to.
"""

import numpy as np
import pytest

from agents.life.lifecycle import ACTIVE
from arena.engine import whole
from arena.engine.judging.champion import champion_slot
from arena.engine.results import AGENT, BUY, SELL
from arena.models import Evaluation, Round
from arena.prices.store import market_view
from arena.settings_schema import parse
from arena.store import blocks
from tests.arena.engine.small import always, market_of, small_settings
from tests.arena.runs import basket, finished, tiny

pytestmark = pytest.mark.slow
CHANGES = [
    {},
    {
        "evolution": {
            "juvenile_rounds": 0,
            "turnover": 0.4,
            "inheritance": "baldwinian",
            "crossover": True,
        },
        "life": {"max_scars": 2},
    },
    {"learning": {"replay": 256, "batch": 16, "epsilon_bars": 100, "priority": 0.6}},
]


def ended(settings, market):
    world = whole.begin(settings, market.symbols)
    while not whole.ended(world, settings):
        whole.advance(world, market, settings)
    return world


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changes", "symbols"), [*((each, 1) for each in CHANGES), (CHANGES[2], 3)]
)
def test_the_same_settings_on_the_same_market_give_the_same_agents(changes, symbols):
    settings = tiny(**changes)
    experiment = finished(settings, basket(symbols))
    market = market_view(experiment.market)

    world = ended(parse(experiment.settings), market)

    stored = [
        blocks.block_read(blocks.Saved(run.checkpoint, run.checkpoint_sha256))
        for run in last_blocks(experiment)
    ]
    np.testing.assert_array_equal(
        world.block.online, np.concatenate([block.online for block in stored])
    )
    assert world.purse.money_put_in == experiment.money_put_in
    assert world.next_number == experiment.next_number


@pytest.mark.django_db(transaction=True)
def test_the_outcome_is_what_the_experiment_was_judged_to_be():
    experiment = finished()
    settings, market = parse(experiment.settings), market_view(experiment.market)
    judged = {
        (row.subject, row.stretch): row
        for row in Evaluation.objects.filter(experiment=experiment).select_related("agent")
    }

    found = whole.outcome(ended(settings, market), market, settings)

    champion = judged["champion", "out_of_sample"]
    assert found["agent"] == champion.agent.number
    assert found["vault"] == pytest.approx(champion.figures["return"])
    assert found["vault_hold"] == pytest.approx(
        judged["buy_and_hold", "out_of_sample"].figures["return"]
    )
    assert found["committee"] == pytest.approx(
        judged["committee", "out_of_sample"].figures["return"]
    )
    assert found["competition"] == pytest.approx(judged["champion", "lived"].figures["return"])
    lived = Round.objects.filter(experiment=experiment, index__gte=champion.agent.birth_round)
    held = np.prod([1 + row.baselines["buy_and_hold"]["return"] for row in lived])
    assert found["competition_hold"] == pytest.approx(held - 1)


def test_the_champion_is_the_fittest_of_those_who_lived_through_five_windows():
    agents = np.zeros(4, AGENT)
    agents["number"], agents["fitness"], agents["windows"] = (
        [1, 2, 3, 4],
        [0.1, 0.2, 0.2, 0.9],
        [9, 5, 7, 4],
    )
    assert champion_slot(agents) == 1

    agents["state"][1] = 1
    assert champion_slot(agents) == 2


def test_while_nobody_has_it_is_the_fittest_of_the_oldest():
    agents = np.zeros(3, AGENT)
    agents["number"], agents["fitness"], agents["windows"] = [1, 2, 3], [0.1, 0.2, 0.9], [2, 2, 1]

    assert champion_slot(agents) == 1


def test_a_world_in_which_nobody_lives_has_no_champion():
    settings = tiny()
    world = whole.begin(settings, 1)
    world.block.agents["state"] = 1

    assert champion_slot(world.block.agents) is None
    assert set(whole.outcome(world, None, settings).values()) == {None}


def test_a_run_outlives_agents_with_more_money_than_can_be_counted_and_its_books_balance():
    life = {"endowment": 1e12, "max_leverage": 20.0}
    settings = small_settings(
        6, rounds=3, learning={"episodes": 0}, life=life, evolution={"turnover": 0.0}
    )
    market = market_of(100.0 * 2.0 ** np.arange(600.0))
    world = whole.begin(settings, 1)
    for slot in range(6):
        world.block.online[slot] = always(BUY if slot < 3 else SELL)

    whole.advance(world, market, settings)

    # their places were taken by immigrants, paid from what they left
    assert set(world.block.agents["state"]) == {ACTIVE}
    assert list(world.block.agents["birth_round"]) == [1, 1, 1, 0, 0, 0]
    assert world.purse.money_put_in == 6e12
    assert 1e15 < world.purse.treasury < 1e16
    while not whole.ended(world, settings):
        whole.advance(world, market, settings)
    assert world.rounds == 3
    assert not world.extinct


def last_blocks(experiment):
    return experiment.rounds.get(index=experiment.rounds_done - 1).blocks.order_by("block")
