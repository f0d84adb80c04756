"""What sameness of bits depends on: the machine, the libraries, and the code that computes."""

import hashlib
import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
import numpy as np

ROOT = Path(__file__).resolve().parents[3]
# arrays in, arrays out: whatever decides a weight or an equity stands here
COMPUTES = ("ml", "agents/life", "agents/strategies", "arena/prices/market", "arena/engine")
LOCK = "requirements.txt"


@lru_cache(maxsize=1)
def origin() -> dict[str, Any]:
    """Machine type, versions, and digests of the computing code and of the locked dependencies; of
    this process, for all its life.
    """
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "code": digest_of(
            sorted(path for place in COMPUTES for path in (ROOT / place).rglob("*.py")), ROOT
        ),
        "lock": digest_of([ROOT / LOCK], ROOT),
    }


def digest_of(paths: list[Path], root: Path) -> str:
    """SHA-256 of names, as seen from `root`, and contents, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
