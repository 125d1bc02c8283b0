"""Editors see what has expired and what is due, say that it is still right, and click from numbers to lists."""

import csv
import io
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from openpyxl import load_workbook

from engine.model import Decision
from indexer.pipeline import index
from small_bank import LOCAL, NOW, READER, RESOURCES, WRITER, open_bank, serving

STALE, DASHBOARD = "/v1/editor/stale", "/v1/editor/dashboard"
TODAY = NOW.date()
BY_ID = {r.id: r for r in RESOURCES}


def get(site, path, key=WRITER, **params):
    answer = site.get(path, params=params or None, headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer


def ids(site, key=WRITER, **params):
    return [row["id"] for row in get(site, STALE, key, **params).json()["rows"]]


def mark(site, id_, due, key=WRITER, **more):
    body = {"due": due.isoformat(), **more}
    return site.put(f"/v1/editor/resources/{id_}/review", json=body, headers={"X-API-Key": key})


def date_them(engine):
    days = {"kb-3": -1, "kb-4": 0, "kb-5": 30, "kb-6": 31, "kb-7": 90, "kb-8": 400, "kb-10": -5}
    engine.write_resources(
        [replace(BY_ID[i], review_due=TODAY + timedelta(n)) for i, n in days.items()], by="test"
    )


@pytest.fixture(scope="module")
def shelf(filled, tmp_path_factory):
    """The small bank with days around today, to be read."""
    engine = open_bank(shutil.copytree(filled, tmp_path_factory.mktemp("dated") / "data"))
    date_them(engine)
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30, verify=False) as client:
        yield client
    engine.close()


@pytest.fixture
def dated(own_bank, own_site):
    """The same, to be written to."""
    date_them(own_bank)
    return own_site


def test_states_and_spans_are_told_apart_to_the_day(shelf):
    assert ids(shelf, state="expired") == ["kb-2", "kb-3"]
    assert ids(shelf, state="due", within=30) == ["kb-4", "kb-5"]
    assert ids(shelf, state="due", within=31) == ["kb-4", "kb-5", "kb-6"]
    assert ids(shelf, state="later", within=90) == ["kb-8", "kb-1"]
    assert ids(shelf, state="undated") == ["kb-11", "kb-9", "mappe/kb-12"]
    assert ids(shelf) == ["kb-2", "kb-3", "kb-4", "kb-5", "kb-6", "kb-7"]  # what asks for work
    assert ids(shelf, state="all", status="draft") == ["kb-10"]
    counts = get(shelf, STALE).json()["counts"]
    assert counts == {
        "all": 11, "expired": 2, "due_30": 2, "due_60": 3, "due_90": 4, "due_365": 4, "undated": 3,
    }  # fmt: skip


def test_filters_narrow_and_take_what_is_narrower(shelf):
    assert ids(shelf, edition="ahus") == ["kb-7"]
    assert ids(shelf, topic="fallforebygging") == ids(shelf, topic="tema/fallforebygging")
    assert ids(shelf, topic="fallforebygging") == ["kb-2", "kb-4", "kb-5", "kb-7"]
    assert ids(shelf, language="nn") == ["kb-4"]
    assert ids(shelf, resource_type="e-laeringskurs") == ["kb-4", "kb-5", "kb-6"]
    assert ids(shelf, responsible="Redaksjonen (eksempel)", state="all") == ["kb-1"]
    assert ids(shelf, responsible="redaksjon-ahus") == ["kb-7"]
    assert ids(shelf, sort="title")[0] == "kb-3"
    page = get(shelf, STALE, limit=2, offset=1).json()
    assert ([r["id"] for r in page["rows"]], page["total"]) == (["kb-3", "kb-4"], 6)


def test_a_row_says_its_state_in_words_in_three_languages(shelf):
    said = {
        lang: get(shelf, STALE, state="expired", lang=lang).json()["rows"][1] for lang in ("nb", "nn", "en")
    }
    assert [said[lang]["state_label"] for lang in said] == [
        "Gått ut (rød)", "Gått ut (raud)", "Expired (red)",
    ]  # fmt: skip
    assert said["nn"]["sentence"] == "Fristen for gjennomgang var 2026-11-20, for 1 dag sidan."
    assert said["en"]["sentence"] == "The review was due on 2026-11-20, 1 day ago."


def test_the_whole_list_is_a_file_too(shelf):
    found = get(shelf, STALE, format="csv", limit=1, lang="nb")
    rows = list(csv.reader(io.StringIO(found.text)))
    assert [row[rows[0].index("Id")] for row in rows[1:]] == ids(shelf)
    assert rows[1][rows[0].index("Status")] == "Gått ut (rød)"
    book = load_workbook(io.BytesIO(get(shelf, STALE, format="xlsx").content))
    assert book.worksheets[0].max_row == 7


def test_still_right_holds_over_imports_until_the_source_names_another_day(dated, own_bank):
    due = TODAY + timedelta(365)
    answer = mark(dated, "kb-2", due, reason="gjennomgått")
    assert answer.status_code == 200
    assert answer.json() | {"at": ""} == {
        "resource": "kb-2", "reviewed": "2026-11-21", "due": "2027-11-21", "source_due": "2026-01-01",
        "by": "redaksjon", "at": "", "reason": "gjennomgått", "holds": True,
    }  # fmt: skip
    assert "kb-2" not in ids(dated)
    assert dated.get("/v1/resources/kb-2").json()["resource"]["review_due"] == "2027-11-21"
    own_bank.write_resources([BY_ID["kb-2"]], by="import")  # the source says what it has said before
    index(own_bank)
    assert "kb-2" not in ids(dated)
    hits = dated.get("/v1/search", params={"q": "fall film"}).json()["hits"]
    assert {h["resource"]["id"]: h["review_expired"] for h in hits}["kb-2"] is False
    own_bank.write_resources([replace(BY_ID["kb-2"], review_due=date(2026, 2, 1))], by="import")
    assert "kb-2" not in ids(dated)  # another day, but one before the review
    own_bank.write_resources([replace(BY_ID["kb-2"], review_due=date(2026, 12, 1))], by="import")
    assert dated.get("/v1/resources/kb-2").json()["resource"]["review_due"] == "2026-12-01"
    found = get(dated, "/v1/editor/resources/kb-2/review").json()
    assert found["holds"] is False


def test_a_review_is_taken_back(dated):
    mark(dated, "kb-2", TODAY + timedelta(365))
    mark(dated, "kb-2", TODAY + timedelta(700))
    undone = dated.delete("/v1/editor/resources/kb-2/review", headers={"X-API-Key": WRITER})
    assert undone.status_code == 204
    assert dated.get("/v1/resources/kb-2").json()["resource"]["review_due"] == "2026-01-01"
    for method in ("get", "delete"):
        again = dated.request(method, "/v1/editor/resources/kb-2/review", headers={"X-API-Key": WRITER})
        assert again.status_code == 404


def test_the_same_review_again_writes_nothing(dated, own_bank):
    mark(dated, "kb-2", TODAY + timedelta(365))
    before = own_bank.catalogue.last_seq(), own_bank.catalogue.ruling_seq()
    mark(dated, "kb-2", TODAY + timedelta(365))
    assert (own_bank.catalogue.last_seq(), own_bank.catalogue.ruling_seq()) == before


@pytest.mark.parametrize(
    ("id_", "body", "key", "status"),
    [
        ("kb-2", {"due": "2026-11-21"}, WRITER, 400),
        ("kb-2", {"due": "2026-12-01", "reviewed": "2026-11-22"}, WRITER, 400),
        ("kb-2", {"due": "2046-12-01"}, WRITER, 400),
        ("kb-2", {"due": "i morgen"}, WRITER, 422),
        ("kb-99", {"due": "2027-01-01"}, WRITER, 404),
        ("kb-2", {"due": "2027-01-01"}, LOCAL, 403),
        ("kb-2", {"due": "2027-01-01"}, READER, 403),
        ("kb-2", {"due": "2027-01-01"}, "", 401),
    ],
)
def test_what_may_not_be_said_is_refused(site, id_, body, key, status):
    answer = site.put(f"/v1/editor/resources/{id_}/review", json=body, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_key_of_an_edition_has_its_own_list_and_no_drafts_of_others(shelf):
    assert ids(shelf, LOCAL) == ["kb-7"]
    assert ids(shelf, LOCAL, edition="felles", state="expired") == ["kb-2", "kb-3"]
    assert ids(shelf, LOCAL, edition="felles", state="all", status="draft") == []
    assert ids(shelf, LOCAL, edition="alle", state="all", status="draft") == []


def test_what_is_withdrawn_or_merged_reminds_nobody(dated):
    dated.delete("/v1/resources/kb-2", headers={"X-API-Key": WRITER})
    assert ids(dated, state="expired") == ["kb-3"]
    refused = mark(dated, "kb-2", TODAY + timedelta(30))
    assert refused.status_code == 404


def test_every_number_of_the_dashboard_is_the_length_of_its_list(dated, own_bank):
    own_bank.duplicates.groups()  # looked at once, so that the prints are there
    seen = 0
    for key, params in (
        (WRITER, {}),
        (WRITER, {"edition": "ahus"}),
        (LOCAL, {}),
        (WRITER, {"topic": "fallforebygging"}),
    ):
        board = get(dated, DASHBOARD, key, **params).json()
        cells = [
            *board["numbers"],
            *(
                cell
                for rows in ("themes", "resource_types")
                for row in board[rows]
                for cell in row["numbers"]
            ),
        ]
        for cell in cells:
            listed = get(dated, cell["list"], key).json()
            assert listed["total"] == cell["n"], cell
            assert dict(parse_qsl(urlsplit(cell["list"]).query)) == cell["filter"]
            seen += bool(cell["n"])
    assert seen > 25


def test_the_dashboard_counts_by_theme_and_type(shelf):
    board = get(shelf, DASHBOARD, lang="nb").json()
    numbers = {cell["name"]: cell["n"] for cell in board["numbers"]}
    assert numbers | {"links": 0, "duplicates": None} == {
        "published": 11, "drafts": 1, "expired": 2, "due_30": 2, "due_90": 4, "undated": 3, "links": 0,
        "duplicates": None,
    }  # fmt: skip
    assert numbers["duplicates"] is None  # nobody has compared the bank yet, and a dashboard does not begin
    assert numbers["links"] > 0
    themes = {row["value"]: {c["name"]: c["n"] for c in row["numbers"]} for row in board["themes"]}
    assert themes["fallforebygging"] == {
        "published": 5, "drafts": 0, "expired": 1, "due_30": 2, "due_90": 3, "undated": 0,
    }  # fmt: skip
    red = next(cell for cell in board["numbers"] if cell["name"] == "expired")
    assert (red["colour"], red["colour_label"], red["label"]) == ("red", "rød", "Gått ut")


def test_a_link_that_is_ruled_on_leaves_the_list_and_the_number(dated, own_bank):
    def count():
        cells = get(dated, DASHBOARD).json()["numbers"]
        return next(cell["n"] for cell in cells if cell["name"] == "links")

    before = count()
    first = get(dated, "/v1/editor/links").json()["links"][0]
    at = datetime(2026, 11, 21, tzinfo=UTC)
    own_bank.catalogue.record(
        Decision("teaches", first["resource"], first["requirement"], "rejected", "test", at)
    )
    assert count() == before - 1


def test_a_day_later_it_has_expired(own_folder):
    for days, expired in ((0, False), (1, True)):
        engine = open_bank(own_folder)
        engine.now = lambda days=days: datetime(2028, 3, 1, 12, tzinfo=UTC) + timedelta(days)
        from engine.editorial.review_lists import ReviewFilter, ReviewLists

        found = [r.resource.id for r in ReviewLists(engine).rows_of(ReviewFilter("expired"))]
        assert ("kb-1" in found) is expired
        engine.close()


def test_a_person_is_not_responsible(own_site):
    for name, status in (
        ("Kari Nordmann", 422),
        ("kari.nordmann@example.org", 422),
        ("fagråd for fall", 200),
    ):
        record = {"id": "kb-90", "title": "Ny", "responsible": name}
        answer = own_site.put("/v1/resources/kb-90", json=record, headers={"X-API-Key": WRITER})
        assert answer.status_code in {status, 201 if status == 200 else status}
        assert status == 200 or "Nordmann" not in answer.text
    assert ids(own_site, responsible="Fagråd for fall", state="all") == ["kb-90"]
