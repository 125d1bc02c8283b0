"""Status, calendars and reports over HTTP: documented shapes, nothing stored, no person."""

import base64
import csv
import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime

import icalendar
import pytest
from openpyxl import load_workbook

from small_bank import PLANS, REQUIREMENTS

DONE = [
    {"requirement": "krav-fall", "achieved": "2025-01-15", "evidence": "prior_learning"},
    {"requirement": "krav-news2", "achieved": "2025-06-01", "evidence": "course"},
]
MEMBERS = [
    {"pseudonym": "u-01", "role": "sykepleier", "done": DONE},
    {"pseudonym": "u-02", "role": ["SP"], "done": [{"requirement": "krav-fall", "achieved": "2026-10-01"}]},
]


def post(site, path, body, status=200, **params):
    answer = site.post(path, json=body, params=params)
    assert answer.status_code == status, answer.text
    return answer


def test_status_has_colour_word_due_date_and_what_fills_the_gap(site):
    answer = post(site, "/v1/status", {"role": "sykepleier", "done": DONE, "lang": "nn"})
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    first = found["requirements"][0]
    assert (first["requirement"], first["state_word"], first["colour_word"]) == (
        "krav-news2",
        "Gått ut",
        "raud",
    )
    assert (first["due"], first["overdue"], first["fills"]["id"]) == ("2026-06-01", True, "kb-6")
    second = next(r for r in found["requirements"] if r["requirement"] == "krav-fall")
    assert (second["state"], second["colour"], second["due"]) == ("expires_soon", "yellow", "2027-01-15")
    assert second["evidence"] == ["prior_learning"]
    assert [d["requirement"] for d in found["due"]] == ["krav-news2", "krav-fall"]
    assert found["colours"] == {"red": 1, "yellow": 1, "green": 0, "grey": 1}
    assert found["overdue"] == 1


def test_status_without_a_done_list_and_on_another_day(site):
    bare = post(site, "/v1/status", {"role": "sykepleier"}).json()
    assert {r["state"] for r in bare["requirements"]} == {"not_begun"}
    then = post(site, "/v1/status", {"role": "sykepleier", "done": DONE, "on": "2025-07-01"}).json()
    assert then["overdue"] == 0


def test_nothing_of_a_status_is_written(site, bank):
    before = (bank.catalogue.last_seq(), bank.catalogue.plan_seq(), bank.catalogue.audit_trail(limit=1000))
    post(site, "/v1/status", {"role": "sykepleier", "done": DONE})
    post(site, "/v1/reports/unit", {"members": MEMBERS})
    assert before == (
        bank.catalogue.last_seq(),
        bank.catalogue.plan_seq(),
        bank.catalogue.audit_trail(limit=1000),
    )


@pytest.mark.parametrize(
    ("done", "field"),
    [
        ([{"requirement": "krav-ukjent"}], "done.0.requirement"),
        ([{"requirement": "krav-fall", "achieved": "2026-02-01", "expires": "2026-01-01"}], "done.0.expires"),
        ([{"requirement": "krav-fall", "evidence": "rykte"}], "done.0.evidence"),
        ([{"requirement": "krav-fall", "state": "ok"}], "done.0.state"),
    ],
)
def test_a_done_list_that_will_not_do_names_the_field(site, done, field):
    for path in ("/v1/status", "/v1/status/calendar"):
        answer = post(site, path, {"role": "sykepleier", "done": done}, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_due_dates_as_a_calendar_read_back(site):
    answer = post(site, "/v1/status/calendar", {"role": "sykepleier", "done": DONE})
    assert answer.headers["content-type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    days = {str(e["dtstart"].dt): str(e["summary"]) for e in events}
    assert days == {
        "2026-06-01": "Frist: NEWS2 (Utløpt)",
        "2027-01-15": "Frist: fallforebygging (Utløper snart)",
    }
    assert len({str(e["uid"]) for e in events}) == 2
    assert all((e["dtend"].dt - e["dtstart"].dt).days == 1 for e in events)
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert post(site, "/v1/status/calendar", {"role": "sykepleier", "done": DONE}).content == answer.content


def test_a_plan_without_fixed_days_gives_an_empty_calendar_and_an_unknown_one_a_problem(site):
    answer = site.get("/v1/plans/plan-sykepleier/calendar")
    assert icalendar.Calendar.from_ical(answer.content).walk("VEVENT") == []
    assert site.get("/v1/plans/finnes-ikke/calendar").status_code == 404


def test_a_unit_is_laid_out_with_the_overdue_first(site):
    found = post(site, "/v1/reports/unit", {"members": MEMBERS}).json()
    assert found["pseudonyms"] == ["u-01", "u-02"]
    assert [r["requirement"] for r in found["requirements"]] == ["krav-news2", "krav-tomt", "krav-fall"]
    news = found["requirements"][0]
    assert (news["asked"], news["missing"], news["overdue"]) == (2, 2, 1)
    assert [f["id"] for f in news["fills"]] == ["kb-6"]
    assert found["requirements"][1]["fills"] == []
    assert {m["month"]: m["renewals"] for m in found["months"]} == {"2027-01": 1, "2028-10": 1}


def test_a_unit_as_csv_workbook_and_page(site):
    rows = list(
        csv.DictReader(io.StringIO(post(site, "/v1/reports/unit", {"members": MEMBERS}, format="csv").text))
    )
    assert len(rows) == 6
    assert rows[0]["pseudonym"] == "u-01"
    assert rows[0]["state_word"] == "Utløpt"
    book = load_workbook(
        io.BytesIO(post(site, "/v1/reports/unit", {"members": MEMBERS}, format="xlsx").content)
    )
    sheet = book.worksheets[0]
    assert [c.value for c in sheet[1]] == ["Krav", "u-01", "u-02"]
    assert sheet["B2"].value.startswith("Utløpt, rød 2026-06-01 (over fristen)")
    assert sheet["B2"].fill.fgColor.rgb != sheet["B4"].fill.fgColor.rgb
    page = post(site, "/v1/reports/unit", {"members": MEMBERS, "lang": "en"}, format="html").text
    assert "Expired, red 2026-06-01 (overdue)" in page
    assert 'lang="en"' in page


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ({"pseudonym": "01010112345", "role": "sykepleier"}, "members.1.pseudonym"),
        ({"pseudonym": "Kari Nordmann", "role": "sykepleier"}, "members.1.pseudonym"),
        ({"pseudonym": "u-01", "role": "sykepleier"}, "members.1.pseudonym"),
        ({"pseudonym": "u-02", "role": "kokk"}, "members.1.role"),
        ({"pseudonym": "u-02", "role": []}, "members.1.role"),
        ({"pseudonym": "u-02", "role": "hjemmesykepleier", "plan": "plan-sykepleier"}, "members.1.plan"),
        (
            {"pseudonym": "u-02", "role": "sykepleier", "done": [{"requirement": "x"}]},
            "members.1.done.0.requirement",
        ),
    ],
)
def test_a_member_that_will_not_do_is_named_by_place_not_by_value(site, member, field):
    answer = post(site, "/v1/reports/unit", {"members": [MEMBERS[0], member]}, 422)
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert "01010112345" not in answer.text
    assert "Nordmann" not in answer.text


def test_coverage_counts_valid_resources_and_ranks_empty_cells(site):
    found = site.get("/v1/reports/coverage", params={"role": "sykepleier", "edition": "ahus"}).json()
    rows = {r["requirement"]: r for r in found["rows"]}
    assert rows["krav-fall"]["resources"] == 2  # the common course and the local procedure
    assert rows["krav-tomt"]["cells"] == []
    assert found["total_rows"] == 3
    assert found["total_empty"] == 7
    assert (
        site.get("/v1/reports/coverage", params={"limit": 1}).json()["rows"][0]["requirement"] == "krav-fall"
    )
    table = site.get("/v1/reports/coverage", params={"format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert site.get("/v1/reports/coverage", params={"role": "kokk"}).status_code == 404


def test_forecast_and_its_table(site):
    assert site.get("/v1/reports/forecast").json() == {"on": "2026-11-21", "edition": None, "rows": []}
    assert site.get("/v1/reports/forecast", params={"format": "csv"}).text.startswith("month,requirement")
    assert site.get("/v1/reports/forecast", params={"months": 61}).status_code == 422


def test_the_bundle_for_an_inspection(site):
    asked = {"role": "SP", "date": "2026-11-21"}
    found = site.get("/v1/reports/inspection", params=asked).json()
    assert len(found["checksum"]) == 64
    assert {r["id"] for r in found["resources"]} == {"kb-1", "kb-6"}
    assert site.get("/v1/reports/inspection", params=asked).json() == found
    ld = site.get("/v1/reports/inspection", params={**asked, "format": "json-ld"})
    assert ld.headers["content-type"] == "application/ld+json"
    assert ld.json()["@graph"]
    page = site.get("/v1/reports/inspection", params={**asked, "format": "html", "lang": "nn"})
    assert "Krav og læringsressursar" in page.text
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{allowed}'" in page.headers["content-security-policy"]
    assert (
        site.get("/v1/reports/inspection", params={"role": "kokk", "date": "2026-11-21"}).status_code == 404
    )
    assert site.get("/v1/reports/inspection", params={"role": "SP", "date": "i går"}).status_code == 422
    for day in ("0001-01-01", "9999-12-31"):
        assert site.get("/v1/reports/inspection", params={"role": "SP", "date": day}).status_code == 200
        for path in ("coverage", "forecast"):
            assert site.get(f"/v1/reports/{path}", params={"on": day}).status_code == 200
        assert post(site, "/v1/status", {"role": "SP", "on": day, "done": DONE}).json()["on"] == day


def test_kinds_of_evidence_may_be_named_in_norwegian_and_calendar_rules_stand_in_answers_and_pages(
    own_site, own_bank
):
    at = datetime(2026, 11, 2, tzinfo=UTC)
    own_bank.catalogue.upsert_requirements([replace(REQUIREMENTS[0], calendar="month-end")], by="test", at=at)
    lines = (replace(PLANS[0].lines[0], calendar="--09-01"), *PLANS[0].lines[1:])
    own_bank.catalogue.upsert_plans([replace(PLANS[0], lines=lines)], by="test", at=at)
    done = [{"requirement": "krav-fall", "achieved": "2026-10-15", "evidence": "realkompetanse"}]
    found = post(own_site, "/v1/status", {"role": "sykepleier", "done": done}).json()
    row = next(r for r in found["requirements"] if r["requirement"] == "krav-fall")
    assert (row["due"], row["renewed"]) == ("2027-09-01", "hvert år, innen 1. september")
    assert row["evidence"] == ["prior_learning"]
    assert row["rules"] == [{"months": None, "calendar": "--09-01"}]
    assert own_site.get("/v1/requirements/krav-fall").json()["calendar"] == "month-end"
    assert own_site.get("/v1/plans/plan-sykepleier").json()["lines"][0]["calendar"] == "--09-01"
    for path in ("/rolle/sykepleier", "/plan/plan-sykepleier"):
        assert "Hvert år, innen 1. september" in own_site.get(path).text
    assert "Hvert 2. år, til månedens slutt" in own_site.get("/krav/krav-fall").text
    events = icalendar.Calendar.from_ical(own_site.get("/v1/plans/plan-sykepleier/calendar").content).walk(
        "VEVENT"
    )
    assert [str(e["dtstart"].dt) for e in events] == ["2027-09-01", "2028-09-01"]
    forecast = own_site.get("/v1/reports/forecast", params={"lang": "en"}).json()["rows"]
    assert [r["sentence"] for r in forecast] == [
        "In September 2027 1 plan renews “fall prevention”; one resource is valid then."
    ]


def test_what_a_satisfied_group_no_longer_asks_for_is_not_in_the_calendar(own_site, own_bank):
    lines = tuple(replace(line, group="valg", group_minimum=1) for line in PLANS[0].lines)
    own_bank.catalogue.upsert_plans(
        [replace(PLANS[0], lines=lines)], by="test", at=datetime(2026, 11, 2, tzinfo=UTC)
    )
    done = [*DONE, {"requirement": "krav-tomt"}]
    ics = post(own_site, "/v1/status/calendar", {"role": "sykepleier", "done": done}).content
    days = [str(e["dtstart"].dt) for e in icalendar.Calendar.from_ical(ics).walk("VEVENT")]
    assert days == ["2027-01-15"]  # NEWS2 has run out, and one of the group is enough
