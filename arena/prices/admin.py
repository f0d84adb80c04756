"""The outside world in the admin: imports, providers and what is kept and accepted, to be read;
keys of providers, to be replaced.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from arena.people.guarded import Guarded, ReadOnlyAdmin
from arena.prices.models import (
    Acceptance,
    BasketRenewal,
    CandlePage,
    LastQuote,
    MarketImport,
    ProviderKey,
    ProviderState,
)
from arena.prices.providers.faults import Refused
from arena.prices.providers.registry import KEYED, TITLES
from arena.prices.services.keys import key_read, key_store


@admin.register(MarketImport)
class MarketImportAdmin(ReadOnlyAdmin):
    """Imports from providers; cancelled and resumed on their own pages."""

    list_display = ("name", "owner", "state", "bars", "reason", "created_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("name", "reason")
    list_select_related = ("owner",)


@admin.register(BasketRenewal)
class BasketRenewalAdmin(ReadOnlyAdmin):
    """Baskets that were brought up to date."""

    list_display = ("basket", "owner", "market", "reason", "created_at")
    search_fields = ("basket__name", "reason")
    list_select_related = ("basket", "owner", "market")


@admin.register(ProviderState)
class ProviderStateAdmin(ReadOnlyAdmin):
    """How each provider is doing."""

    list_display = ("name", "failures", "opened_at", "wait_until", "worked_at", "fault")
    search_fields = ("name",)


class ProviderKeyForm(forms.ModelForm):
    """A key to be stored; what is stored already is not shown."""

    provider = forms.ChoiceField(choices=[(name, TITLES[name]) for name in KEYED])
    key = forms.CharField(
        max_length=200,
        validators=[
            RegexValidator(
                r"^[!-~]{12,}\Z", "A key is 12 to 200 letters, digits and signs without a space."
            )
        ],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=(
            "It is encrypted, sent only to this provider and never shown again. A key in the"
            " environment wins over it."
        ),
    )

    class Meta:
        model = ProviderKey
        fields = ("provider",)


@admin.register(ProviderKey)
class ProviderKeyAdmin(Guarded):
    """Keys of providers: stored, replaced and deleted, never read."""

    form = ProviderKeyForm
    list_display = ("provider", "ending", "stored_by", "stored_at", "state")
    list_select_related = ("stored_by",)
    fields = ("provider", "key", "ending", "stored_by", "stored_at", "state")
    readonly_fields = ("ending", "stored_by", "stored_at", "state")

    @admin.display(description="key", ordering="ends")
    def ending(self, row: ProviderKey) -> str:
        """…wxyz"""
        return f"…{row.ends}" if row.ends else "-"

    @admin.display
    def state(self, row: ProviderKey) -> str:
        """Whether it can be used."""
        try:
            return "can be read" if key_read(provider=row.provider) else "-"
        except Refused as error:
            return str(error)

    def get_readonly_fields(
        self, request: HttpRequest, obj: ProviderKey | None = None
    ) -> tuple[str, ...]:
        """The provider is chosen once."""
        return (*self.readonly_fields, "provider") if obj else self.readonly_fields

    @method_decorator(sensitive_post_parameters("key"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: ProviderKey, form: ProviderKeyForm, change: bool
    ) -> None:
        # the admin's history is written of `obj`, so it has to be the row
        obj.pk = key_store(provider=obj.provider, key=form.cleaned_data["key"], who=request.user).pk


@admin.register(Acceptance)
class AcceptanceAdmin(ReadOnlyAdmin):
    """Who took which market out of quarantine."""

    list_display = ("market", "who", "at", "leap")
    list_select_related = ("market", "who")
    search_fields = ("market__name",)


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
