"""The tables of the champion card: champion, committee, median agent and baselines side by side."""

from typing import Any

from agents.money import money
from agents.strategies.rules import COMMITTEE, RULES
from arena.selectors.card.judged import LIVED, NAMES, VAULT, Figures, Judged, rules
from arena.selectors.words import number, percent, whole

MEASURES = (
    ("cagr", "CAGR", lambda x: percent(x, 1, True)),
    ("annual_volatility", "Volatility, a year", percent),
    ("annual_sharpe", "Sharpe, a year", number),
    ("annual_sortino", "Sortino, a year", number),
    ("calmar", "Calmar", number),
    ("max_drawdown", "Largest drawdown", percent),
    ("max_drawdown_bars", "Its length, bars", whole),
    ("exposure", "Exposure", percent),
    ("turnover", "Turnover, equities a year", number),
    ("win_rate", "Win rate", percent),
    ("profit_factor", "Profit factor", number),
    ("expectancy", "Expectancy, money a trade", money),
)
ANCHORS = {
    "annual_volatility": "volatility",
    "annual_sharpe": "sharpe",
    "annual_sortino": "sortino",
    "max_drawdown": "drawdown",
    "max_drawdown_bars": "drawdown",
}


def table_of(judged: Judged) -> list[dict[str, Any]]:
    """{name, lived, vault} a subject, the last two: return, Sharpe ratio a bar, drawdown and trades
    as texts.
    """
    subjects = ["champion", *_committee(judged), "median_agent", *_rules(judged)]
    return [
        {
            "name": NAMES.get(subject, subject),
            "lived": _cells(judged.get((subject, LIVED))),
            "vault": _cells(judged.get((subject, VAULT))),
        }
        for subject in subjects
    ]


def columns_of(judged: Judged) -> list[str]:
    """What stands above the values of `measures_of`: the champion, the committee and the rules that
    were judged on the vault.
    """
    return ["champion", *(NAMES[name] for name in (*_committee(judged), *rules(judged, VAULT)))]


def _committee(judged: Judged) -> list[str]:
    """The committee, where it was judged."""
    return [COMMITTEE] if (COMMITTEE, VAULT) in judged else []


def _rules(judged: Judged) -> list[str]:
    """Rules that were judged on either stretch, in their order."""
    return [name for name in RULES if (name, LIVED) in judged or (name, VAULT) in judged]


def _cells(figures: Figures | None) -> list[str]:
    f = figures or {}
    return [
        percent(f.get("return"), 2, True),
        number(f.get("sharpe"), 4),
        percent(f.get("max_drawdown")),
        whole(f.get("trades")),
    ]


def measures_of(judged: Judged) -> list[dict[str, Any]]:
    """{term, label, values} a measure on the vault, values beside `columns_of`; empty without a
    vault.
    """
    if ("champion", VAULT) not in judged:
        return []
    together = [judged[name, VAULT] for name in _committee(judged)]
    columns = [judged["champion", VAULT], *together, *rules(judged, VAULT).values()]
    return [
        {
            "term": ANCHORS.get(key, key),
            "label": label,
            "values": [write(each[key]) for each in columns],
        }
        for key, label, write in MEASURES
    ]
