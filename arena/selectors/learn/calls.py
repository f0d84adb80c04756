"""What the documentation page of the API shows: groups of calls, read from its OpenAPI description.

A description holds shapes within shapes; here each call has its fields in one list, those of what
lies within another as `market.kind`, those of a list's entries as `trades[].fee`.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "string": "text",
    "object": "object",
}
JSON, FORM = "application/json", "multipart/form-data"
TOKEN = '-H "Authorization: Bearer $TOKEN"'
# shapes hold one another no deeper than this
DEEPEST = 6


class Field(NamedTuple):
    """One value that is sent or answered; `default` as JSON, empty where there is none."""

    name: str
    kind: str
    required: bool
    default: str
    text: str


class Answer(NamedTuple):
    """What comes back where a call succeeds."""

    status: int
    text: str
    fields: list[Field]


class Call(NamedTuple):
    """One method of one address. problems: the statuses of refusals; curl: how to make it."""

    anchor: str
    method: str
    path: str
    title: str
    text: str
    parameters: list[Field]
    body: list[Field]
    body_kind: str
    answers: list[Answer]
    problems: list[int]
    curl: str


class CallGroup(NamedTuple):
    """Calls about one subject."""

    name: str
    calls: list[Call]


def groups_of(description: Schema) -> list[CallGroup]:
    """The calls of an OpenAPI description, in its order."""
    shapes = description["components"]["schemas"]
    calls = [
        (operation["tags"][0], _call(path, method, operation, shapes))
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        CallGroup(name, [call for _, call in found])
        for name, found in groupby(calls, key=lambda pair: pair[0])
    ]


def _call(path: str, method: str, operation: Schema, shapes: Schema) -> Call:
    body_kind, body = _content(operation.get("requestBody", {}))
    answers = {int(status): answer for status, answer in operation["responses"].items()}
    fields = list(_fields(body, shapes)) if body else []
    return Call(
        anchor=f"{method}-{'-'.join(part.strip('{}') for part in path.split('/')[3:])}",
        method=method.upper(),
        path=path,
        title=operation["summary"],
        text=operation.get("description", ""),
        parameters=[_parameter(each) for each in operation["parameters"]],
        body=fields,
        body_kind={JSON: "JSON", FORM: "form"}.get(body_kind, ""),
        answers=[_answer(status, each, shapes) for status, each in answers.items() if status < 400],
        problems=sorted(status for status in answers if status >= 400),
        curl=_curl(path, method, body_kind, fields),
    )


def _content(part: Schema) -> tuple[str, Schema]:
    """(media type, schema) of what is sent or answered; empty where nothing is."""
    for kind, content in part.get("content", {}).items():
        return kind, content["schema"]
    return "", {}


def _parameter(parameter: Schema) -> Field:
    schema = parameter["schema"]
    text = parameter.get("description", "")
    return Field(
        parameter["name"], _kind(schema, {}), parameter["required"], _default(schema), text
    )


def _answer(status: int, answer: Schema, shapes: Schema) -> Answer:
    schema = _content(answer)[1]
    return Answer(status, answer["description"], list(_fields(schema, shapes)))


def _fields(schema: Schema, shapes: Schema, before: str = "", depth: int = 0) -> Iterator[Field]:
    """All fields of a shape, what lies within one after it."""
    shape = _resolved(schema, shapes)
    required = shape.get("required", ())
    for name, part in shape.get("properties", {}).items():
        whole, inner = f"{before}{name}", _resolved(part, shapes)
        text = part.get("description", "") or inner.get("description", "")
        yield Field(whole, _kind(part, shapes), name in required, _default(part), text)
        entries = _resolved(inner.get("items", {}), shapes)
        if depth < DEEPEST:
            yield from _fields(inner, shapes, f"{whole}.", depth + 1)
            yield from _fields(entries, shapes, f"{whole}[].", depth + 1)


def _resolved(schema: Schema, shapes: Schema) -> Schema:
    """The shape that a schema names, or itself; of one that may be null, the shape that it is
    otherwise.
    """
    if "$ref" in schema:
        return _resolved(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    if len(schema.get("allOf", ())) == 1:
        return _resolved(schema["allOf"][0], shapes)
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return _resolved(choices[0], shapes) if len(choices) == 1 else schema


def _kind(schema: Schema, shapes: Schema) -> str:
    """In words what a value may be."""
    shape = _resolved(schema, shapes)
    if choices := shape.get("anyOf"):
        words = " or ".join(_kind(each, shapes) for each in choices)
    elif options := shape.get("enum"):
        words = "one of " + ", ".join(str(each) for each in options)
    elif shape.get("type") == "array":
        words = f"list of {_kind(shape.get('items', {}), shapes)}"
    elif shape.get("format") == "binary":
        words = "file"
    else:
        words = TYPES.get(shape.get("type", ""), "any value") + _range(shape)
    nullable = any(each.get("type") == "null" for each in schema.get("anyOf", ()))
    return f"{words} or null" if nullable and not words.endswith("null") else words


def _range(shape: Schema) -> str:
    """The limits of a number or of a text's length, behind a comma."""
    low = shape.get("minimum", shape.get("exclusiveMinimum"))
    high = shape.get("maximum", shape.get("exclusiveMaximum"))
    if shape.get("maxLength") is not None:
        return f", at most {shape['maxLength']} characters"
    if low is not None and high is not None:
        return f", {low} to {high}"
    if low is not None:
        return f", from {low}"
    return f", up to {high}" if high is not None else ""


def _default(schema: Schema) -> str:
    """As JSON; empty where there is none, or where it is a shape whose fields have their own."""
    default = schema.get("default")
    return "" if default is None or isinstance(default, dict) else json.dumps(default)


def _curl(path: str, method: str, body_kind: str, body: list[Field]) -> str:
    """A command that makes the call with the least that must be sent."""
    words = ["curl", *([] if method == "get" else ["-X", method.upper()]), TOKEN]
    if body_kind == JSON:
        whole = (field for field in body if field.required and "." not in field.name)
        least = {field.name: _sample(field) for field in whole}
        words += ['-H "Content-Type: application/json"', "-d", shlex.quote(json.dumps(least))]
    if body_kind == FORM:
        words += [f"-F {field.name}=@prices.csv" for field in body if field.kind == "file"]
    return " ".join([*words, f'"$SITE{path}"'])


def _sample(field: Field) -> Any:
    """Something of a field's kind."""
    if field.kind.startswith("list"):
        return []
    if field.kind.startswith(("whole number", "number")):
        return 1
    return field.kind == "true or false" or field.name
