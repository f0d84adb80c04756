"""A new experiment begins with the form, whatever a person brings to it."""

import gzip
import zipfile
from io import BytesIO

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from arena.forms.experiments import ExperimentForm
from arena.models import Experiment
from arena.presets import PRESETS
from arena.prices.files import builtin
from arena.prices.files.builtin import FOLDER
from arena.prices.files.price_file import understand
from arena.prices.models import MarketData
from tests.arena import world
from tests.arena.forms.test_experiments import sent

pytestmark = pytest.mark.django_db
NEW, PREVIEW = "experiment_new", "market_preview"
CSV = gzip.decompress((FOLDER / "ibm_daily.csv.gz").read_bytes())


@pytest.fixture
def browser(client):
    client.force_login(world.user())
    return client


def upload(data=CSV, name="ibm.csv"):
    return SimpleUploadedFile(name, data)


def zipped(count):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(count):
            archive.writestr(f"prices{i}.csv", CSV)
    return file.getvalue()


def test_the_empty_form_shows_the_defaults_and_the_presets(browser):
    response = browser.get(reverse(NEW))

    assert response.status_code == 200
    assert [preset["name"] for preset in response.context["presets"]] == list(PRESETS)
    assert orjson.loads(response.context["presets_json"])["noise"]["market__kind"] == "gbm"
    assert not any(section.has_errors for section in response.context["sections"])


def test_a_preset_works_without_any_script(browser):
    response = browser.get(reverse(NEW), {"preset": "ibm"})

    assert response.context["form"]["series"].value() == "builtin:ibm_daily"
    assert [preset["name"] for preset in response.context["presets"] if preset["active"]] == ["ibm"]


def test_the_preset_of_several_stocks_makes_a_market_of_several_symbols(browser):
    values = {name: str(value) for name, value in PRESETS["stocks"].values.items()}

    answer = browser.post(reverse(NEW), sent(**values, population="4"))

    assert answer.status_code == 302, answer.context["form"].errors
    assert Experiment.objects.get().market.symbols == ["IBM", "AAPL", "MSFT"]


def test_an_unknown_preset_is_the_empty_form(browser):
    assert browser.get(reverse(NEW), {"preset": "<b>"}).context["form"].initial == {}


def test_a_simulated_experiment_is_made_and_shown(browser):
    response = browser.post(reverse(NEW), sent(name="mine", population=8, rounds=2, round_bars=64))

    run = Experiment.objects.get()
    assert response.url == reverse("experiment_live", args=[run.uuid])
    assert (run.name, run.population, run.state, run.owner.username) == ("mine", 8, "draft", "ada")
    assert run.market.data_kind == "simulated"


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "own-file"])
def test_every_preset_makes_an_experiment(browser, preset):
    response = browser.post(reverse(NEW), sent(**PRESETS[preset].values))

    assert response.status_code == 302, response.context["form"].errors


def test_an_uploaded_file_becomes_a_market_once(browser):
    for name in ("one", "two"):
        file = {"name": name, "market__kind": "file", "upload": upload()}
        assert browser.post(reverse(NEW), sent(round_bars=128) | file).status_code == 302

    row = MarketData.objects.get()
    assert (row.data_kind, row.bars, row.source) == ("historical", 3270, "file ibm.csv")
    assert row.notes


def test_an_earlier_file_is_offered_to_its_owner_alone(browser, client):
    browser.post(reverse(NEW), sent(round_bars=128) | {"market__kind": "file", "upload": upload()})
    offered = f"stored:{MarketData.objects.get().pk}"

    again = browser.post(reverse(NEW), sent(round_bars=128, market__kind="file", series=offered))
    client.force_login(world.user("eve"))
    theirs = client.post(reverse(NEW), sent(round_bars=128, market__kind="file", series=offered))

    assert again.status_code == 302
    assert theirs.status_code == 400
    assert "series" in theirs.context["form"].errors


@pytest.mark.parametrize(
    "data", [b"", b"hello", zipped(2), CSV[:60], CSV.replace(b",", b""), b"\x00" * 1000]
)
def test_a_file_that_is_no_series_is_refused_and_nothing_is_stored(browser, data):
    response = browser.post(reverse(NEW), sent() | {"market__kind": "file", "upload": upload(data)})

    assert response.status_code == 400
    assert "upload" in response.context["form"].errors
    assert not Experiment.objects.exists()
    assert not MarketData.objects.exists()


def test_a_series_too_short_for_the_rounds_is_said_beside_their_length(browser):
    response = browser.post(
        reverse(NEW), sent(round_bars=3000, market__kind="file", series="builtin:ibm_daily")
    )

    assert response.status_code == 400
    assert "set round_bars to 1156 or less" in response.context["form"].errors["round_bars"][0]


@pytest.mark.parametrize(
    ("changes", "bars", "words"),
    [
        (
            {"market__kind": "file", "series": "builtin:ibm_daily"},
            "",
            "3,270 bars hold 3 fresh rounds of 512",
        ),
        (
            {"market__kind": "file", "series": "builtin:" + "+".join(builtin.SERIES)},
            "",
            "bars hold 3 fresh rounds of 512",
        ),
        (
            {"market__kind": "file", "series": "builtin:ibm_daily", "round_bars": 3000},
            "",
            "The series has 3,270 bars, a single round",
        ),
        ({"market__kind": "file", "series": "builtin:ibm_daily", "round_bars": 100}, "", ""),
        ({"market__kind": "file"}, "?bars=2000", "2,000 bars hold 1 fresh round of 512"),
        ({"market__kind": "file"}, "", ""),
        ({"rounds": 20}, "", ""),
        ({"rounds": 1000}, "", "200,000 bars hold 310 fresh rounds of 512"),
        ({"round_bars": "long"}, "", ""),
    ],
)
def test_the_form_says_how_many_fresh_rounds_the_series_holds_before_anything_is_made(
    browser, changes, bars, words
):
    response = browser.post(
        reverse("experiment_room") + bars, sent() | {"round_bars": 512, "rounds": 20} | changes
    )

    assert response.status_code == 200
    text = response.json()["text"]
    assert words in text and bool(words) == bool(text)
    assert not Experiment.objects.exists()


def test_a_section_with_an_error_is_marked(browser):
    response = browser.post(reverse(NEW), sent(learning__gamma="2"))

    assert [section.name for section in response.context["sections"] if section.has_errors] == [
        "learning"
    ]


def test_the_preview_says_what_was_understood_and_stores_nothing(browser):
    response = browser.post(reverse(PREVIEW), {"file": upload()})

    preview = orjson.loads(response.content)
    assert (response.status_code, preview["ok"], preview["rows"]) == (200, True, 3270)
    assert preview["columns"]["close"]
    assert not MarketData.objects.exists()


def test_the_preview_names_line_and_column_of_what_is_wrong(browser):
    lines = CSV.splitlines()
    lines[4] = lines[4].rsplit(b",", 1)[0] + b",-5"

    response = browser.post(reverse(PREVIEW), {"file": upload(b"\n".join(lines))})

    preview = orjson.loads(response.content)
    assert response.status_code == 400
    assert (preview["ok"], preview["line"]) == (False, 5)
    assert preview["column"]


def test_the_preview_lists_the_headings_to_choose_from_and_follows_the_choice(browser):
    odd = CSV.replace(b"close", b"worth", 1)

    refused = browser.post(reverse(PREVIEW), {"file": upload(odd)})
    chosen = browser.post(reverse(PREVIEW), {"file": upload(odd), "column_close": "worth"})

    assert refused.status_code == 400
    assert "worth" in orjson.loads(refused.content)["headings"]
    assert orjson.loads(chosen.content)["columns"]["close"] == "worth"


def test_a_parquet_file_is_previewed_and_becomes_a_market(browser):
    parquet = pytest.importorskip(
        "pyarrow.parquet", reason="no pyarrow: Parquet and Feather files NOT TESTED"
    )
    csv = pytest.importorskip("pyarrow.csv")
    sink = BytesIO()
    parquet.write_table(csv.read_csv(BytesIO(CSV)), sink)

    preview = orjson.loads(
        browser.post(reverse(PREVIEW), {"file": upload(sink.getvalue(), "ibm.parquet")}).content
    )
    file = {"market__kind": "file", "upload": upload(sink.getvalue(), "ibm.parquet")}
    assert browser.post(reverse(NEW), sent(round_bars=128) | file).status_code == 302

    assert (preview["ok"], preview["rows"]) == (True, 3270)
    assert (
        MarketData.objects.get().sha256
        == understand(CSV, "ibm.csv", 1_800_000_000_000).bars.sha256()
    )


def test_a_file_is_kept_and_its_blocks_become_the_market_where_they_are_shuffled(browser):
    form = {
        "market__kind": "bootstrap",
        "market__block": "20",
        "market__resampling": "moving",
        "upload": upload(),
    }

    assert browser.post(reverse(NEW), sent(round_bars=128) | form).status_code == 302

    market = Experiment.objects.get().market
    assert (market.data_kind, market.drawn_from.source, market.drawn_from.bars) == (
        "simulated",
        "file ibm.csv",
        3270,
    )
    offered = browser.get(reverse(NEW)).context["form"].stored
    assert list(offered) == [f"stored:{market.drawn_from.pk}"]


def test_a_preview_without_a_file_is_refused(browser):
    assert browser.post(reverse(PREVIEW)).status_code == 400


def test_seeds_make_as_many_experiments_and_lead_to_the_list(browser):
    response = browser.post(
        reverse(NEW), sent(name="mine", population=4, rounds=2, round_bars=64, seed=7, seeds="3")
    )

    assert response.url == reverse("experiment_list")
    rows = Experiment.objects.order_by("pk")
    assert [row.name for row in rows] == ["mine, seed 7", "mine, seed 8", "mine, seed 9"]


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("", [7]), ("1", [7]), ("3", [7, 8, 9]), ("1, 5", [1, 5]), ("1-3, 3, 9", [1, 2, 3, 9])],
)
def test_seeds_are_a_number_of_runs_or_a_list(text, seeds):
    form = ExperimentForm(sent(seed=7, seeds=text))

    assert form.is_valid(), form.errors
    assert form.seed_list == seeds


@pytest.mark.parametrize("text", ["0", "21", "-3", "x", "1,", "1.5", "1-99999999999", "9" * 300])
def test_what_is_no_number_of_seeds_is_refused_beside_its_field(text):
    assert set(ExperimentForm(sent(seeds=text)).errors) == {"seeds"}


def test_a_last_seed_that_the_database_could_not_hold_is_refused():
    assert "seeds" in ExperimentForm(sent(seed=2**63 - 2, seeds="3")).errors


def test_more_seeds_than_may_be_made_in_an_hour_are_none_and_fewer_are_some(browser, settings):
    settings.LIMITS = True
    small = {"population": 4, "rounds": 2, "round_bars": 64}

    refused = browser.post(reverse(NEW), sent(**small, seeds="11"))
    assert refused.status_code == 429
    assert not Experiment.objects.exists()

    browser.post(reverse(NEW), sent(**small, seeds="2"))
    assert Experiment.objects.count() == 2


def test_problems_stand_on_top_with_a_link_to_each_field_and_what_was_typed_stays(browser):
    response = browser.post(
        reverse(NEW), sent(name="", population="1", costs__fee="2", rounds="77")
    )

    page = response.content.decode()
    told = [(each["field"], each["text"]) for each in response.context["problems"]]
    assert told == [
        ("id_name", "Give it a name, by which the list will call it."),
        ("id_population", "must be at least 2, got 1 (allowed: 2 to 100,000)"),
        ("id_costs__fee", "must be at most 0.05, got 2.0 (allowed: 0 to 0.05)"),
    ]
    assert '<a href="#id_name" autofocus>' in page and page.count("autofocus") == 1
    assert 'value="77"' in page


def test_an_empty_form_has_no_problem_on_top(browser):
    assert browser.get(reverse(NEW)).context["problems"] == []
