"""One form field for one key of the settings schema."""

import re
from typing import Any, Literal, get_args, get_origin

from django import forms

from arena.prices.forms.shown import shown_with
from arena.prices.market.simulators import SIMULATORS
from arena.settings_schema import SECTIONS, Market, Settings, limits, unit_of

CHOICE_TITLES = {
    **{kind: f"{simulator.title} (simulated)" for kind, simulator in SIMULATORS.items()},
    "bootstrap": "blocks of real prices, shuffled (simulated)",
    "file": "real prices",
    "long_flat": "long or flat",
    "long_short": "long or short",
}
# kinds of market that look at a figure; one that is not here matters to all
KINDS = {
    **{
        f"market.{name}": tuple(kind for kind, law in SIMULATORS.items() if name in law.figures)
        for name in Market.model_fields
    },
    **dict.fromkeys(("market.kind", "market.path", "market.paths"), ()),
    **dict.fromkeys(("market.resampling", "market.block"), ("bootstrap",)),
}


# runs that are made at once, one for each seed
MOST_SEEDS = 20
PLAIN = re.compile(r"\d{1,6}", re.ASCII)
SPAN = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


class ListField(forms.CharField):
    """Whole numbers with commas between them: "64, 64"."""

    # a list is what the schema reads
    def to_python(self, value: Any) -> list[int] | None:  # type: ignore[override]
        text = super().to_python(value)
        if text and self.max_length is not None and len(text) > self.max_length:
            raise forms.ValidationError(f"At most {self.max_length} characters.")
        try:
            return [int(part) for part in text.split(",")] if text else None
        except ValueError:
            raise forms.ValidationError(
                "Whole numbers with commas between them, such as 64, 64."
            ) from None

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else value


class SeedsField(forms.CharField):
    """How many runs, or which seeds they have: "5"; "1, 2, 7"; "1-5"."""

    def clean(self, value: Any) -> int | list[int] | None:
        text = super().clean(value).replace(" ", "")
        if not text:
            return None
        found = int(text) if PLAIN.fullmatch(text) else _seeds(text.split(","))
        many = found if isinstance(found, int) else len(found)
        if not 1 <= many <= MOST_SEEDS:
            raise forms.ValidationError(
                f"1 to {MOST_SEEDS} runs can be made at once, not {many:,}."
            )
        return found


def _seeds(parts: list[str]) -> list[int]:
    """Each seed once, in the order in which they were named."""
    found: dict[int, None] = {}
    for part in parts:
        named = SPAN.fullmatch(part)
        if named is None:
            raise forms.ValidationError(
                "A number of runs, such as 5, or the seeds themselves, such as 1, 2, 7 or 1-5."
            )
        first, last = int(named[1]), int(named[2] or named[1])
        # of a long span as much is made as it takes to say that it is too long
        found |= dict.fromkeys(range(first, min(last + 1, first + 10 * MOST_SEEDS)))
    return list(found)


def form_name(key: str) -> str:
    """Name of the form field of a dotted key."""
    return key.replace(".", "__")


def field_of(key: str) -> forms.Field:
    """The field of a dotted key, with its default, help, unit, range in words, and the market kinds
    it matters to.
    """
    section, _, name = key.rpartition(".")
    info = (SECTIONS[section] if section else Settings).model_fields[name]
    field = _field(info)
    field.label = name.replace("_", " ").capitalize() if key != "market.kind" else "Market"
    field.help_text = info.description or ""
    field.initial = info.default
    return shown_with(field, unit=unit_of(info), range_text=limits(info), kinds=KINDS.get(key, ()))


def _field(info: Any) -> forms.Field:
    kind = info.annotation
    if kind is bool:
        return forms.BooleanField(required=False)
    if get_origin(kind) is Literal:
        values = get_args(kind)
        choices = [
            (value, CHOICE_TITLES.get(value, str(value).replace("_", " "))) for value in values
        ]
        if isinstance(values[0], int):
            return forms.TypedChoiceField(choices=choices, coerce=int)
        return forms.ChoiceField(choices=choices)
    if kind in (int, float):
        return _number(info, kind)
    return ListField(max_length=40)


def _number(info: Any, kind: type) -> forms.Field:
    """The schema itself checks the range; the bounds are for the browser."""
    bounds = {"step": "1" if kind is int else "any"}
    for rule in info.metadata:
        for name, attribute in (("ge", "min"), ("gt", "min"), ("le", "max"), ("lt", "max")):
            if getattr(rule, name, None) is not None:
                bounds[attribute] = str(getattr(rule, name))
    widget = forms.NumberInput(
        attrs={**bounds, "inputmode": "numeric" if kind is int else "decimal"}
    )
    return forms.IntegerField(widget=widget) if kind is int else forms.FloatField(widget=widget)
