"""The app of agents and their rows."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Agents, trades, scars and lineage."""

    name = "agents"
