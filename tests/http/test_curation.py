"""Editors pin and hide results over HTTP: the next search shows it, with exact counts, and no other query changes."""

from datetime import timedelta

import pytest

from small_bank import LOCAL, NOW, READER, WRITER

RESULTS = "/v1/editor/results"


def rule(site, query, resource, verdict="pinned", key=WRITER, **more):
    body = {"query": query, "resource": resource, "verdict": verdict, **more}
    return site.put(RESULTS, json=body, headers={"X-API-Key": key})


def undo(site, query, resource, key=WRITER, **more):
    return site.delete(
        RESULTS, params={"query": query, "resource": resource, **more}, headers={"X-API-Key": key}
    )


def listed(site, key=WRITER, **params):
    answer = site.get(RESULTS, params=params, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()["results"]


def search(site, q, **params):
    return site.get("/v1/search", params={"q": q, "k": 50, **params}).json()


def ids(answer):
    return [hit["resource"]["id"] for hit in answer["hits"]]


def counts(answer):
    return {f["name"]: {v["value"]: v["count"] for v in f["values"] if v["count"]} for f in answer["facets"]}


def by_hand(found):
    """Count the resource types and languages of hits one by one."""
    told = {"resource_type": {}, "language": {}}
    for hit in found["hits"]:
        for name, values in told.items():
            value = hit["resource"][name] or "none"
            values[value] = values.get(value, 0) + 1
    return told


def test_a_pinned_result_comes_first_and_counts_whether_it_was_found_or_not(own_site):
    before = search(own_site, "fall i sykehjem", mode="lexical")
    assert "kb-8" not in ids(before)
    assert rule(own_site, "Fall i sykehjem?", "kb-8", reason="uke for håndhygiene").status_code == 200
    last = ids(before)[-1]
    assert rule(own_site, "fall i sykehjem", last).status_code == 200
    after = search(own_site, "FALL I SYKEHJEM", explain=1, mode="lexical")
    assert ids(after)[:2] == ["kb-8", last]
    assert [hit["pinned"] for hit in after["hits"][:3]] == [True, True, False]
    assert sorted(ids(after)) == sorted([*ids(before), "kb-8"])
    assert after["total"] == before["total"] + 1
    shown = counts(after)
    for name, values in by_hand(after).items():
        assert {v: n for v, n in shown[name].items() if v in values} == values
    assert ids(search(own_site, "fall sykehjem")) != ids(after)
    page = own_site.get("/", params={"q": "fall i sykehjem"}).text
    assert page.count("Valgt av redaksjonen") == 2


def test_pages_go_on_after_the_pinned_ones_and_nothing_comes_twice(own_site):
    rule(own_site, "fall", "kb-9")
    whole = ids(search(own_site, "fall"))
    seen, cursor = [], {}
    while True:
        page = own_site.get("/v1/search", params={"q": "fall", "k": 2, **cursor}).json()
        seen += ids(page)
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == whole
    assert seen[0] == "kb-9"


def test_filters_and_editions_hold_for_what_is_pinned(own_site):
    rule(own_site, "fall", "kb-8")
    rule(own_site, "fall", "kb-7")
    assert "kb-8" not in ids(search(own_site, "fall", facet="resource_type=fagprosedyre"))
    films = search(own_site, "fall", facet="resource_type=film")
    assert ids(films)[0] == "kb-8"
    assert films["total"] == len(films["hits"])
    plain = search(own_site, "fall")
    assert counts(films)["resource_type"] == counts(plain)["resource_type"]
    assert "kb-7" not in ids(plain)
    assert ids(search(own_site, "fall", edition="ahus"))[:2] == ["kb-8", "kb-7"]


def test_what_is_pinned_is_the_answer_where_nothing_was_found(own_site):
    assert search(own_site, "xqzjvw")["total"] == 0
    rule(own_site, "xqzjvw", "kb-1")
    found = search(own_site, "xqzjvw")
    assert (ids(found), found["total"]) == (["kb-1"], 1)
    rule(own_site, "xqzjvw", "kb-10")
    assert ids(search(own_site, "xqzjvw")) == ["kb-1"], "a draft is shown to nobody"


def test_a_hidden_result_is_not_in_the_answer_and_comes_back_when_taken_back(own_site):
    before = search(own_site, "fall")
    assert rule(own_site, "fall", "kb-1", "hidden").status_code == 200
    hidden = search(own_site, "fall")
    assert "kb-1" not in ids(hidden)
    assert hidden["total"] == before["total"] - 1
    assert "kb-1" in ids(search(own_site, "fallforebygging"))
    assert undo(own_site, "FALL", "kb-1").status_code == 204
    assert search(own_site, "fall")["hits"] == before["hits"]
    assert undo(own_site, "fall", "kb-1").status_code == 404


def test_a_ruling_ends_with_its_day(own_site, own_bank):
    today = NOW.date()
    assert rule(own_site, "fall", "kb-8", until=str(today - timedelta(1))).status_code == 400
    assert rule(own_site, "fall", "kb-8", until=str(today)).status_code == 200
    assert ids(search(own_site, "fall"))[0] == "kb-8"
    own_bank.now = lambda: NOW + timedelta(1)
    assert ids(search(own_site, "fall"))[0] != "kb-8"
    assert [(r["resource"], r["ended"]) for r in listed(own_site)] == [("kb-8", True)]


def test_a_key_of_an_edition_rules_there_only(own_site):
    assert rule(own_site, "fall", "kb-8", key=LOCAL).status_code == 403
    assert rule(own_site, "fall", "kb-8", key=LOCAL, edition="oslo").status_code == 403
    assert rule(own_site, "fall", "kb-10", key=LOCAL, edition="ahus").status_code == 404, "a central draft"
    assert rule(own_site, "fall", "kb-8", key=READER).status_code == 403
    assert rule(own_site, "fall", "kb-8", key=LOCAL, edition="Ahus").status_code == 200
    assert ids(search(own_site, "fall", edition="ahus"))[0] == "kb-8"
    assert ids(search(own_site, "fall"))[0] != "kb-8"
    rule(own_site, "fall", "kb-8", "hidden")
    assert ids(search(own_site, "fall", edition="ahus"))[0] == "kb-8", "what the edition says counts there"
    assert undo(own_site, "fall", "kb-8", key=LOCAL).status_code == 403
    assert undo(own_site, "fall", "kb-8", key=LOCAL, edition="ahus").status_code == 204
    assert "kb-8" not in ids(search(own_site, "fall", edition="ahus"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "!?"}, 400),
        ({"query": ""}, 422),
        ({"query": "x" * 201}, 422),
        ({"resource": "finnes-ikke"}, 404),
        ({"edition": "månen"}, 400),
        ({"verdict": "best"}, 422),
    ],
)
def test_what_cannot_be_ruled_is_refused_with_a_problem(own_site, body, status):
    sent = {"query": "fall", "resource": "kb-8", "verdict": "pinned", **body}
    answer = own_site.put(RESULTS, json=sent, headers={"X-API-Key": WRITER})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_rulings_are_listed_with_who_and_when_and_the_same_again_changes_nothing(own_site, own_bank):
    first = rule(own_site, "Fall  i\nsykehjem", "kb-8", reason="kampanje").json()
    seq = own_bank.catalogue.ruling_seq()
    assert rule(own_site, "Fall i sykehjem", "kb-8", reason="kampanje").json() == first
    assert own_bank.catalogue.ruling_seq() == seq
    (row,) = listed(own_site, query="fall i sykehjem")
    assert (row["query"], row["by"], row["reason"], row["title"]) == (
        "Fall i sykehjem", "redaksjon", "kampanje", "Håndhygiene",
    )  # fmt: skip
    assert listed(own_site, query="noe annet") == []
    (entry,) = own_bank.catalogue.audit_trail("fall i sykehjem")
    assert (entry.action, entry.by) == ("pinned search", "redaksjon")


def test_no_more_than_a_page_is_pinned_for_one_query(own_site):
    for n in range(1, 10):
        assert rule(own_site, "fall", f"kb-{n}").status_code == 200
    assert rule(own_site, "fall", "kb-11").status_code == 200
    refused = rule(own_site, "fall", "mappe/kb-12")
    assert refused.status_code == 400
    assert "10 results are pinned" in refused.json()["detail"]
    assert rule(own_site, "fall", "kb-11", reason="en grunn").status_code == 200
