"""Archives and JSON: one file of prices is found in them, everything else is refused before it is
unpacked.
"""

import gzip
import io
import json
import struct
import zipfile
from dataclasses import replace

import pytest

from arena.prices.files.errors import FeedError
from arena.prices.files.limits import UPLOAD
from arena.prices.files.price_file import understand
from tests.arena.prices.files.test_csv_file import GOOD, NOW

SMALL = replace(UPLOAD, unpacked=1 << 16)
BARS = understand(GOOD, "prices.csv", NOW).bars.sha256()


def zipped(*files, **how):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data, **how)
    return file.getvalue()


def link():
    entry = zipfile.ZipInfo("prices.csv")
    entry.external_attr = 0o120777 << 16
    return zipped((entry, b"/etc/passwd"))


def read(data, limits=UPLOAD):
    return understand(data, "prices", NOW, limits=limits)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(GOOD),
        zipped(("prices.csv", GOOD)),
        zipped(("../../x", GOOD)),
        zipped(("/etc/passwd", GOOD)),
        zipped(
            ("folder/", b""),
            ("folder/prices.csv", GOOD),
            ("__MACOSX/._prices.csv", b"x"),
            (".DS_Store", b"x"),
        ),
        gzip.compress(
            json.dumps(
                [
                    [
                        1_600_000_000_000 // 3_600_000 * 3_600_000 + 3_600_000 * i,
                        100,
                        110,
                        90,
                        105,
                        7,
                    ]
                    for i in range(6)
                ]
            ).encode()
        ),
    ],
    ids=[
        "gzip",
        "zip",
        "a name that climbs",
        "an absolute name",
        "what systems add",
        "gzip of JSON",
    ],
)
def test_one_file_in_an_archive_is_read_whatever_it_is_called(data):
    assert read(data).bars.sha256() == BARS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(("a.csv", GOOD), ("b.csv", GOOD)), "holds 2 files"),
        (zipped(), "holds 0 files"),
        (zipped(("a.csv.gz", gzip.compress(GOOD))), "holds another archive"),
        (gzip.compress(zipped(("a.csv", GOOD))), "holds another archive"),
        (gzip.compress(gzip.compress(GOOD)), "holds another archive"),
        (zipped(("[Content_Types].xml", b"x"), ("xl/worksheets/sheet1.xml", b"x")), "spreadsheet"),
        (link(), "link"),
        (gzip.compress(GOOD)[:-9], "whole, readable"),
        (zipped(("a.csv", GOOD)).replace(GOOD[:4], b"xxxx")[:-30], "whole, readable"),
        (zipped(*((f"{i}.csv", b"") for i in range(1500))), "far more than one file"),
    ],
    ids=[
        "two",
        "none",
        "gzip in zip",
        "zip in gzip",
        "gzip in gzip",
        "spreadsheet",
        "link",
        "cut gzip",
        "cut zip",
        "a thousand members",
    ],
)
def test_what_is_not_one_file_of_prices_is_refused(data, words):
    with pytest.raises(FeedError, match=words):
        read(data)


@pytest.mark.parametrize(
    "data", [gzip.compress(bytes(1 << 22)), zipped(("a.csv", bytes(1 << 22)))], ids=["gzip", "zip"]
)
def test_a_bomb_is_refused_as_soon_as_it_is_too_large(data):
    with pytest.raises(FeedError, match="unpacks to more than"):
        read(data, SMALL)


def test_a_zip_that_lies_about_its_size_is_counted():
    data = bytearray(zipped(("a.csv", bytes(1 << 22))))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 100)

    with pytest.raises(FeedError):
        read(bytes(data), SMALL)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no candles"),
        ("{}", "no candles"),
        ("[1, 2]", "no candles"),
        ('[{"open": {}}, {"open": {}}]', "no candles"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": [1, 2', "well-formed"),
        ("[[1, true, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]]", "no candles"),
        ('[["x", 1, 2, 1, 1, 5], ["y", 1, 2, 1, 1, 5]]', "no such column"),
    ],
)
def test_json_that_is_no_candles_is_refused_in_words(text, words):
    with pytest.raises(FeedError, match=words):
        read(text.encode())


def test_numbers_of_json_are_read_as_they_are_written():
    rows = [
        [
            1_600_000_000_000 // 3_600_000 * 3_600_000 + 3_600_000 * i,
            "0.1",
            0.30000000000000004,
            0.1,
            0.3,
            1e-7,
        ]
        for i in range(3)
    ]

    bars = read(json.dumps(rows).encode()).bars

    assert (bars.open[0], bars.high[0], bars.volume[0]) == (0.1, 0.30000000000000004, 1e-7)
