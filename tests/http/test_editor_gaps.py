"""Editors see what nobody has made yet and what could fill it; one call rules, and a rejection is remembered."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from engine.model import Resource
from graph.model import Plan, PlanLine
from indexer.pipeline import index
from small_bank import LOCAL, PLANS, READER, RESOURCES, WRITER

GAPS = "/v1/editor/gaps"
CANDIDATES = GAPS + "/{}/candidates"
KB = {r.id: r for r in RESOURCES}


def get(site, path, key=WRITER, **params):
    answer = site.get(path, params=params, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    return answer.json()


def listed(site, **params):
    return {(g["requirement"], g["language"]): g for g in get(site, GAPS, **params)["gaps"]}


def offered(site, requirement, **params):
    found = get(site, CANDIDATES.format(requirement), **params)
    return {c["resource"]: c for c in found["candidates"]}


def rule(site, requirement, resource, verdict, key=WRITER, **more):
    body = {"resource": resource, "verdict": verdict, **more}
    return site.put(CANDIDATES.format(requirement), json=body, headers={"X-API-Key": key})


def test_gaps_say_who_is_affected_and_what_is_nearly_there(site):
    found = get(site, GAPS)
    assert [(g["requirement"], g["state"]) for g in found["gaps"]] == [("krav-tomt", "nothing")]
    assert found["gaps"][0]["sentence"] == (
        "1 plan og 1 rolle spør etter «krav uten ressurs»; ingen gyldig ressurs."
    )
    nynorsk = listed(site, language="nn", lang="en")
    assert {name for name, _ in nynorsk} == {"krav-fall", "krav-news2", "krav-tomt"}
    fall = nynorsk["krav-fall", "nn"]
    assert (fall["plans"], fall["roles"], fall["proposed"]) == (["plan-sykepleier"], ["sykepleier"], ["kb-4"])
    assert (fall["state_label"], set(fall["elsewhere"])) == ("proposed link", {"kb-1", "kb-7"})
    assert fall["sentence"].startswith(
        "1 plan and 1 role ask for “fall prevention”; no valid resource in Norwegian Nynorsk. 1 proposed"
    )
    assert len(listed(site, by="language")) == 3 + 2 + 2  # bokmål is there for two of them
    assert listed(site, role="hjemmesykepleier", by="language") == {}
    assert get(site, GAPS, by="language", limit=2, offset=6)["total"] == 7
    assert {e["edition"] for e in get(site, GAPS, edition="alle")["gaps"]} >= {"felles", "ahus"}
    assert {e["edition"] for e in get(site, GAPS, key=LOCAL)["gaps"]} == {"ahus"}


def test_gaps_are_sorted_by_whom_they_concern_and_when_they_are_due(own_site, own_bank):
    at = datetime(2026, 11, 2, tzinfo=UTC)
    more = Plan("plan-2", {"nb": "To"}, (PlanLine("krav-news2", calendar="--12-01"),), ("hjemmesykepleier",))
    own_bank.catalogue.upsert_plans([more], by="test", at=at)
    own_bank.write_resources([replace(KB["kb-6"], review_due=date(2026, 11, 20))], by="test")
    by_plans = get(own_site, GAPS)["gaps"]
    assert [(g["requirement"], len(g["plans"]), len(g["roles"])) for g in by_plans] == [
        ("krav-news2", 2, 2),
        ("krav-tomt", 1, 1),
    ]
    assert (by_plans[0]["state"], by_plans[0]["expired"], by_plans[0]["due"]) == (
        "expired",
        ["kb-6"],
        "2026-12-01",
    )
    assert [g["requirement"] for g in get(own_site, GAPS, sort="due")["gaps"]] == ["krav-news2", "krav-tomt"]
    assert offered(own_site, "krav-news2")["kb-6"]["steps"] == [
        {"step": "renew", "label": "forny revisjonen"}
    ]


def test_every_list_is_had_as_csv_and_as_a_workbook(site):
    headers = {"X-API-Key": WRITER}
    table = site.get(GAPS, params={"format": "csv", "by": "language"}, headers=headers)
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert len(rows) == 7
    assert (rows[0]["requirement"], rows[0]["plans"], rows[0]["plan_ids"]) == (
        "krav-fall",
        "1",
        "plan-sykepleier",
    )
    book = site.get(GAPS, params={"format": "xlsx", "lang": "nn"}, headers=headers)
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert [cell.value for cell in sheet[1]][:4] == ["Krav", "Namn", "Utgåve", "Språk"]


def test_candidates_come_with_evidence_and_what_each_takes(site):
    nynorsk = offered(site, "krav-fall", language="nn", lang="en")
    assert next(iter(nynorsk)) == "kb-4"  # nothing but the link is to be done
    course = nynorsk["kb-1"]
    assert ([s["step"] for s in course["steps"]], course["linked"]) == (["translate"], True)
    assert course["sentence"] == (
        "“Fallforebygging i sykehjem” is linked to “fall prevention” already. Both are about fall prevention. "
        "Its language is Norwegian Bokmål."
    )
    local = nynorsk["kb-7"]
    assert [s["step"] for s in local["steps"]] == ["share", "translate"]
    near = nynorsk["kb-4"]
    assert ([s["step"] for s in near["steps"]], near["linked"]) == (["link"], False)
    assert 0 < near["confidence"] <= 1
    assert [c["concept"] for c in near["concepts"]] == ["tema/fallforebygging"]
    shown = near["passage"]
    assert KB["kb-4"].body[shown["start"] : shown["end"]].startswith(shown["text"][:40])
    assert "renew" in [s["step"] for s in nynorsk["kb-2"]["steps"]]
    scores = [c["score"] for c in nynorsk.values()]
    assert scores == sorted(scores, reverse=True)
    assert "kb-1" not in offered(site, "krav-fall")  # it fills it already
    assert offered(site, "krav-fall", language="nn", key=LOCAL)["kb-4"]["may_rule"] is False


def test_one_call_makes_the_link_and_a_rejection_is_remembered(own_site, own_bank):
    accepted = rule(own_site, "krav-fall", "kb-4", "accepted", reason="dekker kravet").json()
    assert (accepted["kind"], accepted["verdict"], accepted["by"]) == ("teaches", "accepted", "redaksjon")
    assert ("krav-fall", "nn") not in listed(own_site, language="nn")  # at once, before an index run
    assert rule(own_site, "krav-fall", "kb-5", "rejected").json()["kind"] == "teaches"
    adapting = rule(own_site, "krav-fall", "kb-1", "rejected", reason="skal ikke oversettes").json()
    assert (adapting["kind"], adapting["requirement"]) == ("gap", "krav-fall")
    assert rule(own_site, "krav-fall", "kb-1", "rejected", reason="skal ikke oversettes").json() == adapting

    def left():
        return {"kb-1", "kb-5"} & offered(own_site, "krav-fall", language="en").keys()

    assert left() == set()
    new = [replace(KB["kb-1"], summary="Ny ingress."), replace(KB["kb-5"], summary="A new summary.")]
    own_bank.write_resources(new, by="import")
    index(own_bank)
    assert left() == set()
    served = own_site.get("/v1/requirements/krav-fall/resources").json()["resources"]
    assert {"kb-1", "kb-4"} <= {r["resource"]["id"] for r in served if r["stated"]}  # the link itself stays
    for resource in ("kb-1", "kb-5"):
        path = CANDIDATES.format("krav-fall")
        answer = own_site.delete(path, params={"resource": resource}, headers={"X-API-Key": WRITER})
        assert answer.status_code == 204
    index(own_bank)
    assert "kb-1" in left()
    assert "rejected gap" in [t.action for t in own_bank.catalogue.audit_trail("kb-1")]


def test_a_requirement_that_the_graph_does_not_know_yet_is_searched_for(own_site, own_bank):
    own_bank.write_resources([Resource("kb-20", "Krav uten ressurs forklart", "", "Om krav.")], by="test")
    found = offered(own_site, "krav-tomt")
    assert (found["kb-20"]["confidence"], found["kb-20"]["linked"]) == (None, False)
    assert (
        found["kb-20"]["sentence"] == "«Krav uten ressurs forklart» er blant treffene på «krav uten ressurs»."
    )
    assert rule(own_site, "krav-tomt", "kb-20", "accepted").status_code == 200
    assert listed(own_site) == {}


def test_what_one_may_not_and_what_there_is_not_is_a_problem(site, bank):
    said = bank.catalogue.ruling_seq()
    answers = [
        (403, rule(site, "krav-fall", "kb-4", "accepted", key=LOCAL)),
        (403, rule(site, "krav-fall", "kb-4", "accepted", key=READER)),
        (404, rule(site, "krav-fall", "finnes-ikke", "accepted")),
        (404, rule(site, "finnes-ikke", "kb-4", "accepted")),
        (400, rule(site, "krav-fall", "kb-1", "accepted")),  # it is linked already
        (422, rule(site, "krav-fall", "kb-4", "pinned")),
    ]
    delete = {"headers": {"X-API-Key": WRITER}, "params": {"resource": "kb-4"}}
    answers.append((404, site.delete(CANDIDATES.format("krav-fall"), **delete)))
    for path, status in (
        (CANDIDATES.format("finnes-ikke"), 404),
        (f"{GAPS}?role=kokk", 404),
        (f"{GAPS}?edition=mars", 400),
        (f"{GAPS}?sort=alder", 422),
    ):
        answers.append((status, site.get(path, headers={"X-API-Key": WRITER})))
    answers += [(401, site.get(GAPS)), (401, site.get(CANDIDATES.format("krav-fall")))]
    for status, answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert bank.catalogue.ruling_seq() == said


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_sentences_are_in_the_language_asked_for(site, lang):
    said = {"nb": "spør etter", "nn": "spør etter", "en": "ask for"}
    assert all(said[lang] in g["sentence"] for g in get(site, GAPS, by="language", lang=lang)["gaps"])
    states = {g["state_label"] for g in get(site, GAPS, by="language", lang=lang)["gaps"]}
    assert len(states) >= 2


def test_coverage_groups_by_requirement_and_tells_proposed_from_valid(site):
    found = site.get("/v1/reports/coverage", params={"edition": "felles", "lang": "nn"}).json()
    fall = next(r for r in found["requirements"] if r["requirement"] == "krav-fall")
    assert (fall["label"], fall["resources"], fall["plans"]) == ("fallførebygging", 1, ["plan-sykepleier"])
    assert fall["proposed"] >= 2
    assert fall["missing"][0]["edition"] == "felles"
    assert {c["language"]: c["proposed"] for c in fall["missing"][0]["cells"]} == {"nn": 1, "en": 1}
    assert found["total_requirements"] == 3
    cell = next(c for c in found["empty"] if (c["requirement"], c["language"]) == ("krav-fall", "nn"))
    assert cell["proposed"] == 1
    assert PLANS[0].id in cell["plans"]
