"""The pages under Learn: the rulebook and the terms, as their files have them."""

import re

import pytest
from django.urls import reverse

from arena.selectors.learn.glossary import groups, terms
from arena.selectors.learn.rulebook import anchors, contents
from tests.arena import world

pytestmark = pytest.mark.django_db


def ids(text):
    return set(re.findall(r'id="([\w-]+)"', text))


def test_the_page_of_rules_has_every_anchor_of_the_rulebook_and_no_comment_of_it(browser):
    text = browser.get(reverse("rules")).content.decode()

    assert anchors() <= ids(text)
    assert all(f'href="#{heading.anchor}"' in text for heading in contents())
    assert "<!-- " not in text and "agents.life" not in text


def test_the_page_of_terms_has_an_anchor_for_each_word_and_leads_to_its_rule(browser):
    text = browser.get(reverse("terms")).content.decode()

    assert {term.key for term in terms()} | {group.key for group in groups()} <= ids(text)
    assert all(f"{reverse('rules')}#{term.rule}" in text for term in terms() if term.rule)
    assert "&amp;amp;" not in text and "&amp;#x27;" not in text


def test_learn_is_one_click_away_and_leads_from_page_to_page(browser):
    text = browser.get(reverse("experiment_list")).content.decode()
    pages = [browser.get(reverse(name)).content.decode() for name in ("rules", "terms", "proof")]

    assert f'<a href="{reverse("rules")}">Learn</a>' in text
    assert all(
        f'href="{reverse(name)}"' in page for page in pages for name in ("rules", "terms", "proof")
    )


def test_trust_tier_scars_fitness_and_state_of_an_agent_lead_to_their_rules(browser, ada):
    row = world.experiment(ada)
    alive, dead = (
        browser.get(reverse("agent_page", args=[row.uuid, number])).content.decode()
        for number in (2, 1)
    )

    for anchor in ("trust", "bronze", "scars", "scar_causes", "fitness", "life"):
        assert f'href="{reverse("rules")}#{anchor}"' in alive
    assert f'href="{reverse("rules")}#outcompeted">outcompeted</a>' in dead


def test_the_live_page_tells_its_scripts_where_the_rules_are(browser, ada):
    text = browser.get(
        reverse("experiment_live", args=[world.experiment(ada).uuid])
    ).content.decode()

    assert f'<body data-rules="{reverse("rules")}">' in text
    for anchor in ("fitness", "trust", "scars", "life", "fittest"):
        assert f'href="{reverse("rules")}#{anchor}"' in text
