import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from machine_parts import require_or_skip
from small_bank import fill, open_bank, serving

WEB = Path(__file__).parents[2] / "web"
HOW = "apt-get install chromium nodejs npm, pip install playwright, and `npm ci` in web/"
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def chromium():
    """A real Chromium, started once."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None or find_spec("playwright") is None:
        require_or_skip("browser", HOW)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    fill(folder)
    engine = open_bank(folder)
    with serving(engine) as at:
        yield at
    engine.close()


@pytest.fixture
def open_page(chromium, address):
    """Open a page in a fresh context; every request and console error is kept in `page.heard`."""
    contexts = []

    def open_(path, *, width=1280, javascript=True, dark=False, locale="nb-NO"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            locale=locale,
        )
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        page.on("request", lambda r: page.heard.append(r.url))
        page.on("console", lambda m: m.type == "error" and page.heard.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: page.heard.append(f"error: {e}"))
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, from the packages of web/."""
    source = WEB / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        if shutil.which("npm") is None:
            require_or_skip("browser", HOW)
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=WEB, check=True, capture_output=True)
    wanted = json.loads((WEB / "package.json").read_text())["devDependencies"]["axe-core"]
    text = source.read_text()
    assert wanted in text[:200]
    return text
