"""The market that settings name: a simulator's, a stored series or several together, or blocks of
them in another order.
"""

from typing import Any

from arena.errors import BasketRefused
from arena.prices.files.errors import FeedError
from arena.prices.market.simulators import SIMULATORS
from arena.prices.models import DataKind, MarketData
from arena.prices.services.baskets import market_together
from arena.prices.services.markets import market_bars, market_builtin, market_store
from arena.selectors.market_choice import no_series, resampled_of, simulated_of
from arena.settings_schema import ON_SERIES, Settings, SettingsError


def market_simulate(*, settings: Settings, owner: Any = None) -> MarketData:
    """The owner's row of the simulated market that these settings and their seed make, with the
    black swans that strike it.
    """
    market = settings.market
    bars, swans = simulated_of(settings)
    figures = ", ".join(
        f"{name} {getattr(market, name):g}" for name in SIMULATORS[market.kind].figures
    )
    return market_store(
        bars=[bars],
        name=market.kind.replace("_", " "),
        data_kind=DataKind.SIMULATED,
        source=f"simulator {market.kind}: {figures}, seed {settings.seed}",
        events=[
            {
                "bar": bar,
                "time": int(bars.time[bar]),
                "symbol": 0,
                "kind": "swan",
                "change": float(bars.close[bar] / bars.open[bar] - 1.0),
            }
            for bar in swans.tolist()
        ],
        owner=owner,
    )


def market_resample(*, settings: Settings, series: MarketData, owner: Any = None) -> MarketData:
    """The owner's row of blocks of a stored series, drawn anew by the settings and their seed."""
    market = settings.market
    return market_store(
        bars=resampled_of(settings, market_bars(market=series)),
        name=f"{series.name}, resampled",
        data_kind=DataKind.SIMULATED,
        source=(
            f"{market.resampling} block bootstrap, blocks of {market.block} bars,"
            f" seed {settings.seed}, of {series.source}"
        ),
        notes=[
            f"Bars of {series.name} (hash {series.sha256[:12]}) in blocks of {market.block}, in an"
            " order that never was."
        ],
        provenance=series.provenance,
        symbols=series.symbols,
        drawn_from=series,
        owner=owner,
    )


def market_of_series(*, settings: Settings, series: MarketData, owner: Any = None) -> MarketData:
    """What the settings make of a stored series: itself, or blocks of it, which are `owner`'s."""
    return (
        market_resample(settings=settings, series=series, owner=owner)
        if settings.market.kind == "bootstrap"
        else series
    )


def market_of_settings(*, settings: Settings, owner: Any = None) -> MarketData:
    """The market settings name by themselves: a simulator's, or one on built-in series.
    SettingsError where they name neither.

    What is made is `owner`'s; built-in series belong to all users.
    """
    if settings.market.kind not in ON_SERIES:
        return market_simulate(settings=settings, owner=owner)
    try:
        parts = [market_builtin(name=name) for name in settings.market.names]
        return market_of_series(settings=settings, series=market_together(parts=parts), owner=owner)
    except (FeedError, BasketRefused) as error:
        raise no_series(settings, error) from None


def volume_check(*, market: MarketData, settings: Settings) -> None:
    """SettingsError where orders are to move the price by their share of a volume that the market
    does not have.
    """
    if not settings.costs.impact:
        return
    silent = [
        symbol
        for symbol, bars in zip(market.symbols, market_bars(market=market), strict=True)
        if not bars.volume.any()
    ]
    if silent:
        text = (
            f"needs volume, and {', '.join(silent)} has none: bring a series with volume, or set"
            " impact to 0"
        )
        raise SettingsError({"costs.impact": text})
