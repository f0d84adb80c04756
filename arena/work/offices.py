"""What one process at a time does for all that work on a database: who holds it, and who takes it
over from one that is gone.
"""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from arena.work.identity import is_dead, this_process
from arena.work.leases import LEASE, expired, later
from arena.work.models import Office

TIMER = "timer"


@transaction.atomic
def office_hold(name: str) -> bool:
    """Whether this process holds the office for another LEASE: it held it, nobody did, or who did
    was not heard of for a LEASE. One of this machine that died is followed at once.
    """
    mine = {"holder": this_process(), "since": Now(), "lease_until": later(LEASE)}
    row, made = Office.objects.get_or_create(name=name, defaults=mine)
    if made:
        return True
    free = Q(holder=this_process()) | expired()
    if is_dead(row.holder):
        free |= Q(holder=row.holder)
    return bool(Office.objects.filter(free, name=name).update(**mine))


def office_leave(name: str) -> None:
    """Let another have it at once; nothing where this process does not hold it."""
    Office.objects.filter(name=name, holder=this_process()).delete()
