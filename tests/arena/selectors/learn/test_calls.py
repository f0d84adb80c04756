"""The documentation page shows all of the API's description, in words."""

import json

from arena.selectors.learn.calls import groups_of
from arena.views.api.site import api

SHAPES = {
    "New": {
        "type": "object",
        "required": ["name", "count"],
        "properties": {
            "name": {"type": "string", "maxLength": 9, "description": "What it is called."},
            "count": {"type": "integer", "minimum": 1, "maximum": 5},
            "share": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "inner": {"allOf": [{"$ref": "#/components/schemas/Inner"}], "default": {"kind": "a"}},
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
        },
    },
    "Inner": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "enum": ["a", "b"], "default": "a"}},
    },
}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}
MAKE = {
    "summary": "Make one",
    "tags": ["things"],
    "parameters": [{"name": "key", "required": True, "schema": {"type": "integer"}}],
    "requestBody": BODY,
    "responses": {"201": {"description": "Created"}, "404": {"description": "Not Found"}},
}


def described():
    """The one call of a description."""
    description = {
        "components": {"schemas": SHAPES},
        "paths": {"/api/v1/things/{key}": {"post": MAKE}},
    }
    ((call,),) = (group.calls for group in groups_of(description))
    return call


def test_fields_say_what_may_be_sent_and_those_within_come_after():
    fields = {field.name: field for field in described().body}

    assert list(fields) == ["name", "count", "share", "inner", "inner.kind", "rows", "rows[].kind"]
    assert fields["name"].kind == "text, at most 9 characters"
    assert fields["count"].kind == "whole number, 1 to 5"
    assert fields["share"].kind == "number or null"
    assert fields["inner.kind"].kind == "one of a, b"
    assert fields["inner.kind"].default == '"a"'
    assert {name for name, field in fields.items() if field.required} >= {"name", "count"}


def test_a_command_sends_the_least_that_must_be_sent():
    call = described()

    assert call.anchor == "post-things-key"
    assert call.curl.startswith("curl -X POST ")
    assert json.loads(call.curl.split("-d ")[1].split("'")[1]) == {"name": "name", "count": 1}
    assert [answer.status for answer in call.answers] == [201]
    assert call.problems == [404]


def test_every_call_of_the_api_is_shown_once():
    described = api.get_openapi_schema()

    calls = [call for group in groups_of(described) for call in group.calls]

    assert {(call.method.lower(), call.path) for call in calls} == {
        (method, path) for path, methods in described["paths"].items() for method in methods
    }
    assert len({call.anchor for call in calls}) == len(calls)
    kinds = {field.kind for call in calls for field in (*call.parameters, *call.body)}
    assert not any("null or null" in kind or "any value" in kind for kind in kinds), kinds
