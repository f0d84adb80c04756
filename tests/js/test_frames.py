"""What the server writes, the page's script reads: the same numbers, and null for what is none."""

import json
import subprocess
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import pytest

from arena.wire import messages
from tests.js.test_scripts import HERE, NODE

SUBJECT = SimpleNamespace(uuid=UUID(int=7), seq=3, started_at=None)
READ = """
import { readFileSync } from "node:fs";
import { decode } from "./static/js/stream/frames.js";
const bytes = new Uint8Array(readFileSync(0));
console.log(JSON.stringify(decode(bytes.buffer)));
"""


@pytest.mark.skipif(NODE is None, reason="no node on PATH: the page scripts' own tests")
def test_the_page_reads_the_bits_that_were_sent():
    fitness, money = (
        np.array([[0.1, np.nan], [-np.inf, 3e38]], np.float32),
        np.array([0.1, 1 / 3, 2.0**53]),
    )
    data = {
        "experiment": {
            "name": "ä",
            "fitness": fitness,
            "agent": np.array([[5]], np.int32),
            "money": money,
        },
        "feed": [None, 1.5],
    }
    frame = messages.message("state", SUBJECT, 2, data).encode()

    done = subprocess.run(
        [NODE, "--input-type=module", "-e", READ],
        input=2 * frame,
        capture_output=True,
        timeout=60,
        check=True,
        cwd=HERE.parents[1],
    )

    one, other = json.loads(done.stdout)
    assert one == other
    assert (one["type"], one["seq"], one["round"], one["data"]["feed"]) == (
        "state",
        3,
        2,
        [None, 1.5],
    )
    read = one["data"]["experiment"]
    assert read == {
        "name": "ä",
        "fitness": [[float(np.float32(0.1)), None], [None, float(fitness[1, 1])]],
        "agent": [[5]],
        "money": money.tolist(),
    }
