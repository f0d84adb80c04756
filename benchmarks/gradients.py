"""How far every hand-written gradient is from PyTorch's, float32, for batches and odd sizes.

A network is written here once more, as its formulas in torch; a relative error is |ours - torch's|
/ |torch's| over all parameters.
"""

from collections.abc import Callable

import numpy as np
import torch

from ml.networks.attention import HEADS
from ml.networks.base import (
    ACTIONS,
    INPUTS,
    LOOKBACK,
    PRIVATE,
    PUBLIC,
    Network,
    Seen,
    Sequences,
    View,
)
from ml.networks.registry import NETWORKS

HIDDENS = ((64,), (64, 64), (33, 17, 9))
SIZES = (1, 7, 64, 101)
BARS, FIRST = 17, 8

Parts = dict[str, torch.Tensor]


def body(parts: Parts, x: torch.Tensor, first: int = 1) -> torch.Tensor:
    """ReLU layers numbered from `first`, then the output layer, whose matrix is stored
    transposed.
    """
    last = max(int(name[1:]) for name in parts if name[0] == "w" and name[1:].isdigit())
    for n in range(first, last):
        x = torch.relu(x @ parts[f"w{n}"] + parts[f"b{n}"])
    return x @ parts[f"w{last}"].T + parts[f"b{last}"]


def plain(parts: Parts, x: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
    """`q_net` and `policy`: outputs [n, any] of x [n, INPUTS]."""
    return body(parts, x)


def dueling(parts: Parts, x: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
    """Worth of the state and advantages, joined."""
    out = body(parts, x)
    return out[:, :1] + out[:, 1:] - out[:, 1:].mean(1, keepdim=True)


def attention(parts: Parts, x: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
    """past [n, LOOKBACK, PUBLIC], newest bar first."""
    query = (x @ parts["query"] + parts["query_bias"]).reshape(-1, HEADS, PUBLIC)
    scores = torch.einsum("nhc,nlc->nhl", query, past) / PUBLIC**0.5 + parts["lag_bias"].reshape(
        HEADS, LOOKBACK
    )
    pooled = torch.einsum("nhl,nlc->nhc", scores.softmax(-1), past)
    return body(parts, torch.cat([x, pooled.flatten(1)], 1), 2)


def lstm(parts: Parts, x: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
    """Outputs [(BARS - FIRST) * n, ACTIONS] of x [BARS * n, INPUTS], rows bar after bar; torch's
    own layer with our weights.
    """
    layer = torch.nn.LSTM(INPUTS, parts["wh"].shape[0])
    biases = torch.cat([parts[f"b_{gate}"] for gate in ("input", "forget", "cell", "output")])
    weights = {
        "weight_ih_l0": parts["wx"].T,
        "weight_hh_l0": parts["wh"].T,
        "bias_ih_l0": biases,
        "bias_hh_l0": torch.zeros_like(biases),
    }
    out, _ = torch.func.functional_call(layer, weights, (x.reshape(BARS, -1, INPUTS),))
    return body(parts, out[FIRST:].flatten(0, 1), 2)


FORMULAS: dict[str, Callable[[Parts, torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "q_net": plain,
    "dueling": dueling,
    "policy": plain,
    "attention": attention,
    "lstm": lstm,
}


class Case:
    """`n` made-up observations (of a network that learns from sequences: n sequences of BARS bars)
    and what is asked of them.
    """

    def __init__(self, network: Network, hidden: tuple[int, ...], n: int):
        rng = np.random.default_rng(n)
        self.network, self.hidden, self.n = network, hidden, n
        self.sequences = network.learner == "sequence"
        rows = n * BARS if self.sequences else n
        self.features = rng.normal(size=(rows + LOOKBACK, PUBLIC)).astype(np.float32)
        self.bars = rng.integers(LOOKBACK, len(self.features), rows)
        private = rng.normal(size=(rows, PRIVATE)).astype(np.float32)
        self.x = np.concatenate([self.features[self.bars], private], axis=1)
        self.theta = network.born(hidden, rng) + (
            0.05 * rng.normal(size=network.layout(hidden).size)
        ).astype(np.float32)
        asked = n * (BARS - FIRST - 1) if self.sequences else n
        self.action = rng.integers(0, ACTIONS, asked)
        outputs = len(network.outputs) if network.learner == "rollout" else ACTIONS
        self.dout = rng.normal(size=(asked, outputs)).astype(np.float32)
        if network.learner != "rollout":
            self.dout *= np.arange(ACTIONS) == self.action[:, None]

    def ours(self) -> np.ndarray:
        """float32 [parameters]: the gradient of sum(dout * outputs) by our kernels."""
        network, sizes, grad = (
            self.network,
            self.network.sizes(self.hidden),
            np.empty_like(self.theta),
        )
        work = np.empty(network.workspace(sizes, len(self.x)), np.float32)
        seen = (
            Sequences(self.x, self.n, FIRST)
            if self.sequences
            else Seen(self.x, self.bars, View(self.features, True))
        )
        out = np.empty(
            (self.n * (BARS - FIRST) if self.sequences else self.n, self.dout.shape[1]), np.float32
        )
        asked = (
            (self.dout,)
            if network.learner == "rollout"
            else (self.action, self.dout[np.arange(len(self.dout)), self.action])
        )
        network.values(self.theta, sizes, seen, work, out)
        network.gradient(self.theta, sizes, seen, work, *asked, grad)
        return grad

    def torchs(self) -> np.ndarray:
        """The same by automatic differentiation of the formulas."""
        theta = torch.tensor(self.theta, requires_grad=True)
        parts = {
            p.name: theta[p.slice].reshape(p.shape) for p in self.network.layout(self.hidden).parts
        }
        past = torch.tensor(self.features[self.bars[:, None] - np.arange(LOOKBACK)])
        out = FORMULAS[self.network.kind](parts, torch.tensor(self.x), past)
        (out[: len(self.dout)] * torch.tensor(self.dout)).sum().backward()
        return theta.grad.numpy()

    def error(self) -> float:
        """Relative error of our gradient."""
        ours, torchs = self.ours().astype(np.float64), self.torchs().astype(np.float64)
        return float(np.linalg.norm(ours - torchs) / np.linalg.norm(torchs))


def errors() -> dict[str, float]:
    """The greatest relative error of each network, over HIDDENS and SIZES."""
    return {
        kind: max(Case(network, hidden, n).error() for hidden in HIDDENS for n in SIZES)
        for kind, network in NETWORKS.items()
    }  # fmt: skip
