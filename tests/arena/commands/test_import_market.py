"""A person's own file becomes a market from the command line, whatever its kind and size."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from arena.prices.files.limits import UPLOAD
from arena.prices.models import MarketData
from arena.prices.selectors.markets import series_offered
from tests.arena import world
from tests.arena.prices.files.test_csv_file import HEADER, START, csv_of, row

pytestmark = pytest.mark.django_db
GOOD = csv_of(*(row(i) for i in range(6)))


@pytest.fixture(autouse=True)
def no_migrations(monkeypatch):
    """The test's database is migrated already."""
    monkeypatch.setattr(
        "arena.management.commands.import_market.call_command", lambda *_, **__: None
    )


def run(file, *options):
    out = StringIO()
    call_command("import_market", str(file), *options, stdout=out)
    return out.getvalue()


def refused(file, *options):
    with pytest.raises(CommandError) as error:
        run(file, *options)
    assert error.value.returncode == 2
    return str(error.value)


def test_a_file_is_kept_and_what_was_understood_is_said(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(GOOD)
    owner = world.user()

    said = run(file, "--owner", "ada")

    market = MarketData.objects.get()
    assert (market.bars, market.data_kind, market.source) == (6, "historical", "file prices.csv")
    assert "6 rows, comma-separated, UTF-8." in said
    assert market.sha256 in said
    assert list(series_offered(user=owner)) == [market]


def test_a_file_larger_than_an_upload_may_be_is_read(tmp_path):
    file = tmp_path / "prices.csv"
    with file.open("w") as lines:
        lines.write(HEADER + "\n")
        lines.writelines(
            f"{START + 60 * i},100.00000,110.00000,90.00000,105.00000,7.000000\n"
            for i in range(400_000)
        )
    assert file.stat().st_size > UPLOAD.stored

    run(file)

    assert MarketData.objects.get().bars == 400_000


def test_a_column_nobody_knows_is_named(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(GOOD.replace(b"close", b"worth"))

    assert "column close" in refused(file)
    run(file, "--column", "close=worth")

    assert MarketData.objects.get().bars == 6


@pytest.mark.parametrize("option", ["volume", "volume=", "price=worth", "=x"])
def test_a_column_option_that_is_none_is_refused(tmp_path, option):
    assert "ROLE=HEADING" in refused(tmp_path / "none.csv", "--column", option)


def test_a_file_there_is_not_and_a_user_there_is_not_are_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path / "none.csv")
    assert "no active user" in refused(tmp_path / "none.csv", "--owner", "nobody")
