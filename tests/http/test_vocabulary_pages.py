"""The vocabulary as pages: what is shown, what is never shown, and how much of it at once."""

import json
import re
import shutil
import time

import httpx
import pytest

from api.browse import BELOW, ROWS, roots, tree
from api.vocabulary_views import ON_A_PAGE
from page_outline import Outline
from small_bank import open_bank, serving
from vocab.concept import Concept, ConceptId, ConceptMapping, ConceptScheme
from vocab.vocabulary import Vocabulary

NB = {"Accept": "text/html", "Accept-Language": "nb"}
FALL = "/vocabulary/tema/fallforebygging"


def concept(name, label=None, *above, **more):
    return Concept(ConceptId(name), {"nb": label or name}, broader=tuple(map(ConceptId, above)), **more)


def large_vocabulary():
    """Some thousand concepts: one with very many below it, a deep tree, a flat scheme, and oddities."""
    wide = [
        concept("bred/topp", "topp"),
        *(concept(f"bred/b{n:04}", f"bredt {n:04}", "bred/topp") for n in range(2500)),
    ]
    deep = [
        concept("dyp/0", "dypt 0"),
        *(concept(f"dyp/{n}", f"dypt {n}", f"dyp/{(n - 1) // 5}") for n in range(1, 1000)),
    ]
    flat = [concept(f"flat/f{n:04}", f"flatt {n:04}") for n in range(2500)]
    odd = [
        concept("rar/a", "ring a", "rar/c"), concept("rar/b", "ring b", "rar/a"), concept("rar/c", "ring c", "rar/b"),
        Concept(ConceptId("rar/engelsk"), {"en": "gauze bandage"}, definition={"en": "cloth for wounds"}),
        Concept(ConceptId("rar/skjult"), {"nb": "legevakt"}, hidden_label={"nb": ("leggevakt",)},
                alt_label={"nb": ("vaktsentral",), "en": ("duty station",)}),
        Concept(ConceptId("rar/gammel"), {"nb": "gammelt ord"}, deprecated=True, replaced_by=ConceptId("rar/skjult")),
        concept("rar/<b>&\"'", "<b>fet</b> & «rar»"),
        concept("rar/kode", "kodet", mappings=(ConceptMapping("exact", "uri", "javascript:alert(1)"),
                                                ConceptMapping("close", "uri", "https://id.example/x"))),
    ]  # fmt: skip
    schemes = [
        ConceptScheme("bred", {"nb": "Bred"}, top_concepts=(ConceptId("bred/topp"),)),
        ConceptScheme("dyp", {"nb": "Dyp"}, top_concepts=(ConceptId("dyp/0"),)),
        ConceptScheme("flat", {"nb": "Flat"}, top_concepts=tuple(c.id for c in flat)),
        ConceptScheme("rar", {"nb": "Rar"}, top_concepts=tuple(c.id for c in odd[3:])),
    ]
    return Vocabulary(schemes, [*wide, *deep, *flat, *odd])


@pytest.fixture(scope="session")
def large(filled, tmp_path_factory):
    engine = open_bank(shutil.copytree(filled, tmp_path_factory.mktemp("large") / "data"))
    engine.use_vocabulary(large_vocabulary())
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client
    engine.close()


def page_of(site, path, **headers):
    answer = site.get(path, headers=NB | headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def concepts_on(html):
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.findall(r'href="(/vocabulary/[^"?#]+/[^"?#]+)"', main)


def test_the_first_page_lists_every_scheme_and_the_menu_leads_to_it(site, bank):
    html = page_of(site, "/vocabulary")
    for scheme in bank.vocabulary.schemes:
        assert f'href="/vocabulary/{scheme.id}"' in html
    assert 'href="/vocabulary"' in page_of(site, "/")
    assert 'href="/vocabulary/tema/fallforebygging"' in page_of(site, "/ressurs/kb-1")


@pytest.mark.parametrize(
    ("text", "found"),
    [("fall", "tema/fallforebygging"), ("fallføre", "tema/fallforebygging"),
     ("fall prev", "tema/fallforebygging"), ("FALLFOREB", "tema/fallforebygging"), ("skyepleier", "rolle/sykepleier"),
     ("https://w3id.org/kompetansegraf/tilstand/demens", "tilstand/demens")],
)  # fmt: skip
def test_a_label_of_any_language_finds_its_concept(site, text, found):
    html = site.get("/vocabulary", params={"q": text}, headers=NB).text
    assert f"/vocabulary/{found}" in concepts_on(html)


def test_a_search_keeps_to_the_scheme_that_was_chosen(site):
    html = site.get("/vocabulary", params={"q": "syk", "scheme": "rolle"}, headers=NB).text
    found = concepts_on(html)
    assert found
    assert all(c.startswith("/vocabulary/rolle/") for c in found)
    chosen = [a["value"] for a in Outline(html).all("option") if "selected" in a]
    assert chosen == ["rolle"]


def test_a_hidden_label_finds_and_is_never_shown(large):
    html = large.get("/vocabulary", params={"q": "leggev"}, headers=NB).text
    assert concepts_on(html) == ["/vocabulary/rar/skjult"]
    assert "leggevakt" not in html
    for path in ("/vocabulary/rar/skjult", "/vocabulary/rar"):
        assert "leggevakt" not in page_of(large, path)
    (told,) = large.get("/v1/concepts", params={"q": "leggev", "lang": "nb"}).json()["concepts"]
    assert told == {"id": "rar/skjult", "label": "legevakt", "matched": "legevakt"}
    # an alternative label is shown, in its own language
    assert '<span lang="en">duty station</span>' in large.get("/vocabulary?q=duty", headers=NB).text


@pytest.mark.parametrize("text", ["", " ", "a", "%", "zzzzqx", "x" * 1000, "\x00", "«»", "<script>", "\\"])
def test_any_text_may_be_looked_for(site, text):
    answer = site.get("/vocabulary", params={"q": text}, headers=NB)
    assert answer.status_code == 200
    assert "<script>" not in answer.text.partition("<main")[2]


def test_a_search_shows_so_many_at_most_and_says_so(large):
    html = large.get("/vocabulary?q=bredt", headers=NB).text
    assert len(set(concepts_on(html))) == 50
    assert "De 50 første begrepene" in html


def test_the_tree_of_a_scheme_shows_all_its_concepts_under_each_other(site, bank):
    html = page_of(site, "/vocabulary/tilstand")
    assert {c.removeprefix("/vocabulary/") for c in concepts_on(html)} == {
        c.id for c in bank.vocabulary.in_scheme("tilstand")
    }
    page = Outline(html)
    summaries = len(page.all("summary"))
    assert summaries == len(page.all("details")) > 10
    assert not [a for a in page.all("details") if "open" in a]


def test_counts_stand_beside_the_concepts_of_a_tree(site):
    html = page_of(site, "/vocabulary/tema")
    row = html.partition('href="/vocabulary/tema/fallforebygging"')[2].partition("</li>")[0]
    total = site.get("/v1/search?concept=tema/fallforebygging").json()["total"]
    assert (
        f'<span class="count" aria-hidden="true">{total}</span><span class="ds-sr-only">, {total} ressurser</span>'
        in row
    )


def test_a_tree_of_thousands_shows_some_hundred_and_leads_to_the_rest(large):
    started = time.perf_counter()
    wide, deep, flat = (page_of(large, f"/vocabulary/{s}") for s in ("bred", "dyp", "flat"))
    assert time.perf_counter() - started < 5  # seconds; all three
    assert concepts_on(wide) == ["/vocabulary/bred/topp"]
    assert 'href="/vocabulary/bred/topp#underordnede"' in wide
    assert "Vis underordnede (2500)" in wide
    assert ROWS - BELOW < len(concepts_on(deep)) <= ROWS
    assert "#underordnede" in deep
    assert len(concepts_on(flat)) == ON_A_PAGE
    assert all(len(html) < 200_000 for html in (wide, deep, flat))


def test_what_a_tree_leaves_out_is_reached_page_by_page(large):
    seen, path = [], "/vocabulary/bred/topp"
    while path and len(seen) <= 2500:
        html = page_of(large, path)
        seen += [c for c in concepts_on(html) if c != "/vocabulary/bred/topp"]
        (path,) = [a["href"] for a in Outline(html).all("a") if a.get("rel") == "next"] or [""]
    assert seen == [f"/vocabulary/bred/b{n:04}" for n in range(2500)]
    last = page_of(large, "/vocabulary/flat?page=25")
    assert "Viser 2401–2500 av 2500" in last
    assert large.get("/vocabulary/flat?page=26", headers=NB).status_code == 404
    assert large.get("/vocabulary/flat?page=0", headers=NB).status_code == 422
    assert large.get("/vocabulary/flat?page=tull", headers=NB).status_code == 422


def test_a_circle_of_concepts_ends(large):
    html = page_of(large, "/vocabulary/rar/a")
    crumbs = html.partition("<ol>")[2].partition("</ol>")[0]
    assert re.findall(r"Ring (\w)", crumbs) == ["b", "c", "a"]
    circle = Vocabulary([ConceptScheme("x", {})], [concept("x/1", None, "x/2"), concept("x/2", None, "x/1")])
    shown = tree(circle, roots(circle, "x", "nb"), "nb")
    assert [(b.concept.id, [c.concept.id for c in b.children]) for b in shown] == [
        ("x/1", ["x/2"]),
        ("x/2", ["x/1"]),
    ]
    assert shown[0].children[0].children == []


@pytest.mark.parametrize(
    ("lang", "title", "words"),
    [("nb", "Fallforebygging", ["Underordnede", "Krav som handler om dette", "Merket av redaksjonen", "obligatorisk"]),
     ("nn", "Fallførebygging", ["Krav som handlar om dette", "Merkt av redaksjonen"]),
     ("en", "Fall prevention", ["Requirements about this", "Tagged by the editors"])],
)  # fmt: skip
def test_the_page_of_a_concept_speaks_the_readers_language(site, lang, title, words):
    html = site.get(FALL, params={"lang": lang}).text
    assert f">{title}</h1>" in html
    for word in words[lang == "nb" :]:
        assert word in html


def test_the_page_of_a_concept_has_what_there_is_to_know(site, bank):
    html = page_of(site, FALL)
    about = bank.vocabulary["tema/fallforebygging"]
    for lang in ("nb", "nn", "en"):
        assert re.search(rf'<dd lang="{lang}">{re.escape(about.label(lang))}', html)
    assert about.definition["nb"][1:] in html
    crumbs = html.partition("<ol>")[2].partition("</ol>")[0]
    assert re.findall(r'href="([^"]+)"', crumbs) == [
        "/vocabulary",
        "/vocabulary/tema",
        "/vocabulary/tema/pasientsikkerhet",
    ]
    assert 'aria-current="page"' in crumbs
    assert 'href="http://id.nlm.nih.gov/mesh/D000058"' in html
    assert 'href="/krav/krav-fall"' in html
    assert 'href="/rolle/sykepleier"' in html
    assert "https://w3id.org/kompetansegraf/tema/fallforebygging" in html
    total = site.get("/v1/search?concept=tema/fallforebygging").json()["total"]
    assert f"Ressurser om fallforebygging ({total})" in html
    assert "Foreslått av programmet, med skår 0," in page_of(site, "/vocabulary/tilstand/trykksar")


def test_a_long_list_of_resources_leads_to_the_search_that_finds_it(site):
    # what is tagged with something narrower is one link away
    html = page_of(site, "/vocabulary/tema/pasientsikkerhet")
    (link,) = re.findall(r'href="(/\?concept=[^"]+)"', html)
    number = int(re.search(r"Se (\d+) treff når underordnede", html).group(1))
    asked = httpx.QueryParams(link.replace("&amp;", "&").partition("?")[2])
    assert site.get("/v1/search", params=asked).json()["total"] == number > 0


def test_a_role_leads_to_its_own_page_and_other_schemes_to_their_facet(site):
    html = page_of(site, "/vocabulary/rolle/sykepleier")
    assert 'href="/rolle/sykepleier"' in html
    assert "Oppgitt av kilden" in html


def test_machines_find_the_data_behind_a_page(site):
    for path, kind in ((FALL, "DefinedTerm"), ("/vocabulary/tema", "DefinedTermSet")):
        html = page_of(site, path)
        links = {a["type"]: a["href"] for a in Outline(html).all("link") if a.get("rel") == "alternate"}
        assert set(links) == {"application/json", "application/ld+json", "text/turtle", "application/rdf+xml"}
        for media_type, address in links.items():
            answer = site.get(address, headers={"Accept": "text/html"})
            assert answer.headers["content-type"].partition(";")[0] == media_type
        block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL).group(1)
        assert json.loads(block)["@type"] == kind


@pytest.mark.parametrize(
    ("path", "data"), [(FALL, "concepts/tema/fallforebygging"), ("/vocabulary/tema", "schemes/tema")]
)
def test_who_likes_rdf_better_is_led_from_the_page_to_that(site, path, data):
    answer = site.get(path, headers={"Accept": "text/turtle, text/html;q=0.5"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/v1/{data}?format=turtle")
    assert "Accept" in answer.headers["vary"].split(", ")
    browser = site.get(
        path, headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    )
    assert browser.status_code == 200
    assert "Accept" in browser.headers["vary"].split(", ")


def test_a_concept_that_is_no_longer_in_use_says_what_replaced_it(large):
    html = page_of(large, "/vocabulary/rar/gammel")
    alert = re.search(r'<div class="ds-alert"[^>]*>(.*?)</div>', html, re.DOTALL).group(1)
    assert "Begrepet er utgått. Bruk heller:" in alert
    assert 'href="/vocabulary/rar/skjult"' in alert
    assert "/vocabulary/rar/gammel" not in concepts_on(page_of(large, "/vocabulary/rar"))
    found = large.get("/vocabulary?q=gammelt+ord", headers=NB).text
    assert concepts_on(found) == ["/vocabulary/rar/gammel"]
    assert "utgått" in found


def test_a_label_that_is_missing_in_the_readers_language_is_marked_as_what_it_is(large):
    html = page_of(large, "/vocabulary/rar/engelsk")
    assert re.search(r'<h1[^>]* lang="en">Gauze bandage</h1>', html)
    assert re.search(r'<p class="lead" lang="en">Cloth for wounds', html)
    assert re.search(r'href="/vocabulary/rar/engelsk" lang="en"', page_of(large, "/vocabulary/rar"))


def test_hostile_labels_and_codes_stay_text(large):
    path = "/vocabulary/rar/%3Cb%3E%26%22%27"
    html = page_of(large, path)
    assert "<b>" not in html
    assert "&lt;b&gt;fet&lt;/b&gt;" in html
    assert path in {a["href"] for a in Outline(page_of(large, "/vocabulary/rar")).all("a")}
    addresses = [a["href"] for a in Outline(page_of(large, "/vocabulary/rar/kode")).all("a")]
    assert "https://id.example/x" in addresses
    assert not [a for a in addresses if a.startswith("javascript")]


@pytest.mark.parametrize("path", ["/vocabulary/finnes-ikke", "/vocabulary/tema/finnes-ikke", "/vocabulary/"])
def test_unknown_addresses_are_not_found_in_the_same_look(site, path):
    answer = site.get(path, headers=NB)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
