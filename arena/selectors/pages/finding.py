"""Finds experiments by what a person typed and chose, in the order that was asked for."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, FloatField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from agents.strategies.rules import BuyAndHold
from arena.models import Evaluation, Experiment, ExperimentState
from arena.selectors.card.judged import VAULT
from arena.selectors.experiments import experiments_listed

LONGEST_QUERY = 200
# columns in their order: as the address and the rows call one, its heading, what it is sorted by
COLUMNS = (
    ("name", "Name", "name"),
    ("state", "State", "state"),
    ("rounds", "Rounds", "rounds_done"),
    ("sample", "Out of sample", "sample"),
    ("hold", "Hold", "hold"),
    ("verdict", "Verdict", ""),
    ("market", "Market", "market__name"),
    ("seed", "Seed", "seed"),
    ("tags", "Tags", ""),
    ("age", "Created", "created_at"),
    ("disk", "Disk", "stored_bytes"),
)
SORTS = {name: column for name, _, column in COLUMNS if column}
NEWEST = "-age"
SUBJECTS = {"sample": "champion", "hold": BuyAndHold.name}
# columns that no row shows, and that take long to read
UNREAD = (
    *("settings", "environment", "forked_changes"),
    *(f"market__{name}" for name in ("symbols", "notes", "understood", "leaps", "events")),
)
# numbers that can be asked for
NUMBERS = {
    "population": "population",
    "agents": "population",
    "rounds": "rounds_planned",
    "seed": "seed",
}
COMPARED = re.compile(r"([a-z]+)(<=|>=|<|>|=)(-?\d{1,18})")
LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "=": "exact"}


@dataclass(frozen=True)
class Asked:
    """What the address asks of the list; what is not known of it counts as not asked."""

    text: str = ""
    state: str = ""
    tag: str = ""
    sort: str = NEWEST
    archived: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.state or self.tag)

    def headings(self) -> list[dict[str, str]]:
        """{name, title, order, address} of each column; order: as aria-sort says it; address: of
        the list sorted by it, or the other way round, "" where it cannot be.
        """
        return [self._heading(name, title, column) for name, title, column in COLUMNS]

    def _heading(self, name: str, title: str, column: str) -> dict[str, str]:
        order = {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
        # the largest first, but of words
        first = name if name in ("name", "state", "market") else f"-{name}"
        other = name if first.startswith("-") else f"-{name}"
        to = other if self.sort == first else first
        return {
            "name": name,
            "title": title,
            "order": order,
            "address": self.address(sort=to) if column else "",
        }

    def address(self, **others: str) -> str:
        """The query of the same list with other values; what is default is left out."""
        said = {"q": self.text, "state": self.state, "tag": self.tag, "sort": self.sort, **others}
        kept = {name: value for name, value in said.items() if value}
        if kept.get("sort") == NEWEST:
            del kept["sort"]
        if self.archived:
            kept["archived"] = "1"
        return f"?{urlencode(kept)}"


def asked_of(query: Mapping[str, str]) -> Asked:
    """What a query of an address asks for."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return Asked(
        text=" ".join(query.get("q", "").replace("\x00", "").split())[:LONGEST_QUERY],
        state=state if state in ExperimentState.values() else "",
        tag=query.get("tag", "").replace("\x00", "").strip()[:40].casefold(),
        sort=sort if sort.removeprefix("-") in SORTS else NEWEST,
        archived="archived" in query,
    )


def experiments_found(*, user: Any, asked: Asked) -> QuerySet[Experiment]:
    """Those of the user's that are asked for, in no order."""
    rows = experiments_listed(user=user, archived=asked.archived).order_by().defer(*UNREAD)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.tag:
        rows = rows.filter(tags__contains=f" {asked.tag} ")
    for word in words_of(asked.text):
        rows = rows.filter(_meant(word))
    return rows


def heads(rows: QuerySet[Experiment], sort: str) -> QuerySet[Experiment]:
    """Of each group the experiment that was made first, and all that are in none; sorted, so that a
    group stands where its first one would.
    """
    firsts = rows.exclude(group=None).values("group").annotate(first=Min("pk")).values("first")
    return in_order(rows.filter(Q(group=None) | Q(pk__in=firsts)), sort)


def in_order(rows: QuerySet[Experiment], sort: str) -> QuerySet[Experiment]:
    """Sorted as the address says it; what has no value comes last."""
    name = sort.removeprefix("-")
    if name in SUBJECTS:
        rows = rows.annotate(**{name: _return_of(SUBJECTS[name])})
    column = F(SORTS[name])
    if sort.startswith("-"):
        return rows.order_by(column.desc(nulls_last=True), "-pk")
    return rows.order_by(column.asc(nulls_last=True), "pk")


def words_of(text: str) -> list[str]:
    """The parts of a search; what stands in quotes is one."""
    try:
        return shlex.split(text)
    except ValueError:
        # a quote that nothing closes
        return text.replace('"', " ").replace("'", " ").replace("\\", " ").split()


def _meant(word: str) -> Q:
    """tag:ibm, state:running, market:ibm, population>64, or a part of name, market, tag or note."""
    compared = COMPARED.fullmatch(word)
    if compared and compared[1] in NUMBERS:
        return Q(**{f"{NUMBERS[compared[1]]}__{LOOKUPS[compared[2]]}": int(compared[3])})
    key, mark, value = word.partition(":")
    if mark and value and key in ("tag", "state", "market"):
        return _named(key, value)
    return (
        Q(name__icontains=word)
        | Q(market__name__icontains=word)
        | Q(tags__icontains=word)
        | Q(note__icontains=word)
    )


def _named(key: str, value: str) -> Q:
    if key == "tag":
        return Q(tags__contains=f" {value.casefold()} ")
    if key == "market":
        return Q(market__name__icontains=value)
    called = [state.value for state in ExperimentState if value.casefold() in state.label]
    return Q(state__in=called)


def _return_of(subject: str) -> Subquery:
    """What it earned on the vault when it was judged last."""
    judged = Evaluation.objects.filter(
        experiment=OuterRef("pk"), subject=subject, stretch=VAULT
    ).order_by("-after_round")
    earned = Cast(KT("figures__return"), FloatField())
    return Subquery(judged.annotate(earned=earned).values("earned")[:1])
