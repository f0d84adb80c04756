"""How many requests of one login go in at a time: the others wait outside, where waiting costs no
thread and no question to the database. Which user a login belongs to is known only inside, see
arena.services.people.seats.
"""

import asyncio

from lineage_site.web.asgi import App, Receive, Scope, Send

# who waits inside for a seat is among those inside
INSIDE, OUTSIDE = 8, 64
SHOWN = (b"authorization", b"cookie")
SENTENCE = "too many requests at a time: wait for answers, then ask on"
PROBLEM = (
    b'{"type":"about:blank","title":"Too many calls","status":429,"detail":"%s"}'
    % SENTENCE.encode()
)


class _Queue:
    def __init__(self, inside: int):
        self.places, self.there = asyncio.Semaphore(inside), 0


def gate(app: App, inside: int = INSIDE, outside: int = OUTSIDE) -> App:
    """`app`, for so many requests of one login at a time, while so many more wait; one beyond is
    answered 429 unread.
    """
    queues: dict[int, _Queue] = {}

    async def gated(scope: Scope, receive: Receive, send: Send) -> None:
        shown = [pair for pair in map(tuple, scope["headers"]) if pair[0] in SHOWN]
        if not shown:
            await app(scope, receive, send)
            return
        key = hash(tuple(shown))
        queue = queues.setdefault(key, _Queue(inside))
        if queue.there >= inside + outside:
            await _refuse(scope, send)
            return
        queue.there += 1
        try:
            async with queue.places:
                await app(scope, receive, send)
        finally:
            queue.there -= 1
            if not queue.there:
                queues.pop(key, None)

    return gated


async def _refuse(scope: Scope, send: Send) -> None:
    api = scope.get("path", "").startswith("/api/")
    kind, text = (
        (b"application/problem+json", PROBLEM)
        if api
        else (b"text/plain; charset=utf-8", f"{SENTENCE}\n".encode())
    )
    headers = [(b"content-type", kind), (b"retry-after", b"1"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": text})
