"""Editors are told what would be lost, and what has changed between two versions; others are not."""

from dataclasses import replace

import pytest

from engine.model import Resource
from small_bank import LOCAL, READER, RESOURCES, WRITER

WRITE, OWN = {"X-API-Key": WRITER}, {"X-API-Key": LOCAL}
IMPACT = "/v1/editor/impact"
KB8 = next(r for r in RESOURCES if r.id == "kb-8")
VERSIONS, DIFFERENCE = "/v1/editor/resources/kb-8/versions", "/v1/editor/resources/kb-8/difference"


@pytest.fixture
def rewritten(own_bank, own_site):
    for at, change in enumerate(
        (
            {"body": KB8.body.replace("såpe", "vann")},
            {"status": "draft", "title": "Utkast"},
            {"title": "Rene hender", "duration": 7},
        )
    ):
        own_bank.catalogue.upsert(
            [replace(KB8, **change)], by="test", at=own_bank.now().replace(second=at + 1)
        )
    return own_site


def test_what_would_be_lost_by_withdrawing_merging_and_moving(site):
    found = site.get(IMPACT, params={"resource": "kb-6", "lang": "en"}, headers=WRITE)
    assert (found.status_code, found.headers["cache-control"]) == (200, "no-store")
    told = found.json()
    assert {(x["requirement"], x["language"]) for x in told["lost"]} == {
        ("krav-news2", None),
        ("krav-news2", "nb"),
    }
    assert [p["id"] for p in told["plans"]] == ["plan-sykepleier"]
    assert [r["label"] for r in told["roles"]] == ["nurse"]
    assert set(told["editions"]) == {"felles", "ahus"}
    assert (told["redirect"], told["old_ids"], told["action"]) == (None, [], "withdraw")
    assert told["sentences"][0] == "1 requirements lose their last valid resource: NEWS2."
    merged = site.get(IMPACT, params={"resource": "kb-6", "merge_into": "kb-3"}, headers=WRITE).json()
    assert (merged["lost"], merged["action"], merged["target"]) == ([], "merge", "kb-3")
    moved = site.get(IMPACT, params={"resource": "kb-6", "move_to": "ahus"}, headers=WRITE).json()
    assert {x["edition"] for x in moved["lost"]} == {"felles"}
    asked = site.get(IMPACT, params={"requirement": "krav-fall"}, headers=WRITE).json()
    assert [q["id"] for q in asked["requirements"]] == ["krav-news2"]
    about = site.get(IMPACT, params={"concept": "tema/fallforebygging"}, headers=WRITE).json()
    assert ([q["id"] for q in about["requirements"]], "kb-1" in about["linked_from"]) == (["krav-fall"], True)
    heads = {
        site.get(
            IMPACT, params={"resource": "kb-6", "lang": lang, "format": "csv"}, headers=WRITE
        ).text.split("\n")[0]
        for lang in ("nb", "nn", "en")
    }
    assert len(heads) == 3


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"resource": "kb-1", "concept": "tema/x"}, 400),
        ({"requirement": "krav-fall", "move_to": "ahus"}, 400),
        ({"resource": "kb-1", "merge_into": "kb-1"}, 400),
        ({"resource": "kb-1", "merge_into": "nei"}, 404),
        ({"resource": "nei\0"}, 404),
        ({"requirement": "nei"}, 404),
        ({"concept": "tema/nei"}, 404),
        ({"resource": "x" * 600}, 422),
    ],
)
def test_what_cannot_be_foretold_is_a_problem(site, params, status):
    answer = site.get(IMPACT, params=params, headers=WRITE)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_two_versions_are_set_side_by_side(rewritten, own_bank):
    listed = rewritten.get(VERSIONS, headers=WRITE).json()["versions"]
    assert [(v["number"], v["status"]) for v in listed] == [
        (1, "published"), (2, "published"), (3, "draft"), (4, "published"),
    ]  # fmt: skip
    first = rewritten.get(DIFFERENCE, params={"before": 1, "after": 2}, headers=WRITE).json()
    changed = [(s["a"], s["b"]) for s in first["segments"] if s["kind"] != "same"]
    assert (len(changed), changed[0]) == (8, ("såpe", "vann"))
    assert (first["fields"], first["same"]) == ([], False)
    last = rewritten.get(DIFFERENCE, params={"lang": "nn"}, headers=WRITE).json()
    assert (last["a"]["number"], last["b"]["number"], last["same"]) == (3, 4, True)
    assert {f["name"]: (f["label"], f["before"], f["after"]) for f in last["fields"]} == {
        "title": ("tittel", "Utkast", "Rene hender"),
        "status": ("status", "draft", "published"),
        "duration": ("lengd", 6, 7),
    }
    local = rewritten.get(VERSIONS, headers=OWN).json()["versions"]
    assert [v["number"] for v in local] == [1, 2, 4]  # drafts of others are not shown
    assert rewritten.get(DIFFERENCE, headers=OWN).json()["a"]["number"] == 2
    assert rewritten.get(DIFFERENCE, params={"before": 3}, headers=OWN).status_code == 404
    assert rewritten.get(DIFFERENCE, params={"before": 9}, headers=WRITE).status_code == 404
    own_bank.write_resources([Resource("hemmelig", "Utkast", edition="oslo", status="draft")], by="test")
    for part in ("versions", "difference"):
        assert rewritten.get(f"/v1/editor/resources/hemmelig/{part}", headers=OWN).status_code == 404
        assert (
            rewritten.get(f"/v1/editor/resources/kb-8/{part}", headers={"X-API-Key": READER}).status_code
            == 403
        )
        assert rewritten.get(f"/v1/editor/resources/kb-8/{part}").status_code == 401
    then = rewritten.get("/v1/resources/kb-8", params={"at": "2026-11-10"}).json()["resource"]
    assert (then["title"], then["body"]) == (KB8.title, KB8.body)
