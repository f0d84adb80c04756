"""The form of an import from a provider: what, how long a bar, from when to when, and whom to ask
in which order.
"""

import time
from datetime import UTC, datetime
from typing import Any

from django import forms

from arena.prices.forms.shown import shown_with
from arena.prices.providers.base import TIMEFRAMES
from arena.prices.providers.registry import TITLES
from arena.prices.services.imports import MOST_SOURCES, ImportRefused

ORDER = ("Source", "If it fails", "If that fails too")
EXAMPLES = "CoinGecko: bitcoin. CoinMarketCap: 1. Exchange: binance:BTC/USDT."
NONE = ("", "nobody")
DAY = {"type": "date"}


class ImportForm(forms.Form):
    """`asked()` once it is valid."""

    name = forms.CharField(
        max_length=120,
        required=False,
        label="Name",
        help_text="Left blank, it is called after its source.",
    )
    timeframe = forms.ChoiceField(
        choices=[(name, name) for name in TIMEFRAMES],
        initial="1h",
        label="Length of a bar",
        help_text="Not every source has every length.",
    )
    start = forms.DateField(
        label="From", help_text="The first day, UTC.", widget=forms.DateInput(attrs=DAY)
    )
    stop = forms.DateField(
        required=False,
        label="To",
        help_text="The day after the last, UTC. Left blank: until now.",
        widget=forms.DateInput(attrs=DAY),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for place in range(MOST_SOURCES):
            choices = [*([NONE] if place else []), *TITLES.items()]
            self.fields[f"provider{place}"] = forms.ChoiceField(
                choices=choices, required=not place, label=ORDER[place]
            )
            help_text = EXAMPLES if not place else "The same instrument, as this source names it."
            instrument = forms.CharField(
                max_length=80, required=not place, label="Instrument", help_text=help_text
            )
            self.fields[f"instrument{place}"] = instrument
        for field in self.fields.values():
            shown_with(field)

    def rows(self) -> list[list[forms.BoundField]]:
        """What and when, then a row for each source."""
        return [
            [self[f"{part}{place}"] for part in ("provider", "instrument")]
            for place in range(MOST_SOURCES)
        ]

    def basics(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "timeframe", "start", "stop")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for place in range(1, MOST_SOURCES):
            if bool(data.get(f"provider{place}")) != bool(data.get(f"instrument{place}")):
                missing = "instrument" if data.get(f"provider{place}") else "provider"
                self.add_error(f"{missing}{place}", "Choose both, or leave both blank.")
        return data

    def asked(self) -> dict[str, Any]:
        """Arguments of prices.services.imports.import_begin."""
        data, now_ms = self.cleaned_data, int(time.time() * 1000)
        pairs = [
            (data[f"provider{place}"], data[f"instrument{place}"]) for place in range(MOST_SOURCES)
        ]
        return {
            "name": data["name"],
            "timeframe_ms": TIMEFRAMES[data["timeframe"]],
            "start_ms": _ms(data["start"]),
            "stop_ms": _ms(data["stop"]) if data["stop"] else now_ms,
            "sources": [pair for pair in pairs if pair[0]],
            "now_ms": now_ms,
        }

    def blame(self, error: ImportRefused) -> None:
        """Put a refusal beside the source it is about, else on top."""
        self.add_error(None if error.source is None else f"instrument{error.source}", str(error))


def _ms(day: Any) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
