"""No test asserts how long something took: on a busy machine it would fail for nothing.

What is bounded is counted instead (tests/effort.py), and what might hang has a timeout.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
STOPWATCHES = {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "thread_time"}
CLOCKS = {"time.monotonic()", "time.time()"}


def stopwatches(tree: ast.AST) -> Iterator[int]:
    """Lines that read a clock which is there to measure."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in STOPWATCHES:
            yield node.lineno


def differences(tree: ast.AST) -> Iterator[int]:
    """Lines of assertions about the time between two moments."""
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Assert)):
        for part in ast.walk(node.test):
            between = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub)
            if between and CLOCKS & {ast.unparse(part.left), ast.unparse(part.right)}:
                yield node.lineno


def test_no_test_asserts_a_time():
    found = [
        f"{path.relative_to(HERE)}:{line}"
        for path in sorted(HERE.rglob("*.py"))
        for look in (stopwatches, differences)
        for line in look(ast.parse(path.read_text()))
    ]

    assert found == [], "count calls, queries or bytes instead: tests/effort.py"
