"""Who may open what: pages lead to the login, JSON says 403, what is another user's does not
exist; too much of it is a 429.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from agents.models import Agent
from arena.models import Experiment
from arena.people.actions import Action
from arena.people.may import may
from arena.prices.selectors.markets import imports_visible, markets_visible
from arena.selectors.experiments import experiments_visible
from arena.services.people.limits import Limit, TooMany, limit_spend
from arena.services.people.seats import SEATS
from arena.views.answers import LARGEST, json_answer, too_many_page, with_retry_after

View = Callable[..., HttpResponse]
SAFE = ("GET", "HEAD")


def seat_take(*, request: HttpRequest, user: Any) -> None:
    """Have the request wait for its turn among its user's, unless it had it; its middleware gives
    it back. TooMany.
    """
    if settings.LIMITS and getattr(request, "seat", None) is None:
        SEATS.take(user.pk)
        request.seat = user.pk  # type: ignore[attr-defined]


class MemberRequest(HttpRequest):
    """Of a user who is logged in: `page` lets no one else through."""

    user: User


def page(view: View) -> View:
    """For people: who is not logged in is sent to the login."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **address: Any) -> HttpResponse:
        try:
            return view(request, **address)
        except TooMany as error:
            return too_many_page(request, error)

    return guarded


def data(view: View) -> View:
    """For scripts: 401 or 403 where no one is logged in."""

    @wraps(view)
    def guarded(request: HttpRequest, **address: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return json_answer({"error": "log in first"}, status=403)
        try:
            return view(request, **address)
        except TooMany as error:
            return with_retry_after(json_answer({"error": str(error)}), error)

    return guarded


def limited(limit: Limit) -> Callable[[View], View]:
    """Counts every call of the view for its user; under `page` or `data`, which say the refusal."""

    def guard(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *subject: Any, **address: Any) -> HttpResponse:
            limit_spend(limit=limit, who=request.user)
            return view(request, *subject, **address)

        return counted

    return guard


def doing(action: Action) -> Callable[[View], View]:
    """For a view without an object: 403 for those who may not do `action`."""

    def guard(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *subject: Any, **address: Any) -> HttpResponse:
            must(request.user, action)
            return view(request, *subject, **address)

        return asked

    return guard


def must(user: Any, action: Action, subject: Any = None) -> None:
    """PermissionDenied for who may not."""
    if not may(user, action, subject):
        raise PermissionDenied


def to_see_or_change(request: HttpRequest, see: Action, change: Action) -> Action:
    """What a request is about to do, by its method."""
    return see if request.method in SAFE else change


def of_experiment(view: View, change: Action = Action.EXPERIMENT_CHANGE) -> View:
    """Hands the view the experiment of the address: 404 for who may not see it, 403 for who may but
    not do `change` (a POST).
    """

    @wraps(view)
    def found(request: HttpRequest, experiment_uuid: UUID, **address: Any) -> HttpResponse:
        experiment = get_object_or_404(experiments_visible(user=request.user), uuid=experiment_uuid)
        must(request.user, to_see_or_change(request, Action.EXPERIMENT_READ, change), experiment)
        return view(request, experiment, **address)

    return found


def copying_experiment(view: View) -> View:
    """As `of_experiment`, for what makes another of it."""
    return of_experiment(view, Action.EXPERIMENT_COPY)


def of_market(view: View) -> View:
    """Hands the view the market of the address: 404 for who may not see it, 403 for who may but not
    change it (a POST).
    """

    @wraps(view)
    def found(request: HttpRequest, market_id: int, **address: Any) -> HttpResponse:
        # no row has a number that the database could not hold
        market = get_object_or_404(markets_visible(user=request.user), pk=min(market_id, LARGEST))
        must(
            request.user,
            to_see_or_change(request, Action.MARKET_READ, Action.MARKET_CHANGE),
            market,
        )
        return view(request, market, **address)

    return found


def of_import(view: View) -> View:
    """Hands the view the import of the address: 404 for who may not see it, 403 for who may but not
    change it (a POST).
    """

    @wraps(view)
    def found(request: HttpRequest, import_uuid: UUID, **address: Any) -> HttpResponse:
        row = get_object_or_404(imports_visible(user=request.user), uuid=import_uuid)
        must(request.user, to_see_or_change(request, Action.IMPORT_READ, Action.IMPORT_CHANGE), row)
        return view(request, row, **address)

    return found


def of_agent(view: View) -> View:
    """Hands the view the agent of the address, with its experiment and market, if it is the user's;
    else 404.
    """

    @of_experiment
    @wraps(view)
    def found(
        request: HttpRequest, experiment: Experiment, number: int, **address: Any
    ) -> HttpResponse:
        agent = get_object_or_404(Agent, experiment=experiment, number=min(number, LARGEST))
        agent.experiment = experiment
        return view(request, agent, **address)

    return found
