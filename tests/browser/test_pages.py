import re

import pytest

from axe_rules import AXE

PAGES = {
    "search": "/?q=fall",
    "landing": "/",
    "filtered": "/?q=fall&theme=fallforebygging&resource_type=film",
    "long": "/?concept=tema/fallforebygging",
    "nothing": "/?q=håndhygiene&theme=demens&mode=lexical",
    "resource": "/ressurs/kb-1",
    "roles": "/rolle",
    "role": "/rolle/sykepleier",
    "difference": "/rolle/hjemmesykepleier/forskjell?til=sykepleier",
    "plan": "/plan/plan-sykepleier",
    "requirement": "/krav/krav-fall",
    "concept": "/vocabulary/tema/fallforebygging",
    "vocabulary": "/vocabulary?q=fall",
    "scheme": "/vocabulary/tema",
    "about": "/om",
    "wish": "/onske?q=delir",
    "lost": "/finnes-ikke",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_violation(open_page, axe, path, dark):
    page = open_page(path, dark=dark)
    page.evaluate(axe)
    found = page.evaluate(AXE)
    assert found["violations"] == []
    assert found["passes"] > 15


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_sideways_scroll_at_320_pixels(open_page, path):
    page = open_page(path, width=320)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_pages_ask_their_own_server_only_and_raise_no_error(open_page, address, path):
    page = open_page(path)
    assert [h for h in page.heard if not h.startswith(address) and "404" not in h] == []
    assert page.context.cookies() == []


def test_search_then_facet_then_resource_then_back(open_page):
    page = open_page("/")
    page.get_by_role("combobox", name="Hva vil du lære om?").fill("fallforebygging")
    page.get_by_role("button", name="Søk").click()
    page.wait_for_url("**/?q=fallforebygging**")
    heading = page.get_by_role("heading", level=2, name=re.compile("treff på «fallforebygging»"))
    before = heading.text_content()
    page.get_by_role("checkbox", name=re.compile(r"^Film og lyd \d+ treff$")).check()
    page.wait_for_url("**resource_type=media**")
    page.wait_for_function("t => document.getElementById('antall').textContent !== t", arg=before)
    assert page.evaluate("document.activeElement.id") == "f-resource_type-media"
    titles = page.locator("#resultat h3 a")
    assert titles.count() > 0
    title = titles.first.text_content()
    titles.first.click()
    page.wait_for_url("**/ressurs/**")
    assert page.get_by_role("heading", level=1).text_content() == title
    page.go_back()
    page.wait_for_url("**resource_type=media**")
    assert page.get_by_role("checkbox", name=re.compile("^Film og lyd")).is_checked()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_tells_what_they_looked_for_and_is_told_why_a_number_is_refused(open_page, axe, javascript):
    page = open_page("/?q=zzqxwv", javascript=javascript)
    field = page.get_by_label("Hva lette du etter?")
    field.fill("Ring meg på 22 33 44 55")
    page.get_by_role("button", name="Send til redaksjonen").click()
    page.wait_for_url("**/onske**")
    assert "telefonnummer" in page.get_by_role("alert").text_content()
    assert field.input_value() == "Ring meg på 22 33 44 55"
    if javascript:
        page.evaluate(axe)
        assert page.evaluate(AXE)["violations"] == []
    field.fill("Noe om fall på nynorsk")
    page.get_by_role("button", name="Send til redaksjonen").click()
    page.get_by_role("heading", level=1, name="Takk").wait_for()


def test_facets_work_without_javascript(open_page):
    page = open_page("/?q=fall", javascript=False)
    page.get_by_role("checkbox", name=re.compile("^Film og lyd")).check()
    page.get_by_role("button", name="Bruk filtrene").click()
    page.wait_for_url("**resource_type=media**")
    assert "q=fall" in page.url
    assert page.locator("#resultat li article").count() >= 1
    page.get_by_role("link", name=re.compile("^Fjern filteret Type")).click()
    page.wait_for_load_state()
    assert "resource_type" not in page.url
    assert "q=fall" in page.url


def test_filters_open_on_a_narrow_screen_without_javascript(open_page):
    page = open_page("/?q=fall", javascript=False, width=320)
    film = page.get_by_role("checkbox", name=re.compile("^Film og lyd"))
    assert not film.is_visible()
    page.locator(".filters__all > summary").click()
    assert film.is_visible()


def test_values_of_a_long_facet_are_searched_as_one_types(open_page):
    page = open_page("/?concept=tema/fallforebygging")
    facet = page.locator("details[data-facet=concept]")
    field = facet.get_by_role("searchbox", name="Søk i «Begrep»")
    status = facet.get_by_role("status")
    assert facet.get_by_role("checkbox").count() < facet.locator("input[type=checkbox]").count()
    field.press_sequentially("SÅR")
    page.wait_for_function("e => e.textContent === '4 valg passer'", arg=status.element_handle())
    # the four that fit, some of them from under "show more", and the ticked one, each with its count
    boxes = facet.get_by_role("checkbox")
    assert boxes.count() == 5
    assert (
        facet.get_by_role(
            "checkbox",
            name=re.compile(r"^(Forebygging av trykksår|Trykksår|Sår og hudpleie|Sårbehandling) 1 treff$"),
        ).count()
        == 4
    )
    assert facet.get_by_role("checkbox", name=re.compile("^Fallforebygging")).is_checked()
    field.press("Enter")
    assert page.url.endswith("/?concept=tema/fallforebygging")
    # by keyboard to the first one that is not ticked; the text and the focus outlive the new list
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    ticked = page.evaluate("document.activeElement.id")
    page.keyboard.press("Space")
    page.wait_for_url("**concept=tema%2Ffallforebygging&concept=**")
    page.wait_for_function("id => document.getElementById(id).defaultChecked", arg=ticked)
    assert page.evaluate("document.activeElement.id") == ticked
    assert (field.input_value(), status.text_content(), boxes.count()) == ("SÅR", "4 valg passer", 5)
    # a value that does not fit is gone once unticked: the focus is in the field, not lost
    # (clicked, not unchecked: that would go on to ask the box, which may be gone by then)
    facet.get_by_role("checkbox", name=re.compile("^Fallforebygging")).click()
    page.wait_for_function("() => document.activeElement.id === 'find-concept'")
    assert boxes.count() == 4
    field.fill("xqz")
    page.wait_for_function("e => e.textContent === 'Ingen valg passer'", arg=status.element_handle())
    field.press("Escape")
    assert field.input_value() == ""
    page.wait_for_function("e => e.textContent === ''", arg=status.element_handle())
    assert "xqz" not in page.url
    assert facet.locator("li[hidden]").count() == 0


def test_a_value_that_is_found_shows_below_its_parent_and_short_facets_have_no_field(open_page, axe):
    page = open_page("/", width=320)
    page.locator(".filters__all > summary").click()
    facet = page.locator("details[data-facet=resource_type]")
    facet.get_by_role("searchbox", name="Søk i «Type»").fill("quiz")
    assert facet.get_by_role("checkbox").count() == 2
    assert facet.get_by_role("checkbox", name=re.compile("^Quiz")).is_visible()
    assert not facet.get_by_text("Vis underpunkter").first.is_visible()
    assert page.get_by_role("searchbox", name=re.compile("^Søk i")).count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(axe)
    assert page.evaluate(AXE)["violations"] == []
    facet.get_by_role("searchbox").fill("")
    assert not facet.get_by_role("checkbox", name=re.compile("^Quiz")).is_visible()
    assert facet.get_by_text("Vis underpunkter").first.is_visible()


def test_all_values_of_a_long_facet_are_there_without_javascript(open_page):
    page = open_page("/?concept=tema/fallforebygging", javascript=False)
    facet = page.locator("details[data-facet=concept]")
    facet.locator(".facet__more > summary").click()
    boxes = facet.get_by_role("checkbox")
    assert boxes.count() == facet.locator("input[type=checkbox]").count() > 8
    assert all(box.is_visible() for box in boxes.all())
    assert page.get_by_role("searchbox", name=re.compile("^Søk i")).count() == 0


def test_suggestions_are_reached_by_keyboard_and_closed_by_escape(open_page):
    page = open_page("/")
    field = page.get_by_role("combobox", name="Hva vil du lære om?")
    options = page.locator("#forslag").get_by_role("option")
    field.press_sequentially("fallf")
    options.first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true"
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert not page.locator("#forslag").is_visible()
    field.press_sequentially("o")
    options.first.wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(re.compile(r"/\?q=|/ressurs/|/rolle/"))


def test_the_skip_link_is_first_and_leads_to_the_content(open_page):
    page = open_page("/rolle/sykepleier")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Hopp til hovedinnholdet"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "innhold"


def test_ticking_done_on_the_role_page_without_javascript(open_page):
    page = open_page("/rolle/sykepleier", javascript=False)
    first = page.locator(".steps h3 a").first.text_content()
    page.get_by_role("checkbox", name="Har gjort Fallforebygging").check()
    page.get_by_label("Hvor mange minutter har du?").fill("60")
    page.get_by_role("button", name="Oppdater anbefalingene").first.click()
    page.wait_for_load_state()
    assert page.get_by_role("checkbox", name="Har gjort Fallforebygging").is_checked()
    assert page.get_by_label("Hvor mange minutter har du?").input_value() == "60"
    assert first not in page.locator(".steps h3 a").all_text_contents()
    assert "done" not in page.url


def test_the_count_is_announced_by_a_status_region(open_page):
    page = open_page("/?q=fall")
    status = page.get_by_role("status")
    assert re.search(r"\d+ treff på «fall»", status.text_content())
    assert status.get_by_role("heading", level=2).count() == 1


def test_hostile_content_does_not_run(open_page):
    page = open_page("/ressurs/kb-11")
    assert not [h for h in page.heard if h.startswith(("console", "error"))]
    assert "<script>alert(1)</script>" in page.get_by_role("heading", level=1).text_content()


def test_the_table_of_a_difference_is_stacked_where_it_is_narrow_and_stays_a_table(open_page):
    page = open_page(PAGES["difference"], width=375)
    table = page.get_by_role("table").first
    assert page.evaluate(
        "[...document.querySelectorAll('.table-scroll')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    row = table.get_by_role("row").nth(1)
    tops = [
        cell.bounding_box()["y"]
        for cell in [*row.get_by_role("rowheader").all(), *row.get_by_role("cell").all()]
    ]
    assert tops == sorted(set(tops))
    assert table.get_by_role("columnheader").count() >= 3
