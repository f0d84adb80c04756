"""The pure parts keep no clock, no chance and no order of their own: what decides comes in as an
argument.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PURE = ("ml", "agents/life", "agents/strategies", "arena/prices/market", "arena/engine")
# who decides, where NaN must not win: of all values, ml.learning.exploration.greedy alone takes the
# largest
ACTING = (
    "ml/networks",
    "ml/learning",
    "agents/strategies",
    "arena/engine/trading/competition.py",
    "arena/engine/trading/practice.py",
)
ACTING += (
    "arena/engine/decide.py",
    "arena/engine/trading/walk.py",
    "arena/engine/judging/players.py",
    "arena/engine/play.py",
)
# which products a process computes with is chosen before it starts, like whether it compiles at all
EXCUSED = {"ml/kernels/compiled.py": ["from os import environ"]}
MODULES = {"random", "secrets", "time", "datetime", "uuid", "os", "threading", "socket"}
# makers of generators from a given seed
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "Philox"}


def sources(places):
    """Every file of the places."""
    for place in places:
        yield from [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py"))


def name_of(node):
    """np.random.normal -> "np.random.normal"."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def is_set(node):
    made = isinstance(node, ast.Call) and name_of(node.func) in ("set", "frozenset")
    return made or isinstance(node, ast.Set | ast.SetComp)


def chance(code):
    """Lines that read a clock, draw without a seed, or go through a set in an order that nothing
    promises.
    """
    found = []
    for node in ast.walk(ast.parse(code)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(module.partition(".")[0] in MODULES for module in modules):
            found.append(node.lineno)
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            drawn = (
                name.startswith(("np.random.", "numpy.random."))
                and name.rpartition(".")[2] not in SEEDED
            )
            unseeded = name.endswith("default_rng") and not node.args and not node.keywords
            ordered = (
                name in ("list", "tuple", "enumerate", "sum", "np.array")
                and node.args
                and is_set(node.args[0])
            )
            if drawn or unseeded or ordered or name in ("hash", "id", "input", "open"):
                found.append(node.lineno)
        if isinstance(node, ast.For | ast.comprehension) and is_set(node.iter):
            found.append(node.iter.lineno)
    return found


def argmaxes(code):
    """Lines that take the largest by NumPy's rule, under which NaN wins."""
    calls = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    return [node.lineno for node in calls if node.func.attr in ("argmax", "nanargmax", "argmin")]


def sums(code):
    """Lines that name the built-in sum, whose bits depend on the interpreter: `ml.sums.total` adds
    up.
    """
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Name) and node.id == "sum"
    ]


@pytest.mark.parametrize(("places", "law"), [(PURE, chance), (ACTING, argmaxes), (PURE, sums)])
@pytest.mark.slow
def test_the_law_is_kept(places, law):
    broken = {}
    for path in sources(places):
        name, lines = str(path.relative_to(ROOT)), path.read_text().splitlines()
        found = [lines[line - 1] for line in law("\n".join(lines))]
        broken |= {name: found} if found and found != EXCUSED.get(name) else {}

    assert broken == {}


def test_there_is_something_to_look_at():
    assert len(list(sources(PURE))) > 60
    assert all(path.exists() for path in sources(ACTING))


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "import os.path",
        "from datetime import datetime",
        "from random import shuffle",
        "x = np.random.normal()",
        "numpy.random.seed(1)",
        "rng = np.random.default_rng()",
        "for agent in {3, 1, 2}: pass",
        "for agent in set(agents): pass",
        "total = sum({x for x in equity})",
        "found = [x for x in frozenset(rows)]",
        "key = hash('a')",
    ],
)
def test_the_lint_finds_what_it_is_for(code):
    assert chance(code) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "rng = np.random.default_rng(seed)",
        "for x in sorted(set(rows)): pass",
        "x in {1, 2}",
        "import math",
    ],
)
def test_the_lint_leaves_alone_what_is_sound(code):
    assert chance(code) == []


@pytest.mark.parametrize("code", ["np.argmax(q)", "q.argmax()", "np.nanargmax(q, axis=1)"])
def test_a_bare_argmax_is_found(code):
    assert argmaxes(code) == [1]


@pytest.mark.parametrize(
    "code", ["x = sum(scores)", "x = [*map(sum, rows)]", "x = sum(a > b for a in c)"]
)
def test_a_built_in_sum_is_found(code):
    assert sums(code) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "total(scores)",
        "np.sum(scores)",
        "scores.sum()",
        "math.fsum(scores)",
        "sum1 = window['sum1']",
    ],
)
def test_sums_that_are_the_same_everywhere_are_left_alone(code):
    assert sums(code) == []
