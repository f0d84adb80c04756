"""A column of an agent is complete when it has a sentence, is written somewhere, and is seen by
people: on its page, in the admin, in the API and among the terms.
"""

import numpy as np
import pytest

from agents.life import traits
from agents.models import Agent
from arena.admin.rows import LIFE, MONEY, STANDING
from arena.engine.agent_record import AGENT, AGENT_LIMITS
from arena.selectors.agents.lives import PLACED
from arena.selectors.columns import WORKINGS, columns, label
from arena.selectors.learn.glossary import terms
from arena.services.experiments.interventions import AGENT_FIELDS
from arena.settings_schema import Settings
from arena.store.agents import BORN, row_values
from arena.views.api import shapes
from tests.docs.figures import ROOT

pytestmark = pytest.mark.tables
# columns that follow no record, and what writes them
WRITTEN = {
    "slot": "newborn_columns",
    "origin": "newborn_columns",
    "born_at": "newborn_columns",
    "death_round": "a close",
    "died_at": "a close",
    "state": "a close",
    **dict.fromkeys(traits.BOUNDS, "birth, and people"),
}
PAGE = (ROOT / "templates" / "arena" / "agent_page.html").read_text("utf-8")
DEFINED = {
    str(word).casefold()
    for term in terms()
    for word in (term.name, *term.also, *(name for name, _, _ in term.states))
}


FOLLOWING = set(row_values(np.ones((), AGENT)[()], Settings()))


def missing(field):
    """What a column lacks, with the place where it belongs."""
    name = field.name
    lacks = {
        "a sentence: help_text in agents/models.py": field.help_text.endswith("."),
        "who writes it: a field of that name in arena/engine/agent_record.py, or row_values in"
        " arena/store/agents.py": name in FOLLOWING or name in (*BORN, *WRITTEN),
        "a group: LIFE, MONEY or STANDING in arena/admin/rows.py": (
            {name, f"shown_{name}"} & {*LIFE, *MONEY, *STANDING, *AGENT_FIELDS}
        ),
        "a field of Agent in arena/views/api/shapes.py": name in shapes.Agent.model_fields,
        "its place in templates/arena/agent_page.html, which PLACED says it has": (
            name not in PLACED
            or any(f"{how}{name}" in PAGE for how in ("agent.", "agent.get_", "death."))
            or name in ("death_round", "died_at")
        ),
        "a term: docs/GLOSSARY.md defines its label": label(field).casefold() in DEFINED,
    }
    return [what for what, there in lacks.items() if not there]


@pytest.mark.parametrize("field", columns(), ids=lambda field: field.name)
def test_a_column_of_an_agent_is_complete(field):
    assert missing(field) == [], f"the column {field.name} of an agent lacks this"


def test_every_column_that_is_described_exists():
    names = {field.name for field in Agent._meta.concrete_fields}

    assert {*WORKINGS, *PLACED, *WRITTEN, *BORN} <= names


def test_every_field_of_the_record_has_limits():
    assert set(AGENT_LIMITS) == set(AGENT.names)
