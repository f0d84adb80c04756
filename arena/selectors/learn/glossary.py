"""The words that pages show, each with its definition: docs/GLOSSARY.md, as the page of terms, and
the tables of states.

A term is a heading with its anchor, a paragraph, a formula where it has one, and a list of what
else there is to say: `shown as` other words, the rule, the source.
"""

import re
from functools import lru_cache
from html import unescape
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from agents.life.costs import Cost
from agents.life.lifecycle import AgentState
from agents.life.reasons import TradeReason
from agents.life.scars import ScarCause
from agents.life.trust import Tier
from agents.states import Described
from arena.models import ExperimentState, JudgementState
from arena.prices.models import ImportState
from arena.selectors.columns import columns, label
from arena.selectors.learn.markdown import TextBlock, blocks
from arena.selectors.learn.rulebook import anchors

FILE = settings.BASE_DIR / "docs" / "GLOSSARY.md"
QUOTED = re.compile(r"<code>(.*?)</code>")
RULE = re.compile(r"RULES\.md#(\w+)")
# key of the term -> the states that it is about, whose sentences stand below its definition
STATES: dict[str, type[Described]] = {
    "alive": AgentState,
    "cause": ScarCause,
    "closed-by": TradeReason,
    "costs": Cost,
    "import": ImportState,
    "judged": JudgementState,
    "state": ExperimentState,
    "tier": Tier,
}


class Term(NamedTuple):
    """One definition.

    key: its anchor. also: the other words by which pages show it. rule: an anchor of the rulebook.
    states: (label, sentence, anchor of the rulebook) of each. Whatever is not said of a term is
    empty.
    """

    key: str
    name: SafeString
    text: SafeString
    formula: SafeString
    also: tuple[str, ...]
    rule: str
    source: SafeString
    states: tuple[tuple[str, str, str], ...] = ()


class TermGroup(NamedTuple):
    """The terms of one subject."""

    key: str
    title: SafeString
    terms: tuple[Term, ...]


@lru_cache
def groups() -> tuple[TermGroup, ...]:
    """The whole glossary, subject by subject."""
    found = tuple(
        TermGroup(part[0].anchor, part[0].text, _terms(part))
        for part in _split(blocks(FILE.read_text("utf-8")), 2)
    )
    return tuple(
        group._replace(terms=tuple(_with_columns(term, found) for term in group.terms))
        for group in found
    )


@lru_cache
def terms() -> tuple[Term, ...]:
    """All definitions in order."""
    return tuple(term for group in groups() for term in group.terms)


def _split(found: list[TextBlock], level: int) -> list[list[TextBlock]]:
    """Runs of blocks that begin with a heading of that level each; what stands before is left
    out.
    """
    starts = [
        place
        for place, block in enumerate(found)
        if block.kind == "heading" and block.level == level
    ]
    return [
        found[start:stop] for start, stop in zip(starts, [*starts[1:], len(found)], strict=True)
    ]


def _terms(part: list[TextBlock]) -> tuple[Term, ...]:
    return tuple(_term(each) for each in _split(part, 3))


def _term(part: list[TextBlock]) -> Term:
    heading, by_kind = part[0], {block.kind: block for block in part[1:]}
    items = [cell for row in by_kind.get("list", TextBlock("list")).rows for cell in row]
    said = {item.partition(" ")[0].strip(":"): item for item in items}
    return Term(
        key=heading.anchor,
        name=heading.text,
        text=by_kind["paragraph"].text,
        formula=by_kind.get("formula", TextBlock("formula")).text,
        also=tuple(unescape(word) for word in QUOTED.findall(said.get("shown", ""))),
        rule=next(iter(RULE.findall(said.get("rule", ""))), ""),
        source=mark_safe(said.get("source", "").removeprefix("source: ")),
        states=_states(STATES.get(heading.anchor)),
    )


def _with_columns(term: Term, found: tuple[TermGroup, ...]) -> Term:
    """The term of an agent, with those of its columns that no other term defines."""
    if term.key != "agent":
        return term
    known = {
        unescape(word).casefold()
        for group in found
        for each in group.terms
        for word in (each.name, *each.also)
    }
    others = [field for field in columns() if label(field).casefold() not in known]
    return term._replace(states=tuple((label(each), str(each.help_text), "") for each in others))


def _states(table: Any) -> tuple[tuple[str, str, str], ...]:
    """(label, sentence, anchor of the rulebook or "") of each state of a table."""
    named = [(state, {str(state.value), state.label.lower()} & anchors()) for state in table or ()]
    return tuple((state.label, state.sentence, "".join(found)) for state, found in named)
