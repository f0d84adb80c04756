"""`policy`: the body of `q_net` with four outputs, preferences for three actions and the value of
the state; an actor and its critic.
"""

import numpy as np

from ml.kernels.compiled import inner
from ml.networks import mlp
from ml.networks.base import ACTIONS, INPUTS, PolicyNetwork, Shown, body_show
from ml.params import Layout, layout_of

body_act, body_values, whole_gradient = mlp.act, mlp.values, mlp.whole_gradient
OUTPUTS = ACTIONS + 1


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64: units of input, hidden layers and the four outputs."""
    return np.array([INPUTS, *hidden, OUTPUTS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """Where each matrix and bias lies."""
    return layout_of(*mlp.parts((INPUTS, *hidden, OUTPUTS)))


def workspace(sizes: np.ndarray, batch: int) -> int:
    """The body's, and what a rollout keeps a row: outputs, their gradient, advantage, aim, chance;
    and one row of chances and of their logarithms.
    """
    return mlp.workspace(sizes, batch) + batch * (2 * OUTPUTS + 3) + 2 * ACTIONS


@inner
def act(theta, sizes, seen, carried, work, q):
    """Preferences of one observation."""
    out = work[work.shape[0] - OUTPUTS :]
    body_act(theta, sizes, seen.x, work, out)
    for a in range(ACTIONS):
        q[a] = out[a]


@inner
def values(theta, sizes, seen, work, out):
    """out [n, 4] of a batch: preferences, then the value of the state."""
    body_values(theta, sizes, seen.x, work, out)


@inner
def gradient(theta, sizes, seen, work, dout, grad):
    """grad = d sum(dout * out) / d theta."""
    whole_gradient(theta, sizes, seen.x, work, dout, grad, seen.x[0:0])


def show(
    sizes: np.ndarray,
    theta: np.ndarray,
    x: np.ndarray,
    t: int,
    features: np.ndarray,
    premium: bool,
    carried: np.ndarray,
) -> Shown:
    """Input, hidden layers, outputs."""
    return body_show(body_values, mlp.workspace, sizes, theta, x)


POLICY = PolicyNetwork(
    "policy",
    layout,
    sizes,
    workspace,
    act,
    show,
    ("SELL", "HOLD", "BUY", "value"),
    learner="rollout",
    values=values,
    gradient=gradient,
)
