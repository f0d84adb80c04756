"""{{ row|sentence }}: what the state of a row means, from its table."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def sentence(row: Any) -> str:
    """Of the row's column `state`."""
    states = row._meta.get_field("state").states
    return states(row.state).sentence
