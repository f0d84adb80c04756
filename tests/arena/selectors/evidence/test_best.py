"""On which terms growth is read round by round, and that the best possible is computed once."""

import pytest
from redis.exceptions import ConnectionError as RedisAway

from arena.engine.judging.ceiling import ceiling
from arena.selectors.evidence import best
from arena.selectors.evidence.best import best_growth, eras
from arena.selectors.pages.snapshot import round_delta, snapshot
from arena.services.rounds.summing import summaries_make
from arena.settings_schema import parse
from tests.arena import world

pytestmark = pytest.mark.django_db
PLANTED = {"market": {"kind": "planted", "edge": 0.9, "volatility": 0.01}}


@pytest.fixture(autouse=True)
def _another_process():
    """One that knows of no law yet."""
    best._best.cache_clear()


def experiment(settings, **fields):
    row = world.experiment(world.user(), **fields)
    row.settings = row.settings | settings.model_dump(mode="json") | {"round_bars": 64}
    row.save()
    return row


def test_growth_is_read_by_the_bars_of_a_round_the_reward_and_the_law():
    row = experiment(parse(PLANTED))

    (era,) = eras(experiment=row)

    # a window of n bars holds n - 1 decisions
    assert (era["from"], era["bars"], era["reward"], era["scale"]) == (0, 63, "log_return", 100.0)
    assert era["best"] == pytest.approx(ceiling(parse(PLANTED)).growth, abs=1e-15)


@pytest.mark.parametrize("reward", ["differential_sharpe", "asymmetric"])
def test_another_reward_is_no_multiple_of_growth(reward):
    (era,) = eras(experiment=experiment(parse(PLANTED | {"learning": {"reward": reward}})))

    assert (era["reward"], era["scale"]) == (reward, None)


def test_before_the_first_round_nothing_is_computed(monkeypatch):
    monkeypatch.setattr(best, "best_a_bar", lambda settings: pytest.fail("too early"))

    assert eras(experiment=experiment(parse(PLANTED), rounds=0)) == []


def test_rounds_that_forks_share_keep_the_terms_they_were_played_on():
    first = experiment(parse(PLANTED | {"learning": {"reward": "asymmetric"}}))
    second = experiment_of(first, after=1, learning={"reward": "log_return"})
    third = experiment_of(second, after=0, costs={"fee": 0.0})

    shared = [(era["from"], era["reward"]) for era in eras(experiment=second)]
    again = [(era["from"], era["reward"]) for era in eras(experiment=third)]

    assert shared == [(0, "asymmetric"), (2, "log_return")]
    # what the second had changed by then was not shared any more
    assert again == [(0, "asymmetric"), (1, "log_return")]
    assert eras(experiment=third)[1]["best"] > eras(experiment=third)[0]["best"]


def experiment_of(origin, *, after, **sections):
    """A fork of `origin` with other settings."""
    row = world.experiment(origin.owner, forked_from=origin, forked_after=after)
    row.settings = origin.settings | {
        name: origin.settings[name] | changes for name, changes in sections.items()
    }
    row.save()
    return row


def test_page_and_message_carry_the_terms():
    row = experiment(parse(PLANTED))
    summaries_make(experiment_id=row.pk)

    whole, message = snapshot(experiment=row), round_delta(experiment=row, index=2)

    assert whole["experiment"]["growth"] == message["experiment"]["growth"] == eras(experiment=row)


def test_the_best_is_computed_once_whatever_the_seed_and_the_learning(monkeypatch):
    asked = []
    monkeypatch.setattr(best, "best_a_bar", lambda settings: asked.append(settings) or 0.0015)

    def asked_elsewhere(seed):
        best._best.cache_clear()
        return best_growth(
            settings=parse(PLANTED | {"seed": seed, "learning": {"enabled": seed > 1}})
        )

    found = [asked_elsewhere(seed) for seed in (1, 2, 3)]

    assert found == pytest.approx([0.0015] * 3)
    assert len(asked) == 1


def test_that_there_is_no_best_is_remembered_too(monkeypatch):
    asked = []
    monkeypatch.setattr(best, "best_a_bar", asked.append)

    for _ in range(2):
        best._best.cache_clear()
        assert best_growth(settings=parse({"market": {"kind": "jumps"}})) is None
    assert len(asked) == 1


class Away:
    """A cache whose Redis does not answer."""

    def get_or_set(self, *args):
        raise RedisAway("away")


def test_without_redis_it_is_computed_all_the_same(monkeypatch):
    monkeypatch.setattr(best, "caches", {"default": Away()})

    assert best_growth(settings=parse(PLANTED)) == ceiling(parse(PLANTED)).growth


def test_without_redis_a_process_computes_it_once_and_not_for_every_page(monkeypatch):
    asked = []
    monkeypatch.setattr(best, "caches", {"default": Away()})
    monkeypatch.setattr(best, "best_a_bar", lambda settings: asked.append(settings) or 0.0015)

    assert [best_growth(settings=parse(PLANTED)) for _ in range(3)] == [0.0015] * 3
    assert len(asked) == 1
