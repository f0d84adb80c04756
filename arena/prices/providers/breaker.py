"""A circuit breaker: after failures in a row a provider is left alone, then one call tries, and
only its success lets the others through.

Source: M. Nygard, "Release It!", 2nd ed., 2018, section 5.2.
"""

from dataclasses import dataclass

FAILURES = 5
OPEN_SECONDS = 60.0
# a trial that never reported back, its worker being dead, makes room for another
TRIAL_SECONDS = 60.0


@dataclass(frozen=True)
class Breaker:
    """failures in a row; opened: seconds at which it last opened, None while closed; trial: when
    the half-open call went, or None.
    """

    failures: int = 0
    opened: float | None = None
    trial: float | None = None

    def state(self, now: float) -> str:
        """closed, open, or half-open."""
        if self.opened is None:
            return "closed"
        return "open" if _within(self.opened, now, OPEN_SECONDS) else "half-open"


def admit(breaker: Breaker, now: float) -> tuple[Breaker, float]:
    """(the breaker with this call let through, 0.0), or (unchanged, seconds until one may try)."""
    state = breaker.state(now)
    if state == "closed":
        return breaker, 0.0
    if state == "open":
        return breaker, breaker.opened + OPEN_SECONDS - now if breaker.opened is not None else 0.0
    if breaker.trial is not None and _within(breaker.trial, now, TRIAL_SECONDS):
        return breaker, breaker.trial + TRIAL_SECONDS - now
    return Breaker(breaker.failures, breaker.opened, now), 0.0


def _within(began: float, now: float, seconds: float) -> bool:
    """Whether fewer seconds have gone by. What began in the future did so before the clock was set
    back: it cannot be known when.
    """
    return 0.0 <= now - began < seconds


def failed(breaker: Breaker, now: float) -> Breaker:
    """One failure more: opens at FAILURES in a row, and at once where it was the trial that
    failed.
    """
    failures = breaker.failures + 1
    if failures >= FAILURES or breaker.opened is not None:
        return Breaker(failures, now, None)
    return Breaker(failures)


def worked(_: Breaker) -> Breaker:
    """Closed, with nothing held against it."""
    return Breaker()
