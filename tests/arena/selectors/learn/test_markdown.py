"""The Markdown of the rulebook becomes blocks, and nothing of a text becomes markup by itself."""

import pytest

from arena.selectors.learn.markdown import blocks, inline


def kinds(source):
    return [block.kind for block in blocks(source)]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("`x < 1`", "<code>x &lt; 1</code>"),
        ("**bold of *t* + 1**", "<strong>bold of <em>t</em> + 1</strong>"),
        ("5 %<!-- life.bankrupt_at --> of it", "5 % of it"),
        ('<a id="gold"></a>gold', '<span id="gold"></span>gold'),
        ("see [the rule](#trust)", 'see <a href="#trust">the rule</a>'),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('<a href="#x">x</a>', "&lt;a href=&quot;#x&quot;&gt;x&lt;/a&gt;"),
    ],
)
def test_a_line_is_written_as_html(source, html):
    assert inline(source) == html


def test_blocks_are_told_apart_by_how_their_lines_begin():
    source = (
        '# Title\n\nA paragraph\nof two lines.\n## <a id="x"></a>Next\n- one\n  more\n-'
        " two\n\n```\na = b\n```\n| h |\n|---|\n| 1 |\n"
    )

    assert kinds(source) == ["heading", "paragraph", "heading", "list", "formula", "table"]


def test_a_heading_has_a_level_and_an_anchor():
    first, second = blocks('# Title\n\n## <a id="trust"></a>Trust and tiers\n')

    assert (first.level, first.anchor, first.text) == (1, "", "Title")
    assert (second.level, second.anchor, second.text) == (2, "trust", "Trust and tiers")


def test_the_items_of_a_list_go_on_in_indented_lines():
    (found,) = blocks("- one\n  and more\n- two\n")

    assert found.rows == (("one and more",), ("two",))


def test_a_table_has_a_head_and_a_body():
    (found,) = blocks("| Tier | From |\n|---|---|\n| gold | 80<!-- x --> |\n| silver | 60 |\n")

    assert found.head == ("Tier", "From")
    assert found.body == (("gold", "80"), ("silver", "60"))


def test_a_formula_keeps_its_lines_and_is_no_markup():
    (found,) = blocks("```\na * b * c\n  < d\n```\n")

    assert found.text == "a * b * c\n  &lt; d"
