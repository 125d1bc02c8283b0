"""Editors rule on links over HTTP: the next index run states what was accepted and loses what was rejected."""

from dataclasses import replace

import pytest

from indexer.pipeline import index
from small_bank import LOCAL, READER, RESOURCES, WRITER

LINKS = "/v1/editor/links"
OF_RESOURCE, OF_REQUIREMENT = "/v1/editor/resources/{}/links", "/v1/editor/requirements/{}/links"
KB2 = next(r for r in RESOURCES if r.id == "kb-2")


def of_resource(site, resource, key=WRITER, **params):
    answer = site.get(OF_RESOURCE.format(resource), params=params, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return {row["requirement"]: row for row in answer.json()["links"]}


def of_requirement(site, requirement, key=WRITER, **params):
    answer = site.get(OF_REQUIREMENT.format(requirement), params=params, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return {row["resource"]: row for row in answer.json()["links"]}


def rule(site, resource, requirement, verdict, key=WRITER, **more):
    body = {"resource": resource, "requirement": requirement, "verdict": verdict, **more}
    return site.put(LINKS, json=body, headers={"X-API-Key": key})


def undo(site, resource, requirement, key=WRITER):
    named = {"resource": resource, "requirement": requirement}
    return site.delete(LINKS, params=named, headers={"X-API-Key": key})


def serving(site, requirement):
    """Return the resources that readers see for a requirement, and whether each is stated."""
    answer = site.get(f"/v1/requirements/{requirement}/resources").json()
    return {found["resource"]["id"]: found["stated"] for found in answer["resources"]}


def why(site, resource):
    """Return the reason in English that a resource is recommended to the role."""
    items = site.get("/v1/recommendations", params={"role": "sykepleier", "k": 50}).json()["items"]
    (found,) = [item for item in items if item["resource"]["id"] == resource]
    return found["reasons"][0]["sentences"]["en"]


def test_an_accepted_proposal_is_stated_after_an_index_run_and_a_rejected_one_is_gone(own_site, own_bank):
    before = of_requirement(own_site, "krav-fall")
    assert serving(own_site, "krav-fall").keys() >= {"kb-2", "kb-4"}
    assert (before["kb-1"]["state"], before["kb-1"]["by"]) == ("stated", "Redaksjonen (eksempel)")
    assert {r for r, row in before.items() if row["state"] == "proposed"} >= {"kb-2", "kb-4", "kb-5"}
    row = before["kb-2"]
    assert row == of_resource(own_site, "kb-2")["krav-fall"]
    assert (row["title"], row["by"], row["at"]) == (KB2.title, "kompetansegraf", "2025-05-05")
    assert (row["in_graph"], row["may_rule"], row["ruling"]) == (True, True, None)
    assert 0 < row["confidence"] <= 1
    assert [c["concept"] for c in row["concepts"]] == ["tema/fallforebygging"]

    accepted = rule(own_site, "kb-2", "krav-fall", "accepted", reason="dekker hele kravet")
    assert accepted.status_code == 200
    row = accepted.json()
    assert (row["state"], row["in_graph"], row["confidence"]) == (
        "accepted",
        False,
        before["kb-2"]["confidence"],
    )
    assert row["ruling"] == {
        "verdict": "accepted", "by": "redaksjon", "at": own_bank.now().isoformat(), "reason": "dekker hele kravet",
    }  # fmt: skip
    assert rule(own_site, "kb-2", "krav-fall", "accepted", reason="dekker hele kravet").json() == row
    trail = own_bank.catalogue.audit_trail("kb-2")
    assert [(t.action, t.by, t.detail) for t in trail if "teaches" in t.action] == [
        ("accepted teaches", "redaksjon", "krav-fall: dekker hele kravet")
    ]
    rejected = rule(own_site, "kb-4", "krav-fall", "rejected").json()
    assert (rejected["state"], rejected["in_graph"]) == ("rejected", False)
    assert rule(own_site, "kb-6", "krav-news2", "rejected").json()["state"] == "rejected"  # the source's own

    said_again = rule(own_site, "kb-1", "krav-fall", "accepted").json()  # what the source has stated already
    assert (said_again["state"], said_again["in_graph"]) == ("accepted", False)

    report = index(own_bank)
    assert (report.skipped, report.whole, report.added, report.changed) == (
        False,
        "",
        0,
        4,
    )  # those that were ruled on, and the graph
    after = of_requirement(own_site, "krav-fall")
    assert next(iter(after)) == "kb-2"  # the surest of editors' words first
    assert (after["kb-1"]["by"], after["kb-1"]["in_graph"]) == ("redaksjon", True)
    assert (after["kb-2"]["state"], after["kb-2"]["in_graph"]) == ("accepted", True)
    assert (after["kb-4"]["state"], after["kb-4"]["in_graph"]) == ("rejected", True)
    assert after["kb-4"]["confidence"] == before["kb-4"]["confidence"]
    shown = serving(own_site, "krav-fall")
    assert (shown["kb-2"], shown["kb-5"], "kb-4" in shown) == (True, False, False)
    assert serving(own_site, "krav-news2") == {}
    assert "redaksjon on 21 November 2026" in why(own_site, "kb-2")

    changed = replace(KB2, summary="En helt ny tekst om fall.", body=KB2.body + " Rydd gulvet først.")
    new4 = replace(next(r for r in RESOURCES if r.id == "kb-4"), summary="Ny ingress om fall.")
    own_bank.write_resources([changed, new4], by="import")
    index(own_bank)
    later = of_requirement(own_site, "krav-fall")
    assert [
        (later[r]["state"], later[r]["in_graph"], later[r]["text_changed"]) for r in ("kb-2", "kb-4")
    ] == [
        ("accepted", True, True),
        ("rejected", True, True),
    ]
    index(own_bank, rebuild=True)
    assert "kb-4" not in serving(own_site, "krav-fall")

    assert undo(own_site, "kb-4", "krav-fall").status_code == 204
    assert undo(own_site, "kb-4", "krav-fall").status_code == 404
    assert undo(own_site, "kb-6", "krav-news2").status_code == 204
    index(own_bank)
    assert of_resource(own_site, "kb-4")["krav-fall"]["state"] == "proposed"
    assert of_resource(own_site, "kb-6")["krav-news2"]["state"] == "stated"


def test_a_key_of_an_edition_rules_on_its_own_resources_and_sees_no_others_drafts(site, bank):
    said = bank.catalogue.ruling_seq()
    for answer in (
        rule(site, "kb-2", "krav-fall", "rejected", key=LOCAL),
        undo(site, "kb-2", "krav-fall", key=LOCAL),
        site.get(OF_RESOURCE.format("kb-2"), headers={"X-API-Key": LOCAL}),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        assert "edition 'ahus'" in answer.json()["detail"]
    assert bank.catalogue.ruling_seq() == said
    assert of_resource(site, "kb-7", key=LOCAL)["krav-fall"]["state"] == "stated"
    rows = of_requirement(site, "krav-fall", key=LOCAL)
    assert {row["edition"] for row in rows.values()} == {"felles", "ahus"}
    assert {r for r, row in rows.items() if row["may_rule"]} == {"kb-7"}


def test_what_is_local_elsewhere_and_what_is_a_draft_is_shown_to_its_own_editors_only(own_site, own_bank):
    own_bank.write_resources(
        [
            replace(KB2, id="oslo-1", edition="oslo"),
            replace(KB2, id="utkast", edition="ahus", status="draft"),
            replace(KB2, id="fra-oss", edition="ahus"),
        ],
        by="test",
    )
    index(own_bank)
    assert rule(own_site, "utkast", "krav-tomt", "accepted", key=LOCAL).json()["in_graph"] is False
    assert set(of_requirement(own_site, "krav-tomt", key=LOCAL)) == {"utkast"}
    local, central = (of_requirement(own_site, "krav-fall", key=key) for key in (LOCAL, WRITER))
    assert ("oslo-1" in local, "fra-oss" in local) == (False, True)
    assert "oslo-1" in central
    assert rule(own_site, "fra-oss", "krav-fall", "accepted", key=LOCAL).json()["by"] == "redaksjon-ahus"


def test_the_gap_list_is_cut_and_filtered_and_labelled_in_three_languages(site):
    answer = site.get(OF_REQUIREMENT.format("krav-fall"), params={"limit": 1}, headers={"X-API-Key": WRITER})
    assert (len(answer.json()["links"]), answer.json()["total"] > 3) == (1, True)
    proposed = of_requirement(site, "krav-fall", state="proposed")
    assert {row["state"] for row in proposed.values()} == {"proposed"}
    sure = [row["confidence"] for row in proposed.values()]
    assert sure == sorted(sure, reverse=True)
    named = {
        lang: of_requirement(site, "krav-fall", lang=lang)["kb-2"]["state_label"]
        for lang in ("nb", "nn", "en")
    }
    assert named == {"nb": "foreslått", "nn": "føreslegen", "en": "proposed"}
    assert of_requirement(site, "krav-tomt") == {}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", OF_RESOURCE.format("kb-1")),
        ("GET", OF_REQUIREMENT.format("krav-fall")),
        ("PUT", LINKS),
        ("DELETE", f"{LINKS}?resource=kb-1&requirement=krav-fall"),
    ],
)
def test_nothing_of_it_goes_without_a_writers_key(site, method, path):
    body = {"resource": "kb-1", "requirement": "krav-fall", "verdict": "rejected"}
    for key, status in ((None, 401), ("unknown", 401), (READER, 403)):
        answer = site.request(method, path, headers={"X-API-Key": key} if key else {}, json=body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"resource": "finnes-ikke"}, 404),
        ({"resource": "\x00"}, 404),
        ({"requirement": "finnes-ikke"}, 404),
        ({"verdict": "pinned"}, 422),
        ({"resource": ""}, 422),
        ({"grunn": "x"}, 422),
        ({"reason": "\x00"}, 400),
    ],
)
def test_what_will_not_do_is_a_problem(site, change, status):
    body = {"resource": "kb-1", "requirement": "krav-fall", "verdict": "accepted", **change}
    answer = site.put(LINKS, json=body, headers={"X-API-Key": WRITER})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_lists_of_what_there_is_not_are_problems(site):
    for path in (OF_RESOURCE.format("finnes-ikke"), OF_REQUIREMENT.format("finnes-ikke")):
        answer = site.get(path, headers={"X-API-Key": WRITER})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
