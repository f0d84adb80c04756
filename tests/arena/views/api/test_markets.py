"""Files of prices come in through the API as through the form."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from arena.models import Experiment
from arena.prices.files.builtin import FOLDER, SERIES
from arena.prices.models import MarketData
from arena.prices.services.markets import market_import
from arena.services.headless import runner
from arena.settings_schema import parse
from tests.arena import world
from tests.arena.prices.files.test_csv_file import REAL, csv_of, real_file, row
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
CSV = gzip.decompress((FOLDER / "ibm_daily.csv.gz").read_bytes())


@pytest.fixture
def ada():
    return Caller(world.user())


def file(data=CSV, name="ibm.csv"):
    return SimpleUploadedFile(name, data)


def test_a_file_becomes_a_market_of_the_caller_once(ada):
    status, market = ada.send("/markets", file=file())
    again = ada.send("/markets", file=file(name="other.csv"))

    assert (status, market["bars"], market["source"], market["data_kind"]) == (
        201,
        3270,
        "file ibm.csv",
        "historical",
    )
    assert market["notes"]
    assert again[1]["id"] == market["id"]
    assert [row["id"] for row in ada.get("/markets")[1]["markets"]] == [market["id"]]
    assert Caller(world.user("eve")).get("/markets")[1]["markets"] == []


def test_the_series_that_come_with_the_project_are_listed(ada):
    assert [row["name"] for row in ada.get("/markets")[1]["built_in"]] == list(SERIES)


def test_a_preview_stores_nothing(ada):
    status, preview = ada.send("/markets/preview", file=file())

    assert (status, preview["rows"], preview["columns"]["close"]) == (200, 3270, "close")
    assert not MarketData.objects.exists()


def test_a_refused_file_is_a_problem_with_line_column_and_headings(ada):
    status, problem = ada.send("/markets", file=file(csv_of(row(0), row(1, close="nan"))))

    assert (status, problem["line"], problem["unit"], problem["column"]) == (
        422,
        3,
        "line",
        "close",
    )
    assert "leave out such rows" in problem["detail"]
    assert problem["ask"]["choices"] == {"leave_out": "leave out 1 row"}
    assert "close" in problem["headings"]
    assert not MarketData.objects.exists()


def test_a_column_nobody_knows_is_named_by_the_caller(ada):
    data = csv_of(*(row(i) for i in range(4)), header="unix,open,high,low,worth,volume")

    assert ada.send("/markets", file=file(data))[0] == 422
    status, market = ada.send("/markets", file=file(data), close="worth")

    assert (status, market["bars"]) == (201, 4)


def test_an_experiment_runs_on_blocks_of_a_stored_series_where_its_settings_say_so(ada):
    _, series = ada.send("/markets", file=file())

    small = {
        "population": 4,
        "rounds": 2,
        "round_bars": 64,
        "market": {"kind": "bootstrap", "block": 20},
    }
    status, answer = ada.post(
        "/experiments", {"name": "shuffled", "market": series["id"], "settings": small}
    )

    market = Experiment.objects.get().market
    assert (status, answer["data_kind"], answer["settings"]["market"]["kind"]) == (
        201,
        "simulated",
        "bootstrap",
    )
    assert (market.drawn_from_id, market.pk != series["id"]) == (series["id"], True)
    assert [row["id"] for row in ada.get("/markets")[1]["markets"]] == [series["id"]]


def test_blocks_longer_than_the_series_are_named_by_their_key(ada):
    _, series = ada.send("/markets", file=file())

    settings = {"market": {"kind": "bootstrap", "block": 5000}}
    status, problem = ada.post(
        "/experiments", {"name": "shuffled", "market": series["id"], "settings": settings}
    )

    assert (status, [error["key"] for error in problem["errors"]]) == (422, ["market.block"])
    assert not Experiment.objects.exists()


def test_the_gaps_of_a_file_are_counted(ada):
    _, market = ada.send("/markets", file=file(csv_of(*(row(i) for i in (0, 1, 2, 5, 6, 8)))))

    assert (market["gap_count"], market["missing_bars"]) == (2, 3)


def test_a_call_without_a_file_is_a_problem(ada):
    status, problem = ada.send("/markets")

    assert status == 422
    assert "file" in problem["errors"][0]["key"]


@real_file
def test_real_hourly_bitcoin_is_imported_and_traded_by_script_alone(ada, transactional_db):
    _, market = ada.send("/markets", file=file(REAL.read_bytes(), REAL.name))
    wanted = {
        "name": "bitcoin",
        "market": market["id"],
        "settings": {"population": 4, "rounds": 2, "round_bars": 128},
    }
    status, made = ada.post("/experiments", wanted)
    run = Experiment.objects.get(uuid=made["uuid"])

    runner.experiment_run(experiment_uuid=run.uuid, tell=lambda _: None)

    assert (status, market["bars"], market["symbols"]) == (201, 33_259, ["BTC/USD"])
    assert market_import(path=REAL).sha256 == market["sha256"]
    assert ada.get(f"/experiments/{run.uuid}")[1]["state"] == "finished"
    _, evidence = ada.get(f"/experiments/{run.uuid}/evaluations")
    assert {"champion", "buy_and_hold"} <= {row["subject"] for row in evidence["evaluations"]}
    assert evidence["data_kind"] == "historical"
    assert len(evidence["rounds"]) == 2
    status, card = ada.get(f"/experiments/{run.uuid}/champion")
    [champion] = {row["agent"] for row in evidence["evaluations"] if row["subject"] == "champion"}
    assert (status, card["agent"]) == (200, champion)
    assert card["verdict"].startswith("No edge shown" if card["reasons"] else "An edge is shown")
    assert {"buy and hold", "cash"} <= {row["name"] for row in card["table"]}
    assert {"lived", "vault"} <= set(card["table"][0])
    assert json.loads(json.dumps(card, allow_nan=False)) == card


def test_markets_are_put_together_after_a_look_at_what_is_common(ada):
    _, mine = ada.send("/markets", file=file())
    wanted = {"parts": [mine["id"], "aapl_daily"], "name": "pair"}

    status, preview = ada.post("/markets/together/preview", wanted)
    assert (status, preview["symbols"], preview["bars"]) == (200, ["IBM", "AAPL"], 3270)
    assert not MarketData.objects.filter(name="pair").exists()

    status, made = ada.post("/markets/together", wanted)
    again = ada.post("/markets/together", wanted)[1]
    assert (status, made["name"], made["symbols"], made["data_kind"]) == (
        201,
        "pair",
        ["IBM", "AAPL"],
        "historical",
    )
    assert again["id"] == made["id"]
    assert made["id"] in [row["id"] for row in ada.get("/markets")[1]["markets"]]


@pytest.mark.parametrize(
    ("parts", "status", "words"),
    [
        (["ibm_daily"], 422, "at least 2"),
        (["ibm_daily"] * 9, 422, "at most 8"),
        (["ibm_daily", "ibm_daily"], 422, "chosen twice"),
        (["ibm_daily", "tulips"], 422, "there is no built-in series"),
        (["ibm_daily", "/etc/passwd"], 422, "there is no built-in series"),
        (["ibm_daily", 12], 404, "no such thing"),
        (["ibm_daily", 10**30], 404, "no such thing"),
    ],
)
def test_what_cannot_go_together_is_a_problem(ada, parts, status, words):
    found, problem = ada.post("/markets/together", {"parts": parts})

    assert (found, words in problem["detail"]) == (status, True), problem


def test_settings_may_name_several_built_in_series(ada):
    small = {
        "population": 4,
        "rounds": 2,
        "round_bars": 64,
        "market": {"kind": "file", "paths": ["ibm_daily", "msft_daily"]},
    }

    status, _ = ada.post("/experiments", {"name": "two", "settings": small})

    assert (status, Experiment.objects.get().market.symbols) == (201, ["IBM", "MSFT"])


def test_a_stored_series_goes_before_those_that_settings_name(ada):
    _, series = ada.send("/markets", file=file())
    settings = {
        "population": 4,
        "rounds": 2,
        "round_bars": 64,
        "market": {"kind": "file", "paths": ["aapl_daily", "msft_daily"]},
    }

    status, answer = ada.post(
        "/experiments", {"name": "one", "market": series["id"], "settings": settings}
    )

    assert (status, answer["market_id"]) == (201, series["id"])
    assert parse(answer["settings"]).market.names == (series["name"],)
