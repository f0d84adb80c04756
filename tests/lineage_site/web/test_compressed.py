"""Pages, answers and files go out compressed to whoever can read that."""

import gzip
import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import FileResponse, HttpResponse
from django.test import Client, RequestFactory

from arena.views.answers import frame_answer
from lineage_site.web.middleware import Compressed
from lineage_site.web.static_storage import ChangedAlone
from tests.arena import world

GZIP = {"accept-encoding": "gzip, deflate"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.js"
    path.write_text("let x = 1;\n" * 100)
    return path


@pytest.mark.django_db
def test_a_page_and_an_answer_go_out_compressed_and_say_the_same(client: Client):
    client.force_login(world.user())

    for address in ("/terms/", "/api/v1/openapi.json"):
        plain, packed = client.get(address), client.get(address, headers=GZIP)

        assert "Content-Encoding" not in plain.headers
        assert packed["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed["Vary"]
        # the token of its forms is another one in every page
        assert gzip.decompress(packed.content)[:1000] == plain.content[:1000]


def test_the_token_of_forms_is_another_one_in_every_page(client: Client):
    tokens = {client.get("/login/").context["csrf_token"] for _ in range(3)}

    assert len({str(token) for token in tokens}) == 3


def test_a_refusal_of_the_api_can_be_read_though_who_made_it_thought_of_people(client: Client):
    answer = client.get("/api/v1/nowhere" + "?q=" + "x" * 5000, headers=GZIP)

    body = answer.content
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    assert answer.status_code == 400
    assert body.startswith(b"{")


def test_a_file_that_is_sent_in_pieces_is_left_as_it_is(file: Path):
    request = RequestFactory().get("/", headers=GZIP)
    middleware = Compressed(lambda _: HttpResponse("x" * 1000))

    streamed = middleware.process_response(request, FileResponse(file.open("rb")))

    assert "Content-Encoding" not in streamed.headers
    assert middleware(request)["Content-Encoding"] == "gzip"


def test_a_frame_of_the_live_page_costs_no_time_of_everybodys():
    middleware = Compressed(lambda _: frame_answer(b"x" * 10_000))

    answer = middleware(RequestFactory().get("/", headers=GZIP))

    assert "Content-Encoding" not in answer.headers
    assert answer.content == b"x" * 10_000


def test_collected_files_have_compressed_twins(settings, tmp_path: Path):
    settings.STATIC_ROOT = tmp_path

    call_command("collectstatic", interactive=False, verbosity=0)

    name = "vendor/plotly/plotly.min.js"
    plain, packed = (tmp_path / name).read_bytes(), (tmp_path / f"{name}.gz").read_bytes()
    assert plain == Path(finders.find(name)).read_bytes() == gzip.decompress(packed)
    assert len(packed) < 0.4 * len(plain)


def test_a_file_is_compressed_again_when_it_has_changed_and_not_before(file: Path):
    compressor = ChangedAlone(quiet=True)

    assert [Path(each).name for each in compressor.compress(str(file))] == ["a.js.gz"]
    assert compressor.compress(str(file)) == []
    os.utime(file, (0, 0))
    assert len(compressor.compress(str(file))) == 1
