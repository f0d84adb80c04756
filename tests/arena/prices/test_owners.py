"""The same bars brought by two people: one file below, and nothing of one is seen, named or badged
by the other.
"""

from io import BytesIO, StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from arena.prices.files.options import AS_IT_IS
from arena.prices.market.bars import Bars
from arena.prices.models import MarketData, StoredBars
from arena.prices.selectors.markets import market_card, markets_visible
from arena.prices.services.baskets import basket_look, basket_store
from arena.prices.services.markets import market_bars, market_store, market_upload
from arena.selectors.market_choice import bars_of_settings
from arena.services.experiments.lifecycle import experiment_create
from arena.services.experiments.market_choice import market_of_settings, market_resample
from arena.settings_schema import parse
from arena.work.queue import locally
from tests.arena import world
from tests.arena.engine.small import small_bars
from tests.arena.prices.services.outside import DAY, START, FakeClock, begin, work
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
SINE = parse(
    {
        "population": 4,
        "rounds": 3,
        "round_bars": 48,
        "seed": 7,
        "market": {"kind": "sine", "amplitude": 0.05},
    }
)


@pytest.fixture
def bob():
    return world.user("bob")


def csv(bars: Bars) -> bytes:
    columns = zip(
        bars.time.tolist(), bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True
    )
    lines = [f"{time},{','.join(repr(float(value)) for value in rest)}" for time, *rest in columns]
    return "\n".join(["time,open,high,low,close,volume", *lines]).encode()


def by_page(client, user, data, name, tmp_path):
    client.force_login(user)
    answer = client.post(reverse("market_upload"), {"upload": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()


def by_api(client, user, data, name, tmp_path):
    assert Caller(user).send("/markets", file=SimpleUploadedFile(name, data))[0] == 201


def by_command(client, user, data, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    call_command("import_market", str(path), "--owner", user.username, stdout=StringIO())


@pytest.mark.parametrize("first", ["ada", "bob"])
@pytest.mark.parametrize("bring", [by_page, by_api, by_command])
def test_the_same_file_of_two_people_is_two_markets_with_one_file(
    client, ada, bob, tmp_path, bring, first
):
    data, people = csv(small_bars()), (ada, bob) if first == "ada" else (bob, ada)

    for user in people:
        bring(client, user, data, f"secret-of-{user}.csv", tmp_path)

    own = {user: markets_visible(user=user).get() for user in people}
    assert {row.source for row in own.values()} == {
        "file secret-of-ada.csv",
        "file secret-of-bob.csv",
    }
    for user, row in own.items():
        assert (row.owner, row.source) == (user, f"file secret-of-{user}.csv")
    assert own[ada].sha256 == own[bob].sha256
    assert own[ada].file == own[bob].file
    assert default_storage.exists(own[ada].file)
    assert all(row.seals.count() == 1 for row in own.values())


def test_the_page_of_one_shows_nothing_of_the_other(client, ada, bob, tmp_path):
    for user in (ada, bob):
        by_page(client, user, csv(small_bars()), f"secret-of-{user}.csv", tmp_path)

    client.force_login(bob)
    page = client.get(
        reverse("market_page", args=[markets_visible(user=bob).get().pk])
    ).content.decode()

    assert "secret-of-bob.csv" in page
    assert "secret-of-ada" not in page + client.get(reverse("market_list")).content.decode()
    assert (
        client.get(reverse("market_page", args=[markets_visible(user=ada).get().pk])).status_code
        == 404
    )


@pytest.mark.parametrize("first", ["import", "file"])
def test_who_imports_from_a_provider_does_not_meet_the_file_of_another(
    cmc, client, ada, bob, tmp_path, first
):
    clock = FakeClock(START + 180 * DAY)
    with locally():
        [bars] = market_bars(market=work(begin(bob, name="probe"), clock).market)
        if first == "file":
            by_page(client, ada, csv(bars), "secret.csv", tmp_path)
        imported = work(begin(world.user("cem"), name="bitcoin"), clock).market
        by_page(client, ada, csv(bars), "secret.csv", tmp_path)

    assert (imported.name, imported.source) == ("bitcoin", "CoinMarketCap 1, 1h")
    theirs = markets_visible(user=ada).get()
    assert (theirs.sha256, theirs.source) == (imported.sha256, "file secret.csv")


@pytest.mark.parametrize("simulated_first", [True, False])
@pytest.mark.parametrize("bring", [by_page, by_api, by_command])
def test_a_simulated_market_is_simulated_whoever_brings_its_bars_and_when(
    client, ada, bob, tmp_path, bring, simulated_first
):
    data = csv(market_bars_of(SINE))
    if simulated_first:
        run = experiment_create(owner=ada, name="wave", settings=SINE)
        bring(client, bob, data, "real-prices.csv", tmp_path)
    else:
        bring(client, bob, data, "real-prices.csv", tmp_path)
        run = experiment_create(owner=ada, name="wave", settings=SINE)

    theirs = MarketData.objects.get(owner=bob)
    assert run.market.sha256 == theirs.sha256
    assert (run.market.owner, run.market.name, run.market.source[:14]) == (
        ada,
        "sine",
        "simulator sine",
    )
    assert theirs.source == "file real-prices.csv"
    for row in (run.market, theirs):
        assert market_card(market=row, now_ms=0)["badge"] == {
            "kind": "simulated",
            "label": "simulated",
        }
    status, answer = Caller(bob).get("/markets")
    assert (status, [row["data_kind"] for row in answer["markets"]]) == (200, ["simulated"])


def test_it_stays_simulated_when_nobody_has_it_any_more(ada, bob):
    market_of_settings(settings=SINE, owner=ada)
    [bars] = market_bars(market=MarketData.objects.get())
    MarketData.objects.get().seals.all()._raw_delete("default")
    MarketData.objects.all().delete()

    row = market_upload(file=BytesIO(csv(bars)), file_name="real.csv", reading=AS_IT_IS, owner=bob)

    assert row.kind == "simulated"


def test_what_is_put_together_of_a_market_turns_simulated_with_it(ada, bob):
    wave = market_bars_of(SINE)
    fields = {"data_kind": "historical", "source": "file real.csv", "owner": bob}
    parts = [
        market_store(bars=[bars], name=name, **fields)
        for name, bars in (("a", wave), ("b", small_bars(2, len(wave))))
    ]
    basket = basket_store(basket=basket_look(parts=parts), owner=bob)
    before = basket.kind

    market_of_settings(settings=SINE, owner=ada)

    basket.refresh_from_db()
    assert (before, basket.kind) == ("historical", "simulated")


def test_blocks_of_a_series_are_simulated_symbol_by_symbol(ada, bob):
    fields = {"data_kind": "historical", "source": "file real.csv", "owner": ada}
    series = market_store(
        bars=[small_bars(1, 600), small_bars(2, 600)], name="pair", symbols=["A", "B"], **fields
    )
    settings = parse(
        SINE.model_dump(mode="json")
        | {"market": {"kind": "bootstrap", "path": "pair", "block": 16}}
    )
    blocks = market_resample(settings=settings, series=series, owner=ada)

    for bars in market_bars(market=blocks):
        assert (
            market_store(
                bars=[bars], name="real", data_kind="historical", source="file real.csv", owner=bob
            ).kind
            == "simulated"
        )
    assert series.kind == "historical"
    assert not StoredBars.objects.get(sha256=series.sha256).simulated


def market_bars_of(settings) -> Bars:
    """The bars of a simulated market that nobody has made here yet."""
    return bars_of_settings(settings=settings)[0]
