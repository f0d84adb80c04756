"""The import contracts of pyproject.toml see every module, and find what they are for."""

import re
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = read_configuration(str(ROOT / "pyproject.toml"))
PACKAGES = CONFIGURATION["session_options"]["root_packages"]
TYPES = {"layers": LayersContract, "protected": ProtectedContract}
# of one contract each, no module of which knows another
ALONE = {"arena.migrations", "arena.templatetags"}


@pytest.fixture(scope="module")
def drawn():
    return grimp.build_graph(*PACKAGES, cache_dir=None)


@pytest.fixture
def graph(drawn):
    return deepcopy(drawn)


def of_type(name):
    return [contract for contract in CONFIGURATION["contracts_options"] if contract["type"] == name]


def broken(graph):
    """(names of contracts that are not kept, modules that stand in no layer)."""
    names, undeclared = set(), set()
    for contract in (*of_type("layers"), *of_type("protected")):
        check = TYPES[contract["type"]](
            contract["name"], CONFIGURATION["session_options"], contract
        )
        found = check.check(deepcopy(graph), verbose=False)
        names |= set() if found.kept else {contract["name"]}
        undeclared |= set(found.metadata.get("undeclared_modules", ()))
    return names, undeclared


def packages_below(graph, name):
    return {child for child in graph.find_children(name) if graph.find_children(child)}


def test_the_house_keeps_its_contracts(graph):
    assert broken(graph) == (set(), set())


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("arena.store.digests", "arena.forms"),
        ("arena.selectors.rounds.feed", "arena.services.records.notifications"),
        ("arena.selectors.experiments", "arena.wire.publish"),
        ("arena.views.proof", "arena.store.blocks"),
        ("arena.wire.messages", "arena.live.hub"),
        ("arena.services.evidence.nulls", "arena.services.rounds.closing"),
        ("arena.services.audit.run", "arena.services.headless.runner"),
        ("arena.prices.services.markets", "arena.services.rounds.opening"),
        ("arena.engine.play", "arena.engine.judging.evaluate"),
        ("ml.kernels.tiles", "ml.networks.base"),
        ("lineage_site.environment.env", "lineage_site.web.gate"),
    ],
)
def test_an_import_against_the_layers_is_found(graph, importer, imported):
    graph.add_import(importer=importer, imported=imported)

    assert broken(graph)[0]


@pytest.mark.parametrize(
    "module",
    [
        "agents.stray",
        "ml.stray",
        "lineage_site.stray",
        *(f"arena.{place}stray" for place in ("", "engine.", "selectors.", "services.", "store.")),
        *(f"arena.{place}stray" for place in ("forms.", "live.", "views.", "wire.", "work.")),
        *("arena.people.stray", "arena.prices.stray"),
    ],
)
def test_a_module_that_stands_in_no_layer_is_named(graph, module):
    graph.add_module(module)

    assert broken(graph)[1] == {module}


def test_what_stands_on_several_floors_of_arena_is_named_on_each(graph):
    (arena,) = [each for each in of_type("layers") if each.get("containers") == ["arena"]]
    named = {name.strip() for layer in arena["layers"] for name in re.split(r"[|:]", layer)}
    children = {
        child.removeprefix("arena.")
        for place in arena["exhaustive_ignores"]
        for child in graph.find_children(f"arena.{place}")
    }

    assert children - named == set()


def test_every_package_is_looked_at_for_cycles(graph):
    (cycles,) = of_type("acyclic_siblings")

    assert packages_below(graph, "arena") - set(cycles["ancestors"]) == ALONE
