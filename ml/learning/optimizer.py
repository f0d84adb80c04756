"""Adam with a global gradient clip, in two passes over the parameters (Kingma and Ba, 2015); a
third where weights decay.

Decay is decoupled from the gradient, and its share is rate * decay (Loshchilov and Hutter, 2019).
"""

import numpy as np

from ml.kernels.compiled import finite, inner, kernel
from ml.learning.contexts import Brain, Learner

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
ZERO, TINY = np.float32(0.0), np.float32(1e-30)


@kernel
def adam(theta, grad, moment1, moment2, step, rate, clip, decay):
    """One update in place; `step` counts from 1. False, and nothing changed, where the gradient is
    not finite. All float32 [p].
    """
    total = ZERO
    for i in range(grad.shape[0]):
        total += grad[i] * grad[i]
    norm = np.sqrt(total)
    if not finite(norm):
        return False
    scale = np.float32(clip / norm) if norm > clip else np.float32(1.0)
    b1, b2 = np.float32(BETA1), np.float32(BETA2)
    c1, c2 = np.float32(1.0 - BETA1) * scale, np.float32(1.0 - BETA2) * scale * scale
    correction2 = np.sqrt(1.0 - BETA2**step)
    size = np.float32(rate * correction2 / (1.0 - BETA1**step))
    small = np.float32(EPSILON * correction2)
    # moments of units that went silent, and weights, would decay into denormal numbers, which are
    # slow: they become zero instead
    if decay > 0.0:
        kept = np.float32(1.0 - rate * decay)
        for i in range(theta.shape[0]):
            weight = kept * theta[i]
            theta[i] = weight if abs(weight) > TINY else ZERO
    for i in range(grad.shape[0]):
        m1 = b1 * moment1[i] + c1 * grad[i]
        m2 = b2 * moment2[i] + c2 * grad[i] * grad[i]
        m1 = m1 if abs(m1) > TINY else ZERO
        m2 = m2 if m2 > TINY else ZERO
        moment1[i] = m1
        moment2[i] = m2
        theta[i] -= size * m1 / (np.sqrt(m2) + small)
    return True


@inner
def descend(brain: Brain, grad: np.ndarray, step: int, learner: Learner) -> bool:
    """One update of the online network; see `adam`."""
    rate, clip, decay = learner.rate, learner.clip, learner.decay
    return adam(brain.online, grad, brain.moment1, brain.moment2, step, rate, clip, decay)
