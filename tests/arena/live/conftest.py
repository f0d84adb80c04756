"""The channel layer a test wants."""

import pytest
from channels.layers import channel_layers


@pytest.fixture
def layer_of(settings):
    def use(backend, **config):
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": config}}
        return channel_layers["default"]

    return use
