"""The form that puts markets together: which of them, and what they are called together."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms

from arena.errors import BasketRefused
from arena.prices.files import builtin
from arena.prices.files.rows import duration
from arena.prices.forms.shown import shown_with
from arena.prices.models import DataKind, MarketData
from arena.prices.selectors.markets import day
from arena.prices.services.baskets import Basket, basket_look
from arena.prices.services.markets import market_builtin
from ml.checkpoint import CheckpointError


@dataclass(frozen=True)
class Pick:
    """A market that may be ticked; `kind` is one of DataKind."""

    key: str
    name: str
    symbol: str
    timeframe_ms: int
    bars: int
    first: str
    last: str
    kind: DataKind
    chosen: bool = False

    @property
    def size(self) -> str:
        return f"{self.bars:,} bars"

    @property
    def badge(self) -> dict[str, str]:
        return {"kind": self.kind.value, "label": self.kind.label}


class BasketForm(forms.Form):
    """`basket` once it is valid. stored: the person's markets, which stand before the built-in
    series.
    """

    name = forms.CharField(
        max_length=120,
        required=False,
        label="Name",
        help_text="Left blank, it is called after its symbols.",
    )

    def __init__(self, *args: Any, stored: Iterable[MarketData], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.stored = {f"stored:{row.pk}": row for row in stored}
        keys = (*self.stored, *map(_key, builtin.SERIES))
        part = forms.MultipleChoiceField(required=False, choices=[(key, key) for key in keys])
        self.fields = {"part": part, **self.fields}
        shown_with(self.fields["name"])
        self.basket: Basket | None = None

    def groups(self) -> list[tuple[str, list[Pick]]]:
        """(length of a bar, the markets of that length), the shortest first."""
        chosen = set(self["part"].value() or [])
        picks = [_pick(key, row, key in chosen) for key, row in self.stored.items()] + [
            _pick_builtin(name, chosen) for name in builtin.SERIES
        ]
        picks.sort(key=lambda pick: pick.timeframe_ms)
        return [
            (duration(length), list(some))
            for length, some in groupby(picks, lambda pick: pick.timeframe_ms)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "part" in data:
            try:
                self.basket = basket_look(parts=[self._market(key) for key in data["part"]])
            except (BasketRefused, CheckpointError) as error:
                self.add_error(None, str(error))
        return data

    def _market(self, key: str) -> MarketData:
        return self.stored.get(key) or market_builtin(name=key.removeprefix("builtin:"))


def _key(name: str) -> str:
    return f"builtin:{name}"


def _pick(key: str, row: MarketData, chosen: bool) -> Pick:
    known = row.timeframe_ms, row.bars, day(row.first_time), day(row.last_time), row.kind
    return Pick(key, row.name, row.symbols[0], *known, chosen)


def _pick_builtin(name: str, chosen: set[str]) -> Pick:
    bars, _ = builtin.load(name)
    known = bars.timeframe_ms, len(bars), day(bars.time[0]), day(bars.time[-1]), DataKind.HISTORICAL
    return Pick(
        _key(name),
        builtin.SERIES[name].title,
        builtin.SERIES[name].symbol,
        *known,
        _key(name) in chosen,
    )
