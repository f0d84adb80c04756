"""Prices from outside that leap tenfold wait for a person, at every door; simulated ones may leap
as they were made to.
"""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from arena.errors import WrongState
from arena.models import Experiment
from arena.prices.files.options import AS_IT_IS
from arena.prices.models import Acceptance, DataKind, MarketData
from arena.prices.selectors.quarantine import leap_words, question
from arena.prices.services import markets
from arena.prices.services.baskets import market_together
from arena.prices.services.quarantine import leaps_accept
from arena.prices.store import bars_read
from arena.services.experiments import lifecycle, market_choice
from arena.settings_schema import SettingsError
from tests.arena import world
from tests.arena.forms.test_experiments import sent
from tests.arena.runs import tiny
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
ON_FILE = tiny(market={"kind": "file", "path": "x"})
BLOCKS = tiny(market={"kind": "bootstrap", "path": "x", "block": 16})
SENTENCE = (
    "bar 300 (2020-01-13 12:00 UTC) has a close of 0.1 after a close of 100, a factor of 1,000"
)


def csv(factor=0.001, bars=900, at=300):
    """Hours of 100 that, from one bar on, are `factor` times as much: a redenomination, or a
    split.
    """
    lines = ["time,open,high,low,close,volume"]
    for i in range(bars):
        price = 100 * (factor if i >= at else 1)
        opened = 100 * (factor if i > at else 1)
        high, low = max(price, opened), min(price, opened)
        lines.append(f"{1_577_836_800 + 3600 * i},{opened},{high},{low},{price},5")
    return "\n".join(lines).encode()


def brought(owner, data=None):
    return markets.market_upload(
        file=io.BytesIO(data or csv()), file_name="prices.csv", reading=AS_IT_IS, owner=owner
    )


@pytest.fixture
def market(ada):
    return brought(ada)


def create(market, settings=ON_FILE):
    return lifecycle.experiment_create(owner=None, name="x", settings=settings, market=market)


def test_a_tenfold_leap_is_reported_and_keeps_experiments_away(market):
    assert any(
        note.startswith("Quarantine: the move at 2020-01-13T12:00:00Z is beyond x10")
        for note in market.notes
    )
    with pytest.raises(SettingsError) as caught:
        create(market)
    text = caught.value.problems["market.path"]
    assert text.startswith(
        f"prices.csv is in quarantine: {SENTENCE}. If that is real, accept it on the page of market"
        f" {market.pk}"
    )
    assert "--accept-jumps" in text and "corrected" in text
    assert not Experiment.objects.exists()


@pytest.mark.parametrize("factor", [0.6, 1.6, 9.9, 0.102])
def test_less_is_flagged_and_runs(ada, factor):
    market = brought(ada, csv(factor))

    assert len(market.leaps) == 1 and (
        1 / 1.5 < factor < 1.5 or any("moves beyond x1.5" in note for note in market.notes)
    )
    assert not any("Quarantine" in note for note in market.notes)
    assert create(market).pk


def test_what_a_person_accepted_runs_and_is_remembered(market, ada):
    leaps_accept(market=market, who=ada)

    row = Acceptance.objects.get()
    assert (row.market, row.who, row.leap) == (market, ada, market.leaps[0])
    assert lifecycle.experiment_start(experiment_uuid=create(market).uuid).state == "running"
    with pytest.raises(WrongState, match="is not in quarantine"):
        leaps_accept(market=market, who=ada)


def test_a_draft_from_before_cannot_start(market, ada):
    run = world.experiment(ada, rounds=0, state="draft")
    Experiment.objects.filter(pk=run.pk).update(market=market)

    with pytest.raises(WrongState, match="is in quarantine"):
        lifecycle.experiment_start(experiment_uuid=run.uuid)


def test_blocks_of_prices_in_quarantine_are_in_quarantine(market, ada):
    blocks = market_choice.market_of_series(settings=BLOCKS, series=market)
    assert blocks.data_kind == DataKind.SIMULATED

    with pytest.raises(SettingsError, match=f"accept it on the page of market {market.pk}"):
        create(blocks, BLOCKS)

    leaps_accept(market=blocks, who=ada)
    assert Acceptance.objects.get().market == market
    assert create(blocks, BLOCKS).pk


@pytest.mark.parametrize("kind", DataKind.values)
def test_what_was_put_together_of_prices_in_quarantine_is_in_quarantine(market, ada, kind):
    bars = bars_read(market)[0]
    calm = replace(bars, **dict.fromkeys(("open", "high", "low", "close"), np.full(len(bars), 9.0)))
    other = markets.market_store(bars=[calm], name="calm", data_kind=kind, source="test")
    pair = market_together(parts=[other, market])
    blocks = market_choice.market_of_series(settings=BLOCKS, series=pair)

    for row in (pair, blocks):
        with pytest.raises(
            SettingsError, match=f"prices.csv is in quarantine: {re.escape(SENTENCE)}"
        ):
            create(row, BLOCKS)
    assert leap_words(pair.leaps[0], pair.symbols) == f"prices.csv: {SENTENCE}"

    leaps_accept(market=pair, who=ada)
    assert Acceptance.objects.get().market == market
    assert create(pair).pk and create(blocks, BLOCKS).pk


@pytest.mark.parametrize(
    "figures",
    [
        {"kind": "jumps", "swan_rate": 50.0, "swan_drop": 0.8},
        {"kind": "gbm", "volatility": 0.2},
        {"kind": "trend_up", "drift": 0.05},
    ],
)
def test_a_simulated_market_may_leap_as_it_was_made_to(figures):
    settings = tiny(market=figures)
    row = market_choice.market_of_settings(settings=settings)
    MarketData.objects.filter(pk=row.pk).update(
        leaps=[{"bar": 5, "time": 0, "price": "low", "before": 100.0, "after": 1.0}]
    )
    row.refresh_from_db()

    assert question(market=row) is None
    assert create(row, settings).pk


def test_the_form_says_why_and_the_page_of_the_market_has_the_button(browser, ada):
    refused = browser.post(
        reverse("experiment_new"),
        sent(market__kind="file", upload=SimpleUploadedFile("prices.csv", csv())),
    )
    market = MarketData.objects.get()

    assert refused.status_code == 400 and "is in quarantine" in refused.content.decode()
    assert "quarantine" in browser.get(reverse("market_list")).content.decode()
    page = browser.get(reverse("market_page", args=[market.pk])).content.decode()
    assert f"Accept: {SENTENCE}</button>" in page

    done = browser.post(reverse("market_accept", args=[market.pk]), follow=True).content.decode()
    assert (
        "experiments can run on them" in done
        and "Accepted as real by ada" in done
        and "</button>" in done
    )
    assert "in quarantine" not in done and SENTENCE[1:] in done
    chosen = sent(market__kind="file", series=f"stored:{market.pk}", round_bars="64")
    assert browser.post(reverse("experiment_new"), chosen).status_code == 302


def test_somebody_else_cannot_accept_it(client, market):
    client.force_login(world.user("eve"))

    assert client.post(reverse("market_accept", args=[market.pk])).status_code == 404
    assert Caller(world.user("mallory")).post(f"/markets/{market.pk}/accept-jumps")[0] == 404
    assert not Acceptance.objects.exists()


def test_accepting_twice_is_noticed(browser, market):
    for words in ("experiments can run on them", "is not in quarantine"):
        assert (
            words
            in browser.post(
                reverse("market_accept", args=[market.pk]), follow=True
            ).content.decode()
        )


def test_a_script_is_refused_and_can_accept(market, ada):
    caller = Caller(ada)
    wanted = {"name": "mine", "market": market.pk, "settings": {"rounds": 5, "round_bars": 64}}

    status, answer = caller.post("/experiments", wanted)

    assert (status, answer["errors"][0]["key"]) == (422, "market.path") and SENTENCE in answer[
        "detail"
    ]
    assert caller.get("/markets")[1]["markets"][0]["question"] == SENTENCE
    status, answer = caller.post(f"/markets/{market.pk}/accept-jumps")
    assert (status, answer["question"]) == (200, "")
    assert caller.post(f"/markets/{market.pk}/accept-jumps")[0] == 409
    assert caller.post("/experiments", wanted)[0] == 201


@pytest.fixture
def files(tmp_path):
    """(settings, prices) as files."""
    config, prices = tmp_path / "small.toml", tmp_path / "prices.csv"
    config.write_text(
        "population = 4\nrounds = 1\nround_bars = 48\n[network]\nhidden = [8]\n[learning]\nreplay ="
        " 256\nbatch = 16\n"
    )
    prices.write_bytes(csv())
    return str(config), str(prices)


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_command_line_refuses_a_file_unless_jumps_are_accepted(files):
    config, prices = files
    with pytest.raises(CommandError, match="is in quarantine: bar 300 .* --accept-jumps") as caught:
        run("evolve", config, "--market", prices)
    assert caught.value.returncode == 2

    result = json.loads(
        run("evolve", config, "--market", prices, "--json", "--accept-jumps").splitlines()[-1]
    )

    assert result["rounds"] == 1
    assert Acceptance.objects.get().who is None


@pytest.mark.django_db(transaction=True)
def test_controls_refuse_it_too(files):
    with pytest.raises(CommandError, match="is in quarantine"):
        run("controls", files[0], "--market", files[1], "--seeds", "1")


@pytest.mark.django_db(transaction=True)
def test_an_import_is_kept_and_says_so(files):
    assert f"is in quarantine: {SENTENCE}" in run("import_market", files[1])

    assert "is in quarantine" not in run("import_market", files[1], "--accept-jumps")
    assert question(market=MarketData.objects.get()) is None
