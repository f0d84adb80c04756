"""The secret key: from the environment, or drawn once and kept under VAR_DIR."""

import contextlib
import os
import secrets
from pathlib import Path

from lineage_site.environment import env

# what Django's own check of a deployment asks for
LEAST, LEAST_SIGNS = 50, 5


def secret_key(var_dir: Path) -> str:
    """SECRET_KEY, or the one in VAR_DIR/secret_key, drawn on first use and readable by its owner
    alone.

    BadEnvironment for one that could be guessed; it is not printed.
    """
    if key := env.given("SECRET_KEY"):
        if len(key) < LEAST or len(set(key)) < LEAST_SIGNS:
            env.refuse(
                f"SECRET_KEY is too easily guessed: take {LEAST} signs or more drawn at random, or"
                " unset it, and one is drawn"
            )
        return key
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(6)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
