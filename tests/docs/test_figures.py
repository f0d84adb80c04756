"""docs/RULES.md and docs/GLOSSARY.md say what the code does: each figure, each constant, each
name.
"""

import re
from typing import get_args

import pytest

from agents.life.costs import COSTS
from agents.life.lifecycle import STATES
from agents.life.traits import BOUNDS
from agents.strategies.rules import RULES as BASELINES
from arena.engine.generations.parents import PICKS
from arena.engine.judging.evidence.verdict import Doubt
from arena.engine.results import SCAR_CAUSES, TRADE_REASONS
from arena.engine.trading.rewards import REWARDS
from arena.prices.market.simulators import SIMULATORS
from arena.settings_schema import FITNESS, MARKETS, ON_SERIES
from ml.networks.registry import NETWORKS
from tests.docs.constants import RULED, UNSTATED, constants
from tests.docs.figures import GLOSSARY, MARK, NAMES, ROOT, RULES, statements

README = (ROOT / "README.md").read_text("utf-8")
TEXTS = {"RULES.md": RULES, "GLOSSARY.md": GLOSSARY}
FIGURES = [
    (f"{name} line {line}", *rest)
    for name, text in TEXTS.items()
    for line, *rest in statements(text)
]


@pytest.mark.parametrize(
    ("place", "expression", "said"),
    FIGURES,
    ids=[f"{expression} in {place}" for place, expression, _ in FIGURES],
)
def test_a_figure_is_that_of_the_code(place, expression, said):
    assert said == pytest.approx(NAMES.value(expression).tolist(), rel=1e-6), f"docs/{place}"


@pytest.mark.tables
def test_every_constant_of_the_rules_is_stated():
    stated = set(
        re.findall(r"(?:agents|arena|ml)(?:\.\w+)+\.[A-Z_0-9]+", " ".join(MARK.findall(RULES)))
    )
    found = {name for module in RULED for name in constants(module)}

    assert sorted(found - stated - set(UNSTATED)) == [], (
        "state it in docs/RULES.md, or say in UNSTATED why not"
    )
    assert sorted(set(UNSTATED) - found) == [], "there is no such constant any more"


@pytest.mark.tables
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
        "baseline": tuple(BASELINES),
        "doubt": tuple(Doubt),
        "cost": tuple(COSTS),
        "trait": tuple(BOUNDS),
    }.items(),
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_every_name_of_a_table_of_the_code_is_in_a_table_of_the_rulebook(what, names):
    first = [
        cell
        for line in RULES.splitlines()
        if line.startswith("| ")
        for cell in line.split("|")[1:2]
    ]
    listed = {name for cell in first for name in re.findall(r"`(\w+)`", cell)}

    assert set(names) - listed == set(), f"every {what} has a row"


@pytest.mark.tables
def test_the_readme_names_every_kind_of_market():
    table = README.partition("| kind of market | |")[2].partition("\n\n")[0]

    assert set(get_args(MARKETS)) == set(re.findall(r"`(\w+)`", table)) & set(get_args(MARKETS))


@pytest.mark.tables
def test_the_settings_offer_exactly_the_simulators_there_are():
    assert set(get_args(MARKETS)) == {*SIMULATORS, *ON_SERIES}


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
