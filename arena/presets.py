"""Ready-made experiments for the form: a few settings each, all others at their defaults."""

from dataclasses import dataclass, field
from typing import Any

FILE = "file"


@dataclass(frozen=True)
class Preset:
    """`values`: {name of a form field: value}; a dotted key of the settings is written with two
    underscores.
    """

    title: str
    text: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """The values as sections of settings, like those of a configuration file."""
        sections: dict[str, Any] = {}
        for name, value in self.values.items():
            *section, last = name.split("__")
            place = sections.setdefault(section[0], {}) if section else sections
            place[last] = value
        return sections


PRESETS = {
    "first-look": Preset(
        "First look (sine wave)",
        "A clean wave that a small network learns within a few rounds.",
        {"market__kind": "sine"},
    ),
    "trend": Preset(
        "Trending market",
        "A rising market: can agents beat buy and hold?",
        {"market__kind": "trend_up"},
    ),
    "noise": Preset(
        "Noise: nothing to learn (gbm)",
        "A random walk without drift. Any winner here was lucky.",
        {"market__kind": "gbm", "market__volatility": 0.01},
    ),
    "regimes": Preset(
        "Regimes",
        "Calm, trending and wild stretches take turns: what was learned must be unlearned.",
        {"market__kind": "regimes", "rounds": 40},
    ),
    "jumps": Preset(
        "Jumps and black swans",
        "Fat tails, volatility in clusters, sudden jumps, and now and then a crash: who lives"
        " through it?",
        {"market__kind": "jumps", "rounds": 40},
    ),
    "planted": Preset(
        "Can they learn? (planted edge)",
        "Noise, but for one signal of known strength: the best possible return is computed, and the"
        " agents are measured against it.",
        {
            "market__kind": "planted",
            "market__edge": 0.95,
            "market__volatility": 0.0003,
            "rounds": 30,
            # the signal is a quarter of what a trade costs: small steps and much practice, or the
            # differences drown in noise
            "learning__episodes": 4,
            "learning__learning_rate": 0.0002,
            "learning__gamma": 0.95,
            "learning__tau": 0.005,
        },
    ),
    "memory": Preset(
        "Who remembers? (planted edge)",
        "The next move follows from how wide the bar was eight bars ago. lstm finds it, and so does"
        " attention; q_net, which sees the present, cannot.",
        {
            "market__kind": "planted_memory",
            "market__edge": 0.95,
            "market__volatility": 0.01,
            "network__kind": "lstm",
            # one layer: what is remembered, read straight
            "network__hidden": (16,),
            "population": 16,
            "rounds": 30,
            "learning__episodes": 8,
            "learning__learning_rate": 0.004,
            "learning__gamma": 0.5,
            # the first rounds practise on few bars, which a network that remembers soon knows by
            # heart
            "learning__weight_decay": 0.2,
        },
    ),
    "ibm": Preset(
        "Real daily stock (IBM)",
        "Thirteen years of daily prices. A few short rounds; the last fifth is kept back to"
        " judge by.",
        {"market__kind": FILE, "series": "builtin:ibm_daily", "round_bars": 128, "rounds": 12},
    ),
    "stocks": Preset(
        "Three stocks from one account",
        "IBM, Apple and Microsoft side by side: each agent decides on all three, every day, with"
        " one purse.",
        {
            "market__kind": FILE,
            "series": "builtin:ibm_daily+aapl_daily+msft_daily",
            "round_bars": 128,
            "rounds": 12,
        },
    ),
    "resampled": Preset(
        "Another history (IBM resampled)",
        "Blocks of the real prices in an order that never was: what is still earned here did not"
        " hang on one history.",
        {
            "market__kind": "bootstrap",
            "series": "builtin:ibm_daily",
            "market__block": 32,
            "round_bars": 128,
            "rounds": 30,
        },
    ),
    "own-file": Preset(
        "My own file",
        "Bring a CSV, Parquet or Feather file of prices: time, open, high, low, close and, where"
        " you have it, volume.",
        {"market__kind": FILE},
    ),
}
