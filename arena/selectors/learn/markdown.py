"""The part of Markdown that the rulebook is written in, as blocks that a template draws.

It knows headings, paragraphs, lists, tables, code fences (formulas), and within a line code, bold,
italics, links and anchors. Comments are left out. Whatever else there is comes out as it stands,
escaped; nothing of a text is ever taken for markup of its own.
"""

import re
from dataclasses import dataclass, field

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

ANCHOR = r'<a id="(?P<anchor>[\w-]+)"></a>'
INLINE = re.compile(
    rf"<!--.*?-->|{ANCHOR}|`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*]+)\*"
    r"|\[(?P<words>[^\]]+)\]\((?P<to>(?:#|RULES\.md#|https://)[^)\s]+)\)",
    re.DOTALL,
)
# what a block is, by how its lines begin; the items of a list go on in indented lines
BLOCK = re.compile(
    r"^```\n(?P<formula>(?:.*\n)+?)```$"
    rf"|^(?P<heading>(?P<marks>#+) (?:{ANCHOR})?(?P<title>.+))$|(?P<table>(?:^\|.*\n)+)"
    r"|(?P<list>(?:^- .*\n(?:  .*\n)*)+)|(?P<paragraph>(?:^(?!#|\||- |```)\S.*\n)+)",
    re.MULTILINE,
)
WRITTEN = {"code": "<code>{}</code>", "strong": "<strong>{}</strong>", "em": "<em>{}</em>"}


@dataclass(frozen=True)
class TextBlock:
    """One block; kind: heading, paragraph, list, table or formula.

    text: of a heading, paragraph or formula; rows: of a table, its head first, and of a list one
    cell each.
    """

    kind: str
    text: SafeString = field(default_factory=SafeString)
    level: int = 0
    anchor: str = ""
    rows: tuple[tuple[SafeString, ...], ...] = ()

    @property
    def head(self) -> tuple[SafeString, ...]:
        """The first row of a table."""
        return self.rows[0]

    @property
    def body(self) -> tuple[tuple[SafeString, ...], ...]:
        """The other rows of a table."""
        return self.rows[1:]


def blocks(source: str) -> list[TextBlock]:
    """The blocks of a text in order."""
    return [_block(found) for found in BLOCK.finditer(source + "\n")]


def inline(source: str) -> SafeString:
    """One line's worth of text as HTML."""
    written, last = [], 0
    for found in INLINE.finditer(source):
        written += [escape(source[last : found.start()]), _token(found)]
        last = found.end()
    return mark_safe("".join([*written, escape(source[last:])]))


def _token(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind is None:
        return ""
    if kind == "anchor":
        return format_html('<span id="{}"></span>', found["anchor"])
    if kind == "to":
        return format_html('<a href="{}">{}</a>', found["to"], inline(found["words"]))
    inner = found[kind] if kind == "code" else inline(found[kind])
    return format_html(WRITTEN[kind], inner)


def _block(found: re.Match[str]) -> TextBlock:
    kind, source = found.lastgroup or "", found[0]
    if kind == "heading":
        return TextBlock(kind, inline(found["title"]), len(found["marks"]), found["anchor"] or "")
    if kind == "formula":
        return TextBlock(kind, escape(source.strip("`\n")))
    if kind == "table":
        lines = [line for line in source.splitlines() if not set(line) <= set("|-: ")]
        return TextBlock(
            kind,
            rows=tuple(
                tuple(inline(cell.strip()) for cell in line.strip("|").split("|")) for line in lines
            ),
        )
    if kind == "list":
        items = re.split(r"^- ", source, flags=re.MULTILINE)[1:]
        return TextBlock(kind, rows=tuple((inline(" ".join(item.split())),) for item in items))
    return TextBlock(kind, inline(source.rstrip("\n")))
