"""The open graph: every format says the same, and nodes and edges come back out of it."""

import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic
from rdflib.namespace import PROV, RDF

from graph.assembly import Link, LinkedResource, plan_parts, resource_parts
from graph.competence_graph import ENDS, CompetenceGraph
from graph.errors import GraphError
from graph.export import ESCO
from graph.model import Edge, Node, Plan, PlanLine, Requirement, Role
from graph.open_graph import OpenGraph, read_open_graph
from graph.provenance import NS, SCHEMA, edge_of_statement, node_uri
from graph.terms import RELATIONS, TERMS
from vocab.concept import ConceptId
from vocab.triples import Iri

FORMATS = {"turtle": "ttl", "json-ld": "jsonld", "nt": "nt"}
ROLES = [Role("jordmor", {"nb": "jordmor", "en": "midwife"}, hpr="JO")]
REQUIREMENTS = [
    Requirement("krav-fall", {"nb": "fall"}, {"nb": '«å»\n"x"'}, (ConceptId("tema/fall"),), validity=24),
    Requirement("krav-b", {"nb": "b"}, prerequisites=("krav-fall",)),
]
PLANS = [
    Plan("p", {"nb": "Plan"}, (PlanLine("krav-fall"), PlanLine("krav-b", "anbefalt")), ("jordmor",),
         owner="fagavdeling, Ahus", valid_from=date(2025, 9, 1)),
    Plan("gammel", {"nb": "Gammel"}, (PlanLine("krav-fall"),), ("jordmor",), retired=date(2024, 1, 1)),
]  # fmt: skip
RESOURCES = [
    LinkedResource(
        "kb 1/æ",
        "Trygg på beina",
        "nn",
        (Link("krav-fall", origin="editor", by="redaksjonen", at=date(2026, 1, 2)),),
        (Link("krav-b", origin="automatic", by="program", confidence=0.7),),
        (Link("tema/fall", 0.25),),
        (Link("jordmor"),),
    ),
    LinkedResource("kb-2", "Trekt tilbake", teaches=(Link("krav-fall", by="redaksjonen"),)),
]
CONCEPTS = [
    Node("concept:tema/fall", "concept", {"nb": "fall"}),
    Node("concept:tema", "concept", {"nb": "t"}),
]


def small_graph():
    nodes, edges = plan_parts(ROLES, REQUIREMENTS, PLANS)
    more, links = resource_parts(RESOURCES)
    broader = Edge("concept:tema/fall", "concept:tema", "broader")
    return CompetenceGraph.build([*nodes, *more, *CONCEPTS], [*edges, *links, broader])


def opened(facts=None):
    return OpenGraph(
        small_graph(),
        {r.id: r for r in ROLES},
        {q.id: q for q in REQUIREMENTS},
        {p.id: p for p in PLANS},
        facts,
    )


def read(text, format):
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "ConjunctiveGraph is deprecated"
        )  # rdflib's own JSON-LD parser uses it
        return rdflib.Graph().parse(data=text, format=format)


def back(open_graph, format, folder):
    file = folder / f"graph.{FORMATS[format]}"
    file.write_text("".join(open_graph.text(format=format)), "utf-8")
    return read_open_graph(file)


def same(a, b):
    return list(a.nodes()) == list(b.nodes()) and a.edges() == b.edges() and a.version == b.version


@pytest.mark.parametrize("format", FORMATS)
def test_nodes_and_edges_come_back_out_of_the_export(format, tmp_path):
    assert same(back(opened(), format, tmp_path), small_graph())


def test_all_formats_say_the_same_and_survive_a_reader_that_is_not_ours():
    graphs = {name: read("".join(opened().text(format=name)), name) for name in FORMATS}
    assert len(graphs["nt"]) == len({(s, p, type(v), v) for s, p, v in opened().triples()})
    for name in ("turtle", "json-ld"):
        assert isomorphic(graphs[name], graphs["nt"])
        again = read(graphs[name].serialize(format=name), name)
        assert isomorphic(again, graphs["nt"])


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@st.composite
def any_graph(draw):
    nodes = {}
    for kind in ("role", "plan", "requirement", "concept", "resource"):
        for name in draw(st.sets(words, min_size=1, max_size=2)):
            labels = draw(st.dictionaries(st.sampled_from(["nb", "nn", "en", "se"]), words, max_size=2))
            nodes[f"{kind}:{name}"] = Node(f"{kind}:{name}", kind, labels)
    edges = []
    for kind, (sources, target) in ENDS.items():
        ends = [
            (a, b)
            for a, m in nodes.items()
            for b, n in nodes.items()
            if m.kind in sources and n.kind == target
        ]
        for source, end in draw(st.lists(st.sampled_from(sorted(ends)), max_size=2)):
            edges.append(
                Edge(
                    source,
                    end,
                    kind,
                    draw(st.floats(0, 2)),
                    draw(st.sampled_from(["import", "editor", "automatic"])),
                    draw(st.one_of(st.just(""), words)),
                    draw(st.none() | st.dates()),
                    draw(st.floats(0, 1)),
                    draw(st.sampled_from([None, "obligatorisk", "betinget"])) if kind == "requires" else None,
                )
            )
    return CompetenceGraph.build(nodes.values(), edges)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_graph(), st.sampled_from(sorted(FORMATS)))
def test_any_graph_comes_back(tmp_path, graph, format):
    assert same(back(OpenGraph(graph), format, tmp_path), graph)


def test_every_edge_says_how_it_came_about():
    found = read("".join(opened().text()), "turtle")
    statements = set(found.subjects(RDF.type, RDF.Statement))
    assert len(statements) == small_graph().edge_count
    for name in statements:
        triple = tuple(found.value(name, p) for p in (RDF.subject, RDF.predicate, RDF.object))
        assert triple in found
        for said in ("origin", "confidence"):
            assert found.value(name, rdflib.URIRef(NS + said)) is not None
    agents = {
        str(found.value(a, rdflib.RDFS.label)): set(found.objects(a, RDF.type))
        for a in found.objects(None, PROV.wasAttributedTo)
    }
    assert agents == {
        "redaksjonen": {PROV.Agent},
        "fagavdeling, Ahus": {PROV.Agent},
        "program": {PROV.SoftwareAgent},
    }


def test_a_withdrawn_resource_is_not_told_of_nor_pointed_from():
    facts = {"kb 1/æ": [(f"{SCHEMA}url", "https://x.test/1")]}
    shown = opened(lambda ids: {i: facts[i] for i in ids if i in facts})
    withdrawn = node_uri("resource:kb-2")
    assert not [t for t in shown.triples() if t[0].startswith(withdrawn)]
    assert not [t for t in shown.about("requirement:krav-fall") if t[0].startswith(withdrawn)]
    assert (node_uri("resource:kb 1/æ"), f"{SCHEMA}url", "https://x.test/1") in list(shown.triples())
    assert [t for t in opened().about("requirement:krav-fall") if t[0].startswith(withdrawn)]


def test_one_thing_has_its_edges_both_ways_and_who_made_them():
    told = list(opened().about("requirement:krav-fall"))
    uri = node_uri("requirement:krav-fall")
    assert (node_uri("resource:kb 1/æ"), f"{SCHEMA}teaches", Iri(uri)) in told
    assert (uri, f"{SCHEMA}about", Iri(node_uri("concept:tema/fall"))) in told
    assert "redaksjonen" in {v for _, p, v in told if p.endswith("creator")}
    with pytest.raises(GraphError):
        list(opened().about("requirement:krav-x"))


def test_a_retired_plan_is_told_of_and_is_no_node():
    told = read("".join(opened().text()), "turtle")
    old = rdflib.URIRef(node_uri("plan:gammel"))
    assert told.value(old, rdflib.URIRef(f"{NS}retired")).toPython() == date(2024, 1, 1)
    assert told.value(old, rdflib.URIRef(f"{NS}node")) is None
    assert list(opened().about("plan:gammel"))


def test_a_label_that_has_changed_since_the_graph_was_drawn_is_not_said_twice():
    shown = OpenGraph(small_graph(), {"jordmor": Role("jordmor", {"nb": "jordmor nå"})})
    labels = [v for s, p, v in shown.triples() if s == node_uri("role:jordmor") and p.endswith("prefLabel")]
    assert sorted(t.value for t in labels) == ["jordmor", "midwife"]


def test_esco_relations_lead_from_the_role_to_what_is_asked():
    found = read("".join(opened().text()), "turtle")
    role = rdflib.URIRef(node_uri("role:jordmor"))
    assert set(found.objects(role, rdflib.URIRef(f"{ESCO}relatedEssentialSkill"))) == {
        rdflib.URIRef(node_uri("requirement:krav-fall"))
    }


@pytest.mark.parametrize(
    ("field", "value"), [("confidence", None), ("weight", None), ("from", None), ("confidence", "much")]
)
def test_an_edge_that_is_not_whole_is_refused(field, value):
    whole = {f"{NS}edge": ["about"], f"{NS}from": ["a"], f"{NS}to": ["b"], f"{NS}weight": ["1"],
             f"{NS}confidence": ["1"], f"{NS}origin": ["import"]}  # fmt: skip
    assert edge_of_statement(whole) == Edge("a", "b", "about")
    assert edge_of_statement({}) is None
    broken = {k: v for k, v in whole.items() if k != NS + field} | ({NS + field: [value]} if value else {})
    with pytest.raises(GraphError):
        edge_of_statement(broken)


def test_a_file_of_something_else_holds_no_graph(tmp_path):
    file = Path(tmp_path / "x.ttl")
    file.write_text("<a:a> <a:b> <a:c> .")
    assert len(read_open_graph(file)) == 0


def test_every_term_of_ours_that_is_written_is_explained_in_three_languages():
    bank = [(f"{NS}{name}", "x") for name in ("edition", "reviewDue", "sample")]
    plan = Plan("g", {"nb": "g"}, (PlanLine("krav-b", edition="ahus", group="g", group_minimum=1, validity=3),), (),
                arena="sykehus", retired=date(2025, 1, 1), retired_reason="erstattet")  # fmt: skip
    full = OpenGraph(
        small_graph(),
        {"jordmor": Role("jordmor", {"nb": "j"}, arenas=("sykehus",))},
        {q.id: replace(q, verification="test", legal_basis="lov") for q in REQUIREMENTS},
        {p.id: p for p in (*PLANS, plan)},
        lambda ids: dict.fromkeys(ids, bank),
    )
    written = {p for _, p, _ in full.triples()} | {v for _, p, v in full.triples() if p == str(RDF.type)}
    ours = {term.removeprefix(NS) for term in written if term.startswith(NS)}
    explained = {term.name for term in TERMS}
    assert ours <= explained
    assert explained - ours == {"lexical"}  # said of schemes
    for meaning in [t.meaning for t in TERMS] + list(RELATIONS.values()):
        assert set(meaning) == {"nb", "nn", "en"}
    assert set(RELATIONS) == set(ENDS)
