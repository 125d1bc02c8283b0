"""Editors merge resources over HTTP: old addresses lead on until it is taken back, and nobody merges what is not theirs."""

import csv
import io

import openpyxl
import pytest

from engine.model import Resource
from indexer.pipeline import index
from small_bank import LOCAL, READER, WRITER

WRITE = {"X-API-Key": WRITER}
MERGES, KEPT, COMPARE = "/v1/editor/merges", "/v1/editor/kept-pairs", "/v1/editor/compare"
OLD, NEW = "mappe/gammel", "kb-1"
PATHS = [
    "/v1/resources/{}",
    "/v1/resources/{}?at=2026-11-01&lang=nn",
    "/v1/resources/{}?format=turtle",
    "/v1/resources/{}/similar?k=3",
    "/v1/resources/{}/versions",
    "/v1/resources/{}/proposals",
    "/ressurs/{}?lang=nn",
    "/id/ressurs/{}",
    "/v1/paths?role=sykepleier&resource={}",
]


@pytest.fixture
def editing(own_bank, own_site):
    own_bank.write_resources(
        [
            Resource(
                OLD, "Fall hos eldre, gammel utgave", body="Fall er vanlig. " * 20, teaches=("krav-tomt",)
            ),
            Resource("lokal", "Lokal rutine", body="Ring vakt. " * 20, edition="ahus"),
        ],
        by="test",
    )
    return own_site


def merge(site, old=OLD, new=NEW, key=WRITER, **more):
    return site.put(MERGES, json={"old": old, "new": new, **more}, headers={"X-API-Key": key})


def test_every_address_of_the_old_one_leads_to_the_new_one_until_it_is_taken_back(editing):
    before = {path: editing.get(path.format(OLD)).status_code for path in PATHS}
    tagged = editing.get(PATHS[0].format(OLD)).headers["etag"]
    done = merge(editing, reason="samme kurs")
    assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
    assert (done.json()["goes_to"], done.json()["by"], done.json()["requirements"]) == (
        NEW,
        "redaksjon",
        ["krav-tomt"],
    )
    for path in PATHS:
        answer = editing.get(path.format(OLD))
        assert (answer.status_code, answer.headers["cache-control"]) == (301, "no-cache"), path
        assert answer.headers["location"] == path.format(NEW), path
        assert editing.head(path.format(OLD)).status_code == 301
    assert editing.get(PATHS[0].format(OLD), headers={"If-None-Match": tagged}).status_code == 301
    for path in ("/v1/search?q=fall&k=50", "/v1/feeds/atom?q=fall", "/v1/suggest?q=fall"):
        assert OLD not in editing.get(path).text
    known = editing.get(PATHS[0].format(NEW), follow_redirects=True).headers["etag"]
    assert editing.delete(MERGES, params={"old": OLD}, headers=WRITE).status_code == 204
    assert {path: editing.get(path.format(OLD)).status_code for path in PATHS} == before
    assert editing.get(PATHS[0].format(NEW), headers={"If-None-Match": known}).status_code == 200
    assert editing.delete(MERGES, params={"old": OLD}, headers=WRITE).status_code == 404


def test_the_requirement_of_the_old_one_is_served_by_the_new_one(editing, own_bank):
    index(own_bank)
    merge(editing)
    for _ in range(2):
        found = editing.get("/v1/requirements/krav-tomt/resources").json()["resources"]
        assert [(row["resource"]["id"], row["stated"]) for row in found] == [(NEW, True)]
        index(own_bank)
    items = editing.get("/v1/recommendations", params={"role": "sykepleier", "k": 50}).json()["items"]
    (item,) = [i for i in items if i["resource"]["id"] == NEW]
    assert "krav-tomt" in item["requirements"]


def test_what_is_written_to_a_merged_resource_is_kept_and_its_writer_told(editing):
    merge(editing)
    answer = editing.put(f"/v1/resources/{OLD}", json={"title": "Ny tittel"}, headers=WRITE)
    assert answer.status_code == 200
    assert [
        (w["id"], w["field"], "merged into 'kb-1'" in w["message"]) for w in answer.json()["warnings"]
    ] == [(OLD, "id", True)]
    assert editing.get(f"/v1/resources/{OLD}").status_code == 301
    editing.delete(MERGES, params={"old": OLD}, headers=WRITE)
    assert editing.get(f"/v1/resources/{OLD}").json()["resource"]["title"] == "Ny tittel"


def test_the_list_comes_as_json_csv_and_workbook_in_three_languages(editing):
    merge(editing, reason="=1+1")
    listed = editing.get(MERGES, headers=WRITE).json()
    assert (listed["total"], listed["merges"][0]["old_title"]) == (1, "Fall hos eldre, gammel utgave")
    heads = set()
    for lang in ("nb", "nn", "en"):
        answer = editing.get(MERGES, params={"format": "csv", "lang": lang}, headers=WRITE)
        head, row = csv.reader(io.StringIO(answer.text))
        heads.add(tuple(head))
        assert (row[0], row[3], row[-1]) == (OLD, NEW, "'=1+1")
    assert len(heads) == 3
    answer = editing.get(MERGES, params={"format": "xlsx"}, headers=WRITE)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    assert sheet["A2"].value == OLD


REFUSED = [
    (OLD, NEW, READER, 403),
    (OLD, NEW, LOCAL, 403),
    (NEW, "lokal", LOCAL, 403),
    (OLD, OLD, WRITER, 400),
    (OLD, "kb-10", WRITER, 400),
    (OLD, "lokal", WRITER, 400),
    (OLD, "nei", WRITER, 404),
    ("nei", NEW, WRITER, 404),
    ("a\0", NEW, WRITER, 404),
    ("", NEW, WRITER, 422),
]


def test_who_may_merge_what(editing):
    central, local = editing.get(f"/v1/resources/{NEW}").json(), {"X-API-Key": LOCAL}
    for old, new, key, status in REFUSED:
        answer = merge(editing, old, new, key)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert editing.get(MERGES, headers=WRITE).json()["total"] == 0
    assert merge(editing, "lokal", NEW, LOCAL).status_code == 200
    assert editing.get(f"/v1/resources/{NEW}").json() == central  # the central text is as it was
    assert editing.get(MERGES, headers=local).json()["total"] == 1
    assert editing.delete(MERGES, params={"old": "lokal"}, headers=local).status_code == 204


def test_a_local_key_neither_sees_nor_takes_back_what_others_merged(editing):
    merge(editing)
    assert editing.get(MERGES, headers={"X-API-Key": LOCAL}).json()["total"] == 0
    assert editing.delete(MERGES, params={"old": OLD}, headers={"X-API-Key": LOCAL}).status_code == 403
    assert editing.get(MERGES).status_code == 401
    assert merge(editing, "kb-1", OLD).status_code == 409


def test_a_pair_is_kept_as_what_editors_say(editing):
    pair = {"a": "kb-7", "b": "kb-1"}
    found = editing.get(COMPARE, params=pair, headers=WRITE).json()["pair"]
    assert found["kept"] is None
    kept = editing.put(KEPT, params=pair, json={"verdict": "supplement"}, headers={"X-API-Key": LOCAL})
    assert (kept.status_code, kept.json()["label"]) == (200, "lokalt tillegg")
    now = editing.get(COMPARE, params={**pair, "lang": "en"}, headers=WRITE).json()["pair"]
    assert (now["kind"], now["label"], now["kept"]["by"]) == (
        "local_supplement",
        "local supplement",
        "redaksjon-ahus",
    )
    assert (now["not_duplicate"], now["evidence"]) == (None, found["evidence"])
    listed = editing.get(KEPT, headers=WRITE).json()
    assert [(p["a"], p["b"], p["kind"]) for p in listed["pairs"]] == [("kb-1", "kb-7", "local_supplement")]
    table = editing.get(KEPT, params={"format": "csv", "lang": "nn"}, headers=WRITE).text
    assert "lokalt tillegg" in table.splitlines()[1]
    assert editing.put(KEPT, params=pair, json={"verdict": "translation"}, headers=WRITE).status_code == 400
    assert editing.put(KEPT, params=pair, json={"verdict": "twin"}, headers=WRITE).status_code == 422
    foreign = {"a": "kb-1", "b": "kb-4"}
    local = {"X-API-Key": LOCAL}
    assert (
        editing.put(KEPT, params=foreign, json={"verdict": "translation"}, headers=local).status_code == 403
    )
    assert editing.delete(KEPT, params=pair, headers=WRITE).status_code == 204
    assert editing.get(COMPARE, params=pair, headers=WRITE).json()["pair"] == found
    assert editing.delete(KEPT, params=pair, headers=WRITE).status_code == 404
