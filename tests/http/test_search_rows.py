"""What is promised of facets, filters, totals, order and pages: counted again by hand, on either engine."""

import random
import re
from dataclasses import replace
from datetime import date

import httpx
import pytest

from engine.entry import FACETS, HIERARCHICAL, columns
from engine.facets import EXPIRED, VALID, index_filters
from engine.model import MISSING, Resource
from indexer.pipeline import index
from rows_bank import ABOVE, RESOURCES, TODAY, TWO_ABOVE
from small_bank import serving

NAMES = list(FACETS)
TEXTS = ["", "fall", "fall eldre", "demens minne språk"]
MODES = ["hybrid", "lexical", "semantic"]
HTML = {"Accept": "text/html", "Accept-Language": "nb"}


def search(site, **params):
    answer = site.get("/v1/search", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer):
    return [h["resource"]["id"] for h in answer["hits"]]


def facet(answer, name):
    return next(f["values"] for f in answer["facets"] if f["name"] == name)


def counts(answer, name):
    return {v["value"]: v["count"] for v in facet(answer, name) if v["count"]}


@pytest.fixture(scope="module")
def values(rows):
    """What a person could choose for each resource, by facet, worked out from the resource."""
    found = {}
    for r in RESOURCES:
        steps = ((15, "0-15"), (30, "16-30"), (60, "31-60"), (10**6, "61-"))
        own = {
            "audience": set(r.audience),
            "audience_group": set(r.audience_group),
            "arena": set(r.arena),
            "patient_group": set(r.patient_group),
            "level": {r.level},
            "language": {r.language},
            "edition": {r.edition},
            "provider": {r.provider},
            "licence": {r.licence},
            "requirement": set(r.teaches),
            "concept": {t.concept for t in rows.resource(r.id).about},
            "duration": {next(name for most, name in steps if r.duration <= most)} if r.duration else set(),
            "review": {EXPIRED if r.review_due < TODAY else VALID} if r.review_due else set(),
        }
        for name in HIERARCHICAL:  # by walking up, not as the index does it
            given = set(r.themes) if name == "theme" else {r.resource_type} - {""}
            todo, reached = list(given), set()
            while todo:
                at = todo.pop()
                reached.add(at)
                known = rows.vocabulary.get(f"{HIERARCHICAL[name]}/{at}")
                todo += [b.split("/")[1] for b in known.broader] if known else []
            own[name] = reached
        found[r.id] = {name: {v for v in chosen if v} or {MISSING} for name, chosen in own.items()}
    assert all(set(own) == set(FACETS) for own in found.values())
    return found


def by_hand(result_ids, values, name, filters):
    """Count the values of a facet over results that pass the filters of all other facets."""
    found = {}
    for rid in result_ids:
        if all(values[rid][n] & set(wanted) for n, wanted in filters.items() if n != name):
            for value in values[rid][name]:
                found[value] = found.get(value, 0) + 1
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", TEXTS)
def test_counts_of_every_facet_are_those_of_a_count_by_hand(rows_site, values, text, mode):
    found = search(
        rows_site, q=text, mode=mode, k=100, edition="alle", facet_contains=[f"{n}:" for n in NAMES]
    )
    assert len(found["hits"]) == found["total"] > 10
    for name in NAMES:
        assert counts(found, name) == by_hand(ids(found), values, name, {}), name


@pytest.mark.parametrize("number", range(12))
def test_with_any_selection_each_facet_ignores_its_own_and_obeys_the_others(rows_site, values, number):
    draw = random.Random(number)
    text, mode = draw.choice(TEXTS), draw.choice(MODES)
    everything = ids(search(rows_site, q=text, mode=mode, k=100, edition="alle"))
    filters = {}
    for name in draw.sample(NAMES, draw.randint(1, 3)):
        present = sorted({v for rid in everything for v in values[rid][name]})
        filters[name] = draw.sample(present, min(len(present), draw.randint(1, 2)))
    asked = [f"{name}={value}" for name, chosen in filters.items() for value in chosen]
    found = search(rows_site, q=text, mode=mode, k=100, edition="alle", facet=asked,
                   facet_contains=[f"{n}:" for n in NAMES])  # fmt: skip
    fits = {r for r in everything if all(values[r][n] & set(v) for n, v in filters.items())}
    assert set(ids(found)) == fits
    assert found["total"] == len(fits)
    for name in NAMES:
        assert counts(found, name) == by_hand(everything, values, name, filters), (name, filters)


@pytest.mark.parametrize("name", NAMES)
def test_a_selected_value_stays_at_count_0_and_can_be_unticked(rows_site, name):
    answer = search(rows_site, q="fall", facet=f"{name}=finnes-ikke")
    chosen = [v for v in facet(answer, name) if v["selected"]]
    assert answer["total"] == 0
    assert [(v["value"], v["count"]) for v in chosen] == [("finnes-ikke", 0)]
    page = rows_site.get("/", params={"q": "fall", "facet": f"{name}=finnes-ikke"}, headers=HTML).text
    assert re.search(r'<input[^>]*value="(edition=)?finnes-ikke" checked>', page)
    href = re.search(r'<a class="ds-chip" data-removable href="([^"]*)"', page).group(1)
    assert "finnes-ikke" not in href
    assert "article" in rows_site.get(href.replace("&amp;", "&"), headers=HTML).text


def test_a_parent_counts_the_union_of_what_is_below_it_under_both_its_parents(rows_site, values):
    found = search(rows_site, k=100, edition="alle")
    themes = {v["value"]: v for v in facet(found, "theme")}
    assert len(themes) == len(facet(found, "theme"))
    for above in ABOVE:
        having = {r for r in values if {above, TWO_ABOVE} & values[r]["theme"]}
        both = [r for r in RESOURCES if {above, TWO_ABOVE} <= set(r.themes)]
        assert both, "no resource could be counted twice"
        assert themes[above]["count"] == len(having)
        assert set(ids(search(rows_site, k=100, edition="alle", theme=above))) == having
    assert themes[TWO_ABOVE]["parent"] in ABOVE


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_value_is_found_by_none(rows_site, values, name):
    found = search(rows_site, k=100, edition="alle", facet=f"{name}=none")
    assert set(ids(found)) == {r for r in values if values[r][name] == {MISSING}}
    if name not in {"language", "edition"}:  # these always have one
        assert found["total"] > 0


@pytest.mark.parametrize(
    ("lang", "facet_", "text", "shown"),
    [
        ("nb", "theme", "MUNN", {"munnhelse"}),
        ("nn", "theme", "munn- og", {"munnhelse"}),
        ("en", "theme", "Oral", {"munnhelse"}),
        ("nb", "theme", "oral", set()),
        ("nb", "provider", "utgiver en", {"Utgiver Én"}),
        ("nb", "provider", "ÉN", {"Utgiver Én"}),
        ("en", "level", "not STATED", {"none"}),
        ("nn", "review", "gått ut", {"expired"}),
        ("nb", "review", "utlop", set()),
        ("nb", "audience", "fag", {"helsefagarbeider"}),
    ],
)
def test_a_facet_is_searched_by_what_the_reader_sees(rows_site, lang, facet_, text, shown):
    whole = search(rows_site, k=1, edition="alle", lang=lang, facet_contains=f"{facet_}:")
    found = search(rows_site, k=1, edition="alle", lang=lang, facet_contains=f"{facet_}:{text}")
    kept = {v["value"]: v for v in facet(found, facet_)}
    above = {v["parent"] for v in kept.values()}
    assert set(kept) - above == shown
    assert all(v in facet(whole, facet_) for v in kept.values())


def test_filters_on_review_state_dates_and_duration(rows_site):
    def fitting(condition):
        return {r.id for r in RESOURCES if condition(r)}

    def found(**params):
        return set(ids(search(rows_site, k=100, edition="alle", **params)))

    day = date(2024, 11, 21)
    assert found(review=EXPIRED) == fitting(lambda r: r.review_due and r.review_due < TODAY)
    assert found(review=VALID) == fitting(lambda r: r.review_due and r.review_due >= TODAY)
    assert found(review=[VALID, MISSING]) == fitting(lambda r: not r.review_due or r.review_due >= TODAY)
    assert found(review=[EXPIRED, VALID, MISSING]) == fitting(lambda r: True)
    # a resource that was published and never touched since was last seen to when it was published
    assert found(reviewed_since=day) == fitting(lambda r: (r.updated or r.published or date.min) >= day)
    assert found(published_since=day) == fitting(lambda r: r.published and r.published >= day)
    assert found(max_duration=15) == fitting(lambda r: r.duration is not None and r.duration <= 15)
    assert found(review=VALID, reviewed_since=day, max_duration=60) == fitting(
        lambda r: r.review_due and r.review_due >= TODAY and (r.updated or r.published or date.min) >= day
        and r.duration is not None and r.duration <= 60
    )  # fmt: skip
    expired = [h for h in search(rows_site, k=100, edition="alle")["hits"] if h["review_expired"]]
    assert {h["resource"]["id"] for h in expired} == found(review=EXPIRED)


@pytest.mark.parametrize(
    "today", [date(2026, 11, 21), date(2026, 1, 1), date(2029, 12, 31), date(2000, 1, 1), date(1999, 12, 31)]
)
def test_every_day_is_expired_or_valid_on_any_day_and_never_both(rows, today):
    both = {s: set(index_filters({"review": (s,)}, today)["review"]) for s in (EXPIRED, VALID)}
    days = {r.review_due for r in RESOURCES if r.review_due} | {today}
    for due in days:
        spans = columns(replace(RESOURCES[0], review_due=due), rows.vocabulary)["review"]
        assert [len(both[s].intersection(spans)) for s in (EXPIRED, VALID)] == (
            [1, 0] if due < today else [0, 1]
        )


def test_a_requirement_is_filtered_by_its_id_or_its_code(rows_site, rows):
    wanted = {r.id for r in RESOURCES if "krav-fall" in r.teaches}
    coded = replace(rows.requirements()["krav-fall"], code="FALL-1")
    for text in ("krav-fall", "krav/krav-fall"):
        assert set(ids(search(rows_site, k=100, edition="alle", krav=text))) == wanted
    rows.catalogue.upsert_requirements([coded], by="test", at=rows.now())
    for text in ("FALL-1", "fall-1", "krav-fall"):
        assert set(ids(search(rows_site, k=100, edition="alle", krav=text))) == wanted
        assert set(ids(search(rows_site, k=100, edition="alle", facet=f"requirement={text}"))) == wanted
    page = rows_site.get("/?krav=fall-1", headers=HTML).text
    href = re.search(r'<a class="ds-chip" data-removable href="([^"]*)"', page).group(1)
    assert "fall-1" not in href
    assert search(rows_site, krav="FALL-2")["total"] == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("updated", lambda r: -(r.updated or r.published).toordinal() if r.updated or r.published else None),
        ("published", lambda r: -r.published.toordinal() if r.published else None),
        ("duration", lambda r: r.duration),
    ],
)
def test_an_order_by_date_or_length_holds_for_the_whole_result_over_all_pages(rows_site, mode, sort, key):
    by_id = {r.id: r for r in RESOURCES}
    whole = search(rows_site, q="fall eldre", mode=mode, k=100, edition="alle")
    listed = pages(rows_site, 7, q="fall eldre", mode=mode, sort=sort, edition="alle")
    assert sorted(listed) == sorted(ids(whole))
    keys = [key(by_id[rid]) for rid in listed]
    assert keys == sorted(keys, key=lambda k: (k is None, k or 0))
    assert keys[0] is not None
    assert keys[-1] is None


def pages(site, k, **params):
    """All hits of a search, page by page."""
    found, cursor = [], None
    while True:
        page = search(site, k=k, **params, **({"cursor": cursor} if cursor else {}))
        assert [h["rank"] for h in page["hits"]] == list(
            range(len(found) + 1, len(found) + 1 + len(page["hits"]))
        )
        found += ids(page)
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("mode", MODES)
def test_total_and_counts_are_the_same_whatever_the_page(rows_site, mode):
    whole = search(rows_site, q="fall eldre", mode=mode, k=100)
    for k in range(1, 101):
        page = search(rows_site, q="fall eldre", mode=mode, k=k)
        assert (page["total"], page["facets"]) == (whole["total"], whole["facets"])
        assert ids(page) == ids(whole)[:k]
    assert pages(rows_site, 3, q="fall eldre", mode=mode) == ids(whole)


@pytest.mark.parametrize("mode", MODES)
def test_gibberish_gets_nothing_in_any_mode_and_filters_change_nothing(rows_site, mode):
    for text in ("xqzvw plorft", "qqqq", "asdf qwer zxcv"):
        assert search(rows_site, q=text, mode=mode, edition="alle")["total"] == 0
        assert search(rows_site, q=text, mode=mode, theme=TWO_ABOVE, sort="updated")["total"] == 0


def test_pages_go_on_while_the_index_changes_without_doubles_or_gaps(open_rows):
    """Between the pages: new hits above, changed ones, a withdrawn one, and new builds."""
    engine = open_rows()
    with serving(engine) as address, httpx.Client(base_url=address, timeout=60) as site:
        asked = {"q": "fall eldre", "edition": "alle"}
        before = ids(search(site, **asked, k=100))
        found, cursor = [], None
        for step in range(100):
            page = search(site, **asked, k=4, **({"cursor": cursor} if cursor else {}))
            found += ids(page)
            cursor = page["next_cursor"]
            if cursor is None:
                break
            if step == 0:
                fresh = [
                    Resource(f"n{n}", "Fall hos eldre", body="Fall eldre fall eldre. " * n)
                    for n in range(1, 6)
                ]
                engine.write_resources(fresh, by="test")
                index(engine)
            elif step == 1:
                gone = found[-1]
                engine.withdraw(gone, by="test")  # the very hit that the page ended with
            elif step == 2:
                last = engine.resource(before[-1])
                engine.write_resources([replace(last, title="Fall fall eldre eldre", about=())], by="test")
                index(engine, rebuild=True)
    assert len(found) == len(set(found))
    assert set(before) <= set(found)
    assert gone in found


def test_without_a_model_search_answers_by_words_and_says_so(open_rows, rows_site):
    said = "Søket bruker bare ord akkurat nå"
    with (
        serving(open_rows(embedder="none")) as address,
        httpx.Client(base_url=address, timeout=60) as site,
    ):
        assert site.get("/?q=fall", headers=HTML).text.count(said) == 1
        for mode in MODES:
            answer = search(site, q="fall eldre", mode=mode)
            assert answer["degraded"] == ([] if mode == "lexical" else ["no_model"])
            assert answer["total"] > 5
            assert answer["hits"][0]["reason"]["similarity"] is None
    assert said not in rows_site.get("/?q=fall", headers=HTML).text


def test_local_content_shows_in_its_edition_only(rows_site):
    editions = {r.id: r.edition for r in RESOURCES}
    for edition, seen in ((None, {"felles"}), ("ahus", {"felles", "ahus"}), ("vestfold", {"felles"})):
        found = search(rows_site, q="fall", k=100, **({"edition": edition} if edition else {}))
        assert {editions[i] for i in ids(found)} == seen
        assert set(counts(found, "edition")) == seen
