"""Form, API, import_market and evolve come to one verdict on every file: the same bars and
sentences, or the same problems and question.
"""

import io
import json
from io import StringIO
from types import SimpleNamespace

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.urls import reverse

from arena.management.prices import refused_words
from arena.models import Seal
from arena.prices.files import confined
from arena.prices.files.errors import FeedError
from arena.prices.files.options import OPTIONS, ROLES, reading_of
from arena.prices.files.price_file import understand
from arena.prices.forms.reading import READING_FIELDS
from arena.prices.models import MarketData
from arena.settings_schema import SettingsError
from tests.arena import world
from tests.arena.prices import cases
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
NOW = 1_900_000_000_000
MUST_ASK = [case for case in [*cases.expected(), *cases.MADE] if case.said]
BAD = {
    "nothing.csv": b"",
    "two_faults.csv": (
        b"date,open,high,low,close,volume\n2021-01-04,1,2,1,x,5\n2021-01-05,1,2,3,1,5\n2021-01-06,y,2,1,1,5\n"
    ),
    "names.csv": b"when,first,top,bottom,end\n2021-01-04,1,2,1,2\n2021-01-05,1,2,1,2\n",
    "page.html": b"<!DOCTYPE html><html></html>",
}
FILES = [
    *[(case.name, case.data, case.said) for case in [*cases.expected(), *cases.MADE]],
    *[(f"{case.name} unasked", case.data, {}) for case in MUST_ASK],
    *[(name, data, {}) for name, data in BAD.items()],
    ("a choice there is not", cases.MADE[0].data, {"dates": "week"}),
]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """The child's work is done in this process, its answer by way of JSON as ever; the clock stands
    still.
    """

    def ask(arguments, source, name):
        source.seek(0)
        asked = json.loads(arguments[0]) | {"now_ms": NOW}
        return json.loads(
            json.dumps(
                confined.answer_to(
                    asked, io.BytesIO(source.read()), *map(confined.Path, arguments[1:])
                )
            )
        )

    monkeypatch.setattr(confined, "_ask", ask)
    monkeypatch.setattr("arena.prices.services.markets.time.time_ns", lambda: NOW * 1_000_000)
    for command in ("import_market", "evolve"):
        monkeypatch.setattr(
            f"arena.management.commands.{command}.call_command", lambda *_, **__: None
        )

    def stop(**_):
        raise SettingsError({"stop": "the market is there"})

    monkeypatch.setattr(
        "arena.management.commands.evolve.lifecycle", SimpleNamespace(experiment_create=stop)
    )


def flags(said):
    columns = [
        word
        for name, text in said.items()
        if name in ROLES
        for word in ("--column", f"{name}={text}")
    ]
    return columns + [
        word
        for name, text in said.items()
        if name in OPTIONS
        for word in (OPTIONS[name].flag, text)
    ]


def stored(market):
    return (
        "read",
        market.sha256,
        tuple(market.notes),
        market.calendar,
        json.dumps(market.understood, sort_keys=True),
    )


def refusal(answer):
    """Of the JSON of form or API."""
    problems = tuple(
        (each["text"], each["line"], each["column"])
        for each in answer.get(
            "problems", [{"text": answer.get("detail"), "line": None, "column": None}]
        )
    )
    ask = answer.get("ask")
    return "refused", problems, json.dumps(ask and [ask["option"], ask["choices"], ask["guess"]])


def by_form(client, name, data, said):
    fields = {field: said[option] for field, option in READING_FIELDS.items() if option in said}
    answer = client.post(
        reverse("market_preview"), {"file": SimpleUploadedFile(name, data), **fields}
    )
    verdict = orjson.loads(answer.content)
    return ("read", verdict["understood"]) if verdict["ok"] else refusal(verdict)


def by_page(client, name, data, said):
    fields = {field: said[option] for field, option in READING_FIELDS.items() if option in said}
    answer = client.post(
        reverse("market_upload"), {"upload": SimpleUploadedFile(name, data), **fields}
    )
    if answer.status_code == 302:
        return stored(MarketData.objects.get(pk=int(answer.url.strip("/").split("/")[-1])))
    return "refused", tuple(answer.context["form"].errors["upload"])


def by_api(caller, name, data, said):
    status, answer = caller.send("/markets", file=SimpleUploadedFile(name, data), **said)
    return stored(MarketData.objects.get(pk=answer["id"])) if status == 201 else refusal(answer)


def by_command(command, *words):
    out, err = StringIO(), StringIO()
    try:
        call_command(command, *map(str, words), stdout=out, stderr=err)
    except CommandError as error:
        return str(error), err.getvalue()
    return out.getvalue(), err.getvalue()


def forget_markets():
    """With the seals that keep them from being deleted."""
    QuerySet(Seal).all()._raw_delete("default")
    MarketData.objects.all().delete()


@pytest.mark.parametrize(("name", "data", "said"), FILES, ids=[name for name, *_ in FILES])
def test_every_doorway_gives_the_same_verdict(client, tmp_path, name, data, said):
    if name.split(" ")[0].endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="no pyarrow: Parquet files NOT TESTED")
    name = name.replace(" ", "_")
    file, config = tmp_path / name, tmp_path / "config.toml"
    file.write_bytes(data)
    config.write_text("population = 8\n")
    user = world.user()
    client.force_login(user)

    shown = by_form(client, name, data, said)
    answered = by_api(Caller(user), name, data, said)
    forget_markets()
    page = by_page(client, name, data, said)
    forget_markets()
    printed, _ = by_command("import_market", file, *flags(said))
    kept = MarketData.objects.first()
    from_command = stored(kept) if kept else printed
    forget_markets()
    ended, notes = by_command("evolve", config, "--market", file, *flags(said))
    played = MarketData.objects.first()

    if shown[0] == "read":
        assert tuple(shown[1]) == answered[2]
        assert answered == page == from_command == stored(played)
        assert all(note in printed and note in notes for note in answered[2])
    else:
        assert shown == answered
        with pytest.raises(FeedError) as error:
            understand(data, name, NOW, reading_of(said))
        assert from_command == ended == refused_words(error.value)
        assert [each.text for each in error.value.problems] == [text for text, _, _ in shown[1]]
        assert page[1] == tuple(error.value.sentences())
