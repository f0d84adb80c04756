"""What there is to learn: the rulebook and the terms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from arena.people.actions import Action
from arena.selectors.learn.glossary import groups
from arena.selectors.learn.rulebook import contents, rulebook
from arena.views.access import doing, page


@page
@require_safe
@doing(Action.SITE_READ)
def rules_page(request: HttpRequest) -> HttpResponse:
    """arena/rules.html: docs/RULES.md, whose anchors are the page's."""
    title, *blocks = rulebook()
    return render(
        request, "arena/rules.html", {"title": title.text, "blocks": blocks, "contents": contents()}
    )


@page
@require_safe
@doing(Action.SITE_READ)
def terms_page(request: HttpRequest) -> HttpResponse:
    """arena/terms.html: docs/GLOSSARY.md, every word and every column that a page shows."""
    return render(request, "arena/terms.html", {"groups": groups()})
