"""Files in the dialects of many tools: those beside the project, listed in a table, and those made
here, each with what is right for it.
"""

import csv
import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = Path(__file__).parents[4] / "shared" / "cases" / "prices"
# what the table calls an option, and how it is said
SAID = {
    "": {},
    "decimal comma": {"decimal": "comma"},
    "month first": {"dates": "month"},
    "leave out rows without prices": {"empty": "leave_out"},
}
LENGTHS = {"1h": "1 hour", "2h": "2 hours", "1d": "1 day", "1 month": "1 month"}
START = datetime(2021, 1, 4, tzinfo=UTC)
COUNT = 40


@dataclass(frozen=True)
class Case:
    """A file, what has to be said of it, and what it holds; `volume`: the heading, "" where there
    is none.
    """

    name: str
    data: bytes
    bars: int
    first: str
    last: str
    length: str
    first_open: float
    last_close: float
    volume: str
    said: dict = field(default_factory=dict)
    left_out: int = 0


def expected():
    """The cases of the table beside the project, [] where it is not there."""
    table = FOLDER / "EXPECTED.tsv"
    if not table.exists():
        return []
    return [_case(row) for row in csv.DictReader(table.open(encoding="utf-8"), delimiter="\t")]


def _case(row):
    ordinal = {f"{n}th": f"column {n}" for n in range(1, 20)}
    volume = {"-": ""}.get(row["volume"], ordinal.get(row["volume"], row["volume"]))
    return Case(
        row["file"],
        (FOLDER / row["file"]).read_bytes(),
        int(row["bars"]),
        row["first"],
        row["last"],
        LENGTHS[row["bar"]],
        float(row["first_open"]),
        float(row["last_close"]),
        volume,
        SAID[row["options"]],
        int(row["remark"][0]) if "left out" in row["remark"] else 0,
    )


def walk(count=COUNT):
    """Rows of (open, high, low, close, volume) of a made-up series, to cents."""
    rows, close = [], 100.0
    for i in range(count):
        opened, close = close, round(close * (1 + ((i * 7) % 11 - 5) / 500), 2)
        rows.append(
            (
                opened,
                round(max(opened, close) + 0.17, 2),
                round(min(opened, close) - 0.33, 2),
                close,
                895 + 13 * i,
            )
        )
    return rows


ROWS = walk()
FIRST, LAST = ROWS[0][0], ROWS[-1][3]


def days(count=COUNT):
    """Monday to Friday."""
    found, day = [], START
    while len(found) < count:
        found += [day] if day.weekday() < 5 else []
        day += timedelta(days=1)
    return found


def hours(count=COUNT):
    return [START + timedelta(hours=i) for i in range(count)]


def lines(head, row, times, sep="\n"):
    """Text of a heading and a line a row."""
    rows = [row(when, *values) for when, values in zip(times, ROWS, strict=True)]
    return sep.join([*([head] if head else []), *rows, ""]).encode()


def comma(value):
    return f"{value:.2f}".replace(".", ",")


def zipped(data, name="prices.csv"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, data)
    return file.getvalue()


def ms(when):
    return int(when.timestamp() * 1000)


PLAIN = "{},{},{},{},{},{}"


def _made():
    daily, hourly = days(), hours()
    by_day = {"first": "2021-01-04", "last": "2021-02-26", "length": "1 day"}
    by_hour = {"first": "2021-01-04", "last": "2021-01-05T15:00Z", "length": "1 hour"}

    def case(name, data, volume, stretch, **more):
        fields = {"bars": COUNT, "first_open": FIRST, "last_close": LAST, **stretch, **more}
        return Case(name, data, volume=volume, **fields)

    def plain(layout):
        return lambda when, *values: PLAIN.format(when.strftime(layout), *values)

    yield case(
        "dukascopy",
        lines("Gmt time,Open,High,Low,Close,Volume", plain("%d.%m.%Y %H:%M:%S.000"), hourly),
        "Volume",
        by_hour,
        said={"dates": "day"},
    )
    yield case(
        "histdata",
        lines("", lambda w, o, h, lo, c, v: f"{w:%Y%m%d %H%M%S};{o};{h};{lo};{c};{v}", hourly),
        "column 6",
        by_hour,
    )
    yield case(
        "kraken",
        lines("", lambda w, *x: f"{ms(w) // 1000},{x[0]},{x[1]},{x[2]},{x[3]},{x[4]},17", hourly),
        "column 6",
        by_hour,
    )
    yield case(
        "quantmod",
        lines(
            '"","ACME.Open","ACME.High","ACME.Low","ACME.Close","ACME.Volume","ACME.Adjusted"',
            lambda w, *x: f'"{w:%Y-%m-%d}",{x[0]},{x[1]},{x[2]},{x[3]},{x[4]},{x[3]}',
            daily,
        ),
        "ACME.Volume",
        by_day,
    )
    yield case(
        "german_excel",
        lines(
            "\ufeffDatum;Eröffnung;Hoch;Tief;Schluss;Volumen",
            lambda w, *x: f"{w:%d.%m.%Y};{';'.join(map(comma, x[:4]))};{x[4]:,}".replace(
                ",895", ",895"
            ),
            daily,
        ).replace(b";1,", b";1."),
        "Volumen",
        by_day,
    )
    yield case(
        "french",
        lines(
            "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume",
            lambda w, *x: f"{w:%d/%m/%Y};{';'.join(map(comma, x[:4]))};{x[4]}",
            daily,
        ),
        "Volume",
        by_day,
    )
    yield case(
        "excel_us",
        lines(
            "Date,Open,High,Low,Close,Volume",
            lambda w, *x: (
                f"{w.month}/{w.day}/{w.year},"
                + ",".join(f'"${value:,.2f}"' for value in x[:4])
                + f',"{x[4]:,}"'
            ),
            daily,
        ),
        "Volume",
        by_day,
    )
    yield case(
        "sierra_chart",
        lines(
            "Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume",
            lambda w, *x: (
                f"{w.year}/{w.month}/{w.day}, {w:%H:%M:%S}, " + ", ".join(map(str, x)) + ", 5, 3, 2"
            ),
            hourly,
        ),
        "Volume",
        by_hour,
    )
    yield case(
        "tradestation",
        lines(
            '"Date","Time","Open","High","Low","Close","Up","Down"',
            lambda w, *x: f"{w:%m/%d/%Y},{w:%H:%M}," + ",".join(map(str, x[:4])) + ",5,3",
            hourly,
        ),
        "",
        by_hour,
        said={"dates": "month"},
    )
    yield case(
        "am_pm",
        lines(
            "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD",
            lambda w, *x: f"{w:%Y-%m-%d %I-%p},BTCUSD," + ",".join(map(str, x)) + ",1",
            hourly,
        ),
        "Volume BTC",
        by_hour,
    )
    yield case("lean", lines("", plain("%Y%m%d %H:%M"), hourly), "column 6", by_hour)
    yield case(
        "bloomberg",
        lines("Date,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME", plain("%m/%d/%y"), daily),
        "PX_VOLUME",
        by_day,
    )
    yield case(
        "upbit",
        lines(
            "market,candle_date_time_utc,opening_price,high_price,low_price,trade_price,candle_acc_trade_volume",
            lambda w, *x: f"KRW-BTC,{w:%Y-%m-%dT%H:%M:%S}," + ",".join(map(str, x)),
            hourly,
        ),
        "candle_acc_trade_volume",
        by_hour,
    )
    yield case(
        "month_names",
        lines(
            "Date,Open,High,Low,Close,Volume",
            lambda w, *x: f'"{w:%b %d, %Y}",' + ",".join(map(str, x)),
            daily,
        ),
        "Volume",
        by_day,
    )
    yield case(
        "psql",
        lines(
            "date|open|high|low|close|volume",
            lambda w, *x: "|".join(map(str, (f"{w:%Y-%m-%d}", *x))),
            daily,
        ),
        "volume",
        by_day,
    )
    yield case(
        "yymmddhhmm",
        lines("date,open,high,low,close,volume", plain("%y%m%d%H%M"), hourly),
        "volume",
        by_hour,
    )
    yield case(
        "nanoseconds",
        lines("date,open,high,low,close,volume", plain("%Y-%m-%dT%H:%M:%S.000000000Z"), hourly),
        "volume",
        by_hour,
    )
    yield case(
        "binance_zip",
        zipped(
            lines(
                "",
                lambda w, *x: (
                    f"{ms(w)}," + ",".join(map(str, x)) + f",{ms(w) + 3_599_999},1,1,1,1,0"
                ),
                hourly,
            )
        ),
        "column 6",
        by_hour,
    )
    joined = lines("date,open,high,low,close,volume", plain("%Y-%m-%d"), daily).split(b"\n")
    yield case(
        "joined_months",
        b"\n".join([*joined[:20], joined[0], *joined[20:]]),
        "volume",
        by_day,
        left_out=1,
    )
    rows = [[ms(w), *x] for w, x in zip(hourly, ROWS, strict=True)]
    yield case("ccxt", json.dumps(rows).encode(), "column 6", by_hour)
    yield case("coingecko", json.dumps([row[:5] for row in rows]).encode(), "", by_hour)
    named = [dict(zip(("t", "o", "h", "l", "c", "v", "n"), (*row, 7), strict=True)) for row in rows]
    yield case(
        "polygon",
        json.dumps({"ticker": "ACME", "status": "OK", "results": named}).encode(),
        "v",
        by_hour,
    )
    alpaca = [row | {"t": f"{w:%Y-%m-%dT%H:%M:%SZ}"} for row, w in zip(named, hourly, strict=True)]
    yield case(
        "alpaca",
        json.dumps({"bars": alpaca, "symbol": "ACME", "next_page_token": None}).encode(),
        "v",
        by_hour,
    )
    names = ("open", "high", "low", "close", "volume")
    pandas = {name: {str(row[0]): row[k + 1] for row in rows} for k, name in enumerate(names)}
    yield case("pandas_to_json", json.dumps(pandas).encode(), "volume", by_hour)
    bitstamp = [
        dict(zip(("timestamp", *names), [str(row[0] // 1000), *map(str, row[1:])], strict=True))
        for row in rows
    ]
    yield case(
        "bitstamp",
        json.dumps({"data": {"pair": "BTC/USD", "ohlc": bitstamp}}).encode(),
        "volume",
        by_hour,
    )
    two = [
        f"{w:%Y-%m-%d},{name}," + ",".join(map(str, x))
        for w, x in zip(daily, ROWS, strict=True)
        for name in ("ACME", "OTHER")
    ]
    yield case(
        "long_of_two",
        "\n".join(["date,ticker,open,high,low,close,volume", *two, ""]).encode(),
        "volume",
        by_day,
        said={"ticker": "ACME"},
        left_out=1,
    )
    wide = [
        "Price,Open,Open,High,High,Low,Low,Close,Close,Volume,Volume",
        "Ticker" + ",ACME,OTHER" * 5,
        "Date" + "," * 10,
    ]
    wide += [
        f"{w:%Y-%m-%d}," + ",".join(f"{value},{value}" for value in x)
        for w, x in zip(daily, ROWS, strict=True)
    ]
    yield case(
        "yfinance_of_two",
        "\n".join([*wide, ""]).encode(),
        "('Volume', 'ACME')",
        by_day,
        said={"ticker": "ACME"},
    )
    yield case(
        "gzip_of_tabs",
        gzip.compress(
            lines(
                "time\topen\thigh\tlow\tclose\tvolume",
                lambda w, *x: "\t".join(map(str, (ms(w), *x))),
                hourly,
            )
        ),
        "volume",
        by_hour,
    )
    kraken = [[row[0] // 1000, *map(str, row[1:5]), str(row[4]), str(row[5]), 9] for row in rows]
    yield case(
        "kraken_api",
        json.dumps({"error": [], "result": {"XXBTZUSD": kraken, "last": 1}}).encode(),
        "column 7",
        by_hour,
    )

    def empty_volume(when, opened, high, low, close, volume):
        return f'"{when:%b %d, %Y}",{close},{opened},{high},{low},-,0.3%'

    yield case(
        "a_volume_that_is_empty",
        lines("Date,Price,Open,High,Low,Vol.,Change %", empty_volume, daily),
        "",
        by_day,
    )


MADE = list(_made())
# orders of columns that are no open, high, low, close, under no headings: never guessed
OTHER_ORDERS = {
    "coinbase": [
        [ms(w) // 1000, x[2], x[1], x[0], x[3], x[4]] for w, x in zip(hours(), ROWS, strict=True)
    ],
    "bitfinex": [[ms(w), x[0], x[3], x[1], x[2], x[4]] for w, x in zip(hours(), ROWS, strict=True)],
}
