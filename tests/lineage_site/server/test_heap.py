"""What was freed goes back to the system."""

import subprocess
import sys

import pytest

GROWN = """
import asyncio, re
from pathlib import Path
from threading import Thread
from lineage_site.server import heap
held = lambda: int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
def many():
    kept = [{"number": float(number)} for number in range(300_000)]
    pins.append(kept[-1])
pins = []
for _ in range(4):
    thread = Thread(target=many)
    thread.start()
    thread.join()
before = held()
asyncio.run(heap.give_back())
print(before, held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for the memory it gave")
def test_giving_back_holds_less_and_never_more():
    before, after = map(
        float,
        subprocess.run(
            [sys.executable, "-c", GROWN], capture_output=True, text=True, check=True
        ).stdout.split(),
    )

    assert after <= before
