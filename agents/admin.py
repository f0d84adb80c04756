"""The ledgers of agents in the admin: to be read, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from agents.models import LineageEdge, Scar, Trade


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that nobody adds, changes or deletes by hand, whatever their permissions."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfAgentAdmin(ReadOnlyAdmin):
    """Rows that belong to an agent: searched by its number, or by its experiment's name."""

    search_fields = ("=agent__number", "agent__experiment__name")
    search_help_text = "Number of an agent, or name of an experiment"
    list_select_related = ("agent", "agent__experiment")

    @admin.display(ordering="agent__experiment__name")
    def experiment(self, row: Any) -> str:
        """Name of the agent's experiment."""
        return row.agent.experiment.name


@admin.register(Trade)
class TradeAdmin(OfAgentAdmin):
    """Round trips."""

    list_display = (
        "agent",
        "experiment",
        "round",
        "sequence",
        "symbol",
        "side",
        "entry_price",
        "exit_price",
        "quantity",
        "net_profit",
        "reason",
    )
    list_filter = ("side", "reason")


@admin.register(Scar)
class ScarAdmin(OfAgentAdmin):
    """Marks of losses."""

    list_display = ("agent", "experiment", "round", "sequence", "symbol", "severity", "cause", "drawdown", "weight_damage")
    list_filter = ("severity", "cause")


@admin.register(LineageEdge)
class LineageEdgeAdmin(ReadOnlyAdmin):
    """Who descends from whom."""

    list_display = ("child", "parent", "kind", "rate", "strength", "weight_distance")
    list_filter = ("kind",)
    search_fields = ("=child__number", "=parent__number", "child__experiment__name")
    search_help_text = "Number of a child or parent, or name of an experiment"
    list_select_related = ("child", "parent")
