"""The page that documents the API, made from the description that programs read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from arena.selectors.learn.calls import groups_of


class Documentation(DocsBase):
    """Every call with what is sent, what comes back, and a command that makes it."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page, in the site's own frame."""
        context = {
            "groups": groups_of(api.get_openapi_schema()),
            "description": self.get_openapi_url(api, kwargs),
        }
        return render(request, "arena/api.html", context)
