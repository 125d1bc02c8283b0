"""A source of authority changes: what rests on it waits, with what changed, until an editor has looked."""

import csv
import io
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.authority import Authority
from engine.editorial.authority_changes import changes_of
from small_bank import LOCAL, NOW, READER, REQUIREMENTS, RESOURCES, WRITER, open_bank

QUEUE, REVIEWED, AUTHORITY = "/v1/editor/queue", "/v1/editor/queue/reviewed", "/v1/editor/authority"
BY_ID = {r.id: r for r in RESOURCES}
OLD = "Gi 5 mg hver time. Vask hendene først. Kartlegg fallrisiko hos alle over 65 år."
NEW = "Gi 10 mg hver time. Vask hendene først. Kartlegg fallrisiko hos alle over 60 år."
GUIDE = Authority(
    "veileder", "Veileder for fall", "https://example.org/v", "2023", OLD, requirements=("krav-fall",)
)
SOURCE = "authority:veileder"


def register(engine, *found, days=0):
    engine.catalogue.upsert_authorities(found, by="test", at=NOW + timedelta(days))


def waiting(site, key=WRITER, **params):
    answer = site.get(
        QUEUE, params={"reason": ["authority", "requirement"], **params}, headers={"X-API-Key": key}
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    return {item["item"]: item for item in answer.json()["items"]}


def put(site, key=WRITER, **body):
    return site.put(REVIEWED, json=body, headers={"X-API-Key": key})


def test_a_new_version_lets_requirement_and_resources_wait_with_what_changed(own_site, own_bank):
    register(own_bank, GUIDE)
    assert waiting(own_site) == {}
    register(own_bank, GUIDE, days=1)  # the same again
    assert waiting(own_site) == {}
    register(own_bank, replace(GUIDE, version="2025", text=NEW), days=2)
    found = waiting(own_site, lang="nb")
    assert list(found) == ["requirement:krav-fall", "resource:kb-1", "resource:kb-7"]
    (reason,) = found["resource:kb-1"]["reasons"]
    assert reason["sentence"] == "«Veileder for fall» er endret 2026-11-23, fra 2023 til 2025."
    assert (reason["label"], reason["colour"]) == ("Kilden er endret (rød)", "red")
    assert [(c["kind"], c["before"], c["after"]) for c in reason["changes"]] == [
        ("changed", "Gi 5", "Gi 10"), ("changed", "65 år", "60 år"),
    ]  # fmt: skip
    assert waiting(own_site, lang="nn")["requirement:krav-fall"]["title"] == "fallførebygging"
    whole = own_site.get(
        f"{AUTHORITY}/statements", params={"source": SOURCE}, headers={"X-API-Key": WRITER}
    ).json()
    assert "".join(s["after"] for s in whole["stretches"] if s["kind"] == "same").startswith("mg hver time")
    assert [i["item"] for i in whole["items"]] == list(found)

    register(own_bank, replace(GUIDE, version="2025", text=NEW), days=3)
    assert put(own_site, source=SOURCE, items=["resource:kb-1"]).json()["marked"] == ["resource:kb-1"]
    assert put(own_site, source=SOURCE, items=["resource:kb-1"]).json()["marked"] == []
    assert list(waiting(own_site)) == ["requirement:krav-fall", "resource:kb-7"]
    register(own_bank, replace(GUIDE, version="2026", text=NEW), days=4)
    assert list(waiting(own_site)) == ["requirement:krav-fall", "resource:kb-1", "resource:kb-7"]
    versions = {i: w["reasons"][0]["before"]["version"] for i, w in waiting(own_site).items()}
    assert versions == {"requirement:krav-fall": "2023", "resource:kb-1": "2025", "resource:kb-7": "2023"}
    put(own_site, source=SOURCE)  # all of them
    assert waiting(own_site) == {}
    gone = own_site.delete(
        REVIEWED, params={"source": SOURCE, "item": "resource:kb-7"}, headers={"X-API-Key": WRITER}
    )
    assert gone.status_code == 204
    assert list(waiting(own_site)) == ["resource:kb-7"]
    register(own_bank, GUIDE, days=5)  # back to what it said at first
    assert waiting(own_site)["resource:kb-1"]["reasons"][0]["after"]["version"] == "2023"


def test_it_is_linked_by_code_basis_concept_and_citation(own_bank):
    at = NOW - timedelta(5)
    changed = [
        replace(REQUIREMENTS[1], code="NEWS-1"),
        replace(REQUIREMENTS[2], legal_basis="Forskrift § 4-1"),
    ]
    own_bank.catalogue.upsert_requirements(changed, by="test", at=at)
    for fields, linked in (
        ({"requirements": ("NEWS-1",)}, ["requirement:krav-news2", "resource:kb-6"]),
        ({"legal_basis": ("forskrift § 4-1",)}, ["requirement:krav-tomt"]),
        ({"resources": ("kb-9", "kb-unknown")}, ["resource:kb-9"]),
        ({"concepts": ("tema/smittevern",)}, ["resource:kb-11", "resource:kb-8"]),
    ):
        register(own_bank, Authority("a", "A", version="1", **fields))
        found = changes_of(own_bank).linked("authority:a")
        assert set(linked) <= set(found), fields


def test_a_requirement_with_another_text_lets_what_teaches_it_wait(own_site, own_bank):
    fall = REQUIREMENTS[0]
    at = NOW + timedelta(1)
    own_bank.catalogue.upsert_requirements([replace(fall, validity=12)], by="test", at=at)
    assert waiting(own_site) == {}  # the interval is no text
    own_bank.catalogue.upsert_requirements(
        [replace(fall, labels={**fall.labels, "en": "fall and fracture prevention"})], by="test", at=at
    )
    found = waiting(own_site, lang="en")
    assert list(found) == ["requirement:krav-fall", "resource:kb-1", "resource:kb-7"]
    (reason,) = found["resource:kb-7"]["reasons"]
    assert (reason["kind"], reason["label"]) == ("requirement", "The requirement has changed (red)")
    assert reason["sentence"] == "“fall and fracture prevention” changed on 2026-11-22."
    put(own_site, source="requirement:krav-fall")
    assert waiting(own_site) == {}


def test_what_was_published_or_found_right_after_the_change_does_not_wait(own_site, own_bank):
    register(own_bank, GUIDE, days=-20)
    register(own_bank, replace(GUIDE, version="2025"), days=-10)
    own_bank.write_resources(
        [replace(BY_ID["kb-8"], id="kb-50", teaches=("krav-fall",), published=NOW.date())], by="test"
    )
    assert "resource:kb-50" not in waiting(own_site)
    assert "resource:kb-1" in waiting(own_site)
    body = {"due": "2027-06-01"}
    own_site.put("/v1/editor/resources/kb-1/review", json=body, headers={"X-API-Key": WRITER})
    assert "resource:kb-1" not in waiting(own_site)
    own_site.delete("/v1/resources/kb-7", headers={"X-API-Key": WRITER})
    assert list(waiting(own_site)) == ["requirement:krav-fall"]


def test_it_is_one_list_with_what_is_due_and_a_file(own_site, own_bank):
    register(own_bank, GUIDE)
    register(own_bank, replace(GUIDE, version="2025", text=NEW), days=1)
    due = replace(BY_ID["kb-1"], review_due=NOW.date() + timedelta(5))
    own_bank.write_resources([due], by="test")
    answer = own_site.get(QUEUE, params={"lang": "nb"}, headers={"X-API-Key": WRITER}).json()
    assert [(i["id"], [r["kind"] for r in i["reasons"]]) for i in answer["items"]] == [
        ("kb-2", ["expired"]), ("krav-fall", ["authority"]), ("kb-1", ["authority", "due"]), ("kb-7", ["authority"]),
    ]  # fmt: skip
    assert answer["counts"] == {"expired": 1, "authority": 3, "requirement": 0, "due": 1}
    only = own_site.get(QUEUE, params={"reason": "due"}, headers={"X-API-Key": WRITER}).json()
    assert [i["id"] for i in only["items"]] == ["kb-1"]
    table = own_site.get(QUEUE, params={"format": "csv", "lang": "nb"}, headers={"X-API-Key": WRITER})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert rows[2]["Forskjell"].splitlines()[0] == "«Gi 5» → «Gi 10»"
    assert rows[0]["Status"] == "Gått ut (rød)"


def test_rights_of_a_local_key(own_site, own_bank):
    register(own_bank, GUIDE)
    register(own_bank, replace(GUIDE, version="2025", text=NEW), days=1)
    assert list(waiting(own_site, LOCAL)) == ["resource:kb-7"]
    for item in ("requirement:krav-fall", "resource:kb-1"):
        assert put(own_site, LOCAL, source=SOURCE, items=[item]).status_code == 403
    assert put(own_site, LOCAL, source=SOURCE).json()["marked"] == ["resource:kb-7"]
    body = {"authorities": [{"id": "x", "title": "X", "version": "1", "requirements": ["krav-fall"]}]}
    for key, status in ((LOCAL, 403), (READER, 403), ("", 401), (WRITER, 200)):
        assert own_site.post(AUTHORITY, json=body, headers={"X-API-Key": key}).status_code == status
    assert own_site.get(AUTHORITY, headers={"X-API-Key": LOCAL}).json()["total"] == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source": "authority:none"}, 404),
        ({"source": SOURCE, "items": ["resource:kb-3"]}, 404),
        ({"source": SOURCE, "items": ["resource:none"]}, 400),
        ({"source": SOURCE, "items": ["kb-1"]}, 400),
        ({"items": []}, 422),
    ],
)
def test_what_may_not_be_marked_is_refused(waiting_site, body, status):
    answer = put(waiting_site, **body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.fixture
def waiting_site(bank, site):
    register(bank, GUIDE)
    return site


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"title": "A", "version": "1", "requirements": ["krav-fall"]}, "id"),
        ({"id": "a", "version": "1", "requirements": ["krav-fall"]}, "title"),
        ({"id": "a", "title": "A", "requirements": ["krav-fall"]}, "version"),
        ({"id": "a", "title": "A", "version": "1"}, "requirements"),
        ({"id": "a", "title": "A", "version": "1", "requirment": "x"}, "requirment"),
        ({"id": "a", "title": "A", "version": "1", "requirements": "x", "url": "javascript:1"}, "url"),
    ],
)
def test_a_record_that_is_no_source_is_refused_by_field(site, record, field):
    answer = site.post(AUTHORITY, json={"authorities": [record]}, headers={"X-API-Key": WRITER})
    assert answer.status_code == 400
    assert f"authorities.0.{field}: " in answer.json()["detail"]


def test_what_waits_is_there_after_a_restart(own_folder, tmp_path):
    engine = open_bank(own_folder)
    register(engine, GUIDE)
    register(engine, replace(GUIDE, version="2025"), days=1)
    before = {(w.item, w.source.id) for w in changes_of(engine).waiting()}
    copy = shutil.copytree(own_folder, tmp_path / "killed")  # as it is on disk, never closed
    engine.close()
    again = open_bank(copy)
    assert {(w.item, w.source.id) for w in changes_of(again).waiting()} == before
    assert before
    again.close()
