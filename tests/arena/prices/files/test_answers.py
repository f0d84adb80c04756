"""What a file leaves open, and what a person asks of it: each remedy that is offered is followed
here, and is accepted.
"""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from arena.prices.files.errors import FeedError
from arena.prices.files.options import OPTIONS, reading_of
from arena.prices.files.price_file import description_of, understand
from tests.arena.prices.files.test_csv_file import HEADER, HOUR, NOW, START, csv_of, row

DAILY = "date,open,high,low,close,volume"


def read(data, **said):
    return understand(data, "prices.csv", NOW, reading_of(said))


def refused(data, **said):
    with pytest.raises(FeedError) as error:
        read(data, **said)
    return error.value


def dated(whens, header=DAILY):
    return csv_of(
        *(row(0, when=when, close=str(100 + i % 7)) for i, when in enumerate(whens)), header=header
    )


def first(file):
    return str(file.bars.time[0].astype("datetime64[ms]"))[:16]


# what can be read two ways, and is asked


def test_dates_of_which_no_day_is_over_12_are_asked_and_shown_both_ways():
    data = dated([f"0{i}/0{i + 1}/2021" for i in range(1, 6)])

    error = refused(data)

    assert (error.ask.option, set(error.ask.choices)) == ("dates", {"day", "month"})
    shown = {reading["value"]: reading["first"] for reading in error.ask.readings}
    assert shown == {"day": "2021-02-01T00:00:00Z", "month": "2021-01-02T00:00:00Z"}
    assert first(read(data, dates="day")) == "2021-02-01T00:00"
    assert first(read(data, dates="month")) == "2021-01-02T00:00"


def test_one_day_over_12_settles_the_order_wherever_it_stands():
    data = dated([f"{day:02d}/01/2021" for day in range(1, 14)])

    assert first(read(data)) == "2021-01-01T00:00"
    assert "day first" in read(data).notes[1]


def test_a_settled_order_holds_for_rows_far_down(monkeypatch):
    monkeypatch.setattr("arena.prices.files.csv_file.SURVEYED", 5)
    monkeypatch.setattr("arena.prices.files.cells.csv_text.HEAD", 600)
    monkeypatch.setattr("arena.prices.files.cells.csv_text.PIECE", 100)
    whens = [f"{day:%m/%d/%Y}" for day in pd.date_range("2021-01-01", periods=60)]

    assert len(read(dated(whens)).bars) == 60


@pytest.mark.parametrize(("said", "close"), [("comma", 1.234), ("point", 1234.0)])
def test_commas_before_three_figures_are_asked(said, close):
    rows = [f'{START + i * HOUR};"1,234";"1,235";"1,233";"1,234";7' for i in range(3)]
    data = csv_of(*rows, header=HEADER.replace(",", ";"))

    error = refused(data)

    assert (error.ask.option, {each["value"] for each in error.ask.readings}) == (
        "decimal",
        {"comma", "point"},
    )
    assert read(data, decimal=said).bars.close[0] == close


def test_numbers_that_make_odd_bars_since_1970_are_asked_about_and_taken_when_that_is_said():
    data = csv_of(*(row(0, when=str(1_600_000_000_000 + 130 * i)) for i in range(5)))

    error = refused(data)

    assert error.ask.option == "dates" and "bars of 130 ms" in error.text
    assert len(read(data, dates="unix").bars) == 5


def test_an_hour_that_comes_twice_in_autumn_is_told_apart_by_the_zone():
    utc = pd.date_range("2021-10-30T20:00", periods=12, freq="h", tz="UTC")
    data = dated([f"{when:%Y-%m-%d %H:%M}" for when in utc.tz_convert("Europe/Berlin")])

    assert "name their zone" in refused(data).text
    file = read(data, zone="Europe/Berlin")

    assert (file.bars.time == utc.as_unit("ms").asi8).all()
    assert file.zone == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["New York", "america/new_york", "-05:00"])
def test_a_zone_is_known_by_its_city_and_by_its_offset(zone):
    assert (
        first(read(dated(["2021-01-04 09:30", "2021-01-04 10:30"]), zone=zone))
        == "2021-01-04T14:30"
    )


def test_a_time_that_the_clock_never_showed_and_a_zone_there_is_not_are_refused():
    spring = dated(["2021-03-28 01:30", "2021-03-28 02:30", "2021-03-28 03:30"])

    assert refused(spring, zone="Europe/Berlin").line == 3
    assert "Europe/Berlin" in refused(spring, zone="Europe/Berln").text


def test_rows_without_prices_are_counted_and_left_out_when_that_is_said():
    data = csv_of(row(0), row(1, open="", high="", low="", close=""), row(2, close="null"), row(3))

    error = refused(data)

    assert [problem.line for problem in error.problems] == [3, 4]
    assert error.ask.choices == {"leave_out": "leave out 2 rows"}
    assert read(data, empty="leave_out").left_out == [
        "2 rows without prices left out, the first at line 3."
    ]


def test_rows_without_a_volume_are_none_with_a_volume_of_0(monkeypatch):
    monkeypatch.setattr("arena.prices.files.cells.csv_text.HEAD", 300)
    monkeypatch.setattr("arena.prices.files.cells.csv_text.PIECE", 100)
    # whole pieces have no volume, and others have
    data = csv_of(*(row(i, volume="" if 300 <= i < 360 else "7") for i in range(500)))

    error = refused(data)

    assert (error.line, error.ask.choices["leave_out"][:9]) == (302, "leave out")
    file = read(data, empty="leave_out")
    assert (len(file.bars), set(file.bars.volume)) == (440, {7.0})


def test_of_a_long_file_one_ticker_is_read_and_a_wrong_one_is_refused_with_those_there_are():
    rows = [row(i) + f",{name}" for i in range(4) for name in ("BTC", "ETH")]
    data = csv_of(*rows, header=HEADER + ",symbol")

    assert refused(data).ask.choices == {"BTC": "BTC", "ETH": "ETH"}
    assert (
        "BTC, ETH" in refused(data, ticker="DOGE").text
        or "ETH" in refused(data, ticker="DOGE").text
    )
    assert read(data, ticker="eth").symbol.lower() == "eth"


def test_a_column_without_a_heading_can_be_chosen_and_a_file_may_have_no_volume():
    data = csv_of(*(f"x,{row(i)}" for i in range(3)), header=f"note,,{HEADER.split(',', 1)[1]}")

    assert read(data).columns["time"] == "column 2"
    assert read(data, time="column 2").columns["time"] == "column 2"
    assert read(data, volume="none").volume == ""


def test_naming_columns_of_a_file_without_a_header_does_not_eat_its_first_bar():
    data = csv_of(*(f"{START + i * HOUR},105,110,90,100,7" for i in range(3)), header="").lstrip(
        b"\n"
    )
    said = {
        "time": "column 1",
        "open": "column 5",
        "high": "column 3",
        "low": "column 4",
        "close": "column 2",
        "volume": "column 6",
    }

    assert len(read(data, **said).bars) == 3
    assert read(data, **said).bars.close[0] == 105


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.choices])
def test_an_answer_there_is_not_is_refused_with_those_there_are(name):
    assert all(
        choice in refused(csv_of(row(0), row(1)), **{name: "perhaps"}).text
        for choice in OPTIONS[name].choices
    )


# shape on the way in


def hourly(count=100):
    return csv_of(
        *(row(i, "100", str(110 + i), "90", str(100 + i % 10), "2") for i in range(count))
    )


def test_longer_bars_are_those_of_pandas():
    file, plain = read(hourly(), bars="4h"), read(hourly())

    frame = pd.DataFrame(
        {name: getattr(plain.bars, name) for name in ("open", "high", "low", "close", "volume")}
    )
    expected = (
        frame.set_index(pd.to_datetime(plain.bars.time, unit="ms"))
        .resample("4h")
        .agg({"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"})
    )
    assert (file.bars.time == expected.index.as_unit("ms").asi8).all()
    assert all((getattr(file.bars, name) == expected[name]).all() for name in expected)
    assert "Bars of 4 hours made of 100 of 1 hour." in file.notes


@pytest.mark.parametrize(("length", "rule"), [("1w", "W-MON"), ("1mo", "MS")])
def test_weeks_begin_on_monday_and_months_on_their_first_day(length, rule):
    days = pd.date_range("2021-01-01", "2021-12-31", freq="D")

    file = read(dated([f"{day:%Y-%m-%d}" for day in days]), bars=length)

    expected = pd.Series(1, index=days).resample(rule, label="left", closed="left").sum()
    assert (file.bars.time == expected.index.as_unit("ms").asi8).all()


def test_a_range_of_dates_is_kept_and_what_lies_beyond_is_noted():
    file = read(hourly(), since="2020-09-14", until="2020-09-15")

    assert (len(file.bars), first(file)) == (48, "2020-09-14T00:00")
    assert file.left_out == ["Bars left out: 12 before 2020-09-14 and 40 after 2020-09-15."]


@pytest.mark.parametrize(
    "said",
    [
        {"bars": "7x"},
        {"bars": "90m"},
        {"bars": "1m"},
        {"since": "last week"},
        {"since": "2024-01-01"},
    ],
)
def test_a_shape_that_cannot_be_is_refused_by_name(said):
    assert next(iter(said)) in refused(hourly(), **said).text


def test_adjusted_prices_have_the_returns_of_the_adjusted_close():
    rows = [f"2021-01-0{i},100,110,90,100,{50 + i},7" for i in range(1, 7)]
    data = csv_of(*rows, header="Date,Open,High,Low,Close,Adj Close,Volume")

    file = read(data, adjust="yes")

    assert file.bars.close.tolist() == [51, 52, 53, 54, 55, 56]
    assert np.allclose(file.bars.open, file.bars.close)
    assert np.allclose(file.bars.high, [56.1, 57.2, 58.3, 59.4, 60.5, 61.6])
    assert "no column of adjusted closes" in refused(hourly(), adjust="yes").text


# bars and their clocks


def sessions(zone, times, days=60, start="2021-02-15"):
    """Unix times of bars at `times` of the day by the clock of a city, Monday to Friday."""
    stamps = [
        pd.Timestamp(f"{day:%Y-%m-%d} {time}", tz=zone)
        for day in pd.bdate_range(start, periods=days)
        for time in times
    ]
    return csv_of(*(row(0, when=str(int(stamp.timestamp()))) for stamp in stamps))


@pytest.mark.parametrize(
    ("zone", "times", "length", "calendar"),
    [
        (
            "America/New_York",
            ["09:30", "11:30", "13:30", "15:30"],
            "2 hours",
            "Mon-Fri 09:30-17:30 New York",
        ),
        (
            "America/New_York",
            ["09:30", *(f"{h}:00" for h in range(10, 16))],
            "1 hour",
            "Mon-Fri 09:30-16:00 New York",
        ),
        # the same hours by the clock of London, which comes first
        (
            "Europe/Berlin",
            [f"{h:02d}:00" for h in range(9, 17)],
            "1 hour",
            "Mon-Fri 08:00-16:00 London",
        ),
        (
            "Asia/Kolkata",
            [f"{h:02d}:15" for h in range(9, 16)],
            "1 hour",
            "Mon-Fri 03:45-10:45 UTC",
        ),
    ],
)
def test_sessions_of_a_city_are_no_mixed_bars_and_are_told_by_its_clock(
    zone, times, length, calendar
):
    description = description_of(read(sessions(zone, times)))

    assert (description["timeframe"], description["gap_count"]) == (length, 0)
    assert description["calendar"].startswith(calendar)
    assert "about 261 days a year" in description["calendar"]


@pytest.mark.parametrize(
    ("freq", "length", "a_year"),
    [("MS", "1 month", 12), ("ME", "1 month", 12), ("QS", "3 months", 4), ("YS", "1 year", 1)],
)
def test_calendar_months_quarters_and_years_are_bars(freq, length, a_year):
    description = description_of(
        read(
            dated([f"{day:%Y-%m-%d}" for day in pd.date_range("1990-01-01", periods=24, freq=freq)])
        )
    )

    assert (description["timeframe"], description["gap_count"], description["calendar"]) == (
        length,
        0,
        f"calendar months, {a_year} bars a year",
    )


def test_a_month_that_is_missing_is_a_gap():
    whens = [f"{day:%Y-%m-%d}" for day in pd.date_range("1990-01-01", periods=24, freq="MS")]

    description = description_of(read(dated([*whens[:7], *whens[9:]])))

    assert [gap["missing"] for gap in description["gaps"]] == [2]


def test_weeks_that_are_dated_by_their_first_trading_day_are_weeks():
    days = [datetime(2021, 1, 4, tzinfo=UTC) + timedelta(days=7 * i + (i == 5)) for i in range(20)]

    assert description_of(read(dated([f"{day:%Y-%m-%d}" for day in days])))["timeframe"] == "1 week"


# wide, unnamed, all at once


def test_of_ten_thousand_columns_those_that_are_wanted_are_read():
    extra = ",".join(f"c{j}" for j in range(9_000))
    data = csv_of(*(row(i) + ",x" * 9_000 for i in range(4)), header=f"{HEADER},{extra}")

    file = read(data)

    assert len(file.bars) == 4
    assert any(note.endswith("and 8,980 more.") for note in file.notes)


def test_a_frame_of_pandas_with_a_range_for_an_index_has_its_date_read():
    frame = pd.DataFrame(
        {
            "Date": pd.date_range("2021-01-04", periods=5),
            "Open": 1.0,
            "High": 2.0,
            "Low": 1.0,
            "Close": 2.0,
            "Volume": 3,
        }
    )
    sink = io.StringIO()
    frame.to_csv(sink)

    assert read(sink.getvalue().encode()).columns["time"] == "Date"


def test_all_problems_of_a_first_pass_are_listed_at_most_twenty():
    rows = [row(i, close="x" if i % 2 else "105") for i in range(100)]
    rows[4] = row(4, high="80")

    error = refused(csv_of(*rows))

    assert len(error.problems) == 20
    assert [problem.line for problem in error.problems[:5]] == [3, 5, 6, 7, 9]
    assert "(and 19 more)" in str(error)


def test_a_column_reckoned_from_volume_is_none():
    for name in ("vol_20", "Volume MA", "volume_change", "Volatility"):
        data = csv_of(
            *(row(i, volume=f"0.2,{900 + i}") for i in range(3)),
            header=f"unix,open,high,low,close,{name},Quote Volume",
        )
        assert read(data).bars.volume.tolist() == [900, 901, 902]


@pytest.mark.parametrize(
    ("heading", "cells", "hour"),
    [
        ("hour", ["9", "10", "11"], 9),
        ("time", ["930", "1030", "1130"], 9.5),
        ("time", ["0", "0", "0"], 0),
    ],
)
def test_figures_beside_a_date_are_the_time_of_day_that_they_say(heading, cells, hour):
    days = ["2021-01-04"] * 3 if hour else ["2021-01-04", "2021-01-05", "2021-01-06"]
    rows = [
        f"{day},{cell},100,110,90,{100 + i},7"
        for i, (day, cell) in enumerate(zip(days, cells, strict=True))
    ]

    bars = read(csv_of(*rows, header=f"date,{heading},open,high,low,close,volume")).bars

    assert bars.time[0] == 1_609_718_400_000 + hour * 3_600_000
    assert bars.timeframe_ms == (3_600_000 if hour else 86_400_000)


def test_one_figure_that_could_be_hours_or_minutes_is_refused():
    rows = [f"2021-01-04,{i},100,110,90,100,7" for i in range(1, 4)]

    assert (
        "not a time of day"
        in refused(csv_of(*rows, header="date,time,open,high,low,close,volume")).text
    )


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["13.100", "13.200"], ""),
        (["1.234.567", "13.100"], "comma"),
        (["13.100", "13.10"], "point"),
        (["13.1", "13.2"], "point"),
    ],
)
def test_points_before_three_figures_are_asked_about_where_commas_are_usual(cells, decimal):
    rows = [f"2021-01-0{4 + i};{cell};{cell};{cell};{cell}" for i, cell in enumerate(cells)]
    data = csv_of(*rows, header="Datum;Open;High;Low;Close")

    if not decimal:
        assert refused(data).ask.option == "decimal"
    assert (
        read(data).bars.close[-1] == read(data, decimal=decimal).bars.close[-1] if decimal else True
    )
    assert len(read(data.replace(b";", b",")).bars) == 2
