"""The parts of `make bench`, in the order in which they run: each measures a goal of its own, in a
process of its own.
"""

# name: (what it measures, minutes it takes on two quiet cores, whether it is held to one of them)
PARTS: dict[str, tuple[str, float, bool]] = {
    "gradients": ("every hand-written gradient against PyTorch's", 0.5, True),
    "p1": ("one agent of stable-baselines3, and of a CleanRL-style loop", 1.0, True),
    "p2": ("populations in JAX and PyTorch", 3.0, True),
    "p3": ("the plain network's share of the machine's limit", 0.7, True),
    "p4": ("populations of 16, 256 and 4,096", 2.5, True),
    "p5": ("two processes, and the whole path from queue to live page", 6.5, False),
    "p6": ("memory and stored bytes an agent", 0.5, True),
    "p7": ("the other networks: cost of an update, share of the limit", 3.0, True),
    "p8": ("back-tests with the network, beside backtesting.py and vectorbt", 0.7, True),
    "p9": ("compiling on a bare machine, starting on a warm one", 1.5, True),
    "p10": ("100,000 trades into each database, a frame of 10,000 values", 1.0, False),
    "p11": ("the evolution step of 1,024 agents", 1.5, True),
    "page": ("the page's data of experiments up to 1,000 agents x 1,000 rounds", 8.0, True),
    "learning": (
        "what share of the possible agents and others earn in worlds whose law is known",
        60.0,
        False,
    ),
    "planted": ("what share of a planted market's ceiling the default settings reach", 2.5, False),
}
