"""Colours and sizes stand in one sheet, in both themes, and can be read on what they stand on."""

import re
from itertools import product
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text("utf-8")
# the admin has tokens of its own, under names that are also ours
SHEETS = sorted(set((STATIC / "css").glob("*.css")) - {STATIC / "css" / "admin.css"})
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])|\brgba?\(")
GROUNDS = ("bg", "surface", "raised")
WORDS = ("text", "muted", "accent", "gain", "loss", "hold", "good", "warn", "danger")


def themes() -> list[dict[str, str]]:
    """{token: value} of the light theme, of the dark one, and of that which the system asks for."""
    parts = re.split(r":root(?:\[data-theme=\"dark\"\]|:not\(\[data-theme\]\))? \{", TOKENS)[1:]
    return [dict(re.findall(r"--([\w-]+): ([^;]+);", part)) for part in parts]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_no_other_sheet_names_a_colour_and_every_token_it_uses_is_defined(sheet: Path):
    text = sheet.read_text("utf-8")
    light, *_ = themes()
    # set by scripts, or by the sheet itself for what stands within
    own = set(re.findall(r"--([\w-]+):", text)) | {"share", "colour", "style", "at"}

    assert sheet.name == "tokens.css" or COLOUR.findall(text) == []
    assert sorted(set(re.findall(r"var\(--([\w-]+)", text)) - set(light) - own) == []


def test_the_dark_theme_is_one_and_gives_every_colour_of_the_light_one():
    light, dark, asked_for = themes()
    colours = {name for name, value in light.items() if COLOUR.search(value + ";")}

    assert dark == asked_for
    assert set(dark) == colours


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_and_edges_can_be_read_on_every_ground(theme: int):
    tokens = themes()[theme]
    faint = {
        (word, ground): round(contrast(tokens[word], tokens[ground]), 2)
        for word, ground in product((*WORDS, "edge"), GROUNDS)
        if contrast(tokens[word], tokens[ground]) < (3.0 if word == "edge" else 4.5)
    }

    assert faint == {}
