"""Of one user a few requests are answered at a time; the others wait, and those of everybody else
do not.
"""

import threading

import pytest

from arena.services.people.limits import TooMany
from arena.services.people.seats import Seats
from tests.arena import world


def sits_down(seats):
    """An event that is set once Ada has another seat, and its thread."""
    sat = threading.Event()
    thread = threading.Thread(target=lambda: (seats.take("ada"), sat.set()))
    thread.start()
    return sat, thread


def test_the_next_request_waits_until_a_short_one_is_done():
    seats = Seats(seconds=5, long=5)
    seats.take("ada")
    sat, thread = sits_down(seats)

    assert not sat.wait(0.05)
    seats.leave("ada")
    assert sat.wait(5)
    thread.join()


def test_it_does_not_wait_for_a_long_one_but_only_so_many_are_under_way():
    seats = Seats(at_once=2, seconds=5, long=0.01)
    seats.take("ada")
    seats.take("ada")
    sat, thread = sits_down(seats)

    assert not sat.wait(0.05)
    seats.leave("ada")
    assert sat.wait(5)
    thread.join()


def test_others_do_not_wait_for_it():
    seats = Seats(at_once=1, waiting=1, seconds=0.01)
    seats.take("ada")

    seats.take("eve")


def test_who_waits_too_long_or_behind_too_many_is_told_when_to_come_back():
    seats = Seats(at_once=1, waiting=1, seconds=0.01)
    seats.take("ada")

    with pytest.raises(TooMany, match="take long") as caught:
        seats.take("ada")
    assert caught.value.seconds == 1
    nobody_waits = Seats(at_once=1, waiting=0)
    nobody_waits.take("ada")
    with pytest.raises(TooMany, match="At most 1 requests"):
        nobody_waits.take("ada")


def test_nothing_is_kept_of_who_left():
    seats = Seats()
    seats.take("ada")
    seats.leave("ada")

    assert seats._users == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/experiments/new/", "/api/v1/experiments", "/api/v1/nowhere", "/nowhere"]
)
def test_every_page_gives_its_seat_back_however_it_ends(browser, monkeypatch, path):
    seats = Seats()
    monkeypatch.setattr("lineage_site.web.middleware.SEATS", seats)
    monkeypatch.setattr("arena.views.access.SEATS", seats)

    browser.get(path)

    assert seats._users == {}


@pytest.mark.django_db
def test_a_user_whose_seats_are_taken_is_answered_429_and_another_is_served(client, monkeypatch):
    ada, eve = world.user(), world.user("eve")
    seats = Seats(at_once=1, waiting=0)
    monkeypatch.setattr("lineage_site.web.middleware.SEATS", seats)
    monkeypatch.setattr("arena.views.access.SEATS", seats)
    seats.take(ada.pk)

    client.force_login(ada)
    refused = client.get("/")
    client.force_login(eve)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert client.get("/").status_code == 200
