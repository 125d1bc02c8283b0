"""The picture of a role's neighbourhood: one drawing for each width, reached by keyboard, readable in light and dark."""

import re

import pytest

ROLE = "/rolle/sykepleier"

COLOURS = """() => [...document.querySelectorAll(".net--columns a")].map(a => {
  const seen = e => getComputedStyle(e);
  const box = a.querySelector("rect"), note = a.querySelector(".net__note");
  return {text: seen(a.querySelector(".net__text")).fill, note: note && seen(note).fill,
          fill: seen(box).fill, edge: seen(box).stroke,
          page: seen(document.body).backgroundColor};
})"""


def luminance(colour):
    parts = [float(n) / 255 for n in re.findall(r"[\d.]+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_and_edges_stand_out(open_page, dark):
    page = open_page(ROLE, dark=dark)
    found = page.evaluate(COLOURS)
    assert len(found) == 5
    for box in found:
        assert contrast(box["text"], box["fill"]) >= 4.5
        assert contrast(box["edge"], box["page"]) >= 3
        if box["note"]:
            assert contrast(box["note"], box["fill"]) >= 4.5


@pytest.mark.parametrize(
    ("width", "shown"), [(320, "tree"), (700, "tree"), (768, "columns"), (1280, "columns")]
)
def test_one_drawing_is_shown_and_its_text_is_large_enough(open_page, width, shown):
    page = open_page(ROLE, width=width, javascript=False)
    for name in ("tree", "columns"):
        assert page.locator(f".net--{name}").is_visible() == (name == shown)
    drawing = page.locator(f".net--{shown}")
    box = drawing.bounding_box()
    assert box["x"] + box["width"] <= width
    units = float(drawing.get_attribute("viewBox").split()[2])
    assert 14 * box["width"] / units >= 12.5


def test_every_box_is_reached_by_keyboard_and_leads_on(open_page):
    page = open_page(ROLE)
    page.locator(".net--columns a").first.focus()
    reached = []
    for _ in range(5):
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
        page.keyboard.press("Tab")
    assert len({*reached}) == 5
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Plan for sykepleier").last.wait_for()
    page.locator(".net--columns a").nth(2).press("Enter")
    page.wait_for_url("**/krav/krav-fall")
