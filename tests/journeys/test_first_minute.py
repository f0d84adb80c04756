"""A newcomer's first minute: the printed address asks for the printed password, and leads to the
list.
"""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import log_in
from tests.journeys.stage import Site


def test_a_stranger_is_asked_to_log_in(page: Page, site: Site):
    page.goto(site.address)

    expect(page.locator("input[name=password]")).to_be_visible()


def test_the_printed_password_opens_the_list_of_experiments(page: Page, site: Site):
    log_in(page, site)

    expect(page.locator("h1").first).to_be_visible()
    expect(page).to_have_url(site.address)


def test_the_admin_works_under_the_content_policy(admin: Page, site: Site):
    admin.goto(site.address + "admin/")

    expect(admin.locator("#content")).to_be_visible()
