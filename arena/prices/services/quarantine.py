"""Prices from outside that leap more than tenfold in a bar are kept apart until a person accepts
them; nothing is corrected or guessed.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from arena.errors import WrongState
from arena.prices.market.bars import Bars
from arena.prices.market.leaps import is_wild, leaps
from arena.prices.models import Acceptance, MarketData
from arena.prices.selectors.quarantine import leap_words, question
from arena.settings_schema import SettingsError


def quarantine_words(*, market: MarketData) -> str:
    """A sentence on what is in question and what to do, "" where nothing is."""
    asked = question(market=market)
    if asked is None:
        return ""
    return (
        f"{asked.market.name} is in quarantine: {leap_words(asked.leap)}. If that is real, accept"
        f" it on the page of market {asked.market.pk}, or with --accept-jumps on the command line;"
        " if not, bring a corrected series"
    )


def quarantine_check(*, market: MarketData) -> None:
    """SettingsError where an experiment may not run on the market yet."""
    if words := quarantine_words(market=market):
        raise SettingsError({"market.path": words})


def series_check(*, name: str, bars: Bars) -> None:
    """SettingsError where a series that is not stored would be in quarantine, unless these very
    bars were accepted on the command line.
    """
    wild = next(filter(is_wild, leaps(bars)), None)
    if (
        wild is not None
        and not Acceptance.objects.filter(market__sha256=bars.sha256(), who=None).exists()
    ):
        words = (
            f"{name} is in quarantine: {leap_words(wild)}. If that is real, say --accept-jumps; if"
            " not, bring a corrected series"
        )
        raise SettingsError({"market.path": words})


@transaction.atomic
def leaps_accept(*, market: MarketData, who: Any) -> Acceptance:
    """Let experiments run on the market, on the word of `who` (None: at the command line).
    WrongState where nothing is in question.
    """
    asked = question(market=market)
    if asked is None:
        raise WrongState(f"{market.name} is not in quarantine")
    return Acceptance.objects.create(
        market=asked.market, who=who, leap=asked.leap, at=timezone.now()
    )
