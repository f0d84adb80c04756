"""What many tests begin with: a person and their browser, a channel layer, a provider on
loopback.
"""

import pytest
from channels.layers import channel_layers

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
    """A user who may do everything in the admin; the client is theirs."""
    user = world.user("boss", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def layer_of(settings):
    """The channel layer a test wants."""

    def use(backend, **config):
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": config}}
        return channel_layers["default"]

    return use


@pytest.fixture
def cmc(settings):
    """CoinMarketCap with a price for every hour; CoinGecko is away."""
    with loopback() as server:
        settings.PROVIDERS = providers("https://nowhere.example", server.url)
        server.say(cmc_history())
        yield server
