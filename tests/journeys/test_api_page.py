"""A person makes a token, a script uses it, and the documentation of the API shows every call."""

from playwright.sync_api import Page

from tests.journeys.stage import Site
from tests.journeys.steps import until

CALL = (
    "async ([path, token]) => (await fetch(path, { headers: { Authorization: `Bearer ${token}` },"
    " credentials: 'omit' })).status"
)


def test_a_token_is_made_and_the_documentation_shows_every_call(admin: Page, site: Site):
    admin.click("nav >> text=Account")
    admin.get_by_role("link", name="Tokens", exact=True).click()
    admin.fill("[name=name]", "notebook")
    admin.click("text=Make a token")
    secret = admin.inner_text(".secret")

    assert admin.evaluate(CALL, ["/api/v1/markets", secret]) == 200

    admin.get_by_role("link", name="API", exact=True).click()
    until(lambda: admin.locator(".call").count() >= 15, "the calls on the documentation page")
    admin.click(".contents >> text=Create a draft")
    draft = admin.locator("#post-experiments")
    draft.locator("summary").first.click()

    assert "settings.population" in draft.inner_text()
    assert '-d \'{"name": "name"}\'' in draft.inner_text()
