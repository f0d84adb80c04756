"""The list of experiments, and what is done to those that are ticked in it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from arena.models import Experiment, ExperimentState
from arena.people.actions import Action
from arena.people.may import allowed
from arena.presets import PRESETS
from arena.selectors.experiments import experiments_listed, experiments_visible
from arena.selectors.machine.storage import storage_words
from arena.selectors.pages.finding import asked_of, experiments_found, heads
from arena.selectors.pages.seed_groups import entries
from arena.selectors.words import plural, size_words
from arena.services.experiments.lifecycle import experiment_start
from arena.services.experiments.listing import archive_set, each_of, tags_add, tags_set
from arena.services.removal.removals import experiment_remove, removal_refusal
from arena.views.access import doing, page

PER_PAGE = 200
MOST_CHOSEN = 200
# offered where there is nothing yet
FIRST_PRESETS = ("first-look", "planted", "ibm")
Deed = Callable[[Experiment], Any]


@page
@require_safe
@doing(Action.SITE_READ)
def experiment_list(request: HttpRequest) -> HttpResponse:
    """arena/experiment_list.html: page_obj of entries, see selectors.pages.seed_groups; asked, see
    selectors.pages.finding; what the address says is all that the list shows.
    """
    asked, now = asked_of(request.GET), timezone.now()
    found = experiments_found(user=request.user, asked=asked)
    page_obj: Page[Any] = Paginator(heads(found, asked.sort), PER_PAGE).get_page(
        request.GET.get("page")
    )
    page_obj.object_list = entries(
        heads=list(page_obj.object_list), found=found, user=request.user, now=now
    )
    listed = experiments_listed(user=request.user, archived=asked.archived)
    context = {
        "page_obj": page_obj,
        "asked": asked,
        "now": now,
        "query": asked.address(),
        "headings": asked.headings(),
        "states": [(state.value, state.label) for state in ExperimentState],
        "tags": _tags(listed),
        "others": experiments_listed(user=request.user, archived=not asked.archived).count(),
        "storage": storage_words(user=request.user),
        "presets": [(name, PRESETS[name]) for name in FIRST_PRESETS],
    }
    return render(request, "arena/experiment_list.html", context)


@page
@require_POST
@doing(Action.SITE_READ)
def experiment_chosen(request: HttpRequest) -> HttpResponse:
    """POST `do` = start, tag, untag, archive, restore or delete to the experiments `e`, then back
    to the list as `back` says it. delete without `sure`: arena/experiment_delete.html asks first;
    compare: to their page, whose address holds nothing but them.
    """
    asked = request.POST.get("do", "")
    if asked == "compare":
        query = urlencode({"e": [str(key) for key in _keys(request)]}, doseq=True)
        return redirect(f"{reverse('experiment_compare')}?{query}")
    rows = _chosen(request)
    if asked == "delete" and rows and "sure" not in request.POST:
        return render(request, "arena/experiment_delete.html", _before_delete(request, rows))
    deeds = _deeds(request)
    if not rows:
        messages.error(request, "Nothing was done: tick the experiments that are meant.")
    elif asked not in deeds:
        messages.error(request, "Nothing was done: start, tag, untag, archive, restore or delete?")
    else:
        refused = each_of(experiments=rows, deed=deeds[asked])
        for words in refused[:5]:
            messages.error(request, f"{words[:1].upper()}{words[1:]}.")
        if len(refused) < len(rows):
            messages.success(request, _said(len(rows) - len(refused))[asked])
    return redirect(_back(request))


def _deeds(request: HttpRequest) -> dict[str, Deed]:
    words = request.POST.get("tags", "").replace(",", " ").split()
    return {
        "tag": lambda row: tags_add(experiment=row, tags=words),
        "untag": lambda row: tags_set(
            experiment=row, tags=[tag for tag in row.tag_list if tag not in words]
        ),
        "start": lambda row: experiment_start(experiment_uuid=row.uuid),
        "archive": lambda row: archive_set(row=row, archived=True),
        "restore": lambda row: archive_set(row=row, archived=False),
        "delete": partial(_remove, who=request.user),
    }


def _remove(row: Experiment, *, who: Any) -> None:
    experiment_remove(experiment=row, who=who)


def _said(count: int) -> dict[str, str]:
    many = plural(count, "experiment")
    have, are = ("has", "is") if count == 1 else ("have", "are")
    return {
        "start": f"{many} {have} started.",
        "tag": f"{many} {have} the tag now.",
        "untag": f"{many} {have} the tag no more.",
        "archive": f"{many} {are} archived: the list leaves them out.",
        "restore": f"{many} {are} in the list again.",
        "delete": f"{many} {are} deleted; what hung on them goes in the background.",
    }


def _chosen(request: HttpRequest) -> list[Experiment]:
    """Those ticked that the user may change; what is not there is left out."""
    rows = experiments_visible(user=request.user).filter(uuid__in=_keys(request))
    return list(allowed(request.user, Action.EXPERIMENT_CHANGE, rows))


def _keys(request: HttpRequest) -> list[UUID]:
    """Those ticked, whosever they are; what is no key is left out."""
    keys = []
    for raw in request.POST.getlist("e")[:MOST_CHOSEN]:
        try:
            keys.append(UUID(raw))
        except ValueError:
            continue
    return keys


def _before_delete(request: HttpRequest, rows: list[Experiment]) -> dict[str, Any]:
    """Which go, what they take of the disk, and which cannot go as they stand."""
    refusals = {row.pk: removal_refusal(experiment=row) for row in rows}
    going = [row for row in rows if not refusals[row.pk]]
    return {
        "rows": going,
        "refused": [refusals[row.pk] for row in rows if refusals[row.pk]],
        "sizes": size_words(sum(row.stored_bytes for row in going)),
        "back": request.POST.get("back", ""),
    }


def _back(request: HttpRequest) -> str:
    """The list as it was asked for; nothing else can be named."""
    query = asked_of(_query(request)).address()
    return f"{reverse('experiment_list')}{query}".rstrip("?")


def _query(request: HttpRequest) -> Any:
    return QueryDict(request.POST.get("back", "").lstrip("?")[:1000])


def _tags(rows: Any) -> list[str]:
    """All that are in use, in alphabetical order."""
    found = rows.exclude(tags="").order_by().values_list("tags", flat=True).distinct()
    return sorted({tag for text in found for tag in text.split()})
