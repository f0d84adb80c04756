"""Whatever leads to the rulebook leads to an anchor that it has."""

import re

from agents.life.lifecycle import STATES
from agents.models import Tier
from arena.selectors.learn.rulebook import anchors
from tests.docs.figures import ROOT, RULES


def test_every_cause_of_death_has_an_anchor():
    assert set(STATES[1:]) <= anchors()


def test_no_anchor_stands_twice():
    found = re.findall(r'<a id="([\w-]+)"></a>', RULES)

    assert sorted({name for name in found if found.count(name) > 1}) == []


def test_every_link_within_the_rulebook_leads_somewhere():
    assert set(re.findall(r"\]\(#([\w-]+)\)", RULES)) <= anchors()


def sources():
    """Every file that may lead to the rulebook: code, tests, pages, scripts, prose."""
    for place in ("agents", "arena", "ml", "tests", "templates", "static/js", "lineage_site"):
        yield from sorted(
            path
            for path in (ROOT / place).rglob("*")
            if path.suffix in {".py", ".html", ".js", ".mjs"}
        )
    yield from (ROOT / name for name in ("README.md", "ARCHITECTURE.md"))


def cited():
    """(file, anchor) of whatever leads to the rulebook."""
    for path in sources():
        for run in re.findall(
            r"(?:RULES\.md|\{% url 'rules' %\})((?:(?:, | and )?#[\w-]+)+)", path.read_text("utf-8")
        ):
            yield from (
                (str(path.relative_to(ROOT)), anchor) for anchor in re.findall(r"#([\w-]+)", run)
            )


def test_what_is_cited_of_the_rulebook_exists():
    found = list(cited())

    assert [f"{place} cites #{anchor}" for place, anchor in found if anchor not in anchors()] == []
    assert len({place for place, _ in found if place.endswith(".py")}) > 15


def test_page_scripts_lead_to_anchors_that_exist():
    text = (ROOT / "static/js/shared/rules.js").read_text("utf-8")
    table = dict(re.findall(r'(\w+): "(\w+)"', text[text.index("RULE_OF") : text.index("};")]))
    used = [
        word
        for path in (ROOT / "static/js").rglob("*.js")
        for word in re.findall(r'\bruled\("(\w+)"', path.read_text("utf-8"))
    ]

    assert set(table.values()) <= anchors()
    assert {word for word in used if word not in table} <= anchors()
    assert {name.lower() for name in Tier.names} <= anchors()


def test_nothing_cites_the_rulebook_by_a_number():
    assert [
        str(path) for path in sources() if re.search(r"RULES sections? \d", path.read_text("utf-8"))
    ] == []
