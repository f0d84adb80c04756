"""Files from strangers: whatever no file of ours holds is refused by file, field and place, before
a kernel sees it.
"""

import re
from dataclasses import fields, replace

import numpy as np
import pytest
from django.core.files.storage import default_storage

from arena.engine import packing
from arena.engine.limits import AGENT_LIMITS, BLOCK_LIMITS, BLOCK_SHAPES
from arena.engine.results import AGENT, FIGURES, Purse
from arena.engine.whole import begin
from arena.prices.files.packed import pack_bars, unpack_bars
from arena.prices.market.bars import COLUMNS
from arena.store import blocks, files, population, worlds
from ml import checkpoint
from ml.checkpoint import CheckpointError
from tests.arena.engine.small import small_bars
from tests.arena.runs import tiny
from tests.arena.store.test_blocks import BY_PRIORITY, DIGESTS, lived

STEM = "round/block-000.f1"
# one way out of the limits for each field of an agent
BEYOND = {
    name: np.nan if AGENT[name].base.kind == "f" else most + 1
    for name, (_, most) in AGENT_LIMITS.items()
    if name != "random"
}
BEYOND |= {"scores": np.inf, "fitness": -np.inf}


def written(part, arrays=None, note=None, block=None):
    """A sound block, and then the file `part` of it with some arrays and notes exchanged, under the
    digests that it then has.
    """
    saved = blocks.block_write(STEM, block or lived(wrapped=True, settings=BY_PRIORITY), DIGESTS)
    data = {each: files.read(STEM + each) for each in (files.MEMORY, files.WEIGHTS)}
    exchanged = checkpoint.unpack(data[part]) | (arrays or {})
    data[part] = checkpoint.pack(
        {name: array for name, array in exchanged.items() if array is not None},
        note_of(data[part], note),
    )
    if part == files.MEMORY:
        names = {blocks.MEMORY_DIGEST: checkpoint.xxh3(data[part])}
        data[files.WEIGHTS] = checkpoint.pack(checkpoint.unpack(data[files.WEIGHTS]), names)
    for each, content in data.items():
        rewrite(STEM + each, content)
    return replace(saved, sha256=checkpoint.sha256(data[files.WEIGHTS]))


def note_of(data, note):
    return {
        key: value
        for key, value in (checkpoint.metadata(data) | (note or {})).items()
        if value is not None
    }


def rewrite(name, content):
    default_storage.delete(name)
    files.write(name, content)


def refused(read, *words):
    with pytest.raises(CheckpointError) as error:
        read()
    for word in words:
        assert re.search(word, str(error.value)), str(error.value)


def arrays_of(part):
    """The arrays of a sound block's file."""
    blocks.block_write(STEM, lived(wrapped=True, settings=BY_PRIORITY), DIGESTS)
    return checkpoint.unpack(files.read(STEM + part))


def test_what_was_only_written_again_is_read():
    for part in (files.WEIGHTS, files.MEMORY):
        blocks.block_read(written(part))


# -- blocks


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_a_record_beyond_its_limits_is_refused_wherever_it_is_read(name):
    block = lived(wrapped=True)
    block.agents[name][13] = BEYOND[name]
    saved = blocks.block_write(STEM, block, DIGESTS)

    for read in (blocks.block_read, blocks.weights_read):
        refused(lambda read=read: read(saved), f"^{STEM}{files.WEIGHTS}: agents.{name}" + r"\[13")


@pytest.mark.parametrize("part", [files.WEIGHTS, files.MEMORY])
def test_every_array_of_a_block_has_its_type_and_shape(part):
    for name, array in arrays_of(part).items():
        for wrong in (
            array[None],
            array[:-1],
            array[..., :0],
            array.astype(np.float64),
            None,
            np.zeros((), array.dtype),
        ):
            saved = written(part, {name: wrong})
            if part == files.MEMORY and name == blocks.PRIORITY and wrong is None:
                continue
            # how many parameters there are, neither file knows alone
            refused(lambda saved=saved: blocks.block_read(saved), f"^{STEM}")


@pytest.mark.parametrize("name", sorted(set(BLOCK_LIMITS) - {"online"}))
def test_every_number_of_a_memory_is_within_its_limits(name):
    array = arrays_of(files.MEMORY)[name]
    floating = array.dtype.kind == "f"
    for wrong in [np.nan, np.inf, -np.inf] if floating else [BLOCK_LIMITS[name][0] - 1]:
        changed = array.copy()
        changed.flat[-1] = wrong
        saved = written(files.MEMORY, {name: changed})
        refused(
            lambda saved=saved: blocks.block_read(saved),
            f"^{STEM}{files.MEMORY}: {name}" + r"\[.*\] is ",
        )


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_weights_are_finite(wrong):
    online = arrays_of(files.WEIGHTS)["online"].copy()
    online[7, 3] = wrong
    saved = written(files.WEIGHTS, {"online": online})

    for read in (blocks.block_read, blocks.weights_read):
        refused(
            lambda read=read: read(saved), rf"^{STEM}{files.WEIGHTS}: online\[7, 3\] is {wrong}"
        )


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ({"head": -1}, "head is -1"),
        ({"head": 256}, "head is 256, not a whole number from 0 to 255"),
        ({"head": 3.5}, "head is 3.5"),
        ({"head": True}, "head is True"),
        ({"head": None}, "head is None"),
        ({"head": "40"}, "head is '40'"),
        (
            {"capacity": 10**12},
            "capacity is 1000000000000, not a whole number from 256 to 1,000,000",
        ),
        ({"capacity": 255}, "capacity is 255"),
        ({"capacity": 257}, "256 slots of 257, though the head is 40"),
        ({"capacity": None}, "capacity is None"),
    ],
)
def test_a_ring_is_where_it_says(note, words):
    saved = written(files.MEMORY, note=note)

    refused(lambda: blocks.block_read(saved), f"^{STEM}{files.MEMORY}: ", re.escape(words))


def test_a_memory_that_was_never_written_cannot_be_remembered():
    block = lived(head=40)
    block.agents["remembered"][3] = 41
    saved = blocks.block_write(STEM, block, DIGESTS)

    refused(lambda: blocks.block_read(saved), re.escape("agents.remembered[3] is 41, of 40 slots"))


def test_a_row_that_no_slot_saw_is_refused_where_slots_were_written():
    bar = arrays_of(files.MEMORY)["bar"].copy()
    bar[0, 200] = -1

    refused(
        lambda: blocks.block_read(written(files.MEMORY, {"bar": bar})),
        re.escape("bar[0, 200] is -1, though the head is 40"),
    )


@pytest.mark.parametrize("code", [3, 7, -2, 127])
def test_an_action_that_there_is_not_is_refused(code):
    action = arrays_of(files.MEMORY)["action"].copy()
    action[4, 0, 9] = code

    refused(
        lambda: blocks.block_read(written(files.MEMORY, {"action": action})),
        rf"action\[4, 0, 9\] is {code}",
    )


def test_a_slot_that_ends_a_window_cannot_be_drawn_by_its_priority():
    action = arrays_of(files.MEMORY)["action"].copy()
    action[4, 0, 9] = -1

    refused(
        lambda: blocks.block_read(written(files.MEMORY, {"action": action})),
        r"priority\[4, 0, 9\] is .*, of a slot that cannot",
    )


@pytest.mark.parametrize("digest", [None, 5, "", "0" * 32])
def test_the_weights_name_their_memory(digest):
    saved = written(files.WEIGHTS, note={blocks.MEMORY_DIGEST: digest})

    refused(lambda: blocks.block_read(saved), STEM)


def test_every_field_of_a_block_is_in_one_of_its_files():
    names = set(arrays_of(files.WEIGHTS)) | set(arrays_of(files.MEMORY))

    assert (
        names - {"digests"}
        == set(BLOCK_SHAPES)
        == {field.name for field in fields(blocks.Block)} - {"head"}
    )


# -- populations


def stored(change=None, note=None):
    """The file of a population of 20, of whom numbers 3 and 5 are newborn, with an array or a note
    exchanged.
    """
    agents, rng = lived().agents.copy(), np.random.default_rng(1)
    born = population.Population(
        agents,
        np.array([2, 4]),
        np.array([[1, 0], [0, 0]]),
        rng.normal(size=(2, 9)).astype("f4"),
        Purse(1.0, 2.0),
    )
    name = population.population_write("births", born).name
    data = files.read(name)
    arrays = checkpoint.unpack(data) | (change or {})
    content = checkpoint.pack(
        {key: array for key, array in arrays.items() if array is not None}, note_of(data, note)
    )
    rewrite(name, content)
    return population.Stored(name, checkpoint.sha256(content))


def test_a_population_that_was_only_written_again_is_read():
    assert list(population.population_read(stored()).slots) == [2, 4]


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_a_population_has_no_record_beyond_its_limits(name):
    agents = lived().agents.copy()
    agents[name][19] = BEYOND[name]

    refused(
        lambda: population.population_read(stored({"agents": checkpoint.pack_records(agents)})),
        rf"^births: agents\.{name}\[19",
    )


def test_every_array_of_a_population_has_its_type_and_shape():
    arrays = checkpoint.unpack(files.read(stored().name))
    assert set(arrays) == {"agents", *population.BORN}
    for name, array in arrays.items():
        for wrong in (
            array[None],
            array[:1],
            array[..., :0],
            array.astype(np.float16),
            None,
            np.zeros((), array.dtype),
        ):
            # networks of no parameters are refused by the block that they are born into
            if name != "weights" or wrong is None or wrong.size:
                refused(
                    lambda name=name, wrong=wrong: population.population_read(
                        stored({name: wrong})
                    ),
                    "^births",
                )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slots": np.array([2, 20])}, r"slots\[1\] is 20, not 0 to 19"),
        ({"slots": np.array([-1, 4])}, r"slots\[0\] is -1, not 0 to 19"),
        ({"slots": np.array([4, 4])}, "slots hold 4 twice"),
        ({"numbers": np.array([3, 6])}, r"numbers\[1\] is 6, though place 4 holds agent 5"),
        ({"parents": np.array([[1, -1], [0, 0]])}, r"parents\[0, 1\] is -1"),
        ({"weights": np.full((2, 9), np.nan, np.float32)}, r"weights\[0, 0\] is nan"),
    ],
)
def test_newborns_have_a_place_parents_and_a_network(change, words):
    refused(lambda: population.population_read(stored(change)), f"^births: {words}")


@pytest.mark.parametrize("field", [field.name for field in fields(Purse)])
@pytest.mark.parametrize("value", ["nan", "inf", "0x1p+1100", "much", 5e9999, None, "-0x1.0p+1000"])
def test_every_amount_of_a_purse_is_a_number(field, value):
    value = str(value) if isinstance(value, float) else value

    refused(lambda: population.population_read(stored(note={field: value})), "^births", "purse")


def test_a_purse_has_no_pocket_of_its_own():
    refused(lambda: population.population_read(stored(note={"gift": "0x1p+3"})), "gift")


def test_a_population_of_another_experiment_does_not_begin_a_round():
    block, read = lived(), population.population_read(stored())

    refused(lambda: blocks.begin_round(block, read, 0), "newborns of 9 parameters")
    fitting = replace(read, weights=np.zeros((2, block.online.shape[1]), np.float32))
    refused(lambda: blocks.begin_round(block, fitting, 10), "20 agents")


# -- worlds


def kept(**changes):
    """What is kept of a world, with some of it exchanged."""
    return worlds.world_write("null/round", begin(tiny(), 1)) | changes


def test_a_world_that_was_only_written_is_read():
    assert worlds.world_read(kept()).next_number == 21


@pytest.mark.parametrize(
    "name", sorted(kept_names := {"block", "born", "next_number", "rounds", "grown", "held"})
)
def test_nothing_that_is_kept_of_a_world_is_taken_on_trust(name):
    assert set(kept()) == kept_names
    for wrong in (None, "x", -1, [np.inf] * 20, [0.0] * 19, {"stem": "elsewhere"}):
        refused(lambda wrong=wrong: worlds.world_read(kept(**{name: wrong})))
    note = kept()
    del note[name]
    refused(lambda: worlds.world_read(note), name)


@pytest.mark.parametrize("number", [20, 2.5, "21"])
def test_no_number_is_given_twice(number):
    refused(lambda: worlds.world_read(kept(next_number=number)), "next_number")


def test_agents_and_their_weights_at_birth_are_of_one_world():
    note = kept()
    other = worlds.world_write("other/round", begin(tiny(network={"hidden": [9]}), 1))

    refused(lambda: worlds.world_read(note | {"born": other["born"]}), "weights at birth")


# -- figures, actions, bars


def test_figures_of_a_row_are_looked_at():
    figures = np.ones((2, len(FIGURES)))
    figures[1, FIGURES.index("state")] = 7

    refused(
        lambda: packing.unpack_figures(packing.pack_figures(figures)),
        re.escape("figures of a block: figures.state[1] is 7.0"),
    )
    refused(lambda: packing.unpack_figures(checkpoint.pack({"other": figures})), "figures")


@pytest.mark.parametrize(
    ("arrays", "note"),
    [
        ({"actions": np.zeros((2, 1, 4), np.int8)}, {"bars": 16}),
        ({"actions": np.zeros((2, 4), np.uint8)}, {"bars": 16}),
        ({"other": np.zeros((2, 1, 4), np.uint8)}, {"bars": 16}),
        *(
            ({"actions": np.zeros((2, 1, 4), np.uint8)}, note)
            for note in ({"bars": 17}, {"bars": 12}, {"bars": -1}, {"bars": "16"}, {})
        ),
    ],
)
def test_actions_of_a_row_are_as_many_as_they_say(arrays, note):
    refused(lambda: packing.unpack_actions(checkpoint.pack(arrays, note)), "actions of a block")


@pytest.mark.parametrize("column", COLUMNS)
def test_bars_of_a_file_are_bars(column):
    arrays = checkpoint.unpack(pack_bars([small_bars(bars=20)]))
    whole = np.zeros(20) if column != "time" else np.zeros(20, np.int64)
    for wrong in (arrays[column][:5], whole - 1, whole.astype("f4") * np.nan, arrays[column][None]):
        data = checkpoint.pack(arrays | {column: wrong})
        # of times of another number it is the prices that do not fit
        refused(
            lambda data=data: unpack_bars(data, "markets/x", 3_600_000, 1),
            f"^markets/x holds bars.*({column}|open: has shape)",
        )


def test_a_note_that_is_nested_without_end_is_refused():
    # as the library writes what it is given
    data = checkpoint.save({"a": np.zeros(1)}, {checkpoint.KEY: "[" * 100_000})

    refused(lambda: checkpoint.metadata(data, "deep"), "^deep")
