"""What is written can be read by its owner only; and what follows from being reached by https."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_site.environment import env, private, tls
from lineage_site.environment.keys import secret_key

ROOT = Path(__file__).resolve().parents[3]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess:
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder),
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
    } | more
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        umask=0o022,
    )


def open_to_others(folder: Path) -> list[str]:
    return [
        str(path)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]


def test_whatever_command_makes_a_file_it_is_its_owners_alone(tmp_path):
    folder = tmp_path / "var"

    # one table is as good as all
    done = run(folder, "manage.py", "migrate", "contenttypes", "--verbosity", "0")

    assert done.returncode == 0, done.stderr
    assert (folder / "lineage.sqlite3").exists() and (folder / "secret_key").exists()
    assert open_to_others(folder) == []


def test_an_installation_of_old_is_closed_at_the_next_start(tmp_path):
    folder = tmp_path / "var"
    for name in ("storage/markets", "log", "redis/appendonlydir"):
        (folder / name).mkdir(parents=True)
    for name in (
        "lineage.sqlite3",
        "lineage.sqlite3-wal",
        "secret_key",
        "storage/markets/x.safetensors",
        "log/web.log",
        "redis/appendonlydir/a",
    ):
        (folder / name).write_text("x")
        (folder / name).chmod(0o644)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "storage" / "away").symlink_to(tmp_path / "elsewhere")

    # six files, five folders below it, and the folder itself
    assert private.tighten(folder) == 12
    assert open_to_others(folder) == []
    assert private.tighten(folder) == 0


def test_what_is_not_ours_stays_as_it_is(tmp_path):
    letters = tmp_path / "letters"
    letters.write_text("of somebody else")
    for path, bits in ((tmp_path, 0o755), (letters, 0o644)):
        path.chmod(bits)

    private.tighten(tmp_path)

    assert (mode(tmp_path), mode(letters)) == (0o755, 0o644)


def test_uploads_and_collected_files_are_set_to_what_the_umask_would_give(settings):
    assert (
        settings.FILE_UPLOAD_PERMISSIONS == 0o600
        and settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS == 0o700
    )


def test_without_https_cookies_work_on_this_machine():
    found = tls.https_settings([], "")

    assert found == tls.https_settings(["http://arena.example"], "")
    assert not found["SESSION_COOKIE_SECURE"] and found["SESSION_COOKIE_NAME"] == "sessionid"


def test_behind_https_every_cookie_is_secure_and_browsers_ask_for_nothing_else():
    found = tls.https_settings(["https://arena.example"], "10.0.0.2")

    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"]
    assert {name for name in found if name.endswith("_NAME")} == {
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "KNOWN_COOKIE_NAME",
    }
    assert all(found[name].startswith("__Host-") for name in found if name.endswith("_NAME"))
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000 and found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert found["SECURE_SSL_REDIRECT"] and found["SECURE_SSL_HOST"] == "arena.example"


def test_a_proxy_nobody_believes_is_no_ground_to_send_people_round_in_circles():
    assert not tls.https_settings(["https://arena.example"], "")["SECURE_SSL_REDIRECT"]


def test_djangos_own_list_for_a_deployment_finds_nothing(tmp_path):
    done = run(
        tmp_path / "var",
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        ORIGINS="https://arena.example",
        PROXY="10.0.0.2",
    )

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("key", ["short", "x" * 80, "django-insecure"])
def test_a_secret_key_that_can_be_guessed_stops_the_start_and_is_not_printed(
    tmp_path, monkeypatch, capsys, key
):
    monkeypatch.setenv("SECRET_KEY", key)

    with pytest.raises(env.BadEnvironment, match="SECRET_KEY is too easily guessed"):
        secret_key(tmp_path)
    assert key not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "public", "raw"), [("0.0.0.0", [], "1"), ("127.0.0.1", ["https://a.example"], "1")]
)
def test_debug_is_for_this_machine_alone(host, public, raw):
    with pytest.raises(ValueError, match="1"):
        env.safe_debug(host, public)(raw)
    assert env.safe_debug("127.0.0.1", [])("1") and not env.safe_debug(host, public)("0")
