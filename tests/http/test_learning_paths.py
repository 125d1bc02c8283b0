"""Ways to go over HTTP: steps with sums, the shortest set, files and links for a portal."""

import csv
import io
import shutil

import httpx
import pytest

from graph.model import Requirement
from small_bank import NOW, open_bank, serving

DONE = {"role": "sykepleier", "done": [{"requirement": "krav-fall", "achieved": "2026-10-01"}]}


def table(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_way_has_steps_in_order_with_sums_and_says_what_it_leaves(site):
    way = site.get("/v1/paths", params={"role": "sykepleier", "smallest": True}).json()
    assert [(s["resource"], s["minutes_so_far"], s["after"]) for s in way["steps"]] == [
        ("kb-1", 30, []),
        ("kb-6", 70, [1]),
    ]
    assert way["minutes"] == 70
    assert way["why"] == {"krav-tomt": "no_resource"}


def test_what_must_come_first_is_in_the_set_and_without_time_for_both_it_is_left_with_its_reason(site):
    short = site.get("/v1/recommendations", params={"role": "sykepleier", "minutes": 45}).json()
    assert [i["resource"]["id"] for i in short["items"]] == ["kb-1"]
    assert short["covered"] == ["krav-fall"]
    assert short["why"] == {"krav-news2": "no_time", "krav-tomt": "no_resource"}


def test_a_list_is_a_file_by_parameter_and_by_accept(site):
    by_parameter = table(site.get("/v1/recommendations", params={"role": "sykepleier", "format": "csv"}))
    by_accept = table(site.get("/v1/recommendations?role=sykepleier", headers={"Accept": "text/csv"}))
    assert by_parameter == by_accept
    as_json = site.get("/v1/recommendations?role=sykepleier").json()
    assert [r["id"] for r in by_parameter] == [i["resource"]["id"] for i in as_json["items"]]
    assert as_json["link"] is None


def test_a_file_made_with_a_done_list_holds_nothing_of_it(site):
    answer = site.post("/v1/recommendations", json={**DONE, "format": "csv"})
    assert table(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert "2026-10-01" not in answer.text
    assert all("krav-fall" not in row["requirements"].split() for row in table(answer))


def test_the_page_gives_the_file_and_says_why_a_requirement_is_left(site):
    rows = table(site.post("/rolle/sykepleier", data={"done": "krav-fall", "format": "csv"}))
    assert "kb-6" in {r["id"] for r in rows}
    page = site.get("/rolle/sykepleier", params={"minutes": "31", "lang": "en"}).text
    assert "No resource covers it" in page
    assert "No time left" in page


def test_a_portal_that_is_set_gets_a_link(filled, tmp_path):
    engine = open_bank(shutil.copytree(filled, tmp_path / "data"), portal_url="https://portal.invalid/plan")
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30, verify=False) as client:
        link = client.get("/v1/recommendations", params={"role": "sykepleier", "smallest": True}).json()[
            "link"
        ]
        assert link == "https://portal.invalid/plan#resources=kb-1,kb-6"
        assert "https://portal.invalid/plan#resources=" in client.get("/rolle/sykepleier").text
    engine.close()


def test_diversity_out_of_range_is_refused(site):
    answer = site.get("/v1/recommendations", params={"role": "sykepleier", "diversity": 2})
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/v1/recommendations", "/v1/paths"])
def test_prerequisites_in_a_circle_are_refused_with_the_circle_shown(own_bank, own_site, path):
    circle = Requirement("krav-fall", {"nb": "fall"}, prerequisites=("krav-news2",))
    own_bank.catalogue.upsert_requirements([circle], by="t", at=NOW)
    answer = own_site.get(path, params={"role": "sykepleier"})
    assert answer.status_code == 409
    assert "krav-fall before krav-news2 before krav-fall" in answer.json()["detail"]
