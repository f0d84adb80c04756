"""Markets put together: the form, and what those ticked have in common before anything is
stored.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from arena.errors import BasketRefused
from arena.people.actions import Action
from arena.prices.forms.baskets import BasketForm
from arena.prices.selectors.markets import growth, parts_offered
from arena.prices.services.baskets import basket_description, basket_store
from arena.services.people.limits import BASKETS, limit_spend
from arena.settings_schema import MOST_PARTS
from arena.views.access import data, doing, limited, page
from arena.views.answers import json_answer


@page
@require_http_methods(["GET", "HEAD", "POST"])
@doing(Action.MARKET_BRING)
def basket_new(request: HttpRequest) -> HttpResponse:
    """arena/basket_form.html: form, groups (its markets by length of a bar), most_parts. Stores a
    basket.
    """
    if request.method == "POST":
        limit_spend(limit=BASKETS, who=request.user)
    form = BasketForm(
        request.POST if request.method == "POST" else None, stored=parts_offered(user=request.user)
    )
    if form.is_valid() and form.basket:
        try:
            market = basket_store(
                basket=form.basket, name=form.cleaned_data["name"], owner=request.user
            )
        except BasketRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{market.name} is one market now.")
            return redirect("market_page", market_id=market.pk)
    context = {"form": form, "groups": form.groups(), "most_parts": MOST_PARTS}
    return render(request, "arena/basket_form.html", context, status=400 if form.errors else 200)


@data
@require_POST
@doing(Action.MARKET_LOOK)
@limited(BASKETS)
def basket_common(request: HttpRequest) -> HttpResponse:
    """POST the form -> prices.services.baskets.basket_description with
    prices.selectors.markets.growth as JSON; 400 where it is refused; no basket is stored.
    """
    form = BasketForm(request.POST, stored=parts_offered(user=request.user))
    if not form.is_valid() or form.basket is None:
        return json_answer(
            {"error": " ".join(str(text) for texts in form.errors.values() for text in texts)},
            status=400,
        )
    basket = form.basket
    return json_answer(
        {
            **basket_description(basket=basket),
            "growth": growth(bars=basket.bars, symbols=basket.symbols),
        }
    )
