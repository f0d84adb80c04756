"""The glossary defines every word and every column that a page shows."""

from html import unescape

import pytest

from arena.selectors.learn import rulebook
from arena.selectors.learn.glossary import groups, terms
from tests.arena.selectors.learn.shown import of_script, of_template, words

# headings that are sentences: they say themselves what stands below
SENTENCES = {"no agent chosen"}


def plain(word):
    return unescape(str(word)).casefold()


DEFINED = {plain(word) for term in terms() for word in (term.name, *term.also)}


def test_every_word_that_a_page_shows_is_defined():
    missing = sorted(
        {
            f"{word!r} of {place}"
            for word, place in words()
            if plain(word) not in DEFINED | SENTENCES
        }
    )

    assert missing == [], "define it in docs/GLOSSARY.md, or name it there under `shown as`"


def test_every_definition_has_an_anchor_of_its_own_and_a_text():
    keys = [*(term.key for term in terms()), *(group.key for group in groups())]

    assert len(keys) == len(set(keys))
    assert [
        term.key for term in terms() if not term.key or not term.text.endswith((".", ".)"))
    ] == []


def test_no_word_is_defined_twice():
    told = [plain(word) for term in terms() for word in {plain(term.name), *map(plain, term.also)}]

    assert sorted({word for word in told if told.count(word) > 1}) == []


def test_every_rule_that_a_definition_leads_to_exists():
    assert {term.rule for term in terms()} - {""} <= rulebook.anchors()


def test_what_is_shown_as_is_read_without_markup():
    champion = next(term for term in terms() if term.key == "champion")

    assert "the champion's card" in champion.also


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<th scope="col">Age</th>', ["Age"]),
        ("<dt>Part{{ parts|length|pluralize }}</dt>", ["Part"]),
        ("<dt>{{ fact }}</dt>", []),
        ('<th><a href="#x">Vault</a>, touched by no round</th>', ["Vault, touched by no round"]),
        ("<h2>Nothing yet</h2>", []),
        ('<h2>Lineage</h2><div class="chart"></div>', ["Lineage"]),
    ],
)
def test_words_of_a_template_are_found(text, found):
    assert list(of_template(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('yaxis: { title: "price" }', ["price"]),
        ('{ tab: "Loss", title: "Mean loss of a step", unit: "loss" }', ["Loss", "loss"]),
        ('["Bars", whole(rows)]', ["Bars"]),
        ('tabs(one("#x"), { "": "All", swan: "Swans" }, "", f)', ["All", "Swans"]),
        ('const TIERS = ["bronze", "gold"];', ["bronze", "gold"]),
        ('const NAMES = { text: "--text" };', []),
    ],
)
def test_words_of_a_script_are_found(text, found):
    assert list(of_script(text)) == found
