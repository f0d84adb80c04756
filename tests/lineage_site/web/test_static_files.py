"""Static files: who asks by the version of today keeps them, every other address goes on."""

import asyncio
import gzip
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from django.templatetags.static import static

from lineage_site.web.middleware import CONTENT_SECURITY_POLICY
from lineage_site.web.static_files import static_files
from lineage_site.web.static_storage import unversioned, version_now

TEXT = b"export const x = 1;\n" * 10_000


@pytest.fixture
def folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_bytes(TEXT)
    (tmp_path / "js" / "a.js.gz").write_bytes(gzip.compress(TEXT))
    version_now.cache_clear()
    yield tmp_path
    version_now.cache_clear()


def asked(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of a site of static files and nothing else; 404 is that site's."""

    async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": named}
    asyncio.run(static_files(nothing)(scope, None, send))  # type: ignore[arg-type]
    found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(each["body"] for each in sent[1:])


@pytest.mark.usefixtures("folder")
def test_what_a_page_names_is_kept_for_good():
    status, headers, body = asked(static("js/a.js"))

    assert (status, body) == (200, TEXT)
    assert headers["cache-control"] == "max-age=31536000, public, immutable"


@pytest.mark.usefixtures("folder")
def test_another_version_or_none_is_the_file_of_today_and_not_kept():
    for path in ("/static/js/a.js", "/static/0123456789abcdef/js/a.js"):
        status, headers, body = asked(path)

        assert (status, body) == (200, TEXT)
        assert headers["cache-control"] == "max-age=0, public"


def test_a_changed_byte_or_name_is_another_version(folder: Path):
    seen = {version_now()}
    for change in (
        lambda: (folder / "js" / "a.js").write_bytes(TEXT[:-1] + b" "),
        lambda: (folder / "js" / "a.js").rename(folder / "js" / "b.js"),
    ):
        change()
        version_now.cache_clear()
        seen.add(version_now())

    assert len(seen) == 3


@pytest.mark.usefixtures("folder")
def test_a_file_goes_out_compressed_whole_in_part_or_not_at_all():
    _, headers, body = asked("/static/js/a.js", accept_encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == TEXT

    assert asked("/static/js/a.js", range="bytes=5-9")[::2] == (206, TEXT[5:10])
    status, head, body = asked("/static/js/a.js", "HEAD")
    assert (status, head["content-length"], body) == (200, str(len(TEXT)), b"")
    assert asked("/static/js/a.js", if_none_match=head["etag"])[::2] == (304, b"")
    assert asked("/static/js/a.js", if_modified_since=formatdate(usegmt=True))[0] == 304
    assert asked("/static/js/a.js", "POST")[0] == 405


@pytest.mark.usefixtures("folder")
def test_a_file_may_do_in_a_browser_what_a_page_may():
    _, headers, _ = asked("/static/js/a.js")

    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.usefixtures("folder")
def test_every_other_address_goes_on():
    for path in ("/", "/static/", "/static/js/", "/static/js/b.js", "/static/js/../js/a.js"):
        assert asked(path)[0] == 404


def test_an_address_and_its_version():
    assert unversioned("/static/0123456789abcdef/js/a.js") == (
        "/static/js/a.js",
        "0123456789abcdef",
    )
    for path in ("/static/js/a.js", "/static/0123456789abcdef", "/0123456789abcdef/a.js"):
        assert unversioned(path) == (path, "")


def test_a_developer_s_addresses_name_no_version(settings):
    settings.DEBUG = True

    assert static("js/a.js") == "/static/js/a.js"
