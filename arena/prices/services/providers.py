"""How each provider is treated, by all processes together: its pace, what it asked of us, its
circuit breaker. The rows are the memory.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from arena.prices.models import LONGEST_FAULT, ProviderState
from arena.prices.providers import breaker, pace
from arena.prices.providers.base import Access, Provider
from arena.prices.providers.faults import Fault, Wait
from arena.prices.providers.registry import provider
from arena.prices.services.keys import key_read

PACE, WAITING, OPEN = (
    "asked at half the pace its plan allows",
    "it told us to wait",
    "left alone for a while after failures in a row",
)


@dataclass(frozen=True)
class Admission:
    """seconds to wait before a call may go, 0.0: it goes now, and is counted; `why` it has to
    wait.
    """

    seconds: float
    why: str = ""


def provider_get(*, name: str) -> Provider:
    """The provider, with its address and key; KeyError for a name there is not. Refused where its
    stored key cannot be read.

    A key of the environment wins over a stored one.
    """
    access = Access(**settings.PROVIDERS[name])
    if not access.key and (key := key_read(provider=name)):
        access = replace(
            access, key=key, calls_per_minute=access.calls_with_key or access.calls_per_minute
        )
    return _kept(name, access)


def gate_of(*, name: str, instrument: str) -> str:
    """The name of the row that paces a call: a provider's, or an exchange's."""
    return f"{name}:{instrument.partition(':')[0]}"[:60] if name == "exchange" else name


@transaction.atomic
def provider_admit(*, gate: str, calls_per_minute: float, now: float) -> Admission:
    """Ask leave for one call at `now` (seconds)."""
    row = _locked(gate, now)
    if now < row.wait_until:
        return Admission(row.wait_until - now, WAITING)
    before = breaker.Breaker(row.failures, row.opened_at, row.trial_at)
    after, seconds = breaker.admit(before, now)
    if seconds:
        return Admission(seconds, OPEN)
    bucket, seconds = pace.take(pace.Bucket(row.tokens, row.filled_at), now, calls_per_minute)
    if seconds:
        return Admission(seconds, PACE)
    row.tokens, row.filled_at, row.trial_at = bucket.tokens, bucket.at, after.trial
    row.save()
    return Admission(0.0)


@transaction.atomic
def provider_worked(*, gate: str, now: float) -> None:
    """A call was answered: whatever it held against the provider is forgotten."""
    row = _locked(gate, now)
    _put(row, breaker.worked(breaker.Breaker(row.failures, row.opened_at, row.trial_at)))
    row.worked_at = now
    row.save()


@transaction.atomic
def provider_failed(*, gate: str, fault: Fault, now: float) -> None:
    """A call failed for a while (TryAgain), or the provider told us to wait."""
    row = _locked(gate, now)
    row.fault, row.fault_at = str(fault)[:LONGEST_FAULT], now
    if isinstance(fault, Wait):
        row.wait_until = max(row.wait_until, now + fault.seconds)
        # it answers: a trial that is told to wait says nothing against it
        row.trial_at = None
    else:
        _put(row, breaker.failed(breaker.Breaker(row.failures, row.opened_at, row.trial_at), now))
    row.save()


@lru_cache(maxsize=8)
def _kept(name: str, access: Access) -> Provider:
    """Kept by this process while its access stays the same: an exchange's list of markets is
    fetched once.
    """
    return provider(name, access)


def _put(row: ProviderState, state: breaker.Breaker) -> None:
    row.failures, row.opened_at, row.trial_at = state.failures, state.opened, state.trial


def _locked(gate: str, now: float) -> ProviderState:
    """The row, held until the running transaction ends."""
    ProviderState.objects.get_or_create(name=gate, defaults={"tokens": 1.0})
    row = ProviderState.objects.select_for_update().get(name=gate)
    if row.filled_at > now:
        # the clock was set back: how long it is to wait still cannot be known
        row.filled_at, row.wait_until = now, 0.0
        row.save(update_fields=["filled_at", "wait_until"])
    return row
