"""Every word that pages show as a heading of a column, a term, an axis, a line, a tab or a
badge.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from agents.life import traits
from agents.models import Origin, Side
from agents.strategies.rules import BESIDE
from arena.engine.results import ACTIONS
from arena.engine.trading.observation import PRIVATE_NAMES
from arena.prices.market.features import NAMES as FEATURES
from arena.prices.market.snapshot import AGING, FRESH, STALE
from arena.prices.models import DataKind
from arena.selectors.card.judged import NAMES as JUDGED
from arena.selectors.card.tables import MEASURES
from arena.selectors.learn.glossary import STATES
from arena.selectors.pages.finding import COLUMNS
from ml.networks.registry import NETWORKS

ROOT = Path(__file__).resolve().parents[4]
Word = tuple[str, str]

# in a template: the heading of a column or row, a term of a list, a card's title, a key of a chart
TEMPLATE = re.compile(
    r"<(th|dt|h2|h3)\b[^>]*>(.*?)</\1>|<li><i class=\"key-\w+\"></i>([^<]+)", re.DOTALL
)
# a heading that stands over a chart or names a panel, and not over a form or an empty page
CHARTS = ('class="chart', "data-said")
# in a script: the title of an axis or a table, a tab, a unit, a line's name, a legend's best
SCRIPT = re.compile(r'(?:\b(?:title|tab|unit|name|best): |\bNET = )"([^"-][^"]*)"')
# of a chart with a unit the title is a sentence that defines it
SENTENCE = re.compile(r'title: "[^"]+", unit')
# [word, value] of a list of facts, and cells of a table's head
FACT = re.compile(r'\[ ?"([A-Z][^"]*)", ')
LISTS = re.compile(r"const (?:names|COLUMNS|TIERS) = \[([^\]]+)\]")
# {key: word} of what is written out, and of tabs
TABLES = re.compile(r"(?:const (?:LABELS|NAMES) = |\btabs\( ?one\().+?(?:;|$)")
LABEL = re.compile(r'[\w"\]]: "([^"-][^"]*)"')
QUOTED = re.compile(r'"([^"]+)"')


def words() -> Iterator[Word]:
    """(word, where it is shown)."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from ((word, _name(path)) for word in of_template(path.read_text("utf-8")))
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield from ((word, _name(path)) for word in of_script(path.read_text("utf-8")))
    for place, found in REGISTRIES.items():
        yield from ((word, place) for word in found)


def of_template(text: str) -> Iterator[str]:
    """What stands in a template; what comes from variables stands in REGISTRIES."""
    panels = any(mark in text for mark in CHARTS)
    for found in TEMPLATE.finditer(text):
        if not panels and (found[1] or "").startswith("h"):
            continue
        plain = re.sub(r"<[^>]+>|\{%.*?%\}|\{\{.*?\}\}", " ", found[2] or found[3] or "")
        if word := " ".join(plain.split()).replace(" ,", ",").strip(" :,/"):
            yield word


def of_script(text: str) -> Iterator[str]:
    """What stands in a page script, wherever its lines end; what comes by JSON stands in
    REGISTRIES.
    """
    text = " ".join(text.split())
    yield from SCRIPT.findall(SENTENCE.sub("unit", text))
    yield from FACT.findall(text)
    for found in LISTS.findall(text):
        yield from QUOTED.findall(found)
    for found in TABLES.findall(text):
        yield from LABEL.findall(found)


def labels_of_lines() -> list[str]:
    """What the lines of the champion card are called."""
    text = "".join(
        (ROOT / "arena/selectors/card" / name).read_text("utf-8")
        for name in ("lines.py", "together.py")
    )
    return re.findall(r'\(\s*"[a-z-]+",\s*"([A-Z0-9][^"]+)"', text)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


REGISTRIES: dict[str, list[str]] = {
    "agents.models.Origin": [str(label) for label in Origin.labels],
    "agents.models.Side": [str(label) for label in Side.labels],
    "agents.life.traits.BOUNDS": [name.replace("_", " ") for name in traits.BOUNDS],
    "agents.strategies.rules.BESIDE": list(BESIDE.values()),
    "arena.engine.results.ACTIONS": list(ACTIONS),
    "arena.engine.trading.observation.PRIVATE_NAMES": list(PRIVATE_NAMES),
    "arena.prices.market.features.NAMES": list(FEATURES),
    "arena.prices.market.snapshot": [FRESH, AGING, STALE],
    "arena.prices.models.DataKind": [str(label) for label in DataKind.labels],
    "arena.selectors.pages.finding.COLUMNS": [heading for _, heading, _ in COLUMNS],
    "arena.selectors.card.judged.NAMES": list(JUDGED.values()),
    "arena.selectors.card.lines": labels_of_lines(),
    "arena.selectors.card.tables.MEASURES": [label for _, label, _ in MEASURES],
    "ml.networks.registry.NETWORKS": [
        name for network in NETWORKS.values() for name in network.outputs
    ],
    **{table.__qualname__: table.labels() for table in STATES.values()},
}
