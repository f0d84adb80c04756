"""`make bench`: agent-steps per second with learning, beside peers in the same run; a table, and var/bench.json.

Rounds are interleaved, so that a machine whose speed drifts treats all alike; figures are medians with the least and the greatest.
"""

import json
import os
import platform
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
sys.path.insert(0, str(ROOT))

from lineage_site.env import ONE_THREAD  # noqa: E402
from lineage_site.kernels import cache_folder  # noqa: E402

os.environ.update(ONE_THREAD)
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder(ROOT, VAR_DIR)))

import numba  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

from benchmarks.ours import Population  # noqa: E402
from benchmarks.peers import StableBaselines  # noqa: E402
from benchmarks.work import LAYERS, market  # noqa: E402

ROUNDS = 5
SIZES = (64, 256, 1024)


def measured(layer: str) -> list[dict]:
    """One row a system for one network."""
    prices = market()
    systems = {f"lineage, {n} agents": Population(prices, LAYERS[layer], n) for n in SIZES}
    systems["stable-baselines3 DQN, 1 agent"] = StableBaselines(prices, LAYERS[layer])
    rates: dict[str, list[float]] = {name: [] for name in systems}
    for number in range(ROUNDS):
        for name, system in systems.items():
            rates[name].append(system.measure())
            print(f"{layer} round {number + 1}/{ROUNDS} {name}: {rates[name][-1]:,.0f}", file=sys.stderr)
    return [row(layer, name, values, rates["stable-baselines3 DQN, 1 agent"]) for name, values in rates.items()]


def row(layer: str, name: str, values: list[float], peer: list[float]) -> dict:
    """One result; its ratio is the median of the rounds' ratios."""
    ours = name.startswith("lineage")
    return {
        "name": f"{name}, {layer}",
        "value": median(values),
        "min": min(values),
        "max": max(values),
        "unit": "agent-steps/s",
        "peer": "stable-baselines3 DQN" if ours else None,
        "ratio": median(a / b for a, b in zip(values, peer, strict=True)) if ours else None,
        "threads": 1,
    }


def machine() -> dict:
    """Where this was measured."""
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__, "torch": torch.__version__}
    return {"machine": platform.machine(), "processor": platform.processor() or platform.machine(), "cores": os.cpu_count(), **versions}


def main() -> None:
    """Measure, print, write."""
    rows = [result for layer in LAYERS for result in measured(layer)]
    print(" ".join(f"{key} {value}" for key, value in machine().items()))
    print(f"{'agent-steps per second, learning on, 1 thread':<46} {'median':>10} {'min':>10} {'max':>10} {'x peer':>8}")
    for r in rows:
        ratio = f"{r['ratio']:.0f}" if r["ratio"] else ""
        print(f"{r['name']:<46} {r['value']:>10,.0f} {r['min']:>10,.0f} {r['max']:>10,.0f} {ratio:>8}")
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    (VAR_DIR / "bench.json").write_text(json.dumps([{**r, **machine()} for r in rows], indent=1))


if __name__ == "__main__":
    main()
