"""An editor signs in with the provider in a real browser, and out again; the pages of it pass axe, without scripts too."""

import socket

import pytest

from axe_rules import AXE
from editor_sign_in import ADMIN, Clock, open_signed
from oidc_provider import provider
from small_bank import fill, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A bank with a provider, at the address that the provider sends people back to."""
    folder, clock = tmp_path_factory.mktemp("sign-in"), Clock()
    fill(folder, indexed=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with provider(clock) as issuer:
        engine = open_signed(folder, clock, issuer.issuer, public_url=f"http://127.0.0.1:{port}")
        with serving(engine, port) as address:
            yield address, issuer
        engine.close()


@pytest.fixture
def open_page(chromium, desk):
    contexts = []

    def open_(path, **context):
        contexts.append(chromium.new_context(locale="nb-NO", **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.heard = []
        page.on("console", lambda m: m.type == "error" and page.heard.append(m.text))
        page.goto(desk[0] + path)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_editor_signs_in_with_the_provider_and_out_again(open_page, desk, javascript):
    address, issuer = desk
    issuer.answer()
    page = open_page("/editor/decisions", java_script_enabled=javascript)
    assert page.url == f"{address}/editor/sign-in?next=%2Feditor%2Fdecisions"
    page.get_by_role("link", name="Logg inn med arbeidsgiverens innlogging").click()
    page.wait_for_url(f"{address}/editor/decisions")
    assert page.get_by_text("redaksjonen på Ahus").is_visible()
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url(f"{address}/editor/sign-in?out=1")
    assert page.get_by_role("status").inner_text() == "Du er logget ut."
    assert page.context.cookies() == []
    assert page.heard == []


def test_a_form_on_another_site_changes_nothing(open_page, desk):
    address, issuer = desk
    issuer.answer()
    page = open_page("/editor/sign-in/start")
    page.wait_for_url(f"{address}/editor")
    page.goto(issuer.issuer + "/keys")  # another origin
    page.evaluate(
        """to => { const f = document.createElement('form'); f.method = 'post'; f.action = to;
                   document.body.append(f); f.submit(); }""",
        f"{address}/editor/sign-out",
    )
    page.wait_for_url(f"{address}/editor/sign-out")
    assert page.get_by_role("heading", level=1).inner_text() != "Du er logget ut."
    page.goto(f"{address}/editor")
    assert page.get_by_role("button", name="Logg ut").is_visible()


def test_the_pages_pass_axe_and_do_not_scroll_sideways(open_page, axe):
    for path in ("/editor/sign-in", "/editor/sign-in?out=1", "/editor/trail"):
        page = open_page(path, viewport={"width": 320, "height": 800})
        if path == "/editor/trail":
            page.get_by_label("Nøkkel").fill("feil")
            page.keyboard.press("Enter")
            page.get_by_role("alert").wait_for()
            page.get_by_label("Nøkkel").fill(ADMIN)
            page.keyboard.press("Enter")
            page.wait_for_url("**/editor/trail")
            assert page.get_by_role("row").count() > 2
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.evaluate(axe)
        assert page.evaluate(AXE)["violations"] == []
