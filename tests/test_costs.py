"""No cost can be left out: a place that names two of them names all, and whatever can be made from
the list is.
"""

import ast
from pathlib import Path

import pytest

from agents.life.costs import COSTS
from agents.models import Agent, Trade
from arena.engine.results import AGENT, TRADE
from arena.engine.trading.costs import COSTS as RATES
from arena.engine.trading.ledger import POSITION
from arena.selectors.agents.waterfall import STEPS
from arena.settings_schema import Costs as Settings
from arena.views.api import shapes

pytestmark = pytest.mark.tables
ROOT = Path(__file__).resolve().parents[1]
# places where some costs stand without the others, and why
FEW = {
    "arena/engine/judging/constant.py: HELD": "the costs of holding alone",
    "arena/engine/judging/constant.py: _carry": "a bar charges for holding alone",
    "arena/engine/trading/costs.py: COSTS": "rates, not amounts",
    "arena/engine/trading/costs.py: take": "a fill at the market costs nothing for holding",
    "arena/engine/trading/ledger.py: mark": "a bar charges for holding alone",
    "arena/engine/judging/chains.py: check_terms": "rates for which no ceiling is known",
    "arena/services/audit/ledger.py: _arithmetic": "how far fills lie from the middle",
    "arena/settings_schema.py: Costs": "rates, not amounts",
}


def parts(path):
    """(name, nodes) of every function and method of a file, and of every other statement outside of
    them.
    """
    waiting = ast.parse(path.read_text()).body
    while waiting:
        node = waiting.pop()
        name = getattr(node, "name", "") or "".join(
            ast.unparse(target) for target in getattr(node, "targets", [])
        )
        if not isinstance(node, ast.ClassDef):
            yield name, [*ast.walk(node)]
            continue
        waiting += [each for each in node.body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        yield (
            name,
            [
                part
                for each in node.body
                if not isinstance(each, ast.FunctionDef | ast.ClassDef)
                for part in ast.walk(each)
            ],
        )


def named(nodes):
    """Costs that are named by an attribute, a string or a field; a rate is an attribute of the
    settings' `costs`.
    """
    found = set()
    for node in nodes:
        if (
            isinstance(node, ast.Attribute)
            and getattr(node.value, "id", getattr(node.value, "attr", "")) != "costs"
        ):
            found.add(node.attr)
        if isinstance(node, ast.Constant):
            found.add(node.value)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found & set(COSTS)


def incomplete():
    """Places that name some of the costs."""
    for path in sorted(
        path
        for folder in ("agents", "arena", "ml", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
    ):
        if "migrations" not in path.parts:
            for name, nodes in parts(path):
                if 2 <= len(named(nodes)) < len(COSTS):
                    yield f"{path.relative_to(ROOT)}: {name}"


def test_a_place_that_names_two_costs_names_all():
    assert set(incomplete()) == set(FEW)


@pytest.mark.parametrize("folder", ["templates", "static/js"])
def test_pages_are_given_the_costs_there_are(folder):
    pages = [path for path in (ROOT / folder).rglob("*.*") if path.suffix in (".html", ".js")]
    costs_of = {
        path.name: [
            name for name in ("spread_cost", "slippage_cost", "funding") if name in path.read_text()
        ]
        for path in pages
    }

    assert pages
    assert {page: names for page, names in costs_of.items() if len(names) > 1} == {}


@pytest.mark.parametrize("dtype", [AGENT, TRADE, POSITION])
def test_every_record_of_money_has_a_place_for_each(dtype):
    assert set(COSTS) <= set(dtype.names)


def test_every_row_and_every_answer_has_a_place_for_each():
    assert set(COSTS) <= {field.name for field in Trade._meta.get_fields()}
    assert set(COSTS) <= set(shapes.Trade.model_fields)
    assert list(STEPS) == ["gross_profit", *COSTS]
    assert not set(COSTS) & {field.name for field in Agent._meta.get_fields()}


def test_a_trade_of_the_api_leaves_out_nothing_that_its_row_has_in_money():
    amounts = {name for name in TRADE.names if TRADE[name].kind == "f"}

    assert amounts <= set(shapes.Trade.model_fields)


def test_every_rate_that_can_be_set_reaches_the_kernels():
    assert set(RATES.names) == set(Settings.model_fields)


def test_no_row_may_have_a_negative_cost():
    (rule,) = [each for each in Trade._meta.constraints if each.name == "trade_costs_not_negative"]

    assert {name for name, _ in rule.condition.children} == {f"{name}__gte" for name in COSTS}
