"""Writes the inputs of forms without a template each: the form of a new experiment has a hundred of
them, and took 55 ms.
"""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# those whose template is Django's input.html
INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in ("input", "text", "number", "checkbox", "hidden", "password")
)


class Quick(DjangoTemplates):
    """Django's own renderer, but for plain inputs."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in INPUTS:
            return input_tag(context["widget"])
        return super().render(template_name, context, request)


def input_tag(widget: dict[str, Any]) -> SafeString:
    """The tag that django/forms/widgets/input.html makes of a widget's context, to the byte."""
    value = "" if widget["value"] is None else format_html(' value="{}"', str(widget["value"]))
    attributes = [(name, given) for name, given in widget["attrs"].items() if given is not False]
    rendered = format_html_join("", "{}", ([_attribute(*each)] for each in attributes))
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, rendered
    )


def _attribute(name: str, value: Any) -> SafeString:
    return format_html(" {}", name) if value is True else format_html(' {}="{}"', name, str(value))
