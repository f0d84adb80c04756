"""A cap on the size of a request body, counted as it arrives: Django spools a body to disk before
any view sees it.

Who is not logged in may send what a form of words needs and no more, or strangers could fill
the disk.
"""

import json
from collections.abc import Awaitable, Callable

from lineage_site.web.asgi import App, Message, Receive, Scope, Send

Known = Callable[[Scope], Awaitable[bool]]
TEXT = "The request is too large."
LOG_IN = "Log in before you send so much, or send a valid token."


class TooLarge(Exception):
    """The body passed the cap, whatever its headers said; the text is for the person."""


def body_limit(app: App, most: int, *, of_strangers: int, known: Known) -> App:
    """`app` for bodies of at most `most` bytes, and of `of_strangers` where `known` does not know
    the sender.

    A larger one is answered 413 and read no further, or not at all where its head says its size.
    The sender is looked up only where the size asks for it.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        started = False
        seen = 0
        allowed = of_strangers

        async def check(size: int) -> None:
            nonlocal allowed
            if size > most:
                raise TooLarge(TEXT)
            if size > allowed:
                if not await known(scope):
                    raise TooLarge(LOG_IN)
                allowed = most

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            await check(seen)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await check(_announced(scope))
            await app(scope, counted, noted)
        except TooLarge as problem:
            if not started:
                await _refuse(scope, send, str(problem))

    return limited


def _announced(scope: Scope) -> int:
    """What the head says of the body's size; 0 where it says nothing that makes sense."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 20 else 0


async def _refuse(scope: Scope, send: Send, text: str) -> None:
    """In words, and to the API's callers in their own form."""
    kind, body = b"text/plain; charset=utf-8", f"{text}\n".encode()
    if scope["path"].startswith("/api/"):
        kind = b"application/problem+json"
        body = json.dumps(
            {
                "type": "about:blank",
                "title": "The request is too large",
                "status": 413,
                "detail": text,
            }
        ).encode()
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
