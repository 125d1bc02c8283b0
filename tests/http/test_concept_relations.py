"""What a concept has to do with others, with resources, requirements and roles, as data (B9, B10, F7)."""

import json
import shutil

import httpx
import pytest
from rdflib import Graph
from rdflib.plugins.parsers.jsonld import to_rdf

from api.browse import alphabetical
from small_bank import WRITER, open_bank, serving
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.rdf import serialise
from vocab.skos import concept_triples, scheme_triples
from vocab.vocabulary import DATA_FOLDER, Vocabulary

FALL = "/v1/concepts/tema/fallforebygging"
BASE = "https://w3id.org/kompetansegraf/"
RDF = {
    "json-ld": ("application/ld+json", "json-ld"),
    "turtle": ("text/turtle", "turtle"),
    "rdf-xml": ("application/rdf+xml", "xml"),
}


def read(text, form):
    graph = Graph()
    if form == "json-ld":
        to_rdf(json.loads(text), graph)
        return graph
    return graph.parse(data=text, format=form)


def get(site, path, **params):
    answer = site.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def with_deprecated(vocabulary):
    """Part of the vocabulary, with three concepts that are no longer in use (replaced, replaced twice over, just
    gone) and one that has very many below it."""
    gone = [
        Concept(ConceptId("tema/falluhell"), {"nb": "falluhell"}, deprecated=True, replaced_by=ConceptId("tema/fallforebygging"),
                broader=(ConceptId("tema/pasientsikkerhet"),)),
        Concept(ConceptId("tema/snubling"), {"nb": "snubling"}, deprecated=True, replaced_by=ConceptId("tema/falluhell")),
        Concept(ConceptId("tema/utgatt"), {"nb": "utgått tema"}, deprecated=True),
    ]  # fmt: skip
    top = Concept(ConceptId("stor/topp"), {"nb": "topp"})
    many = [
        Concept(ConceptId(f"stor/c{n}"), {"nb": f"stort begrep {n}"}, broader=(top.id,)) for n in range(1001)
    ]
    schemes = [
        ConceptScheme("stor", {"nb": "Stor"}, top_concepts=(top.id,)),
        *(s for s in vocabulary.schemes if s.id in {"tema", "rolle"}),
    ]
    kept = [c for c in vocabulary if c.scheme in {"tema", "rolle"}]
    return Vocabulary(schemes, [*kept, *gone, top, *many], base_uri=vocabulary.base_uri)


@pytest.fixture(scope="session")
def changed_site(filled, tmp_path_factory):
    """A client of a bank with a base of its own, in whose vocabulary some concepts are no longer in use."""

    folder = shutil.copytree(filled, tmp_path_factory.mktemp("changed") / "data")
    engine = open_bank(folder, base_uri="https://begreper.example.no/helse/")
    engine.use_vocabulary(with_deprecated(engine.vocabulary))
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client
    engine.close()


def test_schemes_are_listed_with_their_size_in_the_language_asked_for(site, bank):
    found = {s["id"]: s for s in get(site, "/v1/schemes", lang="en")["schemes"]}
    assert set(found) == {s.id for s in bank.vocabulary.schemes}
    assert found["tema"]["label"] == "Theme and subject area"
    assert found["tema"]["uri"] == BASE + "tema"
    assert found["tema"]["concepts"] == len(bank.vocabulary.in_scheme("tema"))


def test_a_scheme_has_its_top_concepts_page_by_page(site, bank):
    shown, cursor = [], None
    for _ in range(20):  # a cursor that leads nowhere must not go on for ever
        page = get(site, "/v1/schemes/tema", k=10, **({"cursor": cursor} if cursor else {}))
        shown += page["top_concepts"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["top_concepts"]) == 10
    assert sorted(c["id"] for c in shown) == [c.id for c in bank.vocabulary.top_concepts("tema")]
    assert page["total"] == len(shown)
    # in the order of the labels, not of the ids
    assert [c["label"] for c in shown] == sorted([c["label"] for c in shown], key=alphabetical)


@pytest.mark.parametrize("name", RDF)
@pytest.mark.parametrize("by", ["accept", "address"])
def test_a_whole_scheme_is_the_same_triples_in_every_format(site, bank, name, by):
    media_type, form = RDF[name]
    asked = {"headers": {"Accept": media_type}} if by == "accept" else {"params": {"format": name}}
    answer = site.get("/v1/schemes/malgruppe", **asked)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    words = bank.vocabulary
    triples = list(scheme_triples(words.scheme("malgruppe"), words.uri))
    for concept in words.in_scheme("malgruppe"):
        triples += concept_triples(concept, words.uri, words.base_uri)
    expected = Graph().parse(data=serialise(triples, "nt"), format="nt")
    assert len(expected) > 300
    assert set(read(answer.text, form)) == set(expected)


def test_a_scheme_is_the_same_compressed_or_not_and_compressed_once(site):
    plain = site.get("/v1/schemes/tema?format=turtle", headers={"Accept-Encoding": "identity"})
    zipped = site.get("/v1/schemes/tema?format=turtle", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 4
    assert zipped.text == plain.text
    assert "Accept-Encoding" in zipped.headers["vary"]


@pytest.mark.parametrize("name", RDF)
def test_a_concept_is_given_in_the_format_that_its_address_names(site, name):
    media_type, form = RDF[name]
    answer = site.get(FALL, params={"format": name}, headers={"Accept": "text/html"})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    subjects = {str(s) for s in read(answer.text, form).subjects()}
    assert subjects == {BASE + "tema/fallforebygging"}


def test_broader_and_narrower_answer_each_other_with_labels_and_counts(site):
    (above,) = get(site, FALL + "/broader", lang="en")["concepts"]
    assert above["label"] == "patient safety and quality"
    below = get(site, f"/v1/concepts/{above['id']}/narrower", lang="en")
    mine = next(c for c in below["concepts"] if c["id"] == "tema/fallforebygging")
    assert mine["label"] == "fall prevention"
    assert mine["resources"] == get(site, "/v1/search", concept="tema/fallforebygging", k=1)["total"] > 0
    assert above["narrower"] == below["total"] == len(below["concepts"])
    labels = [c["label"] for c in below["concepts"]]
    assert labels == sorted(labels, key=str.casefold)


def test_transitive_relations_reach_all_the_way_the_nearest_first(site, bank):
    words = bank.vocabulary
    start = max(words, key=lambda c: len(words.descendants(c.id))).id
    far = get(site, f"/v1/concepts/{start}/narrower", transitive=1, k=1000)
    assert [c["id"] for c in far["concepts"]] == list(words.descendants(start))
    assert far["total"] > get(site, f"/v1/concepts/{start}/narrower")["total"]
    deepest = far["concepts"][-1]["id"]
    above = get(site, f"/v1/concepts/{deepest}/broader", transitive=True)["concepts"]
    assert [c["id"] for c in above] == list(words.ancestors(deepest))
    assert above[-1]["id"] == start or start in {c["id"] for c in above}


def test_related_concepts_know_each_other(site, bank):
    words = bank.vocabulary
    concept = next(c for c in words if words.related(c.id))
    for other in get(site, f"/v1/concepts/{concept.id}/related")["concepts"]:
        back = get(site, f"/v1/concepts/{other['id']}/related")["concepts"]
        assert concept.id in {c["id"] for c in back}


def test_mappings_have_addresses_where_the_other_vocabulary_has(site):
    found = get(site, "/v1/concepts/rolle/ambulansearbeider/mappings")["mappings"]
    uris = {m["vocabulary"]: m["uri"] for m in found}
    assert uris == {"styrk08": None, "hpr": None, "mesh": "http://id.nlm.nih.gov/mesh/D004634"}


def test_resources_come_page_by_page_as_the_search_finds_them(site):
    shown, cursor = [], None
    for _ in range(20):  # a cursor that leads nowhere must not go on for ever
        page = get(site, FALL + "/resources", k=1, **({"cursor": cursor} if cursor else {}))
        shown += [r["resource"]["id"] for r in page["resources"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    found = get(site, "/v1/search", **{page["facet"]: page["value"]}, k=100)
    assert shown == [h["resource"]["id"] for h in found["hits"]]
    assert len(shown) == page["total"] > 1


def test_a_resource_says_who_tagged_it(site):
    said = {r["resource"]["id"]: r for r in get(site, FALL + "/resources")["resources"]}
    assert (said["kb-1"]["by"], said["kb-1"]["score"]) == ("editor", 1.0)
    tagged = get(site, "/v1/concepts/tilstand/trykksar/resources")["resources"]
    assert [r["by"] for r in tagged] == ["automatic"]
    assert 0 < tagged[0]["score"] < 1
    (named,) = get(site, "/v1/concepts/rolle/sykepleier/resources")["resources"]
    assert (named["by"], named["score"]) == ("source", None)


def test_resources_of_narrower_concepts_come_when_asked_for(site):
    above = "/v1/concepts/tema/pasientsikkerhet/resources"
    assert get(site, above)["total"] == 0
    wide = get(site, above, transitive=1)
    below = [c["id"] for c in get(site, above.replace("resources", "narrower"), transitive=1)["concepts"]]
    assert wide["total"] == get(site, "/v1/search", concept=below, k=1)["total"] > 4
    assert {r["by"] for r in wide["resources"]} == {"narrower"}


def test_editions_are_kept_apart_in_resources_and_counts(site):
    common, ahus = (get(site, FALL + "/resources", **p)["total"] for p in ({}, {"edition": "ahus"}))
    assert ahus == common + 1
    (mine,) = [
        c
        for c in get(site, "/v1/concepts/tema/pasientsikkerhet/narrower", edition="ahus")["concepts"]
        if c["id"] == "tema/fallforebygging"
    ]
    assert mine["resources"] == ahus


def test_requirements_and_roles_lead_from_a_concept_to_those_who_need_it(site):
    (requirement,) = get(site, FALL + "/requirements", lang="en")["requirements"]
    assert requirement == {"id": "krav-fall", "label": "fall prevention", "kind": "knowledge"}
    (role,) = get(site, FALL + "/roles", lang="en")["roles"]
    # the retired plan asks for it too, and counts for nothing
    assert role == {
        "id": "sykepleier",
        "label": "nurse",
        "necessity": "obligatorisk",
        "requirements": ["krav-fall"],
        "plans": ["plan-sykepleier"],
    }
    assert get(site, "/v1/concepts/tilstand/trykksar/roles")["roles"] == []


def test_counts_follow_what_is_written(own_site):
    above = "/v1/concepts/tema/pasientsikkerhet/narrower"

    def count():
        return next(
            c["resources"] for c in get(own_site, above)["concepts"] if c["id"] == "tema/fallforebygging"
        )

    before = count()
    new = {"title": "Fallforebygging hjemme", "themes": ["fallforebygging"]}
    assert own_site.put("/v1/resources/ny", json=new, headers={"X-API-Key": WRITER}).status_code == 201
    assert count() == before + 1


def test_before_anything_is_indexed_counts_are_null_and_the_rest_is_there_and_live(tmp_path):
    words = tmp_path / "skos"
    words.mkdir()
    shutil.copy(DATA_FOLDER / "tema.ttl", words)
    engine = open_bank(tmp_path / "data", vocabulary=words)
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30) as client:
        (above,) = get(client, FALL + "/broader")["concepts"]
        assert above["resources"] is None
        page = client.get("/vocabulary/tema/fallforebygging")
        assert page.status_code == 200
        assert "Ressursene er ikke klare ennå" in page.text
        assert client.get(FALL + "/resources").status_code == 503
        # a label that an editor changes is there at the next look, with no search in between
        file = words / "tema.ttl"
        file.write_text(file.read_text().replace('"pasientsikkerhet og kvalitet"@nb', '"trygghet"@nb'))
        assert get(client, FALL + "/broader")["concepts"][0]["label"] == "trygghet"
    engine.close()


@pytest.mark.parametrize(
    "path",
    ["/v1/schemes/finnes-ikke", *(f"/v1/concepts/tema/finnes-ikke/{r}" for r in
     ("broader", "narrower", "related", "mappings", "resources", "requirements", "roles")), "/id/finnes/ikke"],
)  # fmt: skip
def test_unknown_ids_are_problems(site, path):
    answer = site.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_more_narrower_concepts_than_can_be_looked_for_are_refused(changed_site):
    answer = changed_site.get("/v1/concepts/stor/topp/resources", params={"transitive": 1})
    assert answer.status_code == 400
    assert "1001" in answer.json()["detail"]
    assert changed_site.get("/v1/concepts/stor/topp/resources").status_code == 200


@pytest.mark.parametrize("path", ["/v1/schemes", "/v1/schemes/tema", FALL + "/narrower", FALL + "/roles"])
def test_answers_have_tags_and_heads(site, path):
    first = site.get(path)
    again = site.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = site.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == first.headers["content-type"]


@pytest.mark.parametrize(
    ("accept", "place"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/vocabulary/tema/fallforebygging"),
        ("*/*", "/vocabulary/tema/fallforebygging"),
        ("application/ld+json", FALL + "?format=json-ld"),
        ("text/turtle", FALL + "?format=turtle"),
        ("application/rdf+xml, text/html;q=0.5", FALL + "?format=rdf-xml"),
        ("application/json", FALL),
    ],
)
@pytest.mark.parametrize("base", ["/id/", "/kompetansegraf/"])
def test_a_stable_uri_leads_to_what_is_asked_for(site, base, accept, place):
    answer = site.get(base + "tema/fallforebygging", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert "Accept" in answer.headers["vary"]
    there = site.get(place, headers={"Accept": accept})
    assert there.status_code == 200


@pytest.mark.parametrize(
    ("uri", "accept", "place"),
    [
        ("tema", "text/html", "/vocabulary/tema"),
        ("tema", "text/turtle", "/v1/schemes/tema?format=turtle"),
        ("ressurs/mappe/kb-12", "text/html", "/ressurs/mappe/kb-12"),
        ("ressurs/kb-1", "application/ld+json", "/v1/resources/kb-1?format=json-ld"),
        ("krav/krav-news2", "text/html", "/vocabulary/krav/krav-news2"),
        ("krav/krav-tomt", "text/html", "/krav/krav-tomt"),
        ("requirement/krav-tomt", "application/json", "/v1/requirements/krav-tomt"),
        ("role/hjemmesykepleier", "text/html", "/rolle/hjemmesykepleier"),
        ("plan/plan-sykepleier", "text/html", "/plan/plan-sykepleier"),
    ],
)
def test_every_uri_that_is_written_leads_somewhere(site, uri, accept, place):
    answer = site.get("/id/" + uri, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert site.get(place, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "uri", ["ressurs/kb-10", "ressurs/finnes-ikke", "ressurs/%00", "krav/finnes-ikke", "x"]
)
def test_no_uri_leads_to_what_is_not_there_or_not_published(site, uri):
    assert site.get("/id/" + uri).status_code == 404


def test_the_base_that_is_configured_is_where_uris_lead_from(changed_site):
    concept = changed_site.get(FALL).json()
    assert concept["uri"] == "https://begreper.example.no/helse/tema/fallforebygging"
    path = concept["uri"].removeprefix("https://begreper.example.no")
    assert changed_site.get(path).headers["location"] == "/vocabulary/tema/fallforebygging"
    assert changed_site.get("/kompetansegraf/tema/fallforebygging").status_code == 404


def test_a_deprecated_concept_keeps_its_uri_and_names_what_replaced_it(changed_site):
    for old in ("tema/falluhell", "tema/snubling"):
        concept = changed_site.get(f"/v1/concepts/{old}").json()
        assert concept["deprecated"]
        assert concept["in_use"] == "tema/fallforebygging"
        redirect = changed_site.get(f"/id/{old}", headers={"Accept": "text/html"})
        assert (redirect.status_code, redirect.headers["location"]) == (303, f"/vocabulary/{old}")
        successor = '<https://begreper.example.no/helse/tema/fallforebygging>; rel="successor-version"'
        assert redirect.headers["link"] == successor
    gone = changed_site.get("/v1/concepts/tema/utgatt").json()
    assert (gone["deprecated"], gone["in_use"]) == (True, None)
    assert "link" not in changed_site.get("/id/tema/utgatt").headers
    assert changed_site.get(FALL).json()["in_use"] == "tema/fallforebygging"


def test_the_old_address_of_a_page_has_moved_for_good(site):
    answer = site.get("/begrep/tema/fallforebygging?lang=nn&edition=ahus")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/vocabulary/tema/fallforebygging?lang=nn&edition=ahus"
