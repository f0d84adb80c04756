"""Stored files say their format: what was written before they did is read, another one is
refused.
"""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from agents.life.lifecycle import STATES
from arena.engine.results import AGENT, SCAR_CAUSES, TRADE_REASONS
from arena.store import blocks, files, formats
from arena.store.population import population_kept, population_read, record_read
from ml import checkpoint
from tests.arena.store.test_blocks import DIGESTS, lived
from tests.arena.store.test_hostile import STEM, refused, rewrite, stored, written

# a block as it was written before files said their format
OLD = Path(__file__).parent / "stored" / "block-1"
OLD_DIGESTS = np.arange(64, dtype=np.uint8).reshape(2, 32)
# what the files of each format hold, by its digest
LAYOUTS = {1: "3451f4c9629d7f73"}

# tables whose places are codes in records, and how they began
CODES = {
    "states": (
        STATES,
        ("active", "bankrupt", "scarred_out", "diverged", "outcompeted", "retired", "overflow"),
    ),
    "causes": (SCAR_CAUSES, ("trade_loss", "liquidation", "fee_burden", "stop_loss", "crash")),
    "reasons": (
        TRADE_REASONS,
        ("signal", "reversal", "liquidation", "window_end", "death", "stop_loss", "take_profit"),
    ),
}


def layout():
    """The digest of what a format fixes: arrays by name and type, and the fields of a record."""
    fields = [(name, dtype.str, at) for name, (dtype, at, *_) in (AGENT.fields or {}).items()]
    arrays = [(name, str(dtype.base), axes) for name, (dtype, axes) in blocks.WEIGHTS.items()]
    memory = (*blocks.OPTIMISER, *blocks.MEMORIES, blocks.PRIORITY, "bar")
    fixed = (AGENT.itemsize, fields, arrays, memory)
    return hashlib.sha256(repr(fixed).encode()).hexdigest()[:16]


def old():
    """It, in the storage."""
    for part in (files.WEIGHTS, files.MEMORY):
        rewrite(STEM + part, OLD.with_name(OLD.name + part).read_bytes())
    return blocks.Saved(STEM, checkpoint.sha256(files.read(STEM + files.WEIGHTS)))


@pytest.mark.tables
def test_what_the_files_hold_is_what_their_format_says():
    remedy = (
        "a block's files hold something else: raise FORMAT in arena/store/formats.py, read the"
        f" older one or leave it out of KNOWN, and write {layout()!r} under it into LAYOUTS"
    )

    assert LAYOUTS[formats.FORMAT] == layout(), remedy


@pytest.mark.tables
@pytest.mark.parametrize(("names", "first"), CODES.values(), ids=CODES)
def test_codes_that_files_and_rows_hold_keep_their_meaning(names, first):
    assert tuple(names[: len(first)]) == first, "append to the table; a place in it is a code"


def test_both_files_of_a_block_say_their_format():
    saved = blocks.block_write(STEM, lived(), DIGESTS)

    for part in (files.WEIGHTS, files.MEMORY):
        assert checkpoint.metadata(files.read(saved.stem + part))[formats.KEY] == formats.FORMAT


def test_a_block_from_before_files_said_their_format_is_read():
    note = checkpoint.metadata(OLD.with_name(OLD.name + files.WEIGHTS).read_bytes())
    block = blocks.block_read(old())
    _, _, digests = blocks.weights_read(old())

    assert formats.KEY not in note
    assert (block.head, block.bar[0, :6].tolist()) == (5, [0, 1, 2, 3, 4, -1])
    assert block.agents["number"].tolist() == [1, 2]
    assert np.array_equal(digests, OLD_DIGESTS)


def test_a_block_from_before_is_made_again_to_the_same_bytes():
    saved = old()

    packed = blocks.block_pack_again(blocks.block_read(saved), OLD_DIGESTS, saved.sha256)

    assert packed.weights == files.read(STEM + files.WEIGHTS)
    assert packed.memory == files.read(STEM + files.MEMORY)


def test_a_block_that_is_another_one_is_not_made_again():
    saved = old()

    assert (
        blocks.block_pack_again(blocks.block_read(saved), OLD_DIGESTS[::-1], saved.sha256) is None
    )


@pytest.mark.parametrize("found", [2, 0, "1", True, None])
@pytest.mark.parametrize("part", [files.WEIGHTS, files.MEMORY])
def test_a_block_of_another_format_is_refused_in_a_sentence(part, found):
    saved = written(part, note={formats.KEY: found if found is not None else 1.0})

    with pytest.raises(formats.UnknownFormat) as error:
        blocks.block_read(saved)

    assert f"{STEM}{part} is of format" in str(error.value)
    assert "knows 1: run the version that wrote it" in str(error.value)


def test_a_population_of_another_format_is_refused_however_it_is_read():
    other = stored(note={formats.KEY: 7})
    reads = (population_read, population_kept, lambda saved: record_read(saved.name, 0))

    for read in reads:
        refused(lambda read=read: read(other), "births.* is of format 7", "knows 1")
