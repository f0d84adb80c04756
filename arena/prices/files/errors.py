"""What a feed says when it refuses: the place, what is wrong, and the remedy."""

PLACE_MAX = 60


class FeedError(ValueError):
    """Refused data. `text` names the fault and the remedy; `line` counts `unit`s from 1; `column` as headed in the file.

    A line of text counts the header, a row of a table of columns does not. `headings`: all of the file's, where they could be read.
    """

    headings: tuple[str, ...] = ()

    def __init__(self, text: str, line: int | None = None, column: str | None = None, name: str = "", unit: str = "line"):
        self.text, self.line, self.column, self.name, self.unit = text, line, column, name, unit
        place = [part for part in (file_name(name), line and f"{unit} {line}", column and f"column {printable(column)}") if part]
        super().__init__(f"{', '.join(place)}: {text}" if place else text)


def printable(text: str) -> str:
    """Without control or direction marks, at most PLACE_MAX characters: safe in a one-line message."""
    return "".join(c for c in text if c.isprintable())[:PLACE_MAX]


def file_name(path: str) -> str:
    """The last part of a path, printable."""
    return printable(path.replace("\\", "/").rsplit("/", 1)[-1])


def shown(cell: str) -> str:
    """A cell as quoted in a message: one line, control characters escaped, cut short."""
    return ascii(cell if len(cell) <= PLACE_MAX else cell[:PLACE_MAX] + "...")
