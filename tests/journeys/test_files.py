"""Files as tools write them, from the page Markets to a started experiment; what a file leaves open
is asked, and answered by a click.
"""

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.arena.engine.small import small_bars
from tests.journeys.stage import Site
from tests.journeys.steps import press, state, until

COUNT = 900
SMALL = {"population": 8, "rounds": 2, "round_bars": 64}


def frame(freq: str) -> pd.DataFrame:
    """Open, high, low, close of a small made-up series to four decimals, and a volume."""
    bars = small_bars(7, COUNT)
    columns = {
        name: getattr(bars, name.lower()).round(4) for name in ("Open", "High", "Low", "Close")
    }
    index = pd.date_range("2019-01-01", periods=COUNT, freq=freq)
    candles = pd.DataFrame(columns | {"Volume": bars.volume.round().astype(int) + 1}, index=index)
    candles["High"] = candles[["Open", "High", "Close"]].max(axis=1)
    candles["Low"] = candles[["Open", "Low", "Close"]].min(axis=1)
    return candles


def of_pandas(path: Path) -> None:
    frame("B").to_csv(path)


def of_metatrader(path: Path) -> None:
    rows = [
        f"{when:%Y.%m.%d}\t{when:%H:%M:%S}\t{row.Open}\t{row.High}\t{row.Low}\t{row.Close}\t{row.Volume}\t0\t8"
        for when, row in zip(frame("h").index, frame("h").itertuples(index=False), strict=True)
    ]
    path.write_text(
        "\n".join(
            [
                "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
                *rows,
                "",
            ]
        )
    )


def of_german_excel(path: Path) -> None:
    candles = frame("B").rename(
        columns=dict(
            zip(
                ("Open", "High", "Low", "Close", "Volume"),
                ("Eröffnung", "Hoch", "Tief", "Schluss", "Volumen"),
                strict=True,
            )
        )
    )
    candles.index.name = "Datum"
    candles.to_csv(path, sep=";", decimal=",", date_format="%d.%m.%Y", encoding="utf-8-sig")


def bring(page: Page, site: Site, path: Path) -> str:
    """Chooses the file on the page Markets; returns what the preview says."""
    page.goto(site.address + "markets/")
    page.set_input_files("#upload-form [name=upload]", str(path))
    until(lambda: page.locator("#preview h3").count(), "what was understood of the file")
    return page.inner_text("#preview")


def start(page: Page) -> None:
    """Keeps the file as a market, and starts an experiment on it."""
    page.click("#upload-form .submit-line button")
    page.wait_for_selector("text=Experiment on it")
    page.click("text=Experiment on it")
    page.fill("[name=name]", "on my file")
    for field, value in SMALL.items():
        page.fill(f"[name={field}]", str(value))
    page.click(".submit button")
    page.wait_for_selector("#live")
    press(page, "start")
    until(lambda: state(page) in ("running", "finished"), "the experiment to run")


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (of_pandas, ("column 1", "Mon-Fri", "1 day")),
        (of_metatrader, ("<TICKVOL>", "1 hour", "every day")),
        (of_german_excel, ("day first", "A comma stands before decimals", "Mon-Fri")),
    ],
    ids=["pandas", "MetaTrader", "German Excel"],
)
def test_a_file_of_a_tool_goes_from_upload_to_a_started_experiment(
    admin: Page, site: Site, tmp_path: Path, write, said
):
    path = tmp_path / "prices.csv"
    write(path)

    shown = bring(admin, site, path)

    assert all(words in shown for words in said), shown
    start(admin)


def test_what_can_be_read_two_ways_is_asked_with_the_bars_of_each_and_answered_by_a_click(
    admin: Page, site: Site, tmp_path: Path
):
    path = tmp_path / "prices.csv"
    candles = frame("D").round(3) + 0.0001
    rows = [
        ";".join([f"{when:%Y-%m-%d}", *(f"{value:.3f}".replace(".", ",") for value in row[:4])])
        for when, *row in candles.itertuples()
    ]
    path.write_text("\n".join(["Date;Open;High;Low;Close", *rows, ""]))

    assert "one question" in bring(admin, site, path)
    assert admin.locator("#preview .choice table").count() == 4
    admin.click("#preview .choice button[data-value=comma]")
    until(lambda: "understood" in admin.inner_text("#preview h3"), "the file read as answered")

    assert "A comma stands before decimals" in admin.inner_text("#preview")
    start(admin)
