"""A browser's end of a websocket, without a server (channels.testing would need daphne)."""

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    """Speaks ASGI's websocket messages to `application` at `path`."""

    def __init__(self, application, path, headers=()):
        super().__init__(
            application,
            {
                "type": "websocket",
                "path": path.partition("?")[0],
                "headers": list(headers),
                "query_string": path.partition("?")[2].encode(),
                "subprotocols": [],
            },
        )

    async def connect(self):
        """(True, None) where accepted, (False, close code) where refused."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(5)
        return answer["type"] == "websocket.accept", answer.get("code")

    async def send_to(self, text_data=None, bytes_data=None):
        await self.send_input({"type": "websocket.receive", "text": text_data, "bytes": bytes_data})

    async def receive_from(self, timeout=5):
        answer = await self.receive_output(timeout)
        assert answer["type"] == "websocket.send", answer
        return answer["bytes"]

    async def disconnect(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(5)
