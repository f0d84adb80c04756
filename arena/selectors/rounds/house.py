"""The money of the whole house: of the living, in the treasury, and what was ever put in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from arena.models import Experiment, Round, RoundState
from arena.selectors.numbers import short

# of each round's books; put_in: at its close, for newcomers, None under rules that did not book it
BOOKS = ("treasury", "money_put_in", "put_in")


def profit(ledger: Mapping[str, Any] | None) -> float | None:
    """Living equity + treasury - money put in, from the books of a closed round; None without."""
    if not ledger:
        return None
    return ledger["total_equity"] + ledger["treasury"] - ledger["money_put_in"]


def money(*, rounds: Sequence[Round]) -> dict[str, list[float | int | None]]:
    """{profit, and each of BOOKS}: one value a closed round."""
    books = {name: [short(row.ledger.get(name)) for row in rounds] for name in BOOKS}
    return {"profit": [short(profit(row.ledger)) for row in rounds], **books}


def with_profit(experiments: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """The same with `last_books`, those of the last closed round, for `profit`."""
    closed = Round.objects.filter(experiment=OuterRef("pk"), state=RoundState.CLOSED).order_by(
        "-index"
    )
    return experiments.annotate(last_books=Subquery(closed.values("ledger")[:1]))
