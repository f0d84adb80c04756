"""Websocket addresses; to be mounted under the origin check and the session login of the ASGI application."""

from django.urls import path

from arena.live.consumers import ExperimentConsumer

websocket_urlpatterns = [path("ws/experiments/<uuid:experiment_uuid>/", ExperimentConsumer.as_asgi())]
