from datetime import timedelta

import httpx
import orjson
import pytest

from engine.recent import RecentChanges
from indexer.pipeline import index
from small_bank import LOCAL, READER, WRITER, open_bank, serving

WRITE = {"Authorization": f"Bearer {WRITER}"}
THOUSAND = [{"id": f"masse-{n}", "title": f"Kurs nummer {n}", "language": "nb"} for n in range(1000)]


def test_a_thousand_records_twice_changes_nothing_the_second_time(own_site, own_bank):
    first = own_site.post("/v1/resources", json=THOUSAND, headers=WRITE)
    assert first.status_code == 200
    assert len(first.json()["added"]) == 1000
    seq = own_bank.catalogue.last_seq()
    second = own_site.post("/v1/resources", json=THOUSAND, headers=WRITE).json()
    assert (len(second["added"]), len(second["updated"]), len(second["unchanged"])) == (0, 0, 1000)
    assert own_bank.catalogue.last_seq() == seq


def test_more_than_a_thousand_are_refused(own_site):
    answer = own_site.post("/v1/resources", json=[*THOUSAND, {"id": "x", "title": "x"}], headers=WRITE)
    assert answer.status_code == 400


def test_bad_records_are_listed_with_their_field_and_the_rest_goes_on(own_site, own_bank):
    records = [
        {"id": "god", "title": "God"},
        {"id": "uten-tittel"},
        "tekst",
        {"id": "dato", "title": "x", "updated": "31.2.2026"},
        {"id": "nul", "title": "a\x00b"},
        {"id": "god", "title": "Samme id"},
        {"id": "skript", "title": "x", "url": "javascript:alert(1)"},
        {"id": "feilskrevet", "titel": "x", "title": "y"},
    ]
    report = own_site.post("/v1/resources", json=records, headers=WRITE).json()
    assert report["added"] == ["god"]
    named = [(e["index"], e["field"]) for e in report["errors"]]
    assert named == [
        (1, "title"),
        (2, "record"),
        (3, "updated"),
        (4, "title"),
        (5, "id"),
        (6, "url"),
        (7, "titel"),
    ]
    assert own_bank.catalogue.get("god").title == "God"


def test_one_bad_record_is_a_problem_naming_the_field(own_site):
    answer = own_site.post("/v1/resources", json={"id": "x"}, headers=WRITE)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "title"


def test_put_makes_then_changes_then_leaves(own_site):
    def put(body):
        return own_site.put("/v1/resources/ny", json=body, headers={"X-API-Key": WRITER})

    assert put({"title": "A"}).status_code == 201
    changed = put({"title": "B"})
    assert (changed.status_code, changed.json()["updated"]) == (200, ["ny"])
    assert put({"title": "B"}).json()["unchanged"] == ["ny"]
    assert put({"id": "annen", "title": "B"}).status_code == 400
    assert put(["liste"]).status_code == 400


def test_what_is_read_can_be_written_back_unchanged(own_site):
    record = own_site.get("/v1/resources/kb-1").json()["resource"]
    report = own_site.put("/v1/resources/kb-1", json=record, headers=WRITE).json()
    assert report["unchanged"] == ["kb-1"]


def test_a_withdrawn_resource_is_gone_from_everything_at_once(own_site):
    before = own_site.get("/v1/search", params={"q": "fallforebygging"})
    assert "kb-1" in [h["resource"]["id"] for h in before.json()["hits"]]
    assert own_site.delete("/v1/resources/kb-1", headers=WRITE).json() == {"id": "kb-1", "status": "archived"}
    # the same build, yet the tag is another one
    after = own_site.get(
        "/v1/search", params={"q": "fallforebygging"}, headers={"If-None-Match": before.headers["etag"]}
    )
    assert after.status_code == 200
    for path in (
        "/v1/search?q=fallforebygging&k=100",
        "/v1/suggest?q=fallforebygging",
        "/v1/recommendations?role=sykepleier",
        "/v1/requirements/krav-fall/resources",
        "/v1/feeds/json?q=fallforebygging",
        "/v1/resources/kb-4/similar",
        "/",
    ):
        assert "kb-1" not in [i.strip('"/') for i in own_site.get(path).text.replace("/", '"').split('"')], (
            path
        )
    for path in (
        "/v1/resources/kb-1",
        "/v1/resources/kb-1/versions",
        "/v1/resources/kb-1/similar",
        "/ressurs/kb-1",
    ):
        assert own_site.get(path).status_code == 404, path
    assert own_site.delete("/v1/resources/finnes-ikke", headers=WRITE).status_code == 404


def test_older_text_is_kept_and_read_by_date(own_site):
    assert own_site.put("/v1/resources/kb-8", json={"title": "Ny tittel"}, headers=WRITE).status_code == 200
    assert (
        own_site.get("/v1/resources/kb-8", params={"at": "2026-11-10"}).json()["resource"]["title"]
        == "Håndhygiene"
    )
    assert own_site.get("/v1/resources/kb-8").json()["resource"]["title"] == "Ny tittel"
    assert [v["number"] for v in own_site.get("/v1/resources/kb-8/versions").json()["versions"]] == [1, 2]
    assert own_site.get("/v1/resources/kb-8", params={"at": "2020-01-01"}).status_code == 404


KATETER = {"title": "Kateterisering av urinblære", "body": "Prosedyre for sonder.", "resource_type": "film"}


def ids(site, text, **params):
    """Ids of all that is found by the words of a text."""
    answer = site.get("/v1/search", params={"q": text, "mode": "lexical", "k": 100, **params})
    assert answer.status_code == 200
    return {hit["resource"]["id"] for hit in answer.json()["hits"]}


def test_written_resources_are_found_before_and_after_the_next_index_run(own_site, own_bank):
    own_site.post("/v1/resources", json={"id": "ny-1", **KATETER}, headers=WRITE)
    for _ in range(2):
        found = own_site.get("/v1/search", params={"q": "kateterisering"}).json()
        assert found["hits"][0]["resource"]["id"] == "ny-1"
        index(own_bank)


def test_a_put_is_found_by_the_next_search_here_and_in_another_server(own_site, own_folder):
    other_bank = open_bank(own_folder)
    with serving(other_bank) as address, httpx.Client(base_url=address, timeout=30) as other:
        for site in (own_site, other):
            assert ids(site, "kateterisering") == set()
        assert own_site.put("/v1/resources/ny-1", json=KATETER, headers=WRITE).status_code == 201
        for site in (own_site, other):
            assert ids(site, "kateterisering sonder") == {"ny-1"}
        changed = {**KATETER, "title": "Om urinveier"}
        assert other.put("/v1/resources/ny-1", json=changed, headers=WRITE).status_code == 200
        for site in (own_site, other):
            assert ids(site, "kateterisering") == set()
            assert ids(site, "urinveier") == {"ny-1"}
        assert other.delete("/v1/resources/ny-1", headers=WRITE).status_code == 200
        for site in (own_site, other):
            assert ids(site, "urinveier") == set()
    other_bank.close()


def test_a_changed_title_is_found_by_its_new_words_only_with_exact_counts(own_site):
    before = own_site.get("/v1/search", params={"mode": "lexical"}).json()
    record = own_site.get("/v1/resources/kb-8").json()["resource"]
    changed = {**record, "title": "Spritvask", "body": "Gni den inn.", "resource_type": "quiz"}
    assert ids(own_site, "håndhygiene") == {"kb-8"}
    assert own_site.put("/v1/resources/kb-8", json=changed, headers=WRITE).status_code == 200
    assert own_site.put("/v1/resources/ny-1", json=KATETER, headers=WRITE).status_code == 201
    assert ids(own_site, "håndhygiene") == set()
    assert ids(own_site, "spritvask") == {"kb-8"}
    after = own_site.get("/v1/search", params={"mode": "lexical"}).json()
    assert after["total"] == before["total"] + 1
    kinds = [
        {
            v["value"]: v["count"]
            for f in answer["facets"]
            if f["name"] == "resource_type"
            for v in f["values"]
        }
        for answer in (before, after)
    ]
    assert kinds[1]["quiz"] == kinds[0]["quiz"] + 1
    assert kinds[1]["film"] == kinds[0]["film"]  # one less, one more
    assert ids(own_site, "", resource_type="quiz") == {"kb-8", "mappe/kb-12"}


def test_a_written_resource_keeps_to_its_edition(own_site):
    record = {**KATETER, "edition": "ahus"}
    assert own_site.put("/v1/resources/ny-1", json=record, headers=WRITE).status_code == 201
    assert ids(own_site, "kateterisering") == set()
    assert ids(own_site, "kateterisering", edition="ahus") == {"ny-1"}


def test_pages_of_what_was_just_written_work(own_site):
    assert own_site.put("/v1/resources/ny-1", json=KATETER, headers=WRITE).status_code == 201
    assert "Kateterisering" in own_site.get("/", params={"q": "kateterisering"}).text
    assert "Kateterisering" in own_site.get("/ressurs/ny-1").text
    for path in ("/v1/resources/ny-1/similar", "/v1/suggest?q=kateter", "/v1/feeds/json?q=kateterisering"):
        assert own_site.get(path).status_code == 200, path
    assert "ny-1" in own_site.get("/v1/suggest?q=kateter").text


def test_an_answer_that_waits_for_changes_has_another_tag_than_the_whole_one(own_site, own_bank):
    own_bank._recent = RecentChanges(own_bank.catalogue, own_bank.vectors, budget=0.0)
    records = [{"id": f"ny-{n}", **KATETER} for n in range(4)]
    own_site.post("/v1/resources", json=records, headers=WRITE)
    asked, tags, flags = "/v1/search?q=kateterisering&mode=lexical", [], []
    for _ in range(4):
        answer = own_site.get(asked, headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        tags.append(answer.headers["etag"])
        flags.append("changes_pending" in answer.json()["degraded"])
        if not flags[-1]:
            break
    assert flags == [True] * (len(flags) - 1) + [False]
    assert answer.json()["total"] == 4
    assert len(flags) > 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic d3JpdGVyLXNlY3JldA=="}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"Authorization": f"Bearer {READER}"}, 403),
        ({"Authorization": f"Bearer {WRITER}"}, 200),
        ({"X-API-Key": WRITER}, 200),
    ],
)
def test_writing_needs_a_key_with_the_scope(own_site, headers, status):
    record = {"id": "n", "title": "t"}
    answer = own_site.post("/v1/resources", json=[record], headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    if status != 200:
        assert own_site.delete("/v1/resources/kb-1", headers=headers).status_code == status
        assert own_site.put("/v1/resources/kb-1", json=record, headers=headers).status_code == status
        assert own_site.get("/v1/resources/kb-1").status_code == 200


def test_a_key_of_an_edition_writes_that_edition_only(own_site, own_bank):
    key = {"X-API-Key": LOCAL}
    records = [
        {"id": "lokal", "title": "Lokal", "edition": "ahus"},
        {"id": "felles-ny", "title": "Felles"},
        {"id": "kb-1", "title": "Overtatt", "edition": "ahus"},
    ]
    report = own_site.post("/v1/resources", json=records, headers=key).json()
    assert report["added"] == ["lokal"]
    assert [(e["id"], e["field"]) for e in report["errors"]] == [
        ("felles-ny", "edition"),
        ("kb-1", "edition"),
    ]
    assert own_bank.catalogue.get("kb-1").title == "Fallforebygging i sykehjem"
    assert own_site.delete("/v1/resources/kb-1", headers=key).status_code == 403
    assert own_site.delete("/v1/resources/kb-7", headers=key).status_code == 200
    assert (
        own_site.put("/v1/resources/kb-2", json={"title": "x", "edition": "ahus"}, headers=key).status_code
        == 403
    )


def test_the_audit_trail_names_the_key(own_site, own_bank):
    own_site.post("/v1/resources", json={"id": "n", "title": "t"}, headers=WRITE)
    assert own_bank.catalogue.audit_trail()[0].by == "redaksjon"


def test_a_body_that_is_not_json_says_where(own_site):
    answer = own_site.post("/v1/resources", content=b'{"id": "a", }', headers=WRITE)
    assert answer.status_code == 400
    assert "line 1" in answer.json()["detail"]


def test_a_body_over_the_limit_is_refused_stated_length_or_not(own_site):
    big = orjson.dumps({"id": "a", "title": "t", "body": "x" * (33 * 1024 * 1024)})
    assert own_site.post("/v1/resources", content=big, headers=WRITE).status_code == 413
    chunks = (big[i : i + 1_000_000] for i in range(0, len(big), 1_000_000))
    answer = own_site.post("/v1/resources", content=chunks, headers=WRITE)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_drafts_and_withdrawn_texts_are_in_no_version(own_site, own_bank):
    for title, status in (("Hemmelig utkast", "draft"), ("Offentlig", "published"), ("Skjult", "draft")):
        record = {"title": title, "status": status}
        assert own_site.put("/v1/resources/ny", json=record, headers=WRITE).status_code in {200, 201}
        own_bank.now = lambda now=own_bank.now: now() + timedelta(days=1)
        if status == "published":
            (version,) = own_site.get("/v1/resources/ny/versions").json()["versions"]
            assert (version["number"], version["title"]) == (2, "Offentlig")
            assert own_site.get("/v1/resources/ny?at=2026-11-22").json()["resource"]["title"] == "Offentlig"
            assert own_site.get("/v1/resources/ny?at=2026-11-21").status_code == 404
    for path in ("", "/versions", "?at=2026-11-21", "?at=2026-11-22", "?at=2026-11-23"):
        answer = own_site.get(f"/v1/resources/ny{path}")
        assert answer.status_code == 404, path
        assert "Hemmelig" not in answer.text


def test_having_any_version_already_is_no_answer_for_what_is_not_there(own_site):
    asked = {"If-None-Match": "*"}
    assert own_site.get("/v1/resources/kb-1", headers=asked).status_code == 304
    assert own_site.get("/v1/resources/kb-10", headers=asked).status_code == 404
    assert own_site.get("/v1/resources/finnes-ikke", headers=asked).status_code == 404


def test_an_answer_of_another_model_is_another_answer(own_site, own_folder):
    asked = "/v1/search?q=fall"
    tag = own_site.get(asked).headers["etag"]
    assert own_site.get(asked, headers={"If-None-Match": tag}).status_code == 304
    engine = open_bank(own_folder, embedder="none")
    with serving(engine) as address:
        answer = httpx.get(f"{address}{asked}", headers={"If-None-Match": tag}, timeout=30)
    engine.close()
    assert answer.status_code == 200
    assert "no_model" in answer.json()["degraded"]


def test_what_nobody_knows_is_written_with_a_warning(own_site, own_bank):
    odd = {
        "id": "rar", "title": "Rart", "edition": "tull", "teaches": ["krav-fall", "krav-tull"], "audience": ["trollmann"],
        "arena": ["månen"], "themes": ["fallforebygging", "tull"], "resource_type": "hologram",
    }  # fmt: skip
    report = own_site.post("/v1/resources", json=[odd, {"id": "god", "title": "x"}], headers=WRITE).json()
    assert report["added"] == ["god", "rar"] or report["added"] == ["rar", "god"]
    assert {(w["index"], w["id"]) for w in report["warnings"]} == {(0, "rar")}
    assert sorted(w["field"] for w in report["warnings"]) == [
        "arena", "audience", "edition", "resource_type", "teaches", "themes",
    ]  # fmt: skip
    assert "krav-tull" in next(w["message"] for w in report["warnings"] if w["field"] == "teaches")
    assert own_bank.catalogue.get("rar").edition == "tull"
    single = own_site.put("/v1/resources/rar", json={**odd, "title": "y"}, headers=WRITE).json()
    assert len(single["warnings"]) == 6
    known = own_site.get("/v1/resources/kb-1").json()["resource"]
    assert own_site.put("/v1/resources/kb-1", json=known, headers=WRITE).json()["warnings"] == []


def test_all_faults_of_a_record_are_listed(own_site):
    record = {"id": "x y", "updated": "31.1.2026", "duration": -1, "status": "ukjent", "titel": "t"}
    answer = own_site.post("/v1/resources", json=record, headers=WRITE)
    fields = {"id", "title", "updated", "duration", "status", "titel"}
    assert {e["field"] for e in answer.json()["errors"]} == fields
    report = own_site.post("/v1/resources", json=[record], headers=WRITE).json()
    assert {e["field"] for e in report["errors"]} == fields


@pytest.mark.parametrize("id_", ["a/../b", "..", "a b", "a\tb", "a\x7fb", "./a", "a\\..\\b"])
def test_an_id_that_cannot_stand_in_an_address_is_refused(own_site, id_):
    answer = own_site.post("/v1/resources", json={"id": id_, "title": "x"}, headers=WRITE)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == ["id"]
