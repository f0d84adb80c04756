"""Settings that must not drift: one thread for BLAS, short write transactions, everything written
under VAR_DIR.
"""

import os

from django.conf import settings
from numba import config

from lineage_site.environment import env
from lineage_site.environment.keys import secret_key


def test_blas_has_one_thread():
    assert {name: os.environ[name] for name in env.ONE_THREAD} == env.ONE_THREAD


def test_kernels_are_kept_where_the_settings_say():
    assert os.environ["NUMBA_CACHE_DIR"] == config.CACHE_DIR


def test_what_is_written_lies_under_the_folder():
    for place in (settings.STATIC_ROOT, settings.SQLITE_OPTIONS and settings.VAR_DIR / "tmp"):
        assert place.is_relative_to(settings.VAR_DIR)


def test_sqlite_takes_the_write_lock_at_once():
    assert settings.SQLITE_OPTIONS["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in settings.SQLITE_OPTIONS["init_command"]


def test_no_script_reads_a_cookie():
    assert settings.SESSION_COOKIE_HTTPONLY and settings.CSRF_COOKIE_HTTPONLY


def test_no_debug_unless_asked_for():
    assert settings.DEBUG is False


def test_the_secret_key_is_drawn_once_and_is_its_owner_s_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)

    first, second = secret_key(tmp_path), secret_key(tmp_path)

    assert first == second
    assert len(first) >= 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
