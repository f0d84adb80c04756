"""The ledgers of agents in the admin: to be read, never changed."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin

from agents.life.costs import COSTS
from agents.models import LineageEdge, Scar, Trade
from agents.money import money
from arena.people.guarded import ReadOnlyAdmin

AMOUNTS = ("gross_profit", *COSTS, "net_profit")


def shown_as_money(name: str, title: str = "") -> Callable[[Any, Any], str]:
    """A column or field of the admin: field `name`, an amount of money, as a person reads it."""

    @admin.display(ordering=name, description=title or name.replace("_", " "))
    def shown(self: Any, row: Any) -> str:
        return money(getattr(row, name))

    return shown


class OfAgentAdmin(ReadOnlyAdmin):
    """Rows that belong to an agent: searched by its number, or by its experiment's name."""

    search_fields = ("=agent__number", "agent__experiment__name")
    search_help_text = "Number of an agent, or name of an experiment"
    list_select_related = ("agent", "agent__experiment")

    @admin.display(ordering="agent__experiment__name")
    def experiment(self, row: Any) -> str:
        """Name of the agent's experiment."""
        return row.agent.experiment.name


ShownAmounts = type("ShownAmounts", (), {f"shown_{name}": shown_as_money(name) for name in AMOUNTS})


# a base that is made of a table is no type to mypy
@admin.register(Trade)
class TradeAdmin(ShownAmounts, OfAgentAdmin):  # type: ignore[valid-type,misc]
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
        "shown_net_profit",
        "reason",
    )
    list_filter = ("side", "reason")
    fields = (
        *(field.name for field in Trade._meta.fields if field.name not in ("id", *AMOUNTS)),
        *(f"shown_{name}" for name in AMOUNTS),
    )


@admin.register(Scar)
class ScarAdmin(OfAgentAdmin):
    """Marks of losses."""

    list_display = (
        "agent",
        "experiment",
        "round",
        "sequence",
        "symbol",
        "severity",
        "cause",
        "drawdown",
        "weight_damage",
    )
    list_filter = ("severity", "cause")


@admin.register(LineageEdge)
class LineageEdgeAdmin(ReadOnlyAdmin):
    """Who descends from whom."""

    list_display = ("child", "parent", "kind", "rate", "strength", "weight_distance")
    list_filter = ("kind",)
    search_fields = ("=child__number", "=parent__number", "child__experiment__name")
    search_help_text = "Number of a child or parent, or name of an experiment"
    list_select_related = ("child", "parent")
