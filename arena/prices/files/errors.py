"""What a feed says when it refuses: every place found, what is wrong there, and the remedy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PLACE_MAX = 60
# faults that are listed of one file
MOST_PROBLEMS = 20


class Problem(NamedTuple):
    """One fault: `line` counts units from 1, None where it is the file's; `column` as headed in the
    file.
    """

    text: str
    line: int | None = None
    column: str | None = None


@dataclass(frozen=True)
class OpenQuestion:
    """What a person has to say before the file can be read: an option's name, values it may take,
    what stands in them.

    `guess`: the value that is likely, "" where none is. `readings`: what each possible value makes
    of the file.
    """

    option: str
    choices: dict[str, str]
    guess: str = ""
    readings: list[dict[str, Any]] = field(default_factory=list)


class FeedError(ValueError):
    """Refused data. `text` names the fault and the remedy; `line` counts `unit`s from 1; `column`
    as headed in the file.

    A line of text counts the header, a row of a table of columns does not. `headings`: all of the
    file's, where they could be read; `problems`: all that were found, this first one among them, at
    most MOST_PROBLEMS; `ask`: None, or the question whose answer lets the file be read.
    """

    headings: tuple[str, ...] = ()
    ask: OpenQuestion | None = None

    def __init__(
        self,
        text: str,
        line: int | None = None,
        column: str | None = None,
        name: str = "",
        unit: str = "line",
        problems: Sequence[Problem] = (),
    ):
        self.text, self.line, self.column, self.name, self.unit = text, line, column, name, unit
        self.problems = tuple(problems) or (Problem(text, line, column),)
        first, *others = self.sentences()
        more = f" (and {len(others)} more)" if others else ""
        super().__init__(first + more)

    def sentences(self) -> list[str]:
        """One for each problem, the first with the file's name."""
        return [
            _sentence(problem, self.unit, "" if i else self.name)
            for i, problem in enumerate(self.problems)
        ]

    def of(self, name: str = "", unit: str = "") -> "FeedError":
        """The same of the file `name`, its places counted in `unit`s."""
        error = FeedError(
            self.text, self.line, self.column, name or self.name, unit or self.unit, self.problems
        )
        error.headings, error.ask = self.headings, self.ask
        return error


def refusal(problems: Sequence[Problem]) -> FeedError:
    """The error of some problems, in the order of their lines; at most MOST_PROBLEMS of them."""
    found = sorted(problems, key=lambda problem: problem.line or 0)[:MOST_PROBLEMS]
    return FeedError(*found[0], problems=found)


def asking(
    text: str, ask: OpenQuestion, line: int | None = None, column: str | None = None
) -> FeedError:
    """The error that asks."""
    error = FeedError(text, line, column)
    error.ask = ask
    return error


def _sentence(problem: Problem, unit: str, name: str) -> str:
    line, column = problem.line, problem.column
    place = [
        part
        for part in (
            file_name(name),
            line and f"{unit} {line}",
            column and f"column {printable(column)}",
        )
        if part
    ]
    return f"{', '.join(place)}: {problem.text}" if place else problem.text


def printable(text: str) -> str:
    """Without control or direction marks, at most PLACE_MAX characters: safe in a one-line
    message.
    """
    return "".join(c for c in text if c.isprintable())[:PLACE_MAX]


def file_name(path: str) -> str:
    """The last part of a path, printable."""
    return printable(path.replace("\\", "/").rsplit("/", 1)[-1])


def shown(cell: str) -> str:
    """A cell as quoted in a message: one line, control characters escaped, cut short."""
    return ascii(cell if len(cell) <= PLACE_MAX else cell[:PLACE_MAX] + "...")
