"""How fast a provider is asked: a token bucket at half of what the plan allows, and the pause
between two attempts.
"""

from dataclasses import dataclass, replace

import numpy as np

SHARE_OF_PLAN = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# Retry-After may ask for more than users want to wait for; the breaker and the next source are
# there for that
LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class Bucket:
    """Tokens as of `at` (seconds); one is taken for each call."""

    tokens: float
    at: float


def take(bucket: Bucket, now: float, calls_per_minute: float) -> tuple[Bucket, float]:
    """(the bucket after one call, 0.0), or (unchanged, seconds until there is a token).

    Holds at most what ten seconds bring, at least one token, so that a burst is small beside the
    plan.
    """
    rate = calls_per_minute * SHARE_OF_PLAN / 60.0
    most = max(rate * 10.0, 1.0)
    # a clock set back fills nothing, and takes nothing away
    tokens = min(bucket.tokens + max(now - bucket.at, 0.0) * rate, most)
    if tokens < 1.0:
        return bucket, (1.0 - tokens) / rate
    return replace(bucket, tokens=tokens - 1.0, at=now), 0.0


def pause(attempt: int, rng: np.random.Generator) -> float:
    """Seconds before attempt number `attempt` + 1: up to 1, 2, 4, ... 60, drawn from all of it
    ("full jitter"), never under a tenth.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    most = min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE)
    return float(max(rng.uniform(0.0, most), most / 10.0))
