"""The obvious version of `q_net`: plain matrix algebra in float64, one layer after another."""

import numpy as np

from ml.networks.base import ACTIONS, INPUTS


def matrices(theta: np.ndarray, hidden: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """[(w [in, out], b [out])] cut from the flat vector by hand; the last matrix is stored
    transposed.
    """
    units, place, out = (INPUTS, *hidden, ACTIONS), 0, []
    for n, (i, o) in enumerate(zip(units[:-1], units[1:], strict=True)):
        flat = theta[place : place + i * o].astype(np.float64)
        last = n == len(hidden)
        out.append(
            (
                flat.reshape(o, i).T if last else flat.reshape(i, o),
                theta[place + i * o : place + i * o + o].astype(np.float64),
            )
        )
        place += i * o + o
    assert place == len(theta)
    return out


def slow_layers(theta: np.ndarray, hidden: tuple[int, ...], x: np.ndarray) -> list[np.ndarray]:
    """Pre-activations of every layer, the last one being the action values; x [n, INPUTS]."""
    h, out = x.astype(np.float64), []
    for w, b in matrices(theta, hidden):
        out.append(h @ w + b)
        h = np.maximum(out[-1], 0.0)
    return out


def slow_q(theta: np.ndarray, hidden: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    """float64 [n, ACTIONS]."""
    return slow_layers(theta, hidden, x)[-1]


def slow_gradient(
    theta: np.ndarray, hidden: tuple[int, ...], x: np.ndarray, action: np.ndarray, dq: np.ndarray
) -> np.ndarray:
    """d sum(dq * q[action]) / d theta by the chain rule, float64 [parameters]."""
    layers, pairs = slow_layers(theta, hidden, x), matrices(theta, hidden)
    inputs = [x.astype(np.float64), *(np.maximum(z, 0.0) for z in layers[:-1])]
    dz = np.zeros((len(x), ACTIONS))
    dz[np.arange(len(x)), action] = dq
    parts: list[np.ndarray] = []
    for n in range(len(pairs) - 1, -1, -1):
        dw = inputs[n].T @ dz
        parts = [(dw.T if n == len(pairs) - 1 else dw).ravel(), dz.sum(axis=0), *parts]
        dz = (dz @ pairs[n][0].T) * (inputs[n] > 0)
    return np.concatenate(parts)
