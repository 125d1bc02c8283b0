"""Editors rule on what belongs beside a resource: readers see it at once, whatever the ranking says."""

from dataclasses import replace

import pytest

from indexer.pipeline import index
from small_bank import LOCAL, READER, RESOURCES, WRITER

RELATED = "/v1/editor/resources/{}/related"
KB = {r.id: r for r in RESOURCES}


def listed(site, resource, key=WRITER, **params):
    answer = site.get(RELATED.format(resource), params=params, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    return {row["resource"]: row for row in answer.json()["related"]}


def rule(site, resource, other, verdict, key=WRITER, **more):
    body = {"resource": other, "verdict": verdict, **more}
    return site.put(RELATED.format(resource), json=body, headers={"X-API-Key": key})


def similar(site, resource, **params):
    return [
        s["resource"]["id"]
        for s in site.get(f"/v1/resources/{resource}/similar", params=params).json()["similar"]
    ]


def test_what_is_proposed_says_why_in_words(site):
    rows = listed(site, "kb-1", lang="en")
    assert "kb-4" in rows
    course = rows["kb-4"]
    assert (course["state"], course["state_label"], course["ruling"]) == ("proposed", "proposed", None)
    assert course["concepts"][0] == {"concept": "tema/fallforebygging", "label": "fall prevention"}
    assert course["reasons"][0].startswith("Both are about fall prevention")
    nynorsk = listed(site, "kb-1", lang="nn")["kb-4"]
    assert nynorsk["state_label"] == "føreslegen"
    assert nynorsk["reasons"][0].startswith("Begge handlar om fallførebygging")
    assert list(listed(site, "kb-1", k=1)) == list(rows)[:1]


def test_accepted_come_first_for_readers_and_rejected_never_again(own_site, own_bank):
    before = similar(own_site, "kb-1", k=10)
    assert "kb-4" in before
    assert before[0] != "kb-8"
    etag = own_site.get("/v1/resources/kb-1/similar").headers["etag"]
    accepted = rule(own_site, "kb-1", "kb-8", "accepted", reason="hører sammen").json()
    assert (accepted["state"], accepted["ruling"]["by"]) == ("accepted", "redaksjon")
    assert accepted["reasons"][0] == "redaksjon har sagt det."
    assert rule(own_site, "kb-1", "kb-4", "rejected").status_code == 200

    def holds():
        now = similar(own_site, "kb-1", k=10)
        return now[0] == "kb-8" and "kb-4" not in now

    assert holds()
    assert similar(own_site, "kb-1", k=1) == ["kb-8"]
    again = own_site.get("/v1/resources/kb-1/similar", headers={"If-None-Match": etag})
    assert again.status_code == 200
    own_bank.write_resources(
        [replace(KB["kb-4"], summary="Ny."), replace(KB["kb-8"], body="Ny.")], by="import"
    )
    assert holds()
    index(own_bank, rebuild=True)
    assert holds()
    rows = listed(own_site, "kb-1")
    assert (next(iter(rows)), rows["kb-4"]["state"]) == ("kb-8", "rejected")
    said = own_bank.catalogue.ruling_seq()
    rule(own_site, "kb-1", "kb-8", "accepted", reason="hører sammen")
    assert own_bank.catalogue.ruling_seq() == said
    for other in ("kb-8", "kb-4"):
        path, asked = RELATED.format("kb-1"), {"resource": other}
        assert own_site.delete(path, params=asked, headers={"X-API-Key": WRITER}).status_code == 204
        assert own_site.delete(path, params=asked, headers={"X-API-Key": WRITER}).status_code == 404
    assert not holds()


def test_copies_and_translations_are_neither_proposed_nor_accepted(own_site, own_bank):
    copy = replace(KB["kb-1"], id="kopi", title="Kurs om fall", edition="felles", url="")
    own_bank.write_resources([copy], by="test")
    index(own_bank)
    assert "kopi" not in listed(own_site, "kb-1")
    refused = rule(own_site, "kb-1", "kopi", "accepted")
    assert (refused.status_code, "same work" in refused.json()["detail"]) == (400, True)
    assert rule(own_site, "kb-1", "kopi", "rejected").status_code == 200


def test_what_readers_of_an_edition_do_not_see_is_not_in_their_list(own_site):
    assert rule(own_site, "kb-8", "kb-7", "accepted").status_code == 200
    assert "kb-7" not in similar(own_site, "kb-8", k=10)
    assert similar(own_site, "kb-8", k=10, edition="ahus")[0] == "kb-7"


def test_a_key_of_an_edition_rules_on_its_own_resources_only(own_site):
    assert rule(own_site, "kb-1", "kb-7", "accepted", key=LOCAL).status_code == 403
    assert rule(own_site, "kb-7", "kb-3", "accepted", key=LOCAL).status_code == 200
    assert rule(own_site, "kb-7", "kb-10", "accepted", key=LOCAL).status_code == 404  # another's draft
    answer = own_site.get(RELATED.format("kb-10"), headers={"X-API-Key": LOCAL})
    assert answer.status_code == 404
    assert listed(own_site, "kb-10") == {}  # a draft has no neighbours yet


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        ("kb-1", {"resource": "kb-1", "verdict": "accepted"}, WRITER, 400),
        ("kb-1", {"resource": "finnes-ikke", "verdict": "accepted"}, WRITER, 404),
        ("finnes-ikke", {"resource": "kb-1", "verdict": "accepted"}, WRITER, 404),
        ("kb-1", {"resource": "kb-4", "verdict": "pinned"}, WRITER, 422),
        ("kb-1", {"resource": "kb-4", "verdict": "accepted"}, READER, 403),
        ("kb-1", {"resource": "kb-4", "verdict": "accepted"}, "", 401),
    ],
)
def test_what_will_not_do_is_a_problem(site, path, body, key, status):
    answer = site.put(RELATED.format(path), json=body, headers={"X-API-Key": key} if key else {})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
