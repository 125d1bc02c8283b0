"""Ways to do what one may not: each is refused with a problem document, changes nothing, and leaves an audit line."""

import base64
import json
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from api.sessions import NAME, Sessions
from editor_sign_in import (
    ADMIN,
    BROWSER,
    CENTRAL,
    NARROW,
    Clock,
    add_oslo,
    browser,
    form_token,
    open_signed,
    script,
    sign_in,
    to_provider,
)
from oidc_provider import CLIENT, SECRET, provider
from small_bank import LOCAL, READER, RESOURCES, WRITER, fill, serving

TAG = "/v1/editor/resources/{}/tags/tema/fallforebygging"
BLOCK = "/v1/editor/blocked-concepts/tema/demens"
LINK = {"resource": "kb-2", "requirement": "krav-fall", "verdict": "accepted"}
ACCEPT = {"verdict": "accepted"}
JSON = {"Accept": "application/json"}
SECRETS = (WRITER, READER, LOCAL, CENTRAL, ADMIN, NARROW, SECRET)
AHUS = "redaksjonen på Ahus"


class World:
    """A bank, its provider, and a browser with nobody signed in."""

    def __init__(self, engine, address, clock, issuer, client):
        self.engine, self.address, self.clock, self.issuer = engine, address, clock, issuer
        self.client = client  # of scripts: it has no cookies

    def key(self, method, path, key, **more):
        headers = {"X-API-Key": key} if key else {}
        return self.client.request(method, path, headers=headers, **more)

    def with_cookie(self, cookie, path="/v1/editor/me"):
        return self.client.get(path, headers={"Cookie": f"{NAME}={cookie}"})

    def browser(self):
        return browser(self.address, Accept="application/json")

    def signed_in(self, client, groups=("redaksjon-ahus",)):
        self.issuer.answer(groups=groups)
        assert sign_in(client).status_code == 303
        return client.cookies[NAME]

    def refused_lines(self):
        return self.engine.catalogue.audit_trail(limit=1000, action="refused")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refusals") / "data"
    fill(folder, indexed=False)
    return folder


@pytest.fixture(scope="module")
def world(filled, tmp_path_factory):
    clock = Clock()
    with provider(clock) as issuer:
        engine = open_signed(
            shutil.copytree(filled, tmp_path_factory.mktemp("x") / "data"), clock, issuer.issuer
        )
        add_oslo(engine)
        with serving(engine) as address, script(address) as client:
            yield World(engine, address, clock, issuer, client)
        engine.close()


def state(engine):
    catalogue = engine.catalogue
    return catalogue.last_seq(), catalogue.plan_seq(), catalogue.ruling_seq()


# --- keys ------------------------------------------------------------------------------------


def local_writes_central(world):
    return world.key("PUT", "/v1/resources/kb-1", LOCAL, json={"title": "Ny", "edition": "felles"})


def local_takes_central(world):
    return world.key("PUT", "/v1/resources/kb-1", LOCAL, json={"title": "Ny", "edition": "ahus"})


def local_tags_central(world):
    return world.key("PUT", TAG.format("kb-1"), LOCAL, json=ACCEPT)


def local_links_central(world):
    return world.key("PUT", "/v1/editor/links", LOCAL, json=LINK)


def local_withdraws_other(world):
    return world.key("DELETE", "/v1/resources/kb-oslo", LOCAL)


def other_draft_compared(world):
    return world.key("GET", "/v1/editor/compare?a=kb-1&b=kb-oslo-utkast", LOCAL)


def other_draft_tags(world):
    return world.key("GET", "/v1/editor/resources/kb-oslo-utkast/tags", LOCAL)


def local_blocks_everywhere(world):
    return world.key("PUT", BLOCK, LOCAL, json={})


def central_writes_local(world):
    return world.key("DELETE", "/v1/resources/kb-7", CENTRAL)


def central_blocks_locally(world):
    return world.key("PUT", BLOCK, CENTRAL, json={"edition": "ahus"})


def without_the_right(world):
    return world.key("PUT", "/v1/editor/links", NARROW, json=LINK)


def without_the_right_to_write(world):
    return world.key("DELETE", "/v1/resources/kb-2", NARROW)


def reader_writes(world):
    return world.key("PUT", "/v1/resources/kb-1", READER, json={"title": "Ny"})


def nobody_writes(world):
    return world.key("DELETE", "/v1/resources/kb-1", None)


def unknown_key(world):
    return world.key("DELETE", "/v1/resources/kb-1", "guessed")


def key_in_the_address(world):
    return world.key("DELETE", f"/v1/resources/kb-1?api_key={WRITER}", None)


def writer_reads_the_audit_trail(world):
    return world.key("GET", "/v1/editor/audit", WRITER)


# --- sessions --------------------------------------------------------------------------------


def other_secret(world):
    claims = {"jti": "x", "of": "group", "who": "drift", "mark": "x", "exp": 4_000_000_000}
    return world.with_cookie(jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key(256)))


def alg_none(world):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"jti": "x", "of": "group", "who": "drift", "mark": "x", "exp": 4_000_000_000}
    return world.with_cookie(f"{part({'alg': 'none'})}.{part(claims)}.")


def bent_session(world):
    with world.browser() as client:
        head, body, signature = world.signed_in(client).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    bent = base64.urlsafe_b64encode(json.dumps({**claims, "who": "drift"}).encode()).rstrip(b"=").decode()
    return world.with_cookie(f"{head}.{bent}.{signature}")


def token_of_another_purpose(world):
    with world.browser() as client:
        client.get("/editor/sign-in/start")
        return world.with_cookie(client.cookies["kompetansegraf-sign-in"])


def expired_session(world):
    with world.browser() as client:
        cookie = world.signed_in(client)
    world.clock.move(hours=8, seconds=1)
    return world.with_cookie(cookie)


def session_after_sign_out(world):
    with world.browser() as client:
        cookie = world.signed_in(client)
        assert client.post("/editor/sign-out", data={"csrf": form_token(client)}).status_code == 303
    return world.with_cookie(cookie)


def session_of_changed_rights(world):
    sessions = Sessions(world.engine)
    claims = {"jti": "x", "of": "group", "who": "redaksjon-ahus", "mark": "of earlier settings"}
    world.clock.move(seconds=1)
    ends = world.clock.now.replace(year=2027)
    return world.with_cookie(sessions.sign("session", claims, ends))


def signed_in_local_on_central(world):
    with world.browser() as client:
        world.signed_in(client)
        return client.put(TAG.format("kb-2"), json=ACCEPT, headers={"X-CSRF-Token": form_token(client)})


def no_form_token(world):
    with world.browser() as client:
        world.signed_in(client)
        return client.put(TAG.format("kb-7"), json=ACCEPT)


def form_token_of_another(world):
    with world.browser() as one, world.browser() as other:
        world.signed_in(one)
        world.signed_in(other)
        return one.put(TAG.format("kb-7"), json=ACCEPT, headers={"X-CSRF-Token": form_token(other)})


def from_another_site(world):
    with world.browser() as client:
        world.signed_in(client)
        headers = {"X-CSRF-Token": form_token(client), "Sec-Fetch-Site": "cross-site"}
        return client.put(TAG.format("kb-7"), json=ACCEPT, headers=headers)


def from_another_origin(world):
    with world.browser() as client:
        world.signed_in(client)
        headers = {"X-CSRF-Token": form_token(client), "Origin": "https://evil.invalid"}
        del client.headers["Sec-Fetch-Site"]
        return client.post("/editor/sign-out", headers=headers)


def key_from_another_site(world):
    with world.browser() as client:
        return client.post("/editor/sign-in", data={"key": WRITER}, headers={"Sec-Fetch-Site": "same-site"})


def sign_in_with_a_reading_key(world):
    with world.browser() as client:
        return client.post("/editor/sign-in", data={"key": READER})


# --- signing in at the provider --------------------------------------------------------------


def bent(**answer):
    def way(world):
        world.issuer.answer(**answer)
        with world.browser() as client:
            return sign_in(client)

    return way


def signed_by(sign):
    def way(world):
        world.issuer.answer(signed=lambda claims: sign(world.issuer, claims))
        with world.browser() as client:
            return sign_in(client)

    return way


def unsigned(_issuer, claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}."


def with_the_secret(_issuer, claims):
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET.ljust(32, "x")))


def with_the_public_key(issuer, claims):
    return jwt.encode(
        {"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(issuer.key.as_pem(private=False)[27:])
    )


def state_used_before(world):
    world.issuer.answer()
    with world.browser() as client:
        kept = None
        back = to_provider(client)
        kept = client.cookies["kompetansegraf-sign-in"]
        assert client.get(back).status_code == 303
        return client.get(back, headers={"Cookie": f"kompetansegraf-sign-in={kept}"})


def code_used_before(world):
    world.issuer.answer()
    with world.browser() as client:
        first = parse_qs(urlsplit(to_provider(client)).query)["code"][0]
        assert client.get(f"/editor/callback?code={first}&state=x").status_code == 401
        again = to_provider(client)
        assert client.get(again).status_code == 303
        used = parse_qs(urlsplit(again).query)["code"][0]
        state_ = parse_qs(urlsplit(to_provider(client)).query)["state"][0]
        return client.get("/editor/callback", params={"code": used, "state": state_})


def state_of_another(world):
    with world.browser() as one, world.browser() as other:
        back = to_provider(other)
        to_provider(one)
        return one.get(back)


def no_state_at_all(world):
    with world.browser() as client:
        return client.get(to_provider(client), headers={"Cookie": ""})


def too_late(world):
    with world.browser() as client:
        back = to_provider(client)
        world.clock.move(minutes=10, seconds=1)
        return client.get(back)


def answer_of_another_provider(world):
    world.issuer.answer()
    with world.browser() as client:
        back = to_provider(client).replace("127.0.0.1", "localhost")
        return client.get(back)


def id_token_used_before(world):
    with world.browser() as client:
        old = []
        world.issuer.answer(signed=lambda claims: old.append(world.issuer.sign(claims)) or old[0])
        assert sign_in(client).status_code == 303
        return sign_in(client)


WAYS = {
    local_writes_central: (403, "redaksjon-ahus", "not the edition of the key", "kb-1"),
    local_takes_central: (403, "redaksjon-ahus", "not the edition of the key", "kb-1"),
    local_tags_central: (403, "redaksjon-ahus", "central content", "kb-1"),
    local_links_central: (403, "redaksjon-ahus", "central content", "kb-2"),
    local_withdraws_other: (403, "redaksjon-ahus", "another edition", "kb-oslo"),
    other_draft_compared: (404, "redaksjon-ahus", "hidden", "kb-oslo-utkast"),
    other_draft_tags: (404, "redaksjon-ahus", "hidden", "kb-oslo-utkast"),
    local_blocks_everywhere: (403, "redaksjon-ahus", "block beyond the own edition", "-"),
    central_writes_local: (403, "sentral", "another edition", "kb-7"),
    central_blocks_locally: (403, "sentral", "block beyond the own edition", "-"),
    without_the_right: (403, "bare-emneord", "no right: links", "kb-2"),
    without_the_right_to_write: (403, "bare-emneord", "no right: write", "kb-2"),
    reader_writes: (403, "portal", "scope write is missing", "kb-1"),
    nobody_writes: (401, "unknown", "no key", "kb-1"),
    unknown_key: (401, "unknown", "unknown key", "kb-1"),
    key_in_the_address: (401, "unknown", "key in the address", "kb-1"),
    writer_reads_the_audit_trail: (403, "redaksjon", "scope admin is missing", "-"),
    other_secret: (401, "unknown", "forged session", "-"),
    alg_none: (401, "unknown", "forged session", "-"),
    bent_session: (401, "unknown", "forged session", "-"),
    token_of_another_purpose: (401, "unknown", "forged session", "-"),
    expired_session: (401, "unknown", "expired session", "-"),
    session_after_sign_out: (401, "unknown", "session after sign-out", "-"),
    session_of_changed_rights: (401, "unknown", "session of a key or group that has changed", "-"),
    signed_in_local_on_central: (403, AHUS, "central content", "kb-2"),
    no_form_token: (403, AHUS, "no form token", "kb-7"),
    form_token_of_another: (403, AHUS, "no form token", "kb-7"),
    from_another_site: (403, AHUS, "from another site", "kb-7"),
    from_another_origin: (403, AHUS, "from another site", "-"),
    key_from_another_site: (403, "unknown", "from another site", "-"),
    sign_in_with_a_reading_key: (403, "portal", "scope write is missing", "-"),
    state_used_before: (401, "unknown", "state used before", "-"),
    code_used_before: (401, "unknown", "code refused by the provider", "-"),
    state_of_another: (401, "unknown", "state of another sign-in", "-"),
    no_state_at_all: (401, "unknown", "forged sign-in", "-"),
    too_late: (401, "unknown", "expired sign-in", "-"),
    answer_of_another_provider: (401, "unknown", "answer of another provider", "-"),
    id_token_used_before: (401, "unknown", "ID token with the wrong nonce", "-"),
}
BENT = {
    "another key": (signed_by(lambda i, c: i.sign(c, i.other_key)), 401, "forged ID token"),
    "no signature": (signed_by(unsigned), 401, "forged ID token"),
    "signed with the client's secret": (signed_by(with_the_secret), 401, "forged ID token"),
    "signed with the public key": (signed_by(with_the_public_key), 401, "forged ID token"),
    "no token": (signed_by(lambda *_: "x"), 401, "forged ID token"),
    "another issuer": (bent(claims={"iss": "https://evil.invalid"}), 401, "ID token with the wrong iss"),
    "for another client": (bent(claims={"aud": "other"}), 401, "ID token with the wrong aud"),
    "for several, by another": (
        bent(claims={"aud": [CLIENT, "b"], "azp": "b"}),
        401,
        "ID token with the wrong azp",
    ),
    "for several, by nobody": (bent(claims={"aud": [CLIENT, "b"]}), 401, "ID token with the wrong azp"),
    "expired": (bent(claims={"exp": 1_000_000_000}), 401, "expired ID token"),
    "without an end": (bent(claims={"exp": None}), 401, "ID token with the wrong exp"),
    "of tomorrow": (bent(claims={"iat": 4_000_000_000}), 401, "ID token with the wrong iat"),
    "without a nonce": (bent(claims={"nonce": None}), 401, "ID token with the wrong nonce"),
    "in no group": (bent(groups=("økonomi",)), 403, "no group of editors"),
    "groups in another shape": (
        bent(claims={"groups": {"redaksjon-ahus": True}}),
        403,
        "no group of editors",
    ),
}
CASES = [
    *(pytest.param(way, *expected, id=way.__name__) for way, expected in WAYS.items()),
    *(pytest.param(way, status, "unknown", why, "-", id=name) for name, (way, status, why) in BENT.items()),
]


@pytest.mark.parametrize(("way", "status", "by", "why", "subject"), CASES)
def test_it_is_refused_with_a_problem_and_an_audit_line(world, way, status, by, why, subject):
    world.clock.move(minutes=2)
    before = state(world.engine)
    answer = way(world)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.text
    )
    problem = answer.json()
    assert (problem["status"], problem["instance"]) == (status, answer.request.url.path)
    assert problem["type"].startswith("https://")
    assert problem["title"]
    assert problem["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert NAME not in answer.headers.get("set-cookie", "")
    assert state(world.engine) == before
    line = world.refused_lines()[0]
    assert (line.by, line.detail, line.subject) == (by, why, subject)
    assert line.action.startswith(f"refused {answer.request.method} /")


def test_at_least_twelve_ways_were_tried():
    assert len(CASES) >= 12


def test_the_audit_trail_holds_no_secret_and_nothing_that_was_sent(world):
    personal = "13097248022"
    world.key("DELETE", f"/v1/resources/{personal}?api_key={WRITER}", None)
    world.key("PUT", f"/v1/resources/{personal}", LOCAL, json={"title": personal, "edition": personal})
    world.key("GET", f"/v1/editor/compare?a={personal}&b=kb-1", personal)
    trail = repr(world.refused_lines())
    assert trail.count("refused") >= 3
    assert personal not in trail
    assert not [secret for secret in SECRETS if secret in trail]
    assert "127.0.0.1" not in trail


def test_an_administrator_reads_what_was_refused(world):
    world.clock.move(minutes=2)
    assert reader_writes(world).status_code == 403
    answer = world.key("GET", "/v1/editor/audit?action=refused&limit=5", ADMIN)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json()["lines"][0] == {
        "at": world.clock.now.isoformat(),
        "by": "portal",
        "action": "refused PUT /v1/resources/{id:path}",
        "subject": "kb-1",
        "detail": "scope write is missing",
    }
    table = world.key("GET", "/v1/editor/audit?action=refused&limit=5&format=csv", ADMIN)
    assert table.text.splitlines()[0] == "at,by,action,subject,detail"
    assert len(table.text.splitlines()) == 6
    assert world.key("GET", "/v1/editor/audit?format=xlsx", ADMIN).content[:2] == b"PK"


def test_a_bulk_write_goes_on_without_what_is_refused_and_says_so(world):
    world.clock.move(minutes=2)
    body = [{"id": "kb-1", "title": "Ny"}, {"id": "kb-ny-ahus", "title": "Vår", "edition": "ahus"}]
    answer = world.key("POST", "/v1/resources", LOCAL, json=body)
    assert (answer.status_code, answer.json()["added"]) == (200, ["kb-ny-ahus"])
    line = world.refused_lines()[0]
    assert (line.by, line.subject, line.detail) == ("redaksjon-ahus", "kb-1", "not the edition of the key")
    assert world.engine.catalogue.get("kb-1") == RESOURCES[0]


def test_a_page_says_the_same_in_words(world):
    for lang, title in (("nb", "Dette er ikke deres å endre"), ("en", "This is not yours to change")):
        with browser(world.address) as client:
            world.signed_in(client)
            answer = client.post("/editor/sign-out", params={"lang": lang}, data={"csrf": "x"})
            assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
            assert title in answer.text
    world.issuer.answer(groups=())
    with browser(world.address) as client:
        answer = sign_in(client, **BROWSER)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert "hører ikke til noen redaksjon" in answer.text
        assert 'role="alert"' in answer.text
