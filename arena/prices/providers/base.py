"""What every provider offers, what it is asked, and how its HTTP status is understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from arena.prices.files.errors import shown
from arena.prices.market.bars import DAY_MS
from arena.prices.providers.faults import Refused, TryAgain, Wait
from arena.prices.providers.http_client import Response
from arena.prices.providers.pace import LONGEST_WAIT

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
WITHOUT_A_WORD_SECONDS = 60.0
# names of timeframes as people and exchanges write them
TIMEFRAMES = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "4h": 4 * HOUR_MS,
    "1d": DAY_MS,
    "4d": 4 * DAY_MS,
}


@dataclass(frozen=True)
class Access:
    """How a provider is reached: `url` without a slash at its end, `key` or "", calls a minute that
    the plan allows.

    private: the operator's settings name an address of this machine or network, so it may be
    connected to. calls_with_key: what the plan allows a key that is stored by hand; 0: the same.
    """

    url: str
    # never in a log or an error, wherever this record is printed
    key: str = field(default="", repr=False)
    plan: str = ""
    calls_per_minute: float = 30.0
    calls_with_key: float = 0.0
    private: bool = False


@dataclass(frozen=True)
class Ask:
    """Candles of `instrument` that open in [start_ms, stop_ms), UTC milliseconds."""

    instrument: str
    timeframe_ms: int
    start_ms: int
    stop_ms: int


@dataclass(frozen=True)
class Reply:
    """Rows as the provider gave them, (open time ms, open, high, low, close, volume) each; its
    clock where it sent one.
    """

    rows: list[Any]
    server_ms: int | None


@dataclass(frozen=True)
class SpotPrice:
    """A price as of `at_ms`, the provider's own time."""

    price: float
    at_ms: int


class Provider(Protocol):
    """One source. Every method that asks sends what belongs to one call of the plan, and raises a
    `Fault` where it fails.
    """

    name: str
    access: Access
    terms: str

    def page(self, ask: Ask, now_ms: int) -> tuple[int, int]:
        """[start, stop) of the page of candles that holds the start of `ask`; Refused where this
        source has no such candles.
        """
        ...

    def history(self, ask: Ask) -> Reply:
        """One page of candles."""
        ...

    def quote(self, instrument: str) -> SpotPrice:
        """The latest price."""
        ...


def page_of(ask: Ask, page_ms: int) -> tuple[int, int]:
    """The page that holds the start of `ask`; pages begin at multiples of their length, so that all
    imports share them.
    """
    start = ask.start_ms // page_ms * page_ms
    return start, start + page_ms


def timeframe_name(ms: int) -> str:
    """ "1h"; "90000 ms" for a length without a name."""
    return next((name for name, size in TIMEFRAMES.items() if size == ms), f"{ms} ms")


def need_ok(answer: Response, who: str, message: str, now_ms: int) -> None:
    """Nothing where the status is 200; else what is to be done about it. message: the provider's
    own words, or "".
    """
    words = f": {shown(message)[1:-1]}" if message else ""
    if answer.status == 200:
        return
    if answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers):
        seconds = retry_after(answer.headers, now_ms)
        raise Wait(f"{who} asks us to wait {seconds:.0f} s{words}", seconds)
    if answer.status in (401, 402, 403):
        raise Refused(
            f"{who} does not let us in (HTTP {answer.status}){words}; check the API key and what"
            " the plan includes"
        )
    if answer.status >= 500 or answer.status == 408:
        raise TryAgain(f"{who} has an error of its own (HTTP {answer.status}){words}")
    raise Refused(f"{who} does not accept the question (HTTP {answer.status}){words}")


def retry_after(headers: Mapping[str, str], now_ms: int) -> float:
    """Seconds of a Retry-After header, given as a number or a date; a minute where there is none
    that can be read.
    """
    raw = headers.get("retry-after", "").strip()
    if raw.isascii() and raw.isdigit() and len(raw) < 10:
        return min(max(float(raw), 1.0), LONGEST_WAIT)
    try:
        seconds = parsedate_to_datetime(raw).timestamp() - now_ms / 1000
    except (ValueError, OverflowError):
        return WITHOUT_A_WORD_SECONDS
    return min(max(seconds, 1.0), LONGEST_WAIT)


def need(data: Any, kind: type, who: str, what: str) -> Any:
    """`data` where it is of this kind; Refused where the provider's format has changed."""
    if not isinstance(data, kind):
        raise Refused(
            f"{who}: {what} is not what its documentation says; the provider's format has changed"
        )
    return data


def price_of(value: Any, who: str) -> float:
    """A positive price; Refused for anything else."""
    if type(value) not in (int, float) or not 0 < value < float("inf"):
        raise Refused(f"{who}: {shown(str(value))} is no price")
    return float(value)
