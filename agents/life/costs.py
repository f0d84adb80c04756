"""What trading takes of an agent's gross profit: the one list that records, rows, pages and the API
are made from.
"""

# field of agents and trades -> what people call it; net profit is gross profit less all of them
COSTS = {
    "fee": "fees",
    "spread_cost": "spread",
    "slippage_cost": "slippage",
    "funding": "funding",
    "borrow": "borrowing",
}
