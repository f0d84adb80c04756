"""Helper processes: modules of this folder that set Django up for a folder of their own, and answer
with one line of JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def all_cores(env: Mapping[str, str]) -> dict[str, Any]:
    """Arguments for a process that is not held to one core, whatever its parent is."""
    free = (
        {"preexec_fn": lambda: os.sched_setaffinity(0, range(os.cpu_count() or 1))}
        if hasattr(os, "sched_setaffinity")
        else {}
    )
    return {"cwd": ROOT, "env": os.environ | env, "text": True, **free}


def run(command: list[str], env: Mapping[str, str]) -> str:
    """Standard output of a command that ends well; what it complains of goes to ours."""
    return subprocess.run(
        [sys.executable, *command], stdout=subprocess.PIPE, check=True, **all_cores(env)
    ).stdout


def said(module: str, env: Mapping[str, str], *words: str) -> Any:
    """What `python -m module words` says in its last line."""
    return json.loads(run(["-m", module, *words], env).splitlines()[-1])
