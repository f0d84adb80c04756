"""`make bench`: all goals of speed beside peers, in one run; a table, and var/bench.json. `make
bench ONLY=p1,p3` runs only these parts.

Each part is a process of its own, so that none warms or fills the memory of another. BENCH_QUICK=1
only shows that everything runs.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.parts import PARTS
from benchmarks.report import Result, machine, restored, table, verdicts
from lineage_site.environment.env import ONE_THREAD
from lineage_site.environment.kernels import cache_folder

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
QUICK = os.environ.get("BENCH_QUICK", "0") == "1"
BAD_INPUT = 2


def chosen(words: list[str]) -> list[str]:
    """Names of parts from `p1,p3`; all where nothing is named. Exit code 2 on an unknown one."""
    names = [name for word in words for name in word.lower().split(",") if name]
    if unknown := [name for name in names if name not in PARTS]:
        sys.stderr.write(
            f"no part of the benchmark is called {', '.join(unknown)}; there are"
            f" {', '.join(PARTS)}\n"
        )
        raise SystemExit(BAD_INPUT)
    return names or list(PARTS)


def environment() -> dict[str, str]:
    """What every part runs with: one thread, and kernels compiled once for all."""
    kernels = {
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR") or str(cache_folder(ROOT, VAR_DIR))
    }
    return (
        os.environ
        | ONE_THREAD
        | kernels
        | {
            "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
            "TQDM_DISABLE": "1",
        }
    )


def measured(name: str) -> list[Result] | None:
    """Results of a part; None where it failed."""
    title, minutes, _ = PARTS[name]
    sys.stderr.write(f"{name}: {title} (about {minutes:g} min)\n")
    began = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.part", name]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=False
    )
    sys.stderr.write(
        f"{name}: {'done' if done.returncode == 0 else 'FAILED'} after"
        f" {time.monotonic() - began:.0f} s\n"
    )
    return (
        [restored(row) for row in json.loads(done.stdout.splitlines()[-1])]
        if done.returncode == 0
        else None
    )


def main() -> int:
    """Measure, print, write; 1 where a part failed, whether or not goals are met."""
    where, results, failed = machine() | ({"quick": True} if QUICK else {}), [], []
    for name in chosen(sys.argv[1:]):
        found = measured(name)
        results += found or []
        failed += [name] if found is None else []
        write(results, where)
    print(", ".join(f"{key} {value}" for key, value in where.items()))
    print(f"\n{table(results)}\n\n{verdicts(results)}")
    if QUICK:
        print("\nBENCH_QUICK=1: everything runs, but these figures are worth nothing")
    if failed:
        print(f"\nFAILED: {', '.join(failed)}")
    return 1 if failed else 0


def write(results: list[Result], where: dict[str, Any]) -> None:
    """Everything so far, after every part: a run may be broken off."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    (VAR_DIR / "bench.json").write_text(
        json.dumps([{**each.row(), **where} for each in results], indent=1)
    )


if __name__ == "__main__":
    sys.exit(main())
