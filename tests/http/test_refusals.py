"""Ways to do what one may not: each is refused with a problem document, changes nothing, and leaves an audit line."""

import shutil

import pytest

from api.routes.editor_pages.trail import why
from api.sessions import NAME
from api.texts import Translator
from editor_sign_in import (
    ADMIN,
    BROWSER,
    Clock,
    add_oslo,
    browser,
    open_signed,
    script,
    sign_in,
)
from forbidden_ways import (
    AHUS,
    SECRETS,
    World,
    alg_none,
    answer_of_another_provider,
    bent,
    bent_session,
    central_blocks_locally,
    central_writes_local,
    code_used_before,
    expired_session,
    form_token_of_another,
    from_another_origin,
    from_another_site,
    id_token_used_before,
    key_from_another_site,
    key_in_the_address,
    local_blocks_everywhere,
    local_links_central,
    local_tags_central,
    local_takes_central,
    local_withdraws_other,
    local_writes_central,
    no_form_token,
    no_state_at_all,
    nobody_writes,
    other_draft_compared,
    other_draft_tags,
    other_secret,
    reader_writes,
    session_after_sign_out,
    session_of_changed_rights,
    sign_in_with_a_reading_key,
    signed_by,
    signed_in_local_on_central,
    state_of_another,
    state_used_before,
    token_of_another_purpose,
    too_late,
    unknown_key,
    unsigned,
    with_the_public_key,
    with_the_secret,
    without_the_right,
    without_the_right_to_write,
    writer_reads_the_audit_trail,
)
from oidc_provider import CLIENT, provider
from small_bank import LOCAL, RESOURCES, WRITER, fill, serving


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
    *(
        pytest.param(way, status, "unknown", reason, "-", id=name)
        for name, (way, status, reason) in BENT.items()
    ),
]


@pytest.mark.parametrize(("way", "status", "by", "reason", "subject"), CASES)
def test_it_is_refused_with_a_problem_and_an_audit_line(world, way, status, by, reason, subject):
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
    assert (line.by, line.detail, line.subject) == (by, reason, subject)
    assert line.action.startswith(f"refused {answer.request.method} /")


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_every_reason_has_words_for_people(lang):
    t = Translator(lang)
    reasons = {case.values[3] for case in CASES}
    assert len(reasons) > 25
    unsaid = {reason for reason in reasons if why(reason, t) == reason and lang != "en"}
    assert unsaid == set()


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
