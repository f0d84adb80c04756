"""Reads what docs/RULES.md and docs/GLOSSARY.md say in numbers.

A figure carries what it states in a comment behind it, as in `5 %<!-- agents.life.scars.DRAWDOWN[0]
-->`: a Python expression over default settings (`costs.fee`) and constants by their full names. In
the head of a table it speaks for the whole column.
"""

import importlib
import re
from math import exp
from pathlib import Path

import numpy as np

from arena.settings_schema import Settings

ROOT = Path(__file__).resolve().parents[2]
RULES, GLOSSARY = (
    (ROOT / "docs" / name).read_text("utf-8") for name in ("RULES.md", "GLOSSARY.md")
)
MARK = re.compile(r"<!-- (.+?) -->")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = re.compile(
    r"(?P<sign>−?)(?:10(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<plain>\d[\d,]*(?:\.\d+)?))(?P<percent> ?%)?"
)
CODE = ("agents", "arena", "ml")


class Names(dict):
    """What an expression may name: settings by section, and modules by their full names."""

    def __init__(self):
        super().__init__(exp=exp, list=list)
        settings = Settings()
        self.update({name: getattr(settings, name) for name in Settings.model_fields})

    def value(self, expression):
        """Its numbers, float [any]."""
        for module in re.findall(rf"\b((?:{'|'.join(CODE)})(?:\.[a-z_]\w*)+)", expression):
            importlib.import_module(module)
            self[module.partition(".")[0]] = importlib.import_module(module.partition(".")[0])
        found = eval(expression, {"__builtins__": {}}, self)  # noqa: S307
        return np.array(list(found) if np.iterable(found) else [found], float)


NAMES = Names()


def number(found):
    size = (
        10.0 ** int(found["power"].translate(RAISED))
        if found["power"]
        else float(found["plain"].replace(",", ""))
    )
    return (-size if found["sign"] else size) / (100.0 if found["percent"] else 1.0)


def numbers(text):
    """All that stand in a text; "5, 10 and 20 %" are shares, all three."""
    text = MARK.sub("", text)
    found = [*NUMBER.finditer(text)]
    shares = bool(found) and bool(found[-1]["percent"])
    return [number(each) / (100.0 if shares and not each["percent"] else 1.0) for each in found]


def before(text, end, count):
    """The last `count` numbers of the words that lead up to `end`."""
    words = re.split(r"<!--.*?-->|\n\n|\|", text[:end], flags=re.DOTALL)[-1]
    return numbers(words)[-count:] if count > 1 else [number([*NUMBER.finditer(words)][-1])]


def column(text, head, place):
    """The numbers in column `place` of the table whose head begins at `head`; nothing is 0."""
    rows = re.split(r"\n(?!\|)", text[head:])[0].splitlines()[2:]
    return [next(iter(numbers(row.strip("|").split("|")[place])), 0.0) for row in rows]


def statements(text):
    """(line, expression, what the text says, in numbers) of every figure."""
    for mark in MARK.finditer(text):
        line = text.count("\n", 0, mark.start()) + 1
        start = text.rfind("\n", 0, mark.start()) + 1
        is_head = text[start] == "|" and text[text.index("\n", start) + 1 :].startswith("|---")
        count = len(NAMES.value(mark[1]))
        said = (
            column(text, start, text[start : mark.start()].count("|") - 1)
            if is_head
            else before(text, mark.start(), count)
        )
        yield line, mark[1], said
