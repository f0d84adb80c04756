"""The glossary defines every word and every column that a page shows."""

import inspect
import re
from html import unescape
from pathlib import Path

import pytest
from django.apps import apps

from agents.states import Grade, State
from arena.selectors.learn import rulebook
from arena.selectors.learn.glossary import FILE, STATES, groups, terms
from tests.arena.selectors.learn.shown import of_script, of_template, words

# headings that are sentences: they say themselves what stands below
SENTENCES = {"no agent chosen"}


def plain(word):
    return unescape(str(word)).casefold()


DEFINED = {
    plain(word)
    for term in terms()
    for word in (term.name, *term.also, *(label for label, _, _ in term.states))
}
# states that the admin alone shows, as the help of their column
INSIDE = {"RoundState", "BlockState", "JobState", "RemovalState"}


@pytest.mark.tables
def test_every_word_that_a_page_shows_is_defined():
    missing = sorted(
        {
            f"{word!r} of {place}"
            for word, place in words()
            if plain(word) not in DEFINED | SENTENCES
        }
    )

    assert missing == [], "define it in docs/GLOSSARY.md, or name it there under `shown as`"


TABLES = [table for base in (State, Grade) for table in base.__subclasses__()]


@pytest.mark.tables
def test_every_table_of_states_is_defined_by_a_term():
    shown = {table.__name__ for table in STATES.values()}
    missing = {table.__name__ for table in TABLES} - shown - INSIDE

    assert sorted(missing) == [], "put it into STATES of arena/selectors/learn/glossary.py"
    assert set(STATES) <= {term.key for term in terms()}


@pytest.mark.tables
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_state_has_a_sentence(table):
    wrong = [state.value for state in table if not re.fullmatch(r"[A-Z].+\.", state.sentence)]

    assert wrong == [], (
        f"a sentence of {table.__name__} begins with a capital and ends with a point"
    )


@pytest.mark.tables
def test_every_column_of_a_state_knows_its_table():
    columns = [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.fields
        if field.name in ("state", "tier", "cause") and model._meta.app_label in ("agents", "arena")
    ]
    plain = [str(field) for _, field in columns if not getattr(field, "states", None)]

    assert len(columns) > 8
    assert plain == [], "make it a StateField of agents/state_field.py"


@pytest.mark.parametrize("key", STATES)
def test_the_glossary_names_the_file_of_a_table(key):
    part = FILE.read_text("utf-8").partition(f'<a id="{key}"></a>')[2].partition("\n#")[0]

    place = Path(inspect.getfile(STATES[key])).relative_to(FILE.parents[1])

    assert f"- each: `{place}`" in part


def test_every_definition_has_an_anchor_of_its_own_and_a_text():
    keys = [*(term.key for term in terms()), *(group.key for group in groups())]

    assert len(keys) == len(set(keys))
    assert [
        term.key for term in terms() if not term.key or not term.text.endswith((".", ".)"))
    ] == []


def test_no_word_is_defined_twice():
    defined = [
        plain(word) for term in terms() for word in {plain(term.name), *map(plain, term.also)}
    ]

    assert sorted({word for word in defined if defined.count(word) > 1}) == []


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
