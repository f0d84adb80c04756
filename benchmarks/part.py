"""`python -m benchmarks.part NAME`: one part of `make bench`; its results are the last line of
standard output, as JSON.
"""

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module

from benchmarks.parts import PARTS


def hold_to_one_core() -> None:
    """Peers start threads of their own for every core they see; held to one, all use the same."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main(name: str) -> None:
    """Measure and print."""
    if PARTS[name][2]:
        hold_to_one_core()
    results = import_module(f"benchmarks.parts.{name}").measure()
    print(json.dumps([asdict(result) for result in results]))


if __name__ == "__main__":
    main(sys.argv[1])
