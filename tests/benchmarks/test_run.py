"""The benchmark's frame: every part can be found, chosen and reported."""

import ast
import json
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import parts, run
from benchmarks.report import Goal, Result, restored, result, table, verdicts

PEERS = {"torch", "jax", "stable_baselines3", "gymnasium", "backtesting", "vectorbt"}
FOLDER = Path(parts.__file__).parent


def test_every_part_has_a_file_that_measures():
    files = {
        path.stem: ast.parse(path.read_text())
        for path in FOLDER.glob("*.py")
        if path.stem != "__init__"
    }

    assert set(files) == set(parts.PARTS)
    for tree in files.values():
        assert "measure" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", parts.PARTS)
def test_a_part_lacks_nothing_but_its_peers(name):
    try:
        part = import_module(f"benchmarks.parts.{name}")
    except ModuleNotFoundError as missing:
        assert missing.name in PEERS
    else:
        assert callable(part.measure)


def test_parts_are_chosen_by_name_and_all_where_nothing_is_said():
    assert run.chosen(["p1,p3"]) == ["p1", "p3"]
    assert run.chosen(["P10"]) == ["p10"]
    assert run.chosen([]) == list(parts.PARTS)


def test_an_unknown_part_is_refused_with_the_names_there_are(capsys):
    with pytest.raises(SystemExit) as refused:
        run.chosen(["p1,p99"])

    assert refused.value.code == 2
    assert "p99" in capsys.readouterr().err


def test_a_result_has_medians_and_its_ratio_is_the_median_of_the_rounds_ratios():
    made = result(
        "ours",
        [10.0, 30.0, 20.0],
        "steps/s",
        peer="theirs",
        against=[1.0, 2.0, 4.0],
        goal=Goal("P0", 9.0, ">="),
    )

    assert (made.value, made.min, made.max) == (20.0, 10.0, 30.0)
    assert (made.ratio, made.ratio_min, made.ratio_max) == (10.0, 5.0, 15.0)
    assert made.met


def test_a_goal_may_be_about_the_value_and_may_be_missed():
    slow = result("start", [2.0], "s", goal=Goal("P9", 1.5, "<=", "value"))

    assert not slow.met
    assert "NOT MET" in verdicts([slow])
    assert slow.row()["asked"] == "<= 1.5"


def test_what_nothing_is_asked_of_is_in_the_table_alone():
    peer = result("theirs", [1.0], "steps/s")

    assert peer.met is None
    assert "theirs" in table([peer])
    assert "theirs" not in verdicts([peer])


def test_results_come_back_from_another_process_as_they_were():
    made = result("ours", [1.0], "s", goal=Goal("P9", 1.5, "<=", "value"))

    rows = json.loads(json.dumps([made.__dict__ | {"goal": made.goal.__dict__}]))

    assert [restored(row) for row in rows] == [made]
    assert isinstance(restored(rows[0] | {"goal": None}), Result)
