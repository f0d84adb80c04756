"""The channel layer, deaf to what our processes did not write."""

import logging
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

logger = logging.getLogger(__name__)
LARGEST = 1024 * 1024  # bytes


class Layer(RedisPubSubChannelLayer):
    """Channels' layer over Redis's publish and subscribe; a message that cannot be read is None,
    and ends no socket.
    """

    def deserialize(self, message: bytes) -> Any:
        if len(message) > LARGEST:
            return None
        try:
            return super().deserialize(message)
        # any bytes at all may come, and the reader names no common kind of error
        except Exception as problem:
            logger.debug("a message of %s bytes cannot be read: %s", len(message), problem)
            return None
