"""A cap on the size of a request body, counted as it arrives: Django spools a body to disk before any view sees it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
TEXT = b"The request is too large.\n"
PROBLEM = b'{"type":"about:blank","title":"Too large","status":413,"detail":"the request is too large"}'


class TooLarge(Exception):
    """The body passed the cap, whatever its headers said."""


def body_limit(app: App, most: int) -> App:
    """`app` for bodies of at most `most` bytes; a larger one is answered 413 and read no further."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await app(scope, counted, noted)
        except TooLarge:
            if not started:
                await _refuse(scope, send)

    return limited


async def _refuse(scope: Scope, send: Send) -> None:
    kind, text = (b"application/problem+json", PROBLEM) if scope.get("path", "").startswith("/api/") else (b"text/plain", TEXT)
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", kind), (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": text})
