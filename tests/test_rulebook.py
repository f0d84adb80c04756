"""docs/RULES.md says what the code does: each figure is compared with its setting or its constant.

A figure carries what it states in a comment behind it, as in `5 %<!-- agents.life.scars.DRAWDOWN[0]
-->`: a Python expression over default settings (`costs.fee`) and constants by their full names. In
the head of a table it speaks for the whole column.
"""

import ast
import importlib
import re
from math import exp
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from agents.life.costs import COSTS
from agents.life.lifecycle import STATES
from agents.life.traits import BOUNDS
from agents.models import Tier
from agents.strategies.rules import RULES
from arena.engine.judging.evidence.verdict import Doubt
from arena.engine.parents import PICKS
from arena.engine.results import SCAR_CAUSES, TRADE_REASONS
from arena.engine.rewards import REWARDS
from arena.selectors.learn.rulebook import anchors
from arena.settings_schema import FITNESS, MARKETS, SECTIONS, Settings, known_keys
from ml.networks.registry import NETWORKS

ROOT = Path(__file__).resolve().parents[1]
TEXT, GLOSSARY = ((ROOT / "docs" / name).read_text("utf-8") for name in ("RULES.md", "GLOSSARY.md"))
MARK = re.compile(r"<!-- (.+?) -->")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = re.compile(r"(?P<sign>−?)(?:10(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<plain>\d[\d,]*(?:\.\d+)?))(?P<percent> ?%)?")
CODE = ("agents", "arena", "ml")

# where the rules of the game are written: every figure there is told, or named below with a reason
RULED = (
    *("agents.life.scars", "agents.life.spawning", "agents.life.traits", "agents.life.trust"),
    *("arena.engine.costs", "arena.engine.ledger", "arena.engine.rewards", "arena.engine.observation", "arena.engine.windows"),
    *("arena.engine.fitness", "arena.engine.founders", "arena.engine.conservation", "arena.engine.generations.lineages"),
    *("arena.engine.judging.champion", "arena.engine.judging.committee", "arena.engine.judging.constant"),
    *("arena.engine.judging.evidence.bootstrap", "arena.engine.judging.evidence.deflated"),
    *("arena.engine.judging.evidence.overfitting", "arena.engine.judging.evidence.verdict"),
    *("arena.prices.market.features", "arena.prices.market.leaps", "arena.prices.market.snapshot"),
    *("ml.learning.exploration", "ml.learning.optimizer", "ml.learning.priorities", "ml.learning.rollouts"),
    *("ml.learning.sequences", "ml.networks.base"),
)
CODES = "a number that stands for a name"
UNTOLD = {
    "agents.life.spawning.BRONZE": CODES,
    "arena.engine.ledger.NOT_CLOSED": CODES,
    "arena.engine.ledger.LOG_TWO": "the logarithm of two",
    "arena.engine.costs.PASSES": "how often the price of an order is gone round until it settles",
    "arena.engine.windows.NONE": CODES,
    "arena.engine.judging.committee.AT_ONCE": "how often a long evaluation shows that it lives",
    "arena.engine.judging.committee.SCORE": CODES,
    "arena.engine.judging.constant.NONE": "an exposure below this is none",
    "arena.engine.judging.evidence.deflated.EULER": "Euler's constant",
    "arena.engine.judging.evidence.overfitting.LEAST_BARS": "below it there is nothing to show",
    "arena.engine.judging.evidence.overfitting.AT_ONCE": "bounds the memory",
    "arena.prices.market.features.PREMIUM": CODES,
    "arena.prices.market.features.FLAT_VOLATILITY": "keeps the logarithm of a flat market finite",
    "arena.prices.market.features.FLAT_DEVIATION": "keeps a constant feature finite",
    "arena.prices.market.leaps.MOST": "how many leaps a page lists",
    "ml.learning.exploration.NO_ACTION": CODES,
    "ml.learning.exploration.FINITE": "the largest number there is",
    "ml.learning.exploration.ROOM": "room for rounding",
    "ml.learning.optimizer.EPSILON": "keeps a division finite",
    "ml.learning.optimizer.ZERO": "nothing",
    "ml.learning.optimizer.TINY": "keeps numbers from becoming denormal, which are slow",
    "ml.learning.priorities.LEAST": CODES,
    "ml.learning.priorities.GREATEST": CODES,
    "ml.learning.priorities.FIRST": "the unit in which priorities begin",
    "ml.learning.rollouts.OUTPUTS": "three preferences and a value",
    "ml.networks.base.ACTIONS": "SELL, HOLD and BUY",
    "ml.networks.base.PREMIUM_FROM": CODES,
}


class Names(dict):
    """What an expression may name: settings by section, and modules by their full names."""

    def __init__(self):
        super().__init__(exp=exp, list=list)
        settings = Settings()
        self.update({name: getattr(settings, name) for name in Settings.model_fields})

    def value(self, expression):
        """Its numbers, float [any]."""
        for module in re.findall(rf"\b((?:{'|'.join(CODE)})(?:\.[a-z_]\w*)+)", expression):
            importlib.import_module(module)
            self[module.partition(".")[0]] = importlib.import_module(module.partition(".")[0])
        found = eval(expression, {"__builtins__": {}}, self)  # noqa: S307
        return np.array(list(found) if np.iterable(found) else [found], float)


NAMES = Names()


def number(found):
    size = 10.0 ** int(found["power"].translate(RAISED)) if found["power"] else float(found["plain"].replace(",", ""))
    return (-size if found["sign"] else size) / (100.0 if found["percent"] else 1.0)


def numbers(text):
    """All that stand in a text; "5, 10 and 20 %" are shares, all three."""
    text = MARK.sub("", text)
    found = [*NUMBER.finditer(text)]
    shares = bool(found) and bool(found[-1]["percent"])
    return [number(each) / (100.0 if shares and not each["percent"] else 1.0) for each in found]


def before(text, end, count):
    """The last `count` numbers of the words that lead up to `end`."""
    words = re.split(r"<!--.*?-->|\n\n|\|", text[:end], flags=re.DOTALL)[-1]
    return numbers(words)[-count:] if count > 1 else [number([*NUMBER.finditer(words)][-1])]


def column(text, head, place):
    """The numbers in column `place` of the table whose head begins at `head`; nothing is 0."""
    rows = re.split(r"\n(?!\|)", text[head:])[0].splitlines()[2:]
    return [next(iter(numbers(row.strip("|").split("|")[place])), 0.0) for row in rows]


def statements(text):
    """(line, expression, what the text says, in numbers) of every figure."""
    for mark in MARK.finditer(text):
        line = text.count("\n", 0, mark.start()) + 1
        start = text.rfind("\n", 0, mark.start()) + 1
        is_head = text[start] == "|" and text[text.index("\n", start) + 1 :].startswith("|---")
        count = len(NAMES.value(mark[1]))
        said = column(text, start, text[start : mark.start()].count("|") - 1) if is_head else before(text, mark.start(), count)
        yield line, mark[1], said


def constants(module):
    """Names of a module's own numbers, at its top, in capitals."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    loaded = importlib.import_module(module)
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        ranged = isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "range"
        for name in [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]:
            if name.isupper() and not name.startswith("_") and not ranged and numeric(getattr(loaded, name)):
                yield f"{module}.{name}"


def numeric(value):
    values = [*value.values()] if isinstance(value, dict) else value
    try:
        return np.issubdtype(np.asarray(values).dtype, np.number)
    except (TypeError, ValueError):
        return False


FIGURES = [
    (f"{name} line {line}", *rest) for name, text in (("RULES.md", TEXT), ("GLOSSARY.md", GLOSSARY)) for line, *rest in statements(text)
]


@pytest.mark.parametrize(("place", "expression", "said"), FIGURES, ids=[f"{expression} in {place}" for place, expression, _ in FIGURES])
def test_a_figure_is_that_of_the_code(place, expression, said):
    assert said == pytest.approx(NAMES.value(expression).tolist(), rel=1e-6), f"docs/{place}"


def test_every_constant_of_the_rules_is_told():
    told = set(re.findall(r"(?:agents|arena|ml)(?:\.\w+)+\.[A-Z_0-9]+", " ".join(MARK.findall(TEXT))))
    found = {name for module in RULED for name in constants(module)}

    assert sorted(found - told - set(UNTOLD)) == [], "state it in docs/RULES.md, or say in UNTOLD why not"
    assert sorted(set(UNTOLD) - found) == [], "there is no such constant any more"


@pytest.mark.parametrize(
    ("what", "names"),
    {
        "state": STATES[1:],
        "cause of a scar": SCAR_CAUSES,
        "reason of a trade": TRADE_REASONS,
        "reward": REWARDS,
        "selection": (*PICKS, "off"),
        "fitness": get_args(FITNESS),
        "network": tuple(NETWORKS),
        "market": get_args(MARKETS),
        "baseline": tuple(RULES),
        "doubt": tuple(Doubt),
        "cost": tuple(COSTS),
        "trait": tuple(BOUNDS),
    }.items(),
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_every_name_of_a_table_of_the_code_is_in_a_table_of_the_rulebook(what, names):
    first = [cell for line in TEXT.splitlines() if line.startswith("| ") for cell in line.split("|")[1:2]]
    told = {name for cell in first for name in re.findall(r"`(\w+)`", cell)}

    assert set(names) - told == set(), f"every {what} has a row"


def test_every_cause_of_death_has_an_anchor():
    assert set(STATES[1:]) <= anchors()


# settings ----------------------------------------------------------------------------------------


def written(value):
    """A number as the rulebook writes it."""
    if value == 2**63 - 1:
        return "2⁶³ − 1"
    mantissa, _, exponent = f"{value:.10e}".partition("e")
    if value and float(mantissa) == 1.0 and not -5 < int(exponent) < 7:
        return "10" + str(int(exponent)).translate({ord(plain): raised for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)})
    return f"{value:,.10g}".replace("-", "−")


def default_of(field):
    value = field.default
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(written, value)) or "none"
    return (f"`{value}`" if value else "none") if isinstance(value, str) else written(value)


def allowed(field):
    """Its range or its choices; None where words say more than the schema."""
    if field.annotation is bool:
        return "on or off"
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le", "lt") if getattr(rule, name, None) is not None
    }
    if limits:
        low = written(limits["ge"]) if "ge" in limits else f"above {written(limits['gt'])}"
        return f"{low} to " + (written(limits["le"]) if "le" in limits else f"below {written(limits['lt'])}")
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    return f"only {choices[0]}" if choices and Ellipsis not in choices else None


def field_of(key):
    section, _, name = key.rpartition(".")
    return (SECTIONS[section] if section else Settings).model_fields[name]


def rows_of_settings():
    """{key: (default, allowed, unit, rule)} as the rulebook has them."""
    found = re.findall(r"^\| `([\w.]+)` \| (.*) \| (.*) \| (.*) \| \[.*\]\(#(\w+)\) \|$", TEXT, re.MULTILINE)
    return {key: [cell.strip() for cell in cells] for key, *cells in found}


def test_every_setting_has_a_row_in_the_order_of_the_schema():
    assert list(rows_of_settings()) == known_keys()


@pytest.mark.parametrize("key", known_keys())
def test_a_setting_has_the_default_the_range_and_the_unit_of_the_schema(key):
    default, limits, unit, rule = rows_of_settings()[key]
    field = field_of(key)

    assert default == default_of(field)
    assert limits == (allowed(field) or limits)
    assert unit == field.json_schema_extra["unit"]
    assert rule in anchors()


@pytest.mark.parametrize("key", known_keys())
def test_a_setting_is_named_by_a_rule_and_not_only_in_the_list(key):
    rules = TEXT[: TEXT.index('<a id="settings"></a>')]

    assert f"`{key}`" in rules or f"`{key} =" in rules


# links -------------------------------------------------------------------------------------------


def test_no_anchor_stands_twice():
    found = re.findall(r'<a id="([\w-]+)"></a>', TEXT)

    assert sorted({name for name in found if found.count(name) > 1}) == []


def test_every_link_within_the_rulebook_leads_somewhere():
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors()


def sources():
    """Every file that may lead to the rulebook: code, tests, pages, scripts, prose."""
    for place in ("agents", "arena", "ml", "tests", "templates", "static/js", "lineage_site"):
        yield from sorted(path for path in (ROOT / place).rglob("*") if path.suffix in {".py", ".html", ".js", ".mjs"})
    yield from (ROOT / name for name in ("README.md", "ARCHITECTURE.md"))


def cited():
    """(file, anchor) of whatever leads to the rulebook."""
    for path in sources():
        for run in re.findall(r"(?:RULES\.md|\{% url 'rules' %\})((?:(?:, | and )?#[\w-]+)+)", path.read_text("utf-8")):
            yield from ((str(path.relative_to(ROOT)), anchor) for anchor in re.findall(r"#([\w-]+)", run))


def test_what_is_cited_of_the_rulebook_exists():
    found = list(cited())

    assert [f"{place} cites #{anchor}" for place, anchor in found if anchor not in anchors()] == []
    assert len({place for place, _ in found if place.endswith(".py")}) > 15


def test_page_scripts_lead_to_anchors_that_exist():
    text = (ROOT / "static/js/rules.js").read_text("utf-8")
    table = dict(re.findall(r'(\w+): "(\w+)"', text[text.index("RULE_OF") : text.index("};")]))
    used = [word for path in (ROOT / "static/js").rglob("*.js") for word in re.findall(r'\bruled\("(\w+)"', path.read_text("utf-8"))]

    assert set(table.values()) <= anchors()
    assert {word for word in used if word not in table} <= anchors()
    assert {name.lower() for name in Tier.names} <= anchors()


def test_nothing_cites_the_rulebook_by_a_number():
    assert [str(path) for path in sources() if re.search(r"RULES sections? \d", path.read_text("utf-8"))] == []


# the reader itself -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keeps 50 %<!-- 0.5 --> of it", [0.5]),
        ("at most 10,000<!-- 10000 -->", [10_000]),
        ("beyond 10¹⁵<!-- 1e15 -->", [1e15]),
        ("of 10⁻⁹<!-- 1e-9 -->", [1e-9]),
        ("5 of 7, or −0.9<!-- 1 -->", [-0.9]),
        ("1, 2 and 4<!-- [1, 2, 4] --> bars", [1, 2, 4]),
        ("5, 10 and 20 %<!-- [1, 2, 4] -->", [0.05, 0.1, 0.2]),
        ("| a | b <!-- [1, 2] --> |\n|---|---|\n| 9 | 1 |\n| 8 | 2 |\n\nmore", [1, 2]),
    ],
)
def test_figures_are_read_as_a_person_reads_them(text, said):
    assert next(iter(statements(text)))[2] == pytest.approx(said)
