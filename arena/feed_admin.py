"""The outside world in the admin: imports, providers, and what is kept of their answers; to be read, never changed."""

from django.contrib import admin

from agents.admin import ReadOnlyAdmin
from arena.models import CandlePage, LastQuote, MarketImport, ProviderState


@admin.register(MarketImport)
class MarketImportAdmin(ReadOnlyAdmin):
    """Imports from providers; cancelled and resumed on their own pages."""

    list_display = ("name", "owner", "state", "bars", "reason", "created_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("name", "reason")
    list_select_related = ("owner",)


@admin.register(ProviderState)
class ProviderStateAdmin(ReadOnlyAdmin):
    """How each provider is doing."""

    list_display = ("name", "failures", "opened_at", "wait_until", "worked_at", "fault")
    search_fields = ("name",)


@admin.register(CandlePage)
class CandlePageAdmin(ReadOnlyAdmin):
    """Pages of candles."""

    list_display = ("provider", "instrument", "timeframe_ms", "start_ms", "stop_ms", "fetched_ms")
    list_filter = ("provider",)
    search_fields = ("instrument",)
    exclude = ("rows",)


@admin.register(LastQuote)
class LastQuoteAdmin(ReadOnlyAdmin):
    """Last quotes."""

    list_display = ("provider", "instrument", "price", "at_ms", "fetched_ms")
    search_fields = ("instrument",)
