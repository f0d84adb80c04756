"""Prices from outside that leap more than tenfold in a bar are kept apart until a person accepts them; nothing is corrected or guessed."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from arena.models import Acceptance, MarketData
from arena.selectors.quarantine import leap_words, question
from arena.services.errors import WrongState
from arena.settings_schema import SettingsError


def quarantine_words(*, market: MarketData) -> str:
    """A sentence on what is in question and what to do, "" where nothing is."""
    leap = question(market=market)
    if leap is None:
        return ""
    source = market.drawn_from or market
    return (
        f"{source.name} is in quarantine: {leap_words(leap)}. If that is real, accept it on the page of market {source.pk}, "
        "or with --accept-jumps on the command line; if not, bring a corrected series"
    )


def quarantine_check(*, market: MarketData) -> None:
    """SettingsError where an experiment may not run on the market yet."""
    if words := quarantine_words(market=market):
        raise SettingsError({"market.path": words})


@transaction.atomic
def leaps_accept(*, market: MarketData, who: Any) -> Acceptance:
    """Let experiments run on the market, on the word of `who` (None: at the command line). WrongState where nothing is in question."""
    leap = question(market=market)
    if leap is None:
        raise WrongState(f"{market.name} is not in quarantine")
    return Acceptance.objects.create(market=market.drawn_from or market, who=who, leap=leap, at=timezone.now())
