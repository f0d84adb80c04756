"""Which column of a table plays which role: as a person says, else judged by its heading."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from arena.prices.files.errors import FeedError, OpenQuestion, asking, printable
from arena.prices.files.options import NONE, ROLES

# alternatives by rank: a heading of an earlier set wins over one of a later
OPENED = {
    *(
        "open time",
        "opentime",
        "time open",
        "timeopen",
        "kline open time",
        "candle open time",
        "start time",
        "starttime",
    ),
    *("time period start", "period start", "start", "begin", "begins at", "candle begin time"),
}
TIMES = {
    *(
        "unix",
        "unix timestamp",
        "unix time",
        "timestamp",
        "timestamp ms",
        "time",
        "date",
        "datetime",
        "date time",
        "dt",
        "ts",
        "t",
    ),
    *(
        "utc",
        "time utc",
        "date utc",
        "datetime utc",
        "gmt time",
        "local time",
        "time local",
        "date gmt",
        "index",
        "day",
        "month",
    ),
    *(
        "trade date",
        "trading day",
        "trading date",
        "tradingday",
        "period",
        "datum",
        "zeit",
        "datum zeit",
        "fecha",
        "data",
        "dates",
    ),
    *("candle date time utc", "dtyyyymmdd", "epoch", "bar time", "quote date", "datetime ny"),
}
CLOCKS = {"time", "zeit", "uhrzeit", "hour", "heure", "hora", "clock", "bar time", "time utc"}
PRICES = {
    "open": (
        {
            "open",
            "o",
            "open price",
            "price open",
            "openprice",
            "opening price",
            "opening",
            "px open",
            "mid o",
            "bid open",
            "openbid",
        },
        {
            "eröffnung",
            "eroeffnung",
            "eröffnungskurs",
            "erster",
            "first",
            "first price",
            "apertura",
            "ouverture",
            "ouv",
            "otwarcie",
        },
    ),
    "high": (
        {
            "high",
            "h",
            "high price",
            "price high",
            "highprice",
            "px high",
            "mid h",
            "bid high",
            "highbid",
            "max",
        },
        {
            "hoch",
            "höchst",
            "hoechst",
            "tageshoch",
            "höchstkurs",
            "maximo",
            "máximo",
            "haut",
            "plus haut",
            "najwyzszy",
            "max price",
        },
    ),
    "low": (
        {
            "low",
            "l",
            "low price",
            "price low",
            "lowprice",
            "px low",
            "mid l",
            "bid low",
            "lowbid",
            "min",
        },
        {
            "tief",
            "tiefst",
            "tagestief",
            "tiefstkurs",
            "minimo",
            "mínimo",
            "bas",
            "plus bas",
            "najnizszy",
            "min price",
        },
    ),
    "close": (
        {
            "close",
            "c",
            "close price",
            "price close",
            "closeprice",
            "closing price",
            "closing",
            "px last",
            "mid c",
            "bid close",
            "closebid",
        },
        {
            "close last",
            "trade price",
            "last",
            "last price",
            "schluss",
            "schlusskurs",
            "letzter",
            "cierre",
            "ultimo",
            "último",
            "clôture",
            "cloture",
        },
        {"dernier", "zamkniecie", "settle", "settlement", "price"},
    ),
}
VOLUMES = (
    re.compile(r"volume"),
    re.compile(r"vol|v|volumen|umsatz|stücke|wolumen|volumes?"),
    re.compile(
        r"((base|total|trade|trading|traded|share|px|candle acc trade) ?)vol(ume)?|vol(ume)?"
        r" base|basevol(ume)?"
    ),
    re.compile(
        r"(vol(ume)?) (?!usd|usdt|usdc|eur|quote|quoted|from|to\b)[a-z]{2,6}|volumefrom|volume from"
    ),
    re.compile(r"tick ?vol(ume)?|tick count"),
    re.compile(r"vol(ume)? (usd|usdt|usdc|eur|quote|to)|volumeto|quote ?(asset )?vol(ume)?"),
)
# what is reckoned from volume is none
NO_VOLUME = re.compile(
    r".*\b(ma|sma|ema|avg|average|mean|change|chg|ratio|delta|weighted|osc|std|pct|profile|[0-9]+)\b.*"
)
ADJUSTED = {
    "adj close",
    "adjclose",
    "adjusted close",
    "adjusted",
    "adj close price",
    "close adj",
    "closeadj",
    "adjusted closing price",
}
SYMBOLS = {
    "symbol",
    "ticker",
    "tic",
    "pair",
    "instrument",
    "sym",
    "code",
    "act symbol",
    "product id",
}
NEEDED = "time (or date), open, high, low, close, volume"
MOST_LISTED = 50


class Heading(NamedTuple):
    """A column as it is headed: `text` as the file has it, "" where it has none; the `name` roles
    are judged by; its ticker.
    """

    text: str
    name: str
    ticker: str = ""


@dataclass(frozen=True)
class Columns:
    """Index of the column of each role; `times` and `volumes` in the order of preference, others
    None where absent.
    """

    times: tuple[int, ...]
    open: int
    high: int
    low: int
    close: int
    volumes: tuple[int, ...]
    symbol: int | None = None
    adjusted: int | None = None

    @property
    def values(self) -> dict[str, int]:
        """Role to index of the columns of numbers that are read."""
        found = {"open": self.open, "high": self.high, "low": self.low, "close": self.close}
        found |= {"volume": self.volumes[0]} if self.volumes else {}
        return found | ({} if self.adjusted is None else {"adjusted": self.adjusted})

    @property
    def rival(self) -> int | None:
        """The second column of volumes, which is looked at and kept only where the first holds
        nothing.
        """
        return self.volumes[1] if len(self.volumes) > 1 else None

    @property
    def used(self) -> set[int]:
        """Every column that is read or compared."""
        return {*self.times, *self.values.values()} | (
            {self.symbol} if self.symbol is not None else set()
        )


def label(header: Sequence[str], j: int) -> str:
    """What column `j` is called: its heading, "column 3" where it has none."""
    return header[j].strip() or f"column {j + 1}"


def labels(header: Sequence[str]) -> list[str]:
    """What every column is called."""
    return [label(header, j) for j in range(len(header))]


def plain(text: str) -> str:
    """A heading as roles are judged by it: small letters, one blank between words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.strip("\ufeff"))
    return re.sub(r"[\s_\-<>/.()#\[\]\"']+", " ", apart).strip().lower()


def headings_of(header: Sequence[str]) -> list[Heading]:
    """Names and tickers of headings: a column of a frame with two levels is written ('Close',
    'ACME').
    """
    return [_heading(text) for text in header]


def _heading(text: str) -> Heading:
    text = "" if re.fullmatch(r"__index_level_[0-9]+__|Unnamed: [0-9]+", text) else text
    if text.startswith("(") and text.endswith(")"):
        try:
            levels = [str(level) for level in ast.literal_eval(text)]
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            levels = []
        named = next((level for level in levels if role_of(plain(level))), None)
        if named is not None:
            return Heading(
                text, plain(named), " ".join(level for level in levels if level and level != named)
            )
    return Heading(text, plain(text))


def role_of(name: str) -> str:
    """The role that a plain heading names, "" where it names none."""
    if name in TIMES or name in OPENED:
        return "time"
    for role, ranks in PRICES.items():
        if any(name in names for names in ranks):
            return role
    if _volume_rank(name) is not None:
        return "volume"
    return "symbol" if name in SYMBOLS else ""


def roles_in(header: Sequence[str]) -> set[str]:
    """The roles that some headings name."""
    return {role_of(heading.name) for heading in _apart(headings_of(header))} - {""}


def columns_of(
    header: Sequence[str],
    chosen: Mapping[str, str],
    line: int | None = 1,
    *,
    ticker: str = "",
    adjust: bool = False,
    shape: Mapping[str, int] | None = None,
) -> Columns:
    """The roles of `header`, where `chosen` ({role: heading}) says nothing else; raises `FeedError`
    that names `line`.

    A role that no heading claims, that two claim, or a chosen heading that is not there once, is
    refused. shape: what is known of a file without headings, by role. A file without volume is one;
    `times` is empty where no heading is one.
    """
    found = _apart(headings_of(header))
    picked = {
        role: _chosen(role, heading, header, line)
        for role, heading in chosen.items()
        if heading and heading != NONE
    }
    free = [j for j in range(len(header)) if j not in picked.values()]
    tickers = sorted(
        {found[j].ticker for j in free if found[j].ticker and role_of(found[j].name) in PRICES}
    )
    free = _of_ticker(free, found, tickers, ticker)
    known = shape or {}
    prices = {
        role: picked[role] if role in picked else _one(role, free, found, header, line, known)
        for role in PRICES
    }
    times = (picked["time"],) if "time" in picked else _times(free, found, known)
    volumes = () if chosen.get("volume") == NONE else _volumes(picked, free, found, known)
    symbols = [j for j in free if found[j].name in SYMBOLS and j not in times]
    adjusted = [j for j in free if found[j].name in ADJUSTED] if adjust else [None]
    if not adjusted:
        raise FeedError("no column of adjusted closes (Adj Close); leave adjusted prices out", line)
    return Columns(
        times=times,
        volumes=volumes,
        symbol=symbols[0] if symbols else None,
        adjusted=adjusted[0],
        **prices,
    )


def _times(free: list[int], found: Sequence[Heading], known: Mapping[str, int]) -> tuple[int, ...]:
    """Columns of times; one that says it is the open time stands for all others."""
    if "time" in known:
        return tuple(known[role] for role in ("time", "clock") if role in known)
    opened = [j for j in free if found[j].name in OPENED]
    return (
        (opened[0],)
        if opened
        else tuple(j for j in free if found[j].name in TIMES or found[j].name in CLOCKS)
    )


def _volumes(
    picked: Mapping[str, int], free: list[int], found: Sequence[Heading], known: Mapping[str, int]
) -> tuple[int, ...]:
    ranked = sorted((rank, j) for j in free if (rank := _volume_rank(found[j].name)) is not None)
    others = [j for _, j in ranked] or ([known["volume"]] if "volume" in known else [])
    return (picked["volume"], *others) if "volume" in picked else tuple(others)


def _volume_rank(name: str) -> int | None:
    if NO_VOLUME.fullmatch(name):
        return None
    return next((rank for rank, pattern in enumerate(VOLUMES) if pattern.fullmatch(name)), None)


def _apart(found: list[Heading]) -> list[Heading]:
    """Headings that are all a ticker and a price, "ACME.Open" or "Open ACME", cut in two."""
    if sum(role_of(heading.name) in PRICES for heading in found) >= len(PRICES):
        return found
    cut = [_cut(heading) for heading in found]
    return cut if sum(role_of(heading.name) in PRICES for heading in cut) >= len(PRICES) else found


def _cut(heading: Heading) -> Heading:
    words = heading.name.split(" ")
    for name, rest in ((words[-1:], words[:-1]), (words[:1], words[1:])):
        if rest and role_of(name[0]) in (*PRICES, "volume"):
            return Heading(heading.text, name[0], " ".join(rest).upper())
    return heading


def _of_ticker(
    free: list[int], found: Sequence[Heading], tickers: Sequence[str], ticker: str
) -> list[int]:
    if len(tickers) < 2:
        return free
    wanted = next((each for each in tickers if each.lower() == ticker.lower()), None)
    if wanted is None:
        raise which_ticker(tickers, ticker)
    return [j for j in free if found[j].ticker in ("", wanted)]


def which_ticker(
    tickers: Sequence[str], said: str = "", line: int | None = None, column: str | None = None
) -> FeedError:
    """The error that asks which symbol of a file is to be read."""
    names = [printable(each) for each in tickers[:MOST_LISTED]]
    many = (
        f"{len(tickers)} symbols"
        if len(tickers) < MOST_LISTED
        else f"at least {MOST_LISTED} symbols"
    )
    begin = f"it holds no {printable(said)}, but {many}" if said else f"it holds {many}"
    listed = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return asking(
        f"{begin}: {listed}; say which is to be read (ticker)",
        OpenQuestion("ticker", {name: name for name in names}),
        line,
        column,
    )


def _chosen(role: str, heading: str, header: Sequence[str], line: int | None) -> int:
    if role not in ROLES:
        raise FeedError(
            f"there is no role {printable(role)}; choose columns for {', '.join(ROLES)}"
        )
    called = labels(header)
    found = (
        [j for j, cell in enumerate(header) if cell.strip() == heading.strip()]
        if heading.strip()
        else []
    )
    numbered = re.fullmatch(r"column ([0-9]{1,5})", heading.strip())
    if not found:
        found = [
            j
            for j, text in enumerate(called)
            if text == heading.strip() or printable(text) == heading.strip()
        ]
    if not found and numbered and 0 < int(numbered[1]) <= len(header):
        found = [int(numbered[1]) - 1]
    if len(found) != 1:
        count = "is no column of the file" if not found else f"heads {len(found)} columns"
        places = "" if not found else f" (say column {found[0] + 1} or column {found[1] + 1})"
        raise FeedError(
            f"chosen for {role}, but it {count}{places}; choose one of: {_listed(header)}",
            line,
            heading,
        )
    return found[0]


def _one(
    role: str,
    free: list[int],
    found: Sequence[Heading],
    header: Sequence[str],
    line: int | None,
    known: Mapping[str, int],
) -> int:
    if role in known:
        return known[role]
    for names in PRICES[role]:
        claims = [j for j in free if found[j].name in names]
        if len(claims) > 1:
            both = " and ".join(printable(label(header, j)) for j in claims[:2])
            raise FeedError(
                f"the columns {both} both claim to be {role}; keep one, or say which it is",
                line,
                role,
            )
        if claims:
            return claims[0]
    raise missing_role(role, header, line)


def missing_role(role: str, header: Sequence[str], line: int | None) -> FeedError:
    """The error of a role that no column claims."""
    where = "the first line must name" if line else "the columns must be"
    return FeedError(
        f"no such column; {where} {NEEDED}, or say which columns they are; it has:"
        f" {_listed(header)}",
        line,
        role,
    )


def _listed(header: Sequence[str]) -> str:
    return ", ".join(printable(cell) for cell in labels(header))[:200]
