"""The environment is read once, typed, and a bad value says what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from lineage_site.environment import env


def test_an_unset_variable_takes_the_default(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)

    assert env.read("PORT", "8000", env.whole(1, 65535), "a port") == 8000


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("PORT", "")

    assert env.read("PORT", "8000", env.whole(1, 65535), "a port") == 8000


@pytest.mark.parametrize("value", ["0", "65536", "eighty", "8000.5", "-1"])
def test_a_bad_port_ends_with_code_2_and_names_itself(monkeypatch, capsys, value):
    monkeypatch.setenv("PORT", value)

    with pytest.raises(env.BadEnvironment) as caught:
        env.read("PORT", "8000", env.whole(1, 65535), "a port from 1 to 65535")

    assert caught.value.code == 2
    assert (
        capsys.readouterr().err
        == f"PORT={value!r} is not a port from 1 to 65535; correct it or unset it (default"
        " '8000')\n"
    )


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("ON", True), ("no", False), ("False", False)]
)
def test_flags_have_several_spellings(text, value):
    assert env.flag(text) is value


def test_a_flag_that_is_neither_is_refused(monkeypatch):
    monkeypatch.setenv("DEBUG", "maybe")

    with pytest.raises(env.BadEnvironment, match="DEBUG='maybe' is not 1 or 0"):
        env.read("DEBUG", "0", env.flag, "1 or 0")


def test_a_folder_is_made_where_it_is_missing(tmp_path: Path):
    assert env.writable_folder(str(tmp_path / "a" / "b")).is_dir()


def test_a_file_in_the_folder_s_place_is_refused(tmp_path: Path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file"))

    with pytest.raises(env.BadEnvironment, match="VAR_DIR=.* is not a folder"):
        env.read("VAR_DIR", "var", env.writable_folder, "a folder that can be written")


def test_origins_need_a_scheme_and_a_host():
    assert env.origins(" https://arena.example/, http://b:81 ") == [
        "https://arena.example",
        "http://b:81",
    ]
    for bad in ("arena.example", "ftp://a", "https://", "https://a/path"):
        with pytest.raises(ValueError):
            env.origins(bad)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("WORKERS", "none"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "http://x"),
        ("DEBUG", "2"),
        ("ORIGINS", "a.example"),
        ("PRODUCTS", "blas"),
    ],
)
def test_every_command_refuses_a_bad_environment_with_one_line(tmp_path: Path, name, value):
    environment = {"PATH": "/usr/bin:/bin", "VAR_DIR": str(tmp_path), name: value}

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith(f"{name}='{value}' is not ")
    assert done.stderr.count("\n") == 1


def test_addresses_are_addresses():
    assert env.addresses(" 10.0.0.2, ::1 ") == "10.0.0.2,::1"
    assert env.addresses("") == ""
    with pytest.raises(ValueError):
        env.addresses("10.0.0.2, *")
