"""`q_net`: observation -> one to three ReLU layers -> three action values."""

import numpy as np

from ml.kernels.compiled import inner
from ml.networks import mlp
from ml.networks.base import ACTIONS, INPUTS, QNetwork, Shown, body_show
from ml.params import Layout, layout_of

body_act, body_values, taken_gradient = mlp.act, mlp.values, mlp.taken_gradient


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64: units of input, hidden layers and output."""
    return np.array([INPUTS, *hidden, ACTIONS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """Where each matrix and bias lies."""
    return layout_of(*mlp.parts((INPUTS, *hidden, ACTIONS)))


@inner
def act(theta, sizes, seen, carried, work, q):
    """Action values of one observation."""
    body_act(theta, sizes, seen.x, work, q)


@inner
def values(theta, sizes, seen, work, q):
    """Action values of a batch."""
    body_values(theta, sizes, seen.x, work, q)


@inner
def gradient(theta, sizes, seen, work, action, dq, grad):
    """grad = d sum(dq * q[action]) / d theta."""
    taken_gradient(theta, sizes, seen.x, work, action, dq, grad, seen.x[0:0])


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


Q_NET = QNetwork("q_net", layout, sizes, mlp.workspace, act, show, values=values, gradient=gradient)
