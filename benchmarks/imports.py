"""Rows per second and peak memory of reading five years of minute bars from CSV, Parquet and
Feather, each in a process of its own.

`python benchmarks/imports.py [ROWS]`: makes its own series in a temporary folder, prints a table,
writes var/imports.json. Fastest of three readings; the time includes checking, hashing and packing,
as an import does. Parquet and Feather need requirements-files.txt.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from arena.prices.files.limits import OWN_FILE  # noqa: E402
from arena.prices.files.packed import pack_bars_file  # noqa: E402
from arena.prices.files.price_file import understand  # noqa: E402

ROWS = 5 * 365 * 24 * 60
RUNS = 3
MINUTE_S = 60
START_S = 1_500_000_000 // MINUTE_S * MINUTE_S


def columns(rows: int) -> dict[str, np.ndarray]:
    """A random walk rounded to cents, as an exchange would write it."""
    rng = np.random.default_rng(1)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 1e-4, rows))), 2)
    opened = np.concatenate([close[:1], close[:-1]])
    high, low = (
        np.round(np.maximum(opened, close) + 0.05, 2),
        np.round(np.minimum(opened, close) - 0.05, 2),
    )
    return {
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "volume": np.round(rng.gamma(2, 10, rows), 4),
    }


def write_csv(path: Path, times: np.ndarray, values: dict[str, np.ndarray]) -> None:
    """Unix seconds and plain decimals."""
    with path.open("w") as file:
        file.write("unix," + ",".join(values) + "\n")
        for time_s, *cells in zip(
            times.tolist(), *(column.tolist() for column in values.values()), strict=True
        ):
            file.write(f"{time_s},{','.join(map(repr, cells))}\n")


def write_arrow(folder: Path, times: np.ndarray, values: dict[str, np.ndarray]) -> list[Path]:
    """The same bars as Parquet and as Feather; none where the library is not there."""
    try:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import feather, parquet  # noqa: PLC0415
    except ModuleNotFoundError:
        print("no pyarrow: Parquet and Feather are left out", file=sys.stderr)
        return []
    table = pa.table({"date": pa.array(times * 1000).cast(pa.timestamp("ms", tz="UTC")), **values})
    parquet.write_table(table, folder / "bars.parquet")
    feather.write_feather(table, folder / "bars.feather")
    return [folder / "bars.parquet", folder / "bars.feather"]


def read(path: str) -> None:
    """The measured process: seconds by the clock and of computing, peak resident MiB and digest as
    JSON.
    """
    began, worked = time.perf_counter(), time.process_time()
    with open(path, "rb") as file:
        bars = understand(file, path, time.time_ns() // 1_000_000, limits=OWN_FILE).bars
    digest = bars.sha256()
    with tempfile.TemporaryDirectory() as folder:
        pack_bars_file(Path(folder) / "bars", [bars])
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    print(
        json.dumps(
            {
                "rows": len(bars),
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "peak_mib": peak_mib(),
                "sha256": digest,
            }
        )
    )


def peak_mib() -> float:
    """Most memory this process was resident with. getrusage would count its parent's at the fork,
    so Linux is asked in another way.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return (
            next(
                int(line.split()[1])
                for line in status.read_text().splitlines()
                if line.startswith("VmHWM")
            )
            / 2**10
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measured(path: Path) -> dict:
    """The fastest of RUNS readings."""
    command = [sys.executable, __file__, "--read", str(path)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(RUNS)
    ]
    best = min(runs, key=lambda run: run["seconds"])
    return {
        "name": path.suffix[1:],
        "mib": path.stat().st_size / 2**20,
        "rows_per_second": best["rows"] / best["seconds"],
        **best,
    }


def main(rows: int) -> None:
    """Write, measure, print; all kinds must give the same bars."""
    times, values = START_S + MINUTE_S * np.arange(rows), columns(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(folder / "bars.csv", times, values)
        results = [
            measured(path) for path in [folder / "bars.csv", *write_arrow(folder, times, values)]
        ]
    if len({result["sha256"] for result in results}) != 1:
        raise SystemExit("the kinds of files do not give the same bars")
    shown = {
        "mib": ".1f",
        "rows": ",",
        "seconds": ".2f",
        "cpu_seconds": ".2f",
        "rows_per_second": ",.0f",
        "peak_mib": ".0f",
    }
    print(f"{'file':<8}" + "".join(f"{name:>17}" for name in shown))
    for result in results:
        print(
            f"{result['name']:<8}"
            + "".join(f"{result[name]:>17{form}}" for name, form in shown.items())
        )
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    var.mkdir(parents=True, exist_ok=True)
    (var / "imports.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(sys.argv[2])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)
