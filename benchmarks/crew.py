"""Processes of the bare engine that share a population, each with the blocks that fall to it."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any

from benchmarks.processes import all_cores

CORES = os.cpu_count() or 1


def helper(
    stack: ExitStack, module: str, *words: Any, env: dict[str, str] | None = None
) -> subprocess.Popen:
    """`python -m module words`, talked to line by line; ended with the stack."""
    command = [sys.executable, "-m", module, *map(str, words)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **all_cores(env or {})
    )
    stack.callback(process.wait, 30)
    stack.callback(process.stdin.close)
    return process


def ask(process: subprocess.Popen, line: str) -> None:
    """Say a line."""
    process.stdin.write(line + "\n")
    process.stdin.flush()


def answer(process: subprocess.Popen) -> Any:
    """The line it says next, JSON."""
    return json.loads(process.stdout.readline())


class Crew:
    """`agents` agents in blocks of 64 over `count` processes."""

    def __init__(self, stack: ExitStack, agents: int, count: int):
        self.engines = [helper(stack, "benchmarks.engine", agents, n, count) for n in range(count)]
        for engine in self.engines:
            ask(engine, "")
            answer(engine)

    def rate(self, rounds: int, count: int | None = None) -> float:
        """Agent-steps per second while the first `count` processes, or all, play rounds at the same
        time.
        """
        engines, began = self.engines[:count], time.perf_counter()
        for engine in engines:
            ask(engine, str(rounds))
        steps = sum(answer(engine)[0] for engine in engines)
        return steps / (time.perf_counter() - began)
