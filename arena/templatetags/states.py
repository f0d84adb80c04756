"""{{ row|sentence }}: what the state of a row means, from its table."""

from django import template
from django.db.models import Model

register = template.Library()


@register.filter
def sentence(row: Model) -> str:
    """Of the row's column `state`."""
    states = row._meta.get_field("state").states
    return states(row.state).sentence
