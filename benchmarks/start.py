"""`python -m benchmarks.start`: gets ready as `make run` does, or as a worker where kernels are
kept, and says how long that took.
"""

import time

BEGAN = time.perf_counter()

import json  # noqa: E402

import django  # noqa: E402

django.setup()

from arena.management.commands.warm import get_ready  # noqa: E402
from lineage_site.queue import worker  # noqa: E402


def main() -> None:
    """{"warm": seconds of loading or compiling the kernels, "whole": since the first line}."""
    began = time.perf_counter()
    get_ready(worker.Settings())
    now = time.perf_counter()
    print(json.dumps({"warm": now - began, "whole": now - BEGAN}))


if __name__ == "__main__":
    main()
