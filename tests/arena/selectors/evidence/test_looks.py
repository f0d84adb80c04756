"""A look at the vault of a market is one at the vaults of what it is part of, and of its parts,
where they meet in time.
"""

import pytest

from arena.models import Evaluation
from arena.prices.services.baskets import market_together
from arena.prices.services.markets import market_store
from arena.selectors.evidence.looks import vault_looks
from arena.services.evidence.tried import look_write
from arena.services.experiments.lifecycle import experiment_create
from arena.settings_schema import parse
from tests.arena import world
from tests.arena.engine.small import small_bars
from tests.arena.prices.market.test_together import kept

pytestmark = pytest.mark.django_db
SMALL = parse({"population": 2, "rounds": 1, "round_bars": 64})


def part(seed, places=slice(None)):
    return market_store(
        bars=[kept(small_bars(seed, 1000), places)],
        name=f"part {seed}",
        data_kind="historical",
        source="test",
    )


def scored(market, owner=None):
    """An experiment whose end was judged."""
    run = experiment_create(owner=owner, name="run", settings=SMALL, market=market)
    fields = {
        "subject": "cash",
        "stretch": "out_of_sample",
        "figures": {},
        "after_round": 0,
        "at": world.NOON,
    }
    Evaluation.objects.create(experiment=run, **fields)
    look_write(experiment=run, after_round=0)
    return run


def others(run):
    assert vault_looks(experiment=run)["own"] == 1
    return vault_looks(experiment=run)["others"]


def test_baskets_and_their_parts_share_their_looks():
    one, two, three, stranger = (part(seed) for seed in range(4))
    runs = [
        scored(market)
        for market in (
            one,
            market_together(parts=[one, two]),
            market_together(parts=[two, three]),
            three,
            stranger,
        )
    ]

    assert [others(run) for run in runs] == [1, 2, 2, 1, 0]


def test_what_the_owner_saw_is_told_apart_from_what_others_did():
    one = part(0)
    ada, bob = world.user("ada"), world.user("bob")
    mine, theirs, mine_too = (scored(one, owner) for owner in (ada, bob, ada))

    assert vault_looks(experiment=mine) == {"own": 1, "others": 2}
    assert (
        vault_looks(experiment=mine, of_owner=True)
        == vault_looks(experiment=mine_too, of_owner=True)
        == {"own": 1, "others": 1}
    )
    assert vault_looks(experiment=theirs, of_owner=True) == {"own": 1, "others": 0}


def test_vaults_that_do_not_meet_in_time_are_two():
    whole, early = part(1), part(2, slice(0, 600))
    runs = [scored(market) for market in (whole, market_together(parts=[whole, early]))]

    assert [others(run) for run in runs] == [0, 0]
