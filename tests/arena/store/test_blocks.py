"""Blocks and populations come back as they were written, and what was changed on the way is
noticed.
"""

import dataclasses
from contextlib import nullcontext

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block
from arena.engine.results import AGENT, Birth, Purse
from arena.store import blocks, files
from arena.store.population import births_of, population_of, population_read, population_write
from ml.checkpoint import CheckpointError, unpack
from tests.arena.runs import TINY, tiny

RACE = pytest.raises(FileExistsError, match="being written by another process")
DIGESTS = np.arange(20 * 32, dtype=np.uint8).reshape(20, 32)


BY_PRIORITY = tiny(learning=TINY["learning"] | {"priority": 0.6})


def lived(head=40, wrapped=False, settings=None, symbols=1):
    """A block with something in every array; memory filled as far as the ring says."""
    settings = settings or tiny()
    rng, block = np.random.default_rng(1), fresh_block(founders(settings), settings, symbols)
    used = block.bar.shape[1] if wrapped else head
    for name in ("target", "moment1", "moment2", "online"):
        getattr(block, name)[:] = rng.normal(size=block.online.shape)
    block.moment2[:] = np.abs(block.moment2)
    block.private[:, :, :used] = rng.normal(size=(20, symbols, used, 4))
    block.action[:, :, :used] = rng.integers(0, 3, (20, symbols, used))
    block.reward[:, :, :used] = rng.normal(size=(20, symbols, used))
    block.priority[:, :, :used] = rng.random((20, symbols, used if block.priority.size else 0))
    block.bar[:, :used] = rng.integers(0, 1000, (symbols, used))
    block.head = head
    return block


def same(left, right):
    """Bit for bit; NaN equals NaN."""
    names = [field.name for field in dataclasses.fields(left)]
    return all(
        np.asarray(getattr(left, name)).tobytes() == np.asarray(getattr(right, name)).tobytes()
        for name in names
    )


def records_same(left, right):
    return left.tobytes() == right.tobytes()


@pytest.mark.parametrize("symbols", [1, 3])
@pytest.mark.parametrize("chosen", [None, BY_PRIORITY], ids=["even", "by priority"])
@pytest.mark.parametrize(("head", "wrapped"), [(0, False), (40, False), (0, True), (40, True)])
def test_a_block_comes_back_bit_for_bit(head, wrapped, chosen, symbols):
    block = lived(head=head, wrapped=wrapped, settings=chosen, symbols=symbols)

    back = blocks.block_read(blocks.block_write("round/block-000.f1", block, DIGESTS))

    assert same(back, block)


def test_the_unwritten_part_of_a_memory_takes_no_place():
    blocks.block_write("short", lived(head=8), DIGESTS)
    blocks.block_write("long", lived(head=200), DIGESTS)

    assert default_storage.size("short" + files.MEMORY) < default_storage.size(
        "long" + files.MEMORY
    )


def test_priorities_take_a_place_only_where_they_are_used():
    for stem, settings in (("even", None), ("uneven", BY_PRIORITY)):
        blocks.block_write(stem, lived(wrapped=True, settings=settings), DIGESTS)

    arrays = {stem: unpack(files.read(stem + files.MEMORY)) for stem in ("even", "uneven")}
    assert arrays["uneven"].keys() - arrays["even"].keys() == {"priority"}
    more = len(files.read("uneven" + files.MEMORY)) - len(files.read("even" + files.MEMORY))
    assert 20 * 256 * 4 <= more < 20 * 256 * 4 + 200


@pytest.mark.parametrize("part", [files.WEIGHTS, files.MEMORY])
def test_a_file_changed_by_one_bit_is_refused_by_name(part):
    saved = blocks.block_write("round/block-000.f1", lived(), DIGESTS)
    data = bytearray(files.read(saved.stem + part))
    data[-1] ^= 1
    default_storage.delete(saved.stem + part)
    default_storage.save(saved.stem + part, ContentFile(bytes(data)))

    with pytest.raises(CheckpointError, match=f"block-000.f1{part} has changed"):
        blocks.block_read(saved)


@pytest.mark.parametrize("part", [files.WEIGHTS, files.MEMORY])
def test_a_missing_file_is_named(part):
    saved = blocks.block_write("round/block-000.f1", lived(), DIGESTS)
    files.remove(saved.stem + part)

    with pytest.raises(CheckpointError, match=f"block-000.f1{part} is missing"):
        blocks.block_read(saved)


def test_writing_again_replaces_what_a_dead_attempt_left():
    files.write("a/b", b"half")
    files.write("a/b", b"whole")

    assert files.read("a/b") == b"whole"


@pytest.mark.parametrize(("theirs", "ends"), [(b"bars", nullcontext()), (b"other", RACE)])
def test_who_is_overtaken_is_content_where_the_other_wrote_the_same(monkeypatch, theirs, ends):
    exists = FileSystemStorage.exists

    def overtaken(storage, name):
        monkeypatch.setattr(FileSystemStorage, "exists", exists)
        storage.save(name, ContentFile(theirs))
        return False

    monkeypatch.setattr(FileSystemStorage, "exists", overtaken)
    with ends:
        files.write("a/b", b"bars")

    assert (files.read("a/b"), list(files.within("a"))) == (theirs, ["a/b"])


def test_a_population_comes_back_with_its_births_and_purse():
    born = founders(tiny())
    purse = Purse(treasury=-0.1, money_put_in=1 / 3, costs_ever=1e-300, gross_profit_ever=2.5)
    child = Birth(
        slot=4, number=21, parents=(3, 9), agent=born[4].agent.copy(), weights=born[0].weights + 1
    )
    child.agent["number"] = 21
    population = population_of(
        np.array([birth.agent for birth in born], AGENT), [child], len(child.weights), purse
    )

    back = population_read(population_write("round/births", population))

    assert records_same(back.agents, population.agents)
    assert back.purse == purse
    (birth,) = births_of(back, 0, 20)
    assert (birth.slot, birth.number, birth.parents) == (4, 21, (3, 9))
    assert np.array_equal(birth.weights, child.weights)


def test_a_round_begins_with_the_closes_records_and_newborns_that_remember_nothing():
    block = lived(wrapped=True, settings=BY_PRIORITY)
    old = lived(wrapped=True, settings=BY_PRIORITY)
    born = founders(tiny(seed=99))
    agents = block.agents.copy()
    agents["trust"] = 77.0
    child = Birth(slot=14, number=21, parents=(), agent=born[4].agent, weights=born[4].weights)
    population = population_of(agents, [child], len(child.weights), Purse(0.0, 0.0))
    half = blocks.Block(**{f.name: getattr(block, f.name) for f in dataclasses.fields(block)})
    for name in (
        "agents",
        "online",
        "target",
        "moment1",
        "moment2",
        "private",
        "action",
        "reward",
        "priority",
    ):
        setattr(half, name, getattr(block, name)[10:])

    blocks.begin_round(half, population, first_slot=10)

    assert half.agents["trust"][0] == 77.0
    assert records_same(half.agents[4:5], np.array([child.agent], AGENT))
    assert np.array_equal(half.online[4], child.weights) and np.array_equal(
        half.target[4], child.weights
    )
    assert (
        not half.moment1[4].any()
        and not half.moment2[4].any()
        and not half.private[4].any()
        and not half.reward[4].any()
    )
    assert not half.priority[4].any() and half.priority[3].any()
    assert np.array_equal(half.online[3], old.online[13]) and np.array_equal(
        half.private[3], old.private[13]
    )
