import base64
import html
import json
import re
import shutil
import uuid
import xml.etree.ElementTree as ET
from contextlib import closing

import httpx
import pytest

from indexer.pipeline import index
from search_cluster import sweep
from small_bank import open_bank, serving

ODD = [
    "((", "AND OR", "*", '"', "HPR: 123", "internal_note:hemmelig", "-", "a\x00b", "\ufeff\u202e\u200b", "%", "\\", "'; DROP TABLE",
    "🦷" * 50, "e\u0301" * 200, "\U0010ffff", "[a TO b]", "title:fall^9", "x" * 10_000, "fall " * 2000, "\n\t\r",
]  # fmt: skip


def search(site, **params):
    answer = site.get("/v1/search", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module", params=["embedded", pytest.param("cluster", marks=pytest.mark.opensearch)])
def bank(request, filled, tmp_path_factory):
    """The same bank on either engine: what is promised here is promised of both."""
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("bank") / "data")
    if request.param == "embedded":
        with closing(open_bank(folder)) as engine:
            yield engine
        return
    server = request.getfixturevalue("opensearch_server")
    prefix = f"t{uuid.uuid4().hex[:10]}"
    with closing(open_bank(folder, search_url=server.url, search_index=prefix)) as engine:
        index(engine)
        yield engine
    sweep(server, prefix)


@pytest.fixture(scope="module")
def site(bank):
    with serving(bank) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def test_a_hit_says_why_with_marked_words_and_a_sentence(site):
    hit = search(site, q="fallforebygging sykehjem", lang="nb")["hits"][0]
    assert hit["resource"]["id"] == "kb-1"
    assert "fallforebygging" in hit["reason"]["words"]
    assert hit["reason"]["sentence"].startswith("Treff fordi ressursen ")
    title = next(h for h in hit["highlights"] if h["field"] == "title")
    start, end = title["marks"][0]
    assert title["text"][start:end] == "Fallforebygging"
    assert title["html"].startswith("<mark>Fallforebygging</mark>")
    assert "body" not in hit["resource"]


def test_facet_counts_equal_a_brute_force_count_and_selection_does_not_narrow_its_own_facet(site):
    def counts(answer):
        facet = next(f for f in answer["facets"] if f["name"] == "resource_type")
        return {v["value"]: v["count"] for v in facet["values"]}

    everything = search(site, q="fall", k=100)
    seen = [h["resource"]["resource_type"] for h in everything["hits"]]
    for value, count in counts(everything).items():
        if value in seen:
            assert count == seen.count(value)
    chosen = search(site, q="fall", k=100, resource_type="film")
    assert counts(chosen) == counts(everything)
    assert {h["resource"]["resource_type"] for h in chosen["hits"]} == {"film"}


def test_values_of_a_repeated_parameter_are_alternatives(site):
    both = search(site, k=100, resource_type=["film", "quiz"])
    assert (
        both["total"]
        == search(site, resource_type="film")["total"] + search(site, resource_type="quiz")["total"]
        == 3
    )


def test_facet_parameter_and_named_parameter_mean_the_same(site):
    assert search(site, facet="resource_type=film") == search(site, resource_type="film")
    assert search(site, krav="krav-fall") == search(site, requirement="krav-fall")


def test_a_facet_is_searched_by_label_and_nothing_else_changes(site):
    def facet(answer, name):
        return {v["value"]: v for f in answer["facets"] if f["name"] == name for v in f["values"]}

    whole = search(site, q="", lang="nb")
    found = search(site, q="", lang="nb", facet_contains=["theme:FALLF", "resource_type:quiz"])
    themes = facet(whole, "theme")
    assert facet(found, "theme") == {n: themes[n] for n in ("pasientsikkerhet", "fallforebygging")}
    assert len(themes) > 2
    assert "quiz" in facet(found, "resource_type")
    assert "film" not in facet(found, "resource_type")
    assert (found["total"], found["hits"]) == (whole["total"], whole["hits"])
    assert facet(found, "language") == facet(whole, "language")
    ticked = search(site, lang="nb", theme="demens", facet_contains="theme:smitte")
    assert set(facet(ticked, "theme")) == {"demens", "smittevern"}
    english = search(site, lang="en", facet_contains="theme:FALLF")
    assert facet(english, "theme") == {}
    assert facet(search(site, facet_contains="theme:"), "theme").keys() == themes.keys()


def test_a_searched_facet_that_is_usually_left_out_comes_with_the_answer(site):
    def names(answer):
        return [f["name"] for f in answer["facets"]]

    assert names(search(site, facet_contains="provider:redaksjonen")) == [*names(search(site)), "provider"]
    provider = search(site, facet_contains="provider:redaksjonen")["facets"][-1]["values"]
    assert [(v["value"], v["count"]) for v in provider] == [("Redaksjonen (eksempel)", 1)]
    assert names(search(site, facet_contains="krav:fall"))[-1] == "requirement"


def test_local_content_shows_in_its_edition_only(site):
    def found(**params):
        return {h["resource"]["id"] for h in search(site, q="fall", k=100, **params)["hits"]}

    assert "kb-7" not in found()
    assert "kb-7" not in found(edition="oslo")
    assert "kb-7" in found(edition="ahus")


def test_drafts_are_never_found(site):
    assert "kb-10" not in {h["resource"]["id"] for h in search(site, q="sepsis", k=100)["hits"]}


def test_pages_by_cursor_join_to_the_whole_and_the_total_stays(site):
    whole = search(site, q="fall", k=100)
    ids, cursor = [], None
    while True:
        page = search(site, q="fall", k=2, **({"cursor": cursor} if cursor else {}))
        assert page["total"] == whole["total"]
        ids += [h["resource"]["id"] for h in page["hits"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert ids == [h["resource"]["id"] for h in whole["hits"]]


def test_explanation_adds_up_to_the_score(site):
    for hit in search(site, q="fall", explain="1")["hits"]:
        assert sum(p["value"] for p in hit["explanation"]["parts"]) == pytest.approx(hit["score"], abs=1e-9)
    assert "explanation" not in search(site, q="fall")["hits"][0]


def test_expired_review_is_said(site):
    expired = {h["resource"]["id"]: h["review_expired"] for h in search(site, q="fall", k=100)["hits"]}
    assert expired["kb-2"] is True
    assert expired["kb-1"] is False


def test_role_tells_how_many_of_its_requirements_a_hit_covers(site):
    hits = {h["resource"]["id"]: h for h in search(site, q="fall", k=100, role="SP")["hits"]}
    assert hits["kb-1"]["covers"] == {"n": 1, "of": 3, "requirements": ["krav-fall"]}
    assert hits["kb-2"]["covers"] == {"n": 0, "of": 3, "requirements": []}


def test_plan_tells_what_a_hit_covers_of_it_with_and_without_a_role(site):
    for params in ({"plan": "plan-sykepleier"}, {"plan": "plan-sykepleier", "role": "SP"}):
        hits = {h["resource"]["id"]: h for h in search(site, q="NEWS2", k=100, **params)["hits"]}
        assert hits["kb-6"]["covers"] == {"n": 1, "of": 3, "requirements": ["krav-news2"]}
    retired = search(site, q="fall", plan="plan-gammel")["hits"][0]
    assert retired["covers"] == {"n": 0, "of": 0, "requirements": []}
    assert site.get("/v1/search", params={"plan": "finnes-ikke"}).status_code == 404
    page = site.get("/", params={"q": "NEWS2", "plan": "plan-sykepleier", "lang": "en"}).text
    assert "Covers 1 of 3 requirements in the plan" in page
    assert "Requirements in the plan: Plan for nurses" in page


def test_hits_spread_over_requirements_are_the_same_hits_page_by_page(site):
    def ids(**params):
        found = search(site, q="fall NEWS2 demens håndhygiene", **params)
        return [h["resource"]["id"] for h in found["hits"]], found["next_cursor"]

    plain, _ = ids(k=100, edition="ahus")
    spread, _ = ids(k=100, edition="ahus", diversify="requirement")
    assert sorted(spread) == sorted(plain)
    assert spread[0] == plain[0]
    first, cursor = ids(k=3, edition="ahus", diversify="requirement")
    second, _ = ids(k=3, edition="ahus", diversify="requirement", cursor=cursor)
    assert first + second == spread[:6]
    assert site.get("/v1/search", params={"diversify": "farge"}).status_code == 422


def test_limits_on_duration_and_dates(site):
    assert all(h["resource"]["duration"] <= 10 for h in search(site, max_duration=10)["hits"])
    assert {h["resource"]["id"] for h in search(site, reviewed_since="2026-01-01")["hits"]} == {"kb-1"}
    assert {h["resource"]["id"] for h in search(site, published_since="2024-01-01")["hits"]} == {"kb-1"}


def test_no_hits_come_with_ways_out_and_their_true_counts(site):
    nothing = search(site, q="håndhygiene", theme="demens", language="en", mode="lexical")
    assert nothing["total"] == 0
    ways = {w["kind"]: w["total"] for w in nothing["ways_out"]}
    assert ways["drop_filters"] == search(site, q="håndhygiene", mode="lexical")["total"] > 0


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize(
    "path", ["/v1/search", "/v1/suggest", "/v1/concepts", "/v1/feeds/atom", "/v1/feeds/json", "/"]
)
def test_odd_text_is_text(site, path, text):
    answer = site.get(path, params={"q": text})
    if path in {"/v1/suggest", "/v1/concepts"} and len(text) > 1000:
        assert answer.status_code == 422
        return
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "query",
    ["q=%ff%fe", "q=%ed%a0%80", "theme=%00&theme=%ff", "cursor=%00", "q=%", "edition=%00", "role=%00"],
)
def test_broken_bytes_are_never_a_fault_of_ours(site, query):
    for path in ("/v1/search", "/", "/v1/feeds/atom"):
        assert site.get(f"{path}?{query}").status_code in {200, 400, 404, 422}


@pytest.mark.parametrize("ours", [[5, "x"], [-1, "kb-1"], ["a", 1], {"a": 1, "b": 2}, [2**70, "kb-1"], None])
def test_forged_cursors_are_refused_or_harmless(site, ours):
    cursor = base64.urlsafe_b64encode(json.dumps(ours).encode()).decode()
    assert site.get("/v1/search", params={"cursor": cursor}).status_code in {200, 400}


def test_markup_in_content_and_text_is_escaped(site):
    for text in ("angrep", "script alert", "smittevern", "skadelig tekst"):
        found = search(site, q=text, k=100)
        hostile = next(h for h in found["hits"] if h["resource"]["id"] == "kb-11")
        for highlight in hostile["highlights"]:
            bare = re.sub("</?mark>", "", highlight["html"])
            assert not re.search("[<>]", bare)
            assert html.unescape(bare) == highlight["text"]
    for path in ("/?q=<script>alert(9)</script>", "/?q=angrep+smittevern", "/ressurs/kb-11", "/?theme=<b>"):
        page = site.get(path, headers={"Accept": "text/html"}).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>" not in page


def test_suggestions_mix_concepts_and_resources(site):
    found = site.get("/v1/suggest", params={"q": "fall", "lang": "nb"}).json()["suggestions"]
    assert {"concept", "resource"} <= {s["kind"] for s in found}
    assert site.get("/v1/suggest", params={"q": "f"}).json() == {"suggestions": []}


def test_feeds_keep_the_filters_and_are_newest_first(site):
    params = {"q": "fall", "theme": "fallforebygging"}
    expected = [h["resource"]["title"] for h in search(site, **params, sort="updated")["hits"]]
    atom = ET.fromstring(site.get("/v1/feeds/atom", params=params).content)
    ns = {"a": "http://www.w3.org/2005/Atom"}
    assert [e.text for e in atom.findall("a:entry/a:title", ns)] == expected
    for required in ("a:id", "a:title", "a:updated", "a:author/a:name"):
        assert atom.find(required, ns) is not None
    assert all(e.find("a:updated", ns) is not None for e in atom.findall("a:entry", ns))
    feed = site.get("/v1/feeds/json", params=params)
    assert feed.headers["content-type"].startswith("application/feed+json")
    assert feed.json()["version"] == "https://jsonfeed.org/version/1.1"
    assert [i["title"] for i in feed.json()["items"]] == expected


def test_same_tag_gives_304_and_another_address_does_not(site):
    first = site.get("/v1/search", params={"q": "fall"})
    again = site.get("/v1/search", params={"q": "fall"}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    other = site.get("/v1/search", params={"q": "demens"}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_head_answers_like_get_without_a_body(site):
    answer = site.head("/v1/search", params={"q": "fall"})
    assert answer.status_code == 200
    assert answer.content == b""
