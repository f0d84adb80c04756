"""Reads the JSON of a call. Its sender is unknown: all is counted before it is taken apart.

`read_json(data)` gives what `json.loads` would, or raises BadBody with the place in words.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

JSON = "application/json"
# values of a call, and how deep they stand in one another: settings have some 110 in three levels
MOST_VALUES, MOST_LEVELS, MOST_DIGITS = 5_000, 16, 40
# a text that nothing ends reaches to the end of all: every character is looked at once
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_MARK = re.compile(r"[\[\]{}]")
_LEVEL = {"[": 1, "{": 1, "]": -1, "}": -1}


class BadBody(ValueError):
    """What was sent cannot be read; the text says where, and what to do."""

    status = 400


class NotJson(BadBody):
    """Nor is it said to be."""

    status = 415


class Reader(Parser):
    """Of the API."""

    def parse_body(self, request: HttpRequest) -> Any:
        kind = request.content_type or JSON
        if kind != JSON and not kind.endswith("+json"):
            raise NotJson(f"the body is said to be {kind:.60}; send it as {JSON}")
        return read_json(request.body)


def read_json(data: bytes) -> Any:
    """The value that `data` holds; BadBody."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadBody(
            f"the body is not UTF-8: byte {error.start:,} is 0x{data[error.start]:02x}"
        ) from None
    _count(_TEXT.sub("", text))
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadBody(
            f"the body is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None


def _count(outline: str) -> None:
    """BadBody where a text, its strings left out, has too many values or levels."""
    values = outline.count(",") + outline.count("[") + outline.count("{")
    if values > MOST_VALUES:
        raise BadBody(f"the body holds some {values:,} values; {MOST_VALUES:,} are looked at")
    level = 0
    for mark in _MARK.findall(outline):
        level += _LEVEL[mark]
        if level > MOST_LEVELS:
            raise BadBody(f"the body is nested more than {MOST_LEVELS} levels deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values of one key, it cannot be known which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise BadBody(f"the key {twice[:60]!r} stands twice in one object; leave one of them")
    return found


def _number(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if len(text) > MOST_DIGITS:
            raise BadBody(
                f"the number {text[:12]}… has {len(text):,} digits; at most {MOST_DIGITS} are read"
            )
        value = convert(text)
        return value if math.isfinite(value) else _constant(text)

    return read


def _constant(text: str) -> NoReturn:
    raise BadBody(f"{text} is no number that can be computed with")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_number(int),
    parse_float=_number(float),
    parse_constant=_constant,
)
