"""Editors sign in: with their employer's account or a key, as a function, in one cookie that says nothing of them."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import oidc
from api.sessions import NAME, SessionRefused, Sessions
from editor_sign_in import (
    GROUPS,
    Clock,
    add_oslo,
    browser,
    form_token,
    open_signed,
    script,
    sign_in,
    to_provider,
)
from engine.bootstrap import load_settings
from engine.errors import InvalidRequest
from oidc_provider import PERSON, provider
from small_bank import KEYS, LOCAL, fill, serving

TAG = "/v1/editor/resources/{}/tags/tema/fallforebygging"
ACCEPT = {"verdict": "accepted"}


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def issuer(clock):
    with provider(clock) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sign-in") / "data"
    fill(folder, indexed=False)
    return folder


@pytest.fixture(scope="module")
def engine(folder, clock, issuer):
    engine = open_signed(folder, clock, issuer.issuer)
    add_oslo(engine)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def address(engine):
    with serving(engine) as address:
        yield address


@pytest.fixture
def client(address):
    with browser(address) as client:
        yield client


def test_an_editor_signs_in_with_the_provider_and_acts_as_the_function(client, engine, issuer):
    away = client.get("/editor", params={"lang": "en"})
    assert (away.status_code, away.headers["location"]) == (303, "/editor/sign-in?next=%2Feditor%3Flang%3Den")
    page = client.get(away.headers["location"])
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    assert "/editor/sign-in/start?next=%2Feditor%3Flang%3Den" in page.text
    issuer.answer(groups=["annet", "redaksjon-ahus"])
    answer = sign_in(client, wanted="/editor?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/editor?lang=en")
    home = client.get("/editor?lang=en")
    assert (home.status_code, home.headers["cache-control"]) == (200, "no-store")
    assert "redaksjonen på Ahus" in home.text
    assert "Editor of Ahus" in home.text
    me = client.get("/v1/editor/me").json()
    assert (me["name"], me["kind"], me["edition"], me["signed_in"]) == (
        "redaksjonen på Ahus",
        "local",
        "ahus",
        True,
    )
    assert me["ends"] == "2026-11-21T20:00:00+00:00"
    ruled = client.put(TAG.format("kb-7"), json=ACCEPT, headers={"X-CSRF-Token": me["csrf_token"]})
    assert ruled.status_code == 200
    assert engine.catalogue.audit_trail("kb-7")[0].by == "redaksjonen på Ahus"
    out = client.post("/editor/sign-out", data={"csrf": me["csrf_token"]})
    assert (out.status_code, out.headers["location"]) == (303, "/editor/sign-in?out=1")
    assert "Du er logget ut" in client.get(out.headers["location"]).text
    assert client.get("/editor").status_code == 303


@pytest.mark.parametrize(
    ("groups", "kind"),
    [
        (["redaksjon-ahus", "redaksjon-sentral"], "central"),  # the first of the settings
        (["drift"], "admin"),
        ("redaksjon-ahus", "local"),
    ],
)
def test_the_first_group_of_the_settings_counts(client, issuer, groups, kind):
    issuer.answer(groups=groups if isinstance(groups, list) else [], claims={"groups": groups})
    assert sign_in(client).status_code == 303
    assert client.get("/v1/editor/me").json()["kind"] == kind


def test_nothing_of_a_person_is_kept_anywhere(client, issuer, folder, caplog):
    caplog.set_level("DEBUG")
    issuer.answer()
    assert sign_in(client).status_code == 303
    body = client.cookies[NAME].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert claims.keys() == {"jti", "of", "who", "mark", "exp"}
    assert (claims["of"], claims["who"]) == ("group", "redaksjon-ahus")
    client.put(TAG.format("kb-7"), json=ACCEPT, headers={"X-CSRF-Token": form_token(client)})
    client.post("/editor/sign-out", data={"csrf": form_token(client)})
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("catalogue.db") for path in files)
    kept = b"".join(path.read_bytes() for path in files) + caplog.text.encode()
    assert [value for value in PERSON.values() if value.encode() in kept] == []


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, folder, clock, issuer):
    answer = client.post("/editor/sign-in", data={"key": LOCAL})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{NAME}=ey")
    assert cookie.split("; ")[1:] == ["HttpOnly", "Max-Age=28800", "Path=/", "SameSite=lax"]
    secure = open_signed(folder, clock, issuer.issuer, public_url="https://kg.example")
    with serving(secure) as address, browser(address) as other:
        answer = other.post("/editor/sign-in", data={"key": LOCAL})
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith(f"__Host-{NAME}=")
        assert "Secure" in cookie.split("; ")
        assert "Domain" not in cookie
    secure.close()


def test_readers_get_no_cookie(client):
    for path in ("/", "/om", "/rolle", "/v1/search", "/editor/sign-in", "/vocabulary"):
        assert "set-cookie" not in client.get(path).headers


def test_all_server_processes_know_who_signed_in_and_who_signed_out(client, folder, clock, issuer):
    assert client.post("/editor/sign-in", data={"key": LOCAL}).status_code == 303
    cookie = {"Cookie": f"{NAME}={client.cookies[NAME]}"}
    second = open_signed(folder, clock, issuer.issuer)
    with serving(second) as address, script(address) as other:
        assert other.get("/v1/editor/me", headers=cookie).json()["name"] == "redaksjon-ahus"
        client.post("/editor/sign-out", data={"csrf": form_token(client)})
        assert other.get("/v1/editor/me", headers=cookie).status_code == 401
    second.close()


@pytest.mark.parametrize("change", [None, {"edition": "oslo"}, {"rights": ("tags",)}, {"scopes": ("read",)}])
def test_a_session_ends_when_its_key_is_taken_away_or_changed(client, folder, clock, issuer, change):
    assert client.post("/editor/sign-in", data={"key": LOCAL}).status_code == 303
    cookie = client.cookies[NAME]
    keys = {**KEYS, "redaksjon-ahus": KEYS["redaksjon-ahus"].model_copy(update=change or {})}
    if change is None:
        del keys["redaksjon-ahus"]
    changed = open_signed(folder, clock, issuer.issuer, api_keys=keys)
    with pytest.raises(SessionRefused, match="changed"):
        Sessions(changed).read(cookie)
    changed.close()


def test_a_form_may_be_sent_by_a_browser_that_tells_only_its_origin(client):
    client.post("/editor/sign-in", data={"key": LOCAL})
    token = form_token(client)
    del client.headers["Sec-Fetch-Site"]
    for origin, status in ((None, 403), ("null", 403), (str(client.base_url), 303)):
        headers = {"Origin": origin} if origin else {}
        assert client.post("/editor/sign-out", data={"csrf": token}, headers=headers).status_code == status


def test_a_key_that_is_sent_counts_before_a_session(client):
    client.post("/editor/sign-in", data={"key": LOCAL})
    assert client.get("/v1/editor/me", headers={"X-API-Key": "wrong"}).status_code == 401


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/editor", "//evil.example/editor", "/editor/../om", "/om"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(client, issuer, wanted):
    issuer.answer()
    answer = client.post("/editor/sign-in", data={"key": LOCAL, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/editor")
    assert client.get("/editor/sign-in", params={"next": wanted}).headers["location"] == "/editor"
    client.cookies.clear()
    assert sign_in(client, wanted=wanted).headers["location"] == "/editor"


def test_an_administrator_reads_the_trail_on_a_page_and_others_do_not(client, issuer):
    issuer.answer()
    assert sign_in(client).status_code == 303
    assert client.put(TAG.format("kb-1"), json=ACCEPT).status_code == 403
    assert 'href="/editor/trail"' not in client.get("/editor").text
    refused = client.get("/editor/trail?lang=en")
    assert (refused.status_code, "This is not yours to change" in refused.text) == (403, True)
    client.cookies.clear()
    issuer.answer(groups=["drift"])
    assert sign_in(client).status_code == 303
    assert 'href="/editor/trail"' in client.get("/editor").text
    page = client.get("/editor/trail", params={"only": "refused", "subject": "kb-1", "lang": "nn"}).text
    assert "Avvist" in page
    assert "PUT /v1/editor/resources/{id:path}/tags/{scheme}/{name}" in page
    assert "<script>" not in page
    table = client.get("/editor/trail.csv", params={"only": "refused", "subject": "kb-1", "lang": "en"})
    assert table.headers["content-disposition"] == 'attachment; filename="trail.csv"'
    assert table.text.splitlines()[0] == "When,Who,What,About,More"
    assert table.text.splitlines()[1].endswith("kb-1,no form token")
    issuer.answer()


def test_a_provider_with_new_keys_is_asked_for_them(client, issuer, monkeypatch):
    monkeypatch.setattr(oidc, "PAUSE", -1.0)
    issuer.answer()
    assert sign_in(client).status_code == 303
    old, issuer.key = issuer.key, issuer.other_key
    try:
        assert sign_in(client).status_code == 303
    finally:
        issuer.key = old


def test_a_provider_that_is_away_is_told_as_such(folder, clock):
    away = open_signed(folder, clock, "http://127.0.0.1:9")
    with serving(away) as address, browser(address, Accept="application/json") as client:
        answer = client.get("/editor/sign-in/start")
        assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (503, "backend-unavailable")
        assert (
            client.post("/editor/sign-in", data={"key": LOCAL}).status_code == 303
        )  # a key needs no provider
    away.close()


def test_a_provider_that_says_it_is_another_is_not_used(folder, clock, issuer):
    bent = open_signed(folder, clock, issuer.issuer + "/")
    with serving(bent) as address, browser(address, Accept="application/json") as other:
        assert other.get("/editor/sign-in/start").status_code == 503
    bent.close()


def test_without_a_provider_a_key_is_all_there_is(folder, clock):
    without = open_signed(folder, clock, "")
    with serving(without) as address, browser(address) as client:
        assert "/editor/sign-in/start" not in client.get("/editor/sign-in").text
        assert client.get("/editor/sign-in/start").status_code == 404
        wrong = client.post("/editor/sign-in?lang=nn", data={"key": "feil"})
        assert (wrong.status_code, "feil" in wrong.text) == (401, False)
        assert "Nøkkelen er ikkje kjend" in wrong.text
        assert 'aria-invalid="true"' in wrong.text
        assert (
            client.post("/editor/sign-in?lang=nn", data={"key": LOCAL}).headers["location"]
            == "/editor?lang=nn"
        )
    without.close()


@settings(max_examples=50, deadline=None)
@given(cookie=st.one_of(st.text(max_size=80), st.text(alphabet="abcXYZ019-_.=ey", max_size=80)))
def test_no_cookie_is_a_fault_of_ours(engine, cookie):
    with pytest.raises(SessionRefused):
        Sessions(engine).read(cookie)


def test_the_way_back_takes_any_text(client):
    to_provider(client)
    for query in ("code=%00&state=%ff", "state=" + "x" * 3000, "error=access_denied", "iss=x&code=1&state=æ"):
        assert client.get(f"/editor/callback?{query}").status_code == 401


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"oidc_issuer": "https://id.example"}, "KG_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://id.example", "oidc_client_id": "x", "oidc_groups": GROUPS}, "https"),
        ({"oidc_groups": {"a": {"name": "alle"}}}, "edition"),
        ({"oidc_groups": {"a": {"name": "", "edition": "ahus"}}}, "KG_OIDC_GROUPS.A.NAME"),
        ({"session_hours": 100}, "KG_SESSION_HOURS"),
    ],
)
def test_settings_that_will_not_do_are_told(given_, said):
    with pytest.raises(InvalidRequest, match=said):
        load_settings(data=Path("x"), **given_)
