"""Every provider by name."""

from arena.prices.providers.base import Access, Provider
from arena.prices.providers.coingecko import CoinGecko
from arena.prices.providers.coinmarketcap import CoinMarketCap
from arena.prices.providers.exchange import Exchange

PROVIDERS: dict[str, type] = {kind.name: kind for kind in (CoinGecko, CoinMarketCap, Exchange)}
# those that may be given a key; of exchanges only public data is read
KEYED = ("coingecko", "coinmarketcap")
TITLES = {
    "coingecko": "CoinGecko",
    "coinmarketcap": "CoinMarketCap",
    "exchange": "Exchange, through ccxt",
}


def provider(name: str, access: Access) -> Provider:
    """A provider of PROVIDERS; KeyError for any other name."""
    made: Provider = PROVIDERS[name](access)
    return made
