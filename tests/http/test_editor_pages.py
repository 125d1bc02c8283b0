"""The pages of editors over HTTP: for who has signed in, decisions by forms alone, every list as a file, three languages."""

import re
import shutil
from io import BytesIO

import httpx
import openpyxl
import pytest

from engine.model import Resource
from small_bank import LOCAL, WRITER, open_bank, serving

TEXT = (
    "Tell pusten i et helt minutt, mål blodtrykk og temperatur, og ring når skåren er fem eller mer enn det. "
    * 3
)
LISTS = ("duplicates", "decisions", "stale", "queue", "gaps", "links", "demand")
PAGES = (
    "",
    "/write",
    *(f"/{name}" for name in LISTS),
    "/compare?a=t-1&b=t-2",
    "/gaps/krav-tomt",
    "/related?resource=kb-1",
)
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def desk(filled, tmp_path_factory):
    """The address of a bank with twins; tests that decide take back what they decided."""
    engine = open_bank(
        shutil.copytree(filled, tmp_path_factory.mktemp("desk") / "data"), index_in_background=False
    )
    engine.write_resources(
        [
            Resource("t-1", "Skår og ring", body=TEXT),
            Resource("t-2", "Skår og ring", body=TEXT.replace("fem", "sju"), edition="ahus"),
            Resource("t-3", "Skår og ring straks", body=TEXT + " Og mer.", edition="oslo", status="draft"),
        ],
        by="test",
    )
    with serving(engine) as address:
        yield address
    engine.close()


@pytest.fixture
def editor(desk):
    """Sign in with a key; the client has the session's cookie."""
    clients = []

    def sign_in(secret=WRITER):
        client = httpx.Client(
            base_url=desk, timeout=60, headers={"Accept": "text/html", "Accept-Language": "nb"}
        )
        clients.append(client)
        answer = client.post("/editor/sign-in", data={"key": secret, "next": "/editor"}, headers=SAME_SITE)
        assert answer.status_code == 303
        return client

    yield sign_in
    for client in clients:
        client.close()


def post(client, path, **fields):
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/editor").text)[1]
    return client.post(path, data={"csrf": token, **fields}, headers=SAME_SITE)


@pytest.mark.parametrize("path", PAGES)
def test_who_has_not_signed_in_is_led_to_sign_in_and_back(desk, path):
    answer = httpx.get(f"{desk}/editor{path}", headers={"Accept": "text/html"}, timeout=60)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/editor/sign-in?next=%2Feditor")


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_not_stored_have_no_inline_code_and_speak_three_languages(editor, path):
    client = editor()
    seen = set()
    for lang in ("nb", "nn", "en"):
        answer = client.get(f"/editor{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert not re.search(r"<script(?! type=\"module\" src=)|\son\w+=|style=", answer.text)
        assert f'<html lang="{lang}"' in answer.text
        seen.add(re.search(r"<h1[^>]*>(.*?)</h1>", answer.text)[1])
    assert path == "/gaps/krav-tomt" or len(seen) >= 2


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_a_file_too(editor, name):
    client = editor()
    answer = client.get(f"/editor/{name}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    header = answer.text.splitlines()[0]
    book = openpyxl.load_workbook(BytesIO(client.get(f"/editor/{name}.xlsx").content))
    assert [cell.value for cell in book.worksheets[0][1]] == header.split(",")


def test_two_texts_stand_side_by_side_with_what_differs_marked(editor):
    html = editor().get("/editor/compare", params={"a": "t-1", "b": "t-2"}).text
    assert html.count("<mark>fem</mark>") == html.count("<mark>sju</mark>") == 3
    assert html.count('data-kind="changed"') == 3
    assert 'value="supplement"' in html
    assert 'value="translation"' not in html  # one language


def test_what_a_local_editor_may_not_is_not_offered_and_is_refused(editor):
    client = editor(LOCAL)
    html = client.get("/editor/compare", params={"a": "t-1", "b": "t-2"}).text
    assert 'id="behold-1" value="t-1"' in html
    assert 'value="t-2" checked' not in html.replace('name="b" value="t-2"', "")
    assert (
        client.get("/editor/compare", params={"a": "t-1", "b": "t-3"}).status_code == 404
    )  # another's draft
    assert client.get("/editor/merge", params={"a": "t-1", "b": "t-2", "keep": "t-2"}).status_code in {
        400,
        403,
    }
    assert post(client, "/editor/merge", old="t-1", new="t-2").status_code in {400, 403}
    assert post(client, "/editor/still-right", resource="kb-2", years="2").status_code == 403
    assert (
        post(
            client, "/editor/links", resource="kb-2", requirement="krav-fall", verdict="accepted"
        ).status_code
        == 403
    )
    assert "t-3" not in client.get("/editor/duplicates").text


@pytest.mark.parametrize(
    "path",
    [
        "merge",
        "merge/undo",
        "keep-both",
        "keep-both/undo",
        "still-right",
        "queue",
        "links",
        "gaps",
        "wishes",
        "write",
    ],
)
def test_nothing_is_decided_without_the_token_of_the_form(editor, path):
    fields = {"old": "t-2", "new": "t-1", "a": "t-1", "b": "t-2", "as": "not-duplicate", "resource": "kb-2"}
    answer = editor().post(f"/editor/{path}", data=fields, headers=SAME_SITE)
    assert answer.status_code == 403


def test_a_decision_leads_on_to_a_page_and_is_taken_back(editor):
    client = editor()
    answer = post(client, "/editor/keep-both", a="t-1", b="t-2", **{"as": "supplement"}, reason="egne tider")
    assert answer.headers["location"] == "/editor/compare?a=t-1&b=t-2&done=supplement"
    html = client.get(answer.headers["location"]).text
    assert "Lagret: den lokale teksten er et tillegg" in html
    assert "egne tider" in html
    assert "egne tider" in client.get("/editor/decisions").text
    assert post(client, "/editor/keep-both/undo", a="t-1", b="t-2").status_code == 303
    assert "egne tider" not in client.get("/editor/decisions").text


def test_what_is_related_is_ruled_on_and_the_ruling_taken_back(editor):
    client = editor()
    path = "/editor/related?resource=kb-1"
    assert "kb-4" in client.get(path).text
    answer = post(client, "/editor/related", resource="kb-1", other="kb-4", verdict="rejected")
    assert answer.headers["location"] == path + "&done=not_related"
    assert 'value="withdrawn"' in client.get(path).text
    assert (
        post(client, "/editor/related", resource="kb-1", other="kb-4", verdict="withdrawn").status_code == 303
    )
    assert 'value="withdrawn"' not in client.get(path).text
    assert (
        post(editor(LOCAL), "/editor/related", resource="kb-1", other="kb-4", verdict="rejected").status_code
        == 403
    )


def test_a_text_that_is_still_right_leaves_the_list(editor):
    client = editor()
    assert "Film om fall i hjemmet" in client.get("/editor/stale").text
    answer = post(client, "/editor/still-right", resource="kb-2", years="2", query="state=work&evil=1")
    assert answer.headers["location"] == "/editor/stale?state=work&done=reviewed"
    assert "Film om fall i hjemmet" not in client.get("/editor/stale").text


def test_the_numbers_of_the_board_are_those_of_their_lists(editor):
    client = editor()
    client.get("/editor/duplicates")  # so that the number is at hand
    html = client.get("/editor", params={"lang": "en"}).text
    numbers = re.findall(r'<a href="(/editor/[^"]+)"><strong>(\d+)</strong>', html)
    assert len(numbers) == 8
    for url, n in numbers:
        found = client.get(url.replace("&amp;", "&")).text
        heading = re.search(r'id="antall">\s*(\d+)', found)
        assert heading is not None, url
        assert heading[1] == n, url


def test_what_is_typed_is_in_no_address_and_comes_back_in_the_form(editor):
    client = editor()
    answer = post(client, "/editor/write", title="Skår og ring", text="Tell <pusten>.", edition="felles")
    assert answer.status_code == 200
    assert "Det finnes allerede en tekst med dette navnet." in answer.text
    assert "Tell &lt;pusten&gt;." in answer.text
    assert 'action="/editor/write"' in answer.text
