"""The rulebook as the page of rules shows it, from docs/RULES.md."""

import re
from functools import lru_cache

from django.conf import settings

from arena.selectors.learn.markdown import ANCHOR, TextBlock, blocks

FILE = settings.BASE_DIR / "docs" / "RULES.md"


@lru_cache
def rulebook() -> list[TextBlock]:
    """Its blocks, the title first."""
    return blocks(FILE.read_text("utf-8"))


@lru_cache
def anchors() -> frozenset[str]:
    """Whatever a link may lead to within it."""
    return frozenset(re.findall(ANCHOR, FILE.read_text("utf-8")))


def contents() -> list[TextBlock]:
    """Headings of its sections."""
    return [block for block in rulebook() if block.kind == "heading" and block.level == 2]
