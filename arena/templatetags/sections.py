"""Which entry of the main navigation a page belongs to."""

from django import template

register = template.Library()
# beginning of a route's name -> the entry; the first that fits
SECTIONS = {
    "experiment_new": "new",
    "experiment_compare": "compare",
    "experiment_": "experiments",
    "agent_": "experiments",
    "market_": "markets",
    "import_": "markets",
    "basket_": "markets",
    "job_": "jobs",
    "rules": "learn",
    "terms": "learn",
    "proof": "learn",
    "account": "account",
    "tokens": "account",
}


@register.filter
def section(route: str | None) -> str:
    """The entry of a route's name, "" for a page of none."""
    return next((entry for start, entry in SECTIONS.items() if (route or "").startswith(start)), "")
