"""The graph opened over HTTP: all of it, one thing, what hangs on it, and questions in SPARQL."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
import rdflib
from rdflib.compare import isomorphic
from rdflib.namespace import RDF

from graph.open_graph import read_open_graph
from graph.provenance import NS, SCHEMA, node_uri
from small_bank import open_bank, serving

TYPES = {"turtle": "text/turtle", "json-ld": "application/ld+json", "nt": "application/n-triples"}
ENDING = {"turtle": "ttl", "json-ld": "jsonld", "nt": "nt"}
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def read(text, format):
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "ConjunctiveGraph is deprecated"
        )  # rdflib's own JSON-LD parser uses it
        return rdflib.Graph().parse(data=text, format=format)


@pytest.mark.parametrize("format", TYPES)
def test_the_whole_graph_comes_back_out_of_what_is_sent(site, bank, format, tmp_path):
    answer = site.get("/v1/graph", headers={"Accept": TYPES[format]})
    assert answer.headers["content-type"].split(";")[0] == TYPES[format]
    file = tmp_path / f"graph.{ENDING[format]}"
    file.write_bytes(answer.content)
    assert read_open_graph(file).version == bank.graph().version
    name = {"nt": "n-triples"}.get(format, format)
    assert site.get("/v1/graph", params={"format": name}).content == answer.content
    assert isomorphic(read(answer.text, format), read(site.get("/v1/graph?format=n-triples").text, "nt"))


def test_the_whole_graph_has_a_tag_and_is_not_sent_twice(site):
    tag = site.get("/v1/graph").headers["etag"]
    again = site.get("/v1/graph", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_what_goes_away_early_frees_its_place(site):
    for _ in range(6):
        with site.stream("GET", "/v1/graph") as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "node"),
    [
        ("/v1/roles/sykepleier", "role:sykepleier"),
        ("/v1/plans/plan-sykepleier", "plan:plan-sykepleier"),
        ("/v1/plans/plan-gammel", "plan:plan-gammel"),
        ("/v1/requirements/krav-fall", "requirement:krav-fall"),
        ("/v1/resources/kb-1", "resource:kb-1"),
        ("/v1/resources/mappe/kb-12", "resource:mappe/kb-12"),
    ],
)
def test_one_thing_as_linked_data(site, path, node):
    turtle = read(site.get(path, headers={"Accept": "text/turtle"}).text, "turtle")
    uri = rdflib.URIRef(node_uri(node))
    assert (uri, RDF.type, None) in turtle
    assert isomorphic(turtle, read(site.get(path, params={"format": "n-triples"}).text, "nt"))
    jsonld = site.get(path, headers={"Accept": "application/ld+json"})
    assert jsonld.headers["content-type"].startswith("application/ld+json")
    if not node.startswith("resource:"):  # whose JSON-LD is schema.org's own, with its context
        assert isomorphic(turtle, read(jsonld.text, "json-ld"))
    else:
        assert jsonld.json()["@id"] == str(uri)
    assert site.get(path).headers["content-type"] == "application/json"


def test_every_link_of_a_thing_says_who_when_and_how_sure(site, bank):
    found = read(site.get("/v1/requirements/krav-fall?format=turtle").text, "turtle")
    edges = set(found.subjects(RDF.type, RDF.Statement))
    graph = bank.graph()
    node = "requirement:krav-fall"
    assert len(edges) == len([*graph.edges_from(node), *graph.edges_to(node)])
    for edge in edges:
        for said in ("origin", "confidence"):
            assert found.value(edge, rdflib.URIRef(NS + said)) is not None


@pytest.mark.parametrize(
    "path", ["/v1/roles/x", "/v1/plans/x", "/v1/requirements/x", "/v1/resources/x", "/v1/resources/kb-10"]
)
def test_what_is_not_there_is_a_problem_in_every_format(site, path):
    answer = site.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_stable_uri_leads_to_linked_data(site):
    answer = site.get("/id/requirement/krav-fall", headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/turtle")
    assert site.get("/id/role/sykepleier", headers={"Accept": "text/turtle"}).headers["location"] == (
        "/v1/roles/sykepleier?format=turtle"
    )


def test_impact_names_what_hangs_on_a_thing(site):
    found = site.get("/v1/graph/impact", params={"id": "kb-6", "lang": "en"}).json()
    assert (found["kind"], [q["id"] for q in found["uncovered"]]) == ("resource", ["requirement:krav-news2"])
    assert found["plans"] == [{"id": "plan:plan-sykepleier", "label": "Plan for nurses"}]
    assert found["roles"] == [{"id": "role:sykepleier", "label": "nurse"}]
    assert found["editions"] == ["felles"]
    shared = site.get("/v1/graph/impact", params={"id": "requirement:krav-fall"}).json()
    assert {"id": "resource:kb-1", "label": "Fallforebygging i sykehjem"} in shared["resources"]
    assert shared["label"] == "fallforebygging"
    assert site.get("/v1/graph/impact", params={"id": "kb-10"}).status_code == 404
    assert site.get("/v1/graph/impact", params={"id": "role:x"}).status_code == 404


def test_what_was_withdrawn_since_the_graph_was_drawn_is_not_told_of(own_bank, own_site):
    assert node_uri("resource:kb-6") in own_site.get("/v1/graph").text
    own_bank.withdraw("kb-6", by="test")
    assert node_uri("resource:kb-6") not in own_site.get("/v1/graph").text
    assert node_uri("resource:kb-6") not in own_site.get("/v1/requirements/krav-news2?format=turtle").text
    assert own_site.get("/v1/graph/impact?id=kb-6").status_code == 404
    told = own_site.get("/v1/graph/impact?id=requirement:krav-news2").json()
    assert "resource:kb-6" not in {r["id"] for r in told["resources"]}


def ask(site, query, accept="text/csv", **rest):
    return site.get("/sparql", params={"query": query}, headers={"Accept": accept}, **rest)


def test_a_query_gives_the_format_that_is_asked_for(site):
    query = "SELECT ?n { ?r kg:node 'requirement:krav-fall' ; skos:prefLabel ?n FILTER(LANG(?n) = 'nn') }"
    assert ask(site, query).text.split() == ["n", "fallførebygging"]
    found = ask(site, query, "application/sparql-results+json")
    assert found.headers["content-type"] == "application/sparql-results+json"
    assert found.json()["results"]["bindings"][0]["n"]["value"] == "fallførebygging"
    assert ask(site, "ASK { ?a ?b ?c }", "application/json").json()["boolean"] is True
    made = ask(site, "CONSTRUCT { ?r schema:teaches ?q } { ?r schema:teaches ?q }", "text/turtle")
    assert made.headers["content-type"].startswith("text/turtle")
    assert len(read(made.text, "turtle")) == len(
        set(read(site.get("/v1/graph").text, "turtle").subject_objects(rdflib.URIRef(f"{SCHEMA}teaches")))
    )


def test_a_query_may_be_posted_as_itself_or_in_a_form(site):
    query = "SELECT (COUNT(*) AS ?n) { ?r a schema:LearningResource }"
    direct = site.post(
        "/sparql", content=query, headers={"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    )
    form = site.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert direct.text == form.text == ask(site, query).text
    assert int(direct.text.split()[1]) == 11


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "INSERT is refused"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE is refused"),
        ("LOAD <http://127.0.0.1:1/>", "LOAD is refused"),
        ("SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }", "FROM is refused"),
        ("SELECT * {\n\n ?s ?p }", "line 3"),
    ],
)
def test_a_query_that_is_wrong_or_not_allowed_is_a_problem_with_its_line(site, query, says):
    answer = ask(site, query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert says in problem["detail"]
    assert problem["errors"][0]["line"] == query.count("\n") + 1


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri", "update"])
def test_other_graphs_and_updates_of_the_protocol_are_refused(site, name):
    answer = site.post("/sparql", data={"query": "ASK {}", name: "http://x.test/"})
    assert answer.status_code == 400
    assert name in answer.json()["detail"]
    assert site.post("/sparql", params={name: "x"}, content="ASK {}").status_code == 400


def test_a_runaway_is_stopped_while_the_server_goes_on(own_folder):
    engine = open_bank(own_folder, sparql_seconds=1.0)
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30) as client:
        ask(client, "ASK {}")  # the copy is made
        with ThreadPoolExecutor() as pool:
            running = [pool.submit(ask, client, CROSS) for _ in range(2)]
            while not all(r.done() for r in running):
                assert client.get("/v1/search?q=fall").status_code == 200
        for answer in (r.result() for r in running):
            assert (answer.status_code, answer.json()["title"]) == (422, "The query was stopped")
            assert "1 seconds" in answer.json()["detail"]
        assert ask(client, "ASK {}").text.strip() == "true"
    engine.close()


def test_the_copy_follows_the_graph_and_the_old_one_goes(own_bank, own_site):
    count = "SELECT (COUNT(*) AS ?n) { ?p a schema:DefinedTermSet }"
    before = int(ask(own_site, count).text.split()[1])
    plan = own_bank.plans()["plan-sykepleier"]
    own_bank.catalogue.upsert_plans([replace(plan, id="plan-ny")], by="test", at=own_bank.now())
    assert int(ask(own_site, count).text.split()[1]) == before + 1
    folder = own_bank.settings.data / "open-graph"
    assert len(list(folder.iterdir())) == 1


def test_queries_can_be_switched_off(own_folder):
    engine = open_bank(own_folder, sparql_seconds=0)
    with serving(engine) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert ask(client, "ASK {}").status_code == 404
    engine.close()


def test_the_kinds_of_relations_and_our_terms_are_told(site):
    found = site.get("/v1/graph/terms").json()
    kinds = {r["kind"]: r for r in found["relations"]}
    assert kinds["teaches"]["property"] == f"{SCHEMA}teaches"
    assert (kinds["about"]["from"], kinds["about"]["to"]) == (["requirement", "resource"], "concept")
    turtle = site.get("/id/ns", headers={"Accept": "text/turtle"}, follow_redirects=True)
    label = read(turtle.text, "turtle").value(rdflib.URIRef(f"{NS}legalBasis"), rdflib.RDFS.label, any=True)
    assert str(label) in {"hjemmel", "heimel", "legal basis"}
