"""Ways to do what one may not, each a function of a bank with its provider; what they end in stands in the test."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey

from api.sessions import NAME, Sessions
from editor_sign_in import (
    ADMIN,
    CENTRAL,
    NARROW,
    browser,
    form_token,
    sign_in,
    to_provider,
)
from oidc_provider import SECRET
from small_bank import LOCAL, READER, WRITER

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
