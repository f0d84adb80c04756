"""Static files go out before Django sees a request: a page is many small scripts, and each would
otherwise pass through every middleware and a thread.

A file that is asked for by the version of today is kept by browsers for good. Another version, or
none, is answered with the file as it is now and not kept: while web processes of two releases run
side by side, either serves the other's pages.
"""

from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import Response, StaticFile

from lineage_site.web.asgi import App, Message, Receive, Scope, Send
from lineage_site.web.middleware import CONTENT_SECURITY_POLICY
from lineage_site.web.static_storage import unversioned, version_now

PIECE = 64 * 1024
CACHING, FOR_GOOD = "Cache-Control", b"max-age=31536000, public, immutable"
# what WhiteNoise reads of a request, as WSGI names it
READ = {
    b"accept-encoding": "HTTP_ACCEPT_ENCODING",
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
    b"range": "HTTP_RANGE",
}


def static_files(app: App) -> App:
    """`app`, but for the addresses of static files."""
    files = WhiteNoiseMiddleware()

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        path, version = unversioned(scope["path"])
        if (file := _found(files, path)) is None:
            await app(scope, receive, send)
        else:
            answer = file.get_response(scope["method"], _read(scope))
            for message in _messages(answer, kept=version == version_now()):
                await send(message)

    return served


def _found(files: WhiteNoiseMiddleware, path: str) -> StaticFile | None:
    """A developer's files are looked up each time."""
    return files.find_file(path) if files.autorefresh else files.files.get(path)


def _read(scope: Scope) -> dict[str, str]:
    return {READ[name]: value.decode("latin-1") for name, value in scope["headers"] if name in READ}


def _messages(answer: Response, *, kept: bool) -> Iterator[Message]:
    headers = [
        (name.encode(), FOR_GOOD if kept and name == CACHING else value.encode("latin-1"))
        for name, value in answer.headers
    ]
    yield {
        "type": "http.response.start",
        "status": int(answer.status),
        "headers": [*headers, *_guards()],
    }
    yield from _pieces(answer.file)
    yield {"type": "http.response.body", "body": b""}


def _guards() -> list[tuple[bytes, bytes]]:
    """What every answer of the site tells a browser that it may do with it."""
    return [
        (b"Content-Security-Policy", CONTENT_SECURITY_POLICY.encode()),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Referrer-Policy", settings.SECURE_REFERRER_POLICY.encode()),
        (b"Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY.encode()),
    ]


def _pieces(file: BinaryIO | None) -> Iterator[Message]:
    """The file, closed behind its last piece."""
    if file is not None:
        with file:
            while piece := file.read(PIECE):
                yield {"type": "http.response.body", "body": piece, "more_body": True}
