"""Kernels are handed records with names: nothing of them is read by position, and no function takes
a long row of arguments.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("ml", "agents", "arena", "lineage_site", "benchmarks")
KERNELS = ("ml", "agents/life", "agents/strategies", "arena/engine", "benchmarks")
# where records that kernels are handed are defined
MODULES = (
    "ml.learning.contexts",
    "arena.prices.market.view",
    "ml.networks.base",
    "ml.networks.attention",
    "ml.networks.lstm",
    "ml.networks.mlp",
)
MODULES += ("arena.engine.trading.contexts", "arena.engine.judging.committee")
MOST_ARGUMENTS = 8
# {function: why it takes more}
WIDE = {
    "arena/engine/generations/close.py close": (
        "a round's books, all that it closes on, each named where it is called"
    ),
    "arena/prices/services/markets.py market_store": "the columns of a row, by keyword alone",
}
# {what variables, arguments and attributes are called: the record they are}; a name here stands for
# nothing else in code of kernels
NAMES = {
    "accounts": "Accounts",
    "answers": "Answers",
    "batch": "Batch",
    "bench": "Bench",
    "books": "Books",
    "brain": "Brain",
    "lanes": "Lanes",
    "learner": "Learner",
    "market": "Market",
    "members": "Members",
    "memories": "Lanes",
    "memory": "Memory",
    "mind": "Mind",
    "part": "Weights",
    "prices": "Prices",
    "pupil": "Pupil",
    "quote": "Quote",
    "room": "Rooms",
    "seen": "Seen",
    "span": "Span",
    "station": "Station",
    "top": "Top",
    "trail": "Trail",
    "view": "View",
}
# not by a name of their own: a committee's room, sequences that are seen, one look back, a picture
# for people
OTHERS = {"Room", "Sequences", "LookBack", "Unrolled"}


def sources(folders, root=ROOT) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text())


def wide_functions(root=ROOT) -> set[str]:
    """Those with more than MOST_ARGUMENTS."""
    return {
        f"{path} {node.name}"
        for path, tree in sources(CODE, root)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs) > MOST_ARGUMENTS
    }


def name_of(node: ast.expr) -> str:
    """Of a variable or an attribute; of anything else none."""
    return (
        node.id
        if isinstance(node, ast.Name)
        else node.attr
        if isinstance(node, ast.Attribute)
        else ""
    )


def is_number(node: ast.expr | None) -> bool:
    """Whether it is an integer as written, below 0 too."""
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int)


def by_position(node: ast.AST) -> str:
    """The record that is read by position, if `node` does that: memory[2], bench[:13], `private,
    action = memory`.
    """
    if isinstance(node, ast.Subscript):
        index = node.slice
        bounds = (index.lower, index.upper) if isinstance(index, ast.Slice) else (index,)
        if any(is_number(bound) for bound in bounds):
            return name_of(node.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        return name_of(node.value)
    return ""


def positional_reads(root=ROOT, folders=KERNELS) -> list[str]:
    return [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in sources(folders, root)
        for node in ast.walk(tree)
        if by_position(node) in NAMES
    ]


@pytest.mark.slow
def test_no_function_takes_more_than_eight_arguments_but_those_that_say_why():
    assert wide_functions() == set(WIDE)


def test_nothing_of_a_record_that_kernels_are_handed_is_read_by_position():
    assert positional_reads() == []


def test_every_record_that_kernels_are_handed_has_a_name_that_is_watched():
    modules = [import_module(name) for name in MODULES]
    records = {
        key for module in modules for key, value in vars(module).items() if is_record(value, module)
    }

    assert records == set(NAMES.values()) | OTHERS


def is_record(value, module):
    return (
        isinstance(value, type)
        and issubclass(value, tuple)
        and hasattr(value, "_fields")
        and value.__module__ == module.__name__
    )


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("memory[2][slot] = 1.0", True),
        ("said = bench[-4:]", True),
        ("rest = self.bench[:13]", True),
        ("private, action = memory", True),
        ("equity = accounts[0][0].equity", True),
        ("memory.reward[2] = 1.0", False),
        ("price = prices[s, bar]", False),
        ("out[2] = drawdown", False),
    ],
)
def test_what_is_read_by_position_is_told_from_what_has_a_name(line, refused):
    assert any(by_position(node) in NAMES for node in ast.walk(ast.parse(line))) == refused
