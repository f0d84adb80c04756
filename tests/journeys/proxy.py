"""A proxy on loopback that can freeze: it then forwards nothing and closes nothing, as a lost
network does.
"""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Forwards connections to `port` from the port it was given, until it is frozen, and again when
    it thaws.
    """

    def __init__(self, listen: int, port: int):
        self.port = port
        self.moving = threading.Event()
        self.moving.set()
        self.server = socket.create_server(("127.0.0.1", listen))
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        self.moving.clear()

    def thaw(self) -> None:
        self.moving.set()

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thaw()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self.server.accept()
                there = socket.create_connection(("127.0.0.1", self.port))
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=self._forward, args=ends, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65536):
                self.moving.wait()
                target.sendall(data)
