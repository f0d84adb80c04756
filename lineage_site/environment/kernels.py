"""Where compiled kernels are kept: a folder per state of the sources, because Numba sees only
changes of a kernel's own file.
"""

import hashlib
from pathlib import Path

SOURCES = ("ml", "agents/life", "arena/prices/market", "arena/engine")


def cache_folder(base: Path, var_dir: Path) -> Path:
    """VAR_DIR/numba/<digest of the kernels' sources>."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in SOURCES for path in (base / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return var_dir / "numba" / digest.hexdigest()[:16]
