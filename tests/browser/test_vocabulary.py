"""The vocabulary in a real browser: by keyboard, without a script, on a narrow screen, by axe."""

import re

from axe_rules import AXE

TREE, CONCEPT = "/vocabulary/tema", "/vocabulary/tema/fallforebygging"


def test_a_tree_opens_by_keyboard_without_javascript(open_page):
    page = open_page(TREE, javascript=False)
    inside = page.get_by_role("link", name="Fallforebygging")
    assert not inside.is_visible()
    page.get_by_role("link", name="Pasientsikkerhet og kvalitet").focus()
    page.keyboard.press("Tab")
    assert page.locator("summary:focus").text_content().startswith("Vis underordnede (12)")
    page.keyboard.press("Enter")
    assert inside.is_visible()
    while not page.locator("a:focus", has_text="Fallforebygging").count():
        page.keyboard.press("Tab")
        assert page.locator("main :focus").count()  # not past the tree
    page.keyboard.press("Enter")
    page.wait_for_url("**" + CONCEPT)
    assert page.get_by_role("heading", level=1).text_content() == "Fallforebygging"


def test_a_search_leads_to_a_concept_and_on_to_a_resource_and_back_to_its_topic(open_page):
    page = open_page("/")
    page.get_by_role("navigation", name="Hovedmeny").get_by_role("link", name="Begreper").click()
    page.wait_for_url("**/vocabulary")
    page.get_by_role("searchbox", name="Søk etter et begrep").fill("fall prev")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=fall+prev**")
    assert re.fullmatch(
        r"\d+ begrep(er)? passer med «fall prev»", page.get_by_role("status").text_content().strip()
    )
    page.locator(".rows").get_by_role("link", name="Fallforebygging", exact=True).click()
    page.wait_for_url("**" + CONCEPT)
    title = page.locator("section[aria-labelledby=ressurser] h3 a").first
    title.click()
    page.wait_for_url("**/ressurs/**")
    page.get_by_role("region", name="Emner").get_by_role("link", name="fallforebygging").click()
    page.wait_for_url("**" + CONCEPT)
    assert [h for h in page.heard if h.startswith(("console", "error"))] == []


def test_an_open_tree_on_a_narrow_page_passes_axe_and_does_not_scroll_sideways(open_page, axe):
    page = open_page(TREE, width=320)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(axe)
    assert page.evaluate(AXE)["violations"] == []


def test_a_screen_reader_hears_names_languages_and_numbers(open_page):
    page = open_page(CONCEPT)
    crumbs = page.get_by_role("navigation", name="Du er her").get_by_role("listitem")
    assert crumbs.all_text_contents() == [
        "Begreper",
        "Tema og fagområde",
        "Pasientsikkerhet og kvalitet",
        "Fallforebygging",
    ]
    names = page.get_by_role("region", name="Navn")
    assert names.locator("dd").evaluate_all("found => found.map(e => e.lang)") == ["nb", "nn", "en"]
    page = open_page(TREE)
    row = (
        page.get_by_role("listitem")
        .filter(has=page.get_by_role("link", name="Pasientsikkerhet og kvalitet"))
        .last
    )
    assert re.search(r", \d+ ressurs(er)?", row.text_content())
