"""The page of work in the background that is one's own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from arena.people.actions import Action
from arena.selectors.pages.jobs import jobs
from arena.views.access import data, doing, page
from arena.views.answers import json_answer


@page
@require_safe
@doing(Action.SITE_READ)
def job_list(request: HttpRequest) -> HttpResponse:
    """arena/job_list.html: jobs, see selectors.pages.jobs."""
    found = jobs(user=request.user, now=timezone.now())
    return render(request, "arena/job_list.html", {"jobs": found})


@data
@require_safe
@doing(Action.SITE_READ)
def job_rows(request: HttpRequest) -> HttpResponse:
    """The same as {jobs}, for the page while it is open."""
    return json_answer({"jobs": jobs(user=request.user, now=timezone.now())})
