"""What a form field says beside its label and its help."""

from collections.abc import Sequence

from django import forms


def shown_with(
    field: forms.Field, *, unit: str = "", range_text: str = "", kinds: Sequence[str] = ()
) -> forms.Field:
    """The field, with what templates/parts/field.html reads: its unit, its range in words, and the
    kinds of market it matters to, () for all.
    """
    vars(field).update(unit=unit, range_text=range_text, kinds=tuple(kinds))
    return field
