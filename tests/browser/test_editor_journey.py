"""An editor's day in a real browser: a warning while a title is typed, two texts compared, merged, parted, merged.

The last merge outlives an import of the old record and an index made anew. Every page of editors is looked at by axe,
light and dark, at 320 and 1280 pixels.
"""

import json
import re

import pytest

from axe_rules import AXE
from engine.model import Resource
from indexer.importing import import_sources
from indexer.pipeline import index
from small_bank import WRITER, fill, open_bank, serving

TEXT = (
    "Tell pusten i et helt minutt, og mål blodtrykk og temperatur hos den som er syk. "
    "Ring legen når skåren er fem eller mer enn det. Skriv ned det du ser, og hva du har sagt til hvem. "
)
OTHER = (
    "Vask instrumentene i lunkent vann, og pakk dem tørre før de går i autoklaven på operasjonsavdelingen. "
    "Sjekk indikatoren på posen, datoen og lukkingen, og legg det som er vått, tilbake til ny runde. "
)
OLD, NEW = "tvilling-2", "tvilling-1"
TWINS = (
    Resource(NEW, "Skår, ring og skriv", body=TEXT * 3, teaches=("krav-news2",)),
    Resource(OLD, "Skår, ring og skriv ned", body=TEXT.replace("fem", "sju") * 3, edition="ahus"),
    Resource("ulik-1", "Hygiene på operasjonsstua", body=OTHER * 3),
    Resource("ulik-2", "Hygiene på operasjonsstuen", body=OTHER * 3, edition="ahus"),
)
PAGES = {
    "board": "/editor",
    "write": "/editor/write",
    "duplicates": "/editor/duplicates",
    "compare": "/editor/compare?a=ulik-1&b=ulik-2",
    "merge": "/editor/merge?a=ulik-1&b=ulik-2&keep=ulik-1",
    "stale": "/editor/stale?state=all",
    "queue": "/editor/queue",
    "gaps": "/editor/gaps",
    "candidates": "/editor/gaps/krav-tomt",
    "links": "/editor/links",
    "demand": "/editor/demand?show=popular",
    "decisions": "/editor/decisions",
}


CONTRAST = """async () => {
  const found = await axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast']}});
  return found.violations.map(v => v.nodes.map(n => n.html.slice(0, 200) + ' | ' + n.failureSummary));
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A bank with twins behind a real server: the engine and the address."""
    folder = tmp_path_factory.mktemp("desk")
    fill(folder, indexed=False)
    engine = open_bank(folder, index_in_background=False)
    engine.write_resources(TWINS, by="test")
    index(engine)
    with serving(engine) as address:
        yield engine, address
    engine.close()


@pytest.fixture(scope="module")
def signed_in(chromium, desk):
    """What a browser keeps of somebody who has signed in with a key."""
    context = chromium.new_context(locale="nb-NO")
    page = context.new_page()
    page.goto(desk[1] + "/editor/duplicates")
    page.get_by_label("Nøkkel").fill(WRITER)
    page.keyboard.press("Enter")
    page.wait_for_url("**/editor/duplicates")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def open_desk(chromium, desk, signed_in):
    """Open a page of editors; every request that leaves the server, and every error, is kept in `page.heard`."""
    contexts = []

    def open_(path, *, width=1280, javascript=True, locale="nb-NO"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale=locale,
            storage_state=signed_in,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.heard = []
        page.on("request", lambda r: r.url.startswith(desk[1]) or page.heard.append(r.url))
        page.on("console", lambda m: m.type == "error" and page.heard.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: page.heard.append(f"error: {e}"))
        page.goto(desk[1] + path)
        return page

    yield open_
    for context in contexts:
        context.close()


def press_until(page, key, name, limit=80):
    """Press a key until what has the focus is called so."""
    seen = []
    for _ in range(limit):
        page.keyboard.press(key)
        seen.append(page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText"))
        if re.fullmatch(name, seen[-1].strip()):
            return
    raise AssertionError(f"{name} is not reached by {key}: {seen}")


def merge_by_keyboard(page):
    """From the comparison of the twins to the merge, without a mouse."""
    press_until(page, "Tab", "Behold A")
    press_until(page, "Tab", "Se hva det fører til")
    page.keyboard.press("Enter")
    page.wait_for_url("**/editor/merge?**")
    assert page.get_by_text(f"Adressen /ressurs/{OLD} fører til teksten som beholdes.").is_visible()
    press_until(page, "Tab", "Slå sammen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/editor/decisions?done=merged")


def test_the_journey(open_desk, desk):
    engine, address = desk
    page = open_desk("/editor")
    page.get_by_role("link", name="Før du skriver").click()
    status = page.get_by_role("status")
    page.get_by_label("Tittel").press_sequentially("Skår, ring og skriv")
    status.get_by_text("Det finnes allerede en tekst med dette navnet").wait_for()
    found = page.get_by_role("region", name="Finnes fra før")
    assert found.get_by_role("link", name="Skår, ring og skriv", exact=True).is_visible()
    assert page.get_by_label("Tittel").evaluate("e => e === document.activeElement")
    assert "Sk" not in page.url

    page.get_by_role("link", name="Like tekster").click()
    group = page.get_by_role("article", name="Skår, ring og skriv")
    group.get_by_role("link", name=re.compile("^Sammenlign")).click()
    page.wait_for_url("**/editor/compare?**")
    assert page.locator(".beside mark").all_inner_texts() == ["fem", "sju"] * 3
    assert page.locator(".beside__row[data-kind=changed] .beside__kind").first.inner_text() == "Ulikt"

    merge_by_keyboard(page)
    assert page.get_by_role("status").inner_text().startswith("Tekstene er slått sammen")
    page.goto(f"{address}/ressurs/{OLD}?lang=nb")
    assert page.url == f"{address}/ressurs/{NEW}?lang=nb"
    assert OLD not in {g for group in engine.duplicates.groups() for g in group.ids}

    page.goto(address + "/editor/decisions")
    page.get_by_role("article", name="Slått sammen").get_by_role("button", name=re.compile("^Angre")).click()
    page.wait_for_url("**/editor/decisions?done=undone")
    page.goto(f"{address}/ressurs/{OLD}")
    assert page.get_by_role("heading", level=1).inner_text() == "Skår, ring og skriv ned"

    page.goto(f"{address}/editor/compare?a={NEW}&b={OLD}")
    merge_by_keyboard(page)
    page.goto(f"{address}/editor/compare?a=ulik-1&b=ulik-2")
    page.get_by_label("De er ikke like").check()
    page.get_by_role("button", name="Behold begge").click()
    page.wait_for_url("**done=not_duplicates")
    assert page.heard == []


def test_decisions_outlive_an_import_and_an_index_made_anew(open_desk, desk, tmp_path):
    """After the journey: the source still has the old record, with a changed word."""
    engine, address = desk
    record = {
        "id": OLD,
        "title": "Skår, ring og skriv ned",
        "body": TEXT.replace("fem", "åtte") * 3,
        "edition": "ahus",
    }
    source = tmp_path / "kilde.jsonl"
    source.write_text(json.dumps(record))
    report = import_sources(engine, [str(source)], by="test")
    assert report.sources[0].updated == 1
    index(engine, rebuild=True)
    page = open_desk(f"/ressurs/{OLD}")
    assert page.url == f"{address}/ressurs/{NEW}"
    page.goto(address + "/?q=skår+ring+skriv&edition=ahus")
    assert page.locator(f"#resultat a[href*='{NEW}']").count() == 1
    assert page.locator(f"#resultat a[href*='{OLD}']").count() == 0
    page.goto(address + "/editor/duplicates")
    names = page.get_by_role("article").get_by_role("heading").all_inner_texts()
    assert "Skår, ring og skriv" not in names
    assert not [name for name in names if name.startswith("Hygiene")]
    page.goto(address + "/editor/decisions")
    assert page.get_by_role("article", name="Slått sammen").count() == 1
    assert page.get_by_role("article", name="Ikke like").count() == 1


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_passes_axe_and_does_not_scroll_sideways(open_desk, axe, path):
    page = open_desk(path, width=320)
    assert page.locator("h1").count() == 1
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(axe)
    assert page.evaluate(AXE)["violations"] == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(CONTRAST) == []
    assert page.heard == []


def test_what_is_there_is_shown_without_javascript(open_desk):
    page = open_desk("/editor/write", javascript=False)
    page.get_by_label("Tittel").fill("Skår, ring og skriv")
    page.get_by_role("button", name="Se hva som finnes").click()
    assert page.get_by_role("status").inner_text() == "Det finnes allerede en tekst med dette navnet."
    assert page.get_by_label("Tittel").input_value() == "Skår, ring og skriv"
