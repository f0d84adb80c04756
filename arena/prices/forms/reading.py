"""Form fields in which a person says what a file does not say itself: which column is which, and
one for each option of reading.
"""

from collections.abc import Mapping
from typing import Any

from django import forms

from arena.prices.files.options import LONGEST, OPTIONS, ROLES, Option, Reading, reading_of
from arena.prices.forms.shown import shown_with

# a form field for each role a column of a file can play, and what such a column holds
COLUMN_FIELDS = {f"column_{role}": role for role in ROLES}
COLUMN_HELP = {
    "time": "When a bar opens.",
    "open": "Its first price.",
    "high": "Its highest price.",
    "low": "Its lowest price.",
    "close": "Its last price.",
    "volume": "What was traded in it; none where a file has no volume.",
}
OPTION_FIELDS = {f"read_{name}": name for name in OPTIONS}
READING_FIELDS = {**COLUMN_FIELDS, **OPTION_FIELDS}


def reading_fields(kinds: tuple[str, ...] = ()) -> dict[str, forms.Field]:
    """{name: field}; `kinds`: the kinds of market they matter to, () for all."""
    fields = {name: _column_field(role) for name, role in COLUMN_FIELDS.items()}
    fields |= {name: _option_field(OPTIONS[option]) for name, option in OPTION_FIELDS.items()}
    for field in fields.values():
        shown_with(field, kinds=kinds)
    return fields


def reading_said(data: Mapping[str, Any]) -> Reading:
    """What those fields of a form say; FeedError for what there is not."""
    return reading_of({option: data.get(name) for name, option in READING_FIELDS.items()})


def _column_field(role: str) -> forms.Field:
    return forms.CharField(
        required=False, max_length=LONGEST, label=role.capitalize(), help_text=COLUMN_HELP[role]
    )


def _option_field(option: Option) -> forms.Field:
    if not option.choices:
        return forms.CharField(
            required=False, max_length=LONGEST, label=option.label, help_text=option.help
        )
    choices = [("", "by itself" if len(option.choices) > 1 else "no"), *option.choices.items()]
    return forms.ChoiceField(
        required=False, choices=choices, label=option.label, help_text=option.help
    )
