"""Editors steer the tags over HTTP: by the writer's key, seen by the next search, kept in the audit trail."""

import pytest

from engine.recent import RecentChanges
from indexer.pipeline import index
from small_bank import LOCAL, READER, WRITER

WRITE = {"Authorization": f"Bearer {WRITER}"}
FALL, ETHICS = "tema/fallforebygging", "tema/etikk"
TAGS = "/v1/editor/resources/{}/tags"
BLOCKED = "/v1/editor/blocked-concepts"


def having(site, concept, **params):
    answer = site.get("/v1/search", params={"concept": concept, "k": 100, **params})
    return {hit["resource"]["id"] for hit in answer.json()["hits"]}


def rows(site, resource):
    return {row["concept"]: row for row in site.get(TAGS.format(resource), headers=WRITE).json()["tags"]}


def rule(site, resource, concept, verdict, key=WRITER, **more):
    url = f"{TAGS.format(resource)}/{concept}"
    return site.put(url, json={"verdict": verdict, **more}, headers={"X-API-Key": key})


def test_rulings_are_seen_by_the_next_search_and_in_the_tags(own_site, own_bank):
    resource = "mappe/kb-12"  # an id with a slash, of a resource without themes
    before = own_site.get(f"/v1/resources/{resource}")
    (proposed,) = [c for c, row in rows(own_site, resource).items() if row["state"] == "proposed"][:1]
    answer = rule(own_site, resource, proposed, "rejected", reason="nevnes bare")
    assert answer.status_code == 200
    row = answer.json()
    assert row == rows(own_site, resource)[proposed]
    assert (row["state"], row["text_changed"], row["again"]) == ("rejected", False, False)
    assert row["spans"]
    assert row["ruling"] == {
        "verdict": "rejected", "by": "redaksjon", "at": own_bank.now().isoformat(), "reason": "nevnes bare",
    }  # fmt: skip
    assert resource not in having(own_site, proposed)
    after = own_site.get(f"/v1/resources/{resource}", headers={"If-None-Match": before.headers["etag"]})
    assert proposed not in [c["id"] for c in after.json()["concepts"]]

    assert rule(own_site, resource, ETHICS, "pinned").json()["score"] == 1
    assert own_site.get(f"/v1/resources/{resource}").json()["concepts"][0]["id"] == ETHICS
    assert resource in having(own_site, ETHICS)
    about = own_site.get(f"/v1/resources/{resource}").json()["resource"]["about"]
    assert (about[0]["decision"], about[0]["again"]) == ("pinned", False)

    assert own_site.delete(f"{TAGS.format(resource)}/{proposed}", headers=WRITE).status_code == 204
    assert resource in having(own_site, proposed)
    assert own_site.delete(f"{TAGS.format(resource)}/{proposed}", headers=WRITE).status_code == 404
    actions = [line.action for line in own_bank.catalogue.audit_trail(resource)][:3]
    assert actions == ["withdrawn tag", "pinned tag", "rejected tag"]


def test_the_same_ruling_twice_is_one(own_site, own_bank):
    first, second = (rule(own_site, "kb-1", FALL, "accepted").json() for _ in range(2))
    assert first == second
    assert [line.action for line in own_bank.catalogue.audit_trail("kb-1")].count("accepted tag") == 1


def test_what_was_rejected_is_marked_when_a_new_text_brings_it_back(own_site):
    resource = {"title": "Fallforebygging i praksis", "body": "Rydd gulvet."}
    own_site.put("/v1/resources/ny", json=resource, headers=WRITE)
    rule(own_site, "ny", FALL, "rejected")
    own_site.put("/v1/resources/ny", json={**resource, "title": " FALLFOREBYGGING i  praksis"}, headers=WRITE)
    assert "ny" not in having(own_site, FALL)
    own_site.put("/v1/resources/ny", json={**resource, "body": "Rydd gulvet først."}, headers=WRITE)
    assert "ny" in having(own_site, FALL)
    shown = own_site.get("/v1/resources/ny").json()
    assert [c["again"] for c in shown["concepts"] if c["id"] == FALL] == [True]
    row = rows(own_site, "ny")[FALL]
    assert (row["state"], row["again"], row["text_changed"]) == ("proposed", True, True)


def test_a_blocked_concept_leaves_every_automatic_tag_at_once_and_stated_ones_stay(own_site, own_bank):
    own_bank._recent = RecentChanges(own_bank.catalogue, own_bank.vectors, budget=60)
    blank = {"title": "Fallforebygging", "body": "Om fallforebygging."}
    own_site.post(
        "/v1/resources",
        json=[{**blank, "id": "ny"}, {**blank, "id": "lokal", "edition": "ahus"}],
        headers=WRITE,
    )
    stated = having(own_site, FALL, edition="alle") - {"ny", "lokal"}
    assert stated
    url = f"{BLOCKED}/{FALL}"
    answer = own_site.put(url, json={"edition": "ahus", "reason": "egen plan"}, headers={"X-API-Key": LOCAL})
    assert (answer.status_code, answer.json()["by"]) == (200, "redaksjon-ahus")
    assert having(own_site, FALL, edition="alle") == stated | {"ny"}
    index(own_bank)
    answer = own_site.put(url, json={"until": "2026-12-31"}, headers=WRITE)
    assert (answer.json()["until"], answer.json()["ended"]) == ("2026-12-31", False)
    assert having(own_site, FALL, edition="alle") == stated  # of the build, too
    listed = own_site.get(BLOCKED, headers=WRITE).json()["blocked"]
    assert [(b["concept"], b["edition"]) for b in listed] == [(FALL, ""), (FALL, "ahus")]
    assert rows(own_site, "ny")[FALL]["state"] == "blocked"
    rule(own_site, "ny", FALL, "accepted")
    assert "ny" in having(own_site, FALL)
    assert own_site.delete(url, headers=WRITE).status_code == 204
    assert own_site.delete(url, params={"edition": "ahus"}, headers=WRITE).status_code == 204
    index(own_bank)
    assert having(own_site, FALL, edition="alle") == stated | {"ny", "lokal"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", TAGS.format("kb-1")),
        ("PUT", f"{TAGS.format('kb-1')}/{FALL}"),
        ("DELETE", f"{TAGS.format('kb-1')}/{FALL}"),
        ("GET", BLOCKED),
        ("PUT", f"{BLOCKED}/{FALL}"),
        ("DELETE", f"{BLOCKED}/{FALL}"),
    ],
)
def test_nothing_of_it_goes_without_a_writers_key(site, method, path):
    for key, status in ((None, 401), ("unknown", 401), (READER, 403)):
        answer = site.request(method, path, headers={"X-API-Key": key} if key else {}, json={})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_of_an_edition_steers_there_only(site):
    assert rule(site, "kb-1", FALL, "rejected", key=LOCAL).status_code == 403
    assert site.get(TAGS.format("kb-1"), headers={"X-API-Key": LOCAL}).status_code == 403
    assert site.put(f"{BLOCKED}/{FALL}", json={}, headers={"X-API-Key": LOCAL}).status_code == 403
    assert site.get(TAGS.format("kb-7"), headers={"X-API-Key": LOCAL}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{TAGS.format('kb-1')}/{FALL}", {"verdict": "kanskje"}, 422),
        (f"{TAGS.format('kb-1')}/{FALL}", {"verdict": "accepted", "grunn": "x"}, 422),
        (f"{TAGS.format('kb-1')}/{FALL}", {"verdict": "accepted", "reason": "\x00"}, 400),
        (f"{TAGS.format('kb-1')}/tema/finnes-ikke", {"verdict": "accepted"}, 404),
        (f"{TAGS.format('finnes-ikke')}/{FALL}", {"verdict": "accepted"}, 404),
        (f"{TAGS.format('%00')}/{FALL}", {"verdict": "accepted"}, 404),
        (f"{BLOCKED}/tema/finnes-ikke", {}, 404),
        (f"{BLOCKED}/{FALL}", {"edition": "ahus", "resource_type": "film"}, 400),
        (f"{BLOCKED}/{FALL}", {"edition": "\x00"}, 400),
        (f"{BLOCKED}/{FALL}", {"until": "2026-11-20"}, 400),
        (f"{BLOCKED}/{FALL}", {"until": "31.12.2026"}, 422),
    ],
)
def test_what_will_not_do_is_a_problem(site, path, body, status):
    answer = site.put(path, json=body, headers=WRITE)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
