"""Every setting has a row in docs/RULES.md, with the default, the range and the unit of the
schema.
"""

import re
from typing import get_args

import pytest

from arena.selectors.learn.rulebook import anchors
from arena.settings_schema import SECTIONS, Settings, known_keys
from tests.docs.figures import RULES


def written(value):
    """A number as the rulebook writes it."""
    if value == 2**63 - 1:
        return "2⁶³ − 1"
    mantissa, _, exponent = f"{value:.10e}".partition("e")
    if value and float(mantissa) == 1.0 and not -5 < int(exponent) < 7:
        return "10" + str(int(exponent)).translate(
            {ord(plain): raised for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
        )
    return f"{value:,.10g}".replace("-", "−")


def default_of(field):
    value = field.default
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(written, value)) or "none"
    return (f"`{value}`" if value else "none") if isinstance(value, str) else written(value)


def allowed(field):
    """Its range or its choices; None where words say more than the schema."""
    if field.annotation is bool:
        return "on or off"
    limits = {
        name: getattr(rule, name)
        for rule in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(rule, name, None) is not None
    }
    if limits:
        low = written(limits["ge"]) if "ge" in limits else f"above {written(limits['gt'])}"
        return f"{low} to " + (
            written(limits["le"]) if "le" in limits else f"below {written(limits['lt'])}"
        )
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    return f"only {choices[0]}" if choices and Ellipsis not in choices else None


def field_of(key):
    section, _, name = key.rpartition(".")
    return (SECTIONS[section] if section else Settings).model_fields[name]


def rows_of_settings():
    """{key: (default, allowed, unit, rule)} as the rulebook has them."""
    found = re.findall(
        r"^\| `([\w.]+)` \| (.*) \| (.*) \| (.*) \| \[.*\]\(#(\w+)\) \|$", RULES, re.MULTILINE
    )
    return {key: [cell.strip() for cell in cells] for key, *cells in found}


def test_every_setting_has_a_row_in_the_order_of_the_schema():
    assert list(rows_of_settings()) == list(known_keys())


@pytest.mark.parametrize("key", known_keys())
def test_a_setting_has_the_default_the_range_and_the_unit_of_the_schema(key):
    default, limits, unit, rule = rows_of_settings()[key]
    field = field_of(key)

    assert default == default_of(field)
    assert limits == (allowed(field) or limits)
    assert unit == field.json_schema_extra["unit"]
    assert rule in anchors()


@pytest.mark.parametrize("key", known_keys())
def test_a_setting_is_named_by_a_rule_and_not_only_in_the_list(key):
    rules = RULES[: RULES.index('<a id="settings"></a>')]

    assert f"`{key}`" in rules or f"`{key} =" in rules
