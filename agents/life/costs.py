"""What trading takes of an agent's gross profit: the one table that records, rows, pages, terms and
the API are made from.

The rules: docs/RULES.md#costs.
"""

from agents.states import State


class Cost(State):
    """The value is the field of agents and trades; net profit is gross profit less all of them."""

    FEE = (
        "fee",
        "fees",
        "The taker's fee of market orders, and the maker's fee of a resting take-profit order.",
    )
    SPREAD = (
        "spread_cost",
        "spread",
        "Half of the distance between bid and ask, paid at entry and at exit.",
    )
    SLIPPAGE = (
        "slippage_cost",
        "slippage",
        "Further distance of a fill from the mid price, including what the order itself moves the"
        " price by.",
    )
    FUNDING = "funding", "funding", "A charge per bar on what is held, long or short."
    BORROWING = (
        "borrow",
        "borrowing",
        "Interest per bar on what is borrowed: all of a short, and of a long what leverage adds.",
    )


# field -> what people call it
COSTS = {cost.value: cost.label for cost in Cost}
