"""`python -m benchmarks.rows`: commits made-up trades into DATABASE_URL, by our ledger and by
Django's bulk_create, and times both.
"""

import json
import time

import django

django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from agents.life.costs import COSTS  # noqa: E402
from agents.models import Trade  # noqa: E402
from arena.engine.results import TRADE, TRADE_REASONS  # noqa: E402
from arena.services.experiments import lifecycle  # noqa: E402
from arena.store import ledger  # noqa: E402
from arena.work.queue import locally  # noqa: E402
from benchmarks.work import LAYERS, QUICK, ROUNDS, settings_of  # noqa: E402

AGENTS, ROWS = 64, 6400 if QUICK else 100_000
# of which the ORM, being slow, gets so many
FEW = ROWS // 10
TIMES = np.arange(10_000, dtype=np.int64) * 3_600_000


def made_up() -> np.ndarray:
    """TRADE [ROWS], evenly over AGENTS, one agent after another as a block has them."""
    rng, trades = np.random.default_rng(1), np.zeros(ROWS, TRADE)
    trades["agent"] = 1 + np.arange(ROWS) * AGENTS // ROWS
    trades["sequence"] = np.arange(ROWS) - np.searchsorted(trades["agent"], trades["agent"])
    trades["entry_bar"] = rng.integers(0, 9000, ROWS)
    trades["exit_bar"] = trades["entry_bar"] + rng.integers(1, 900, ROWS)
    trades["side"] = 1
    for name in ("entry_price", "exit_price", "quantity", "leverage", *COSTS):
        trades[name] = rng.uniform(0.5, 100.0, ROWS)
    trades["gross_profit"], trades["net_profit"] = rng.normal(size=(2, ROWS))
    return trades


def ours(trades: np.ndarray, index: int, pk_of: dict[int, int]) -> float:
    """Seconds until round `index` is committed."""
    began = time.perf_counter()
    with transaction.atomic():
        ledger.trades_insert(trades, index=index, pk_of=pk_of, times=TIMES)
    return time.perf_counter() - began


def bulk_create(trades: np.ndarray, index: int, pk_of: dict[int, int]) -> float:
    """The same through the ORM, for the few rows there are."""
    began = time.perf_counter()
    numbers = {name: trades[name].tolist() for name in ledger.TRADE_NUMBERS}
    rows = [
        Trade(
            agent_id=pk_of[agent],
            round=index,
            entry_time=int(TIMES[numbers["entry_bar"][n]]),
            exit_time=int(TIMES[numbers["exit_bar"][n]]),
            reason=TRADE_REASONS[0],
            **{name: values[n] for name, values in numbers.items()},
        )
        for n, agent in enumerate(trades["agent"].tolist())
    ]
    with transaction.atomic():
        Trade.objects.bulk_create(rows, batch_size=2000)
    return time.perf_counter() - began


def main() -> None:
    """{"rows": ROWS, "ours": [seconds a round], "bulk_create": [rows a second and round]},
    interleaved.
    """
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    made = lifecycle.experiment_create(
        owner=None, name="rows", settings=settings_of(LAYERS["L=1"], AGENTS)
    )
    with locally():
        lifecycle.experiment_start(experiment_uuid=made.uuid)
    pk_of, trades = (
        ledger.agent_keys(experiment_id=made.pk, numbers=range(1, AGENTS + 1)),
        made_up(),
    )
    found: dict[str, list[float]] = {"ours": [], "bulk_create": []}
    for number in range(ROUNDS):
        found["ours"].append(ours(trades, 2 * number, pk_of))
        found["bulk_create"].append(FEW / bulk_create(trades[:FEW], 2 * number + 1, pk_of))
    print(json.dumps({"rows": ROWS, **found}))


if __name__ == "__main__":
    main()
