"""The obvious version of `lstm`: one sequence, one bar, one formula after another in float64, and
the chain rule back through them.
"""

import numpy as np

from ml.networks.base import ACTIONS, INPUTS


def parts(theta, hidden):
    """(Wx, Wh, b) and [(w [in, out], b [out])] of the body, cut from the flat vector by hand; the
    last matrix is stored transposed.
    """
    h, place, found = hidden[0], 0, []
    shapes = [(INPUTS, 4 * h), (h, 4 * h), (4 * h,)]
    for i, o in zip(hidden, (*hidden[1:], ACTIONS), strict=True):
        shapes += [(i, o), (o,)]
    for shape in shapes:
        size = int(np.prod(shape))
        found.append(theta[place : place + size].astype(np.float64).reshape(shape))
        place += size
    assert place == len(theta)
    found[-2] = found[-2].reshape(ACTIONS, hidden[-1]).T
    return found[:3], list(zip(found[3::2], found[4::2], strict=True))


def cell(layer, x, h, c, tanh):
    """(i, f, g, o, new c, new h) of one bar."""
    wx, wh, b = layer
    i, f, g, o = np.split(x @ wx + h @ wh + b, 4)
    i, f, o = (0.5 + 0.5 * tanh(z / 2) for z in (i, f, o))
    g = tanh(g)
    c = f * c + i * g
    return i, f, g, o, c, o * tanh(c)


def nothing(hidden):
    """What is remembered before the first bar."""
    return np.zeros(hidden[0]), np.zeros(hidden[0])


def slow_states(theta, hidden, x, tanh=np.tanh):
    """[(h, c)] before the first bar of x [bars, INPUTS] and after each."""
    states = [nothing(hidden)]
    for row in x.astype(np.float64):
        *_, c, h = cell(parts(theta, hidden)[0], row, *states[-1], tanh)
        states.append((h, c))
    return states


def slow_values(theta, hidden, x, tanh=np.tanh):
    """float64 [bars, ACTIONS] of one sequence x [bars, INPUTS]."""
    layers, out = parts(theta, hidden)[1], []
    for h, _ in slow_states(theta, hidden, x, tanh)[1:]:
        y = h
        for w, b in layers[:-1]:
            y = np.maximum(y @ w + b, 0.0)
        out.append(y @ layers[-1][0] + layers[-1][1])
    return np.array(out)


def slow_gradient(theta, hidden, x, dout, tanh=np.tanh):
    """d sum(dout * slow_values) / d theta, dout [bars, ACTIONS]."""
    layer, body = parts(theta, hidden)
    states = slow_states(theta, hidden, x, tanh)
    grads = [np.zeros_like(part) for part in (*layer, *(part for pair in body for part in pair))]
    dh_next, dc = nothing(hidden)
    for t in range(len(x) - 1, -1, -1):
        activations = [states[t + 1][0]]
        for w, b in body[:-1]:
            activations.append(np.maximum(activations[-1] @ w + b, 0.0))
        d = dout[t]
        for n in range(len(body) - 1, -1, -1):
            grads[3 + 2 * n] += np.outer(activations[n], d)
            grads[4 + 2 * n] += d
            d = (d @ body[n][0].T) * (activations[n] > 0 if n else 1.0)
        h, c = states[t]
        i, f, g, o, now, _ = cell(layer, x[t].astype(np.float64), h, c, tanh)
        dh = d + dh_next
        dc = dc + dh * o * (1 - tanh(now) ** 2)
        dz = np.concatenate(
            [
                dc * g * i * (1 - i),
                dc * c * f * (1 - f),
                dc * i * (1 - g**2),
                dh * tanh(now) * o * (1 - o),
            ]
        )
        grads[0] += np.outer(x[t], dz)
        grads[1] += np.outer(h, dz)
        grads[2] += dz
        dh_next, dc = dz @ layer[1].T, dc * f
    grads[-2] = grads[-2].T
    return np.concatenate([part.ravel() for part in grads])
