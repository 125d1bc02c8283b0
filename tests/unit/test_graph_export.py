"""Export: reading Turtle, JSON-LD, XML and N-Triples gives the triples that were written."""

import warnings
from datetime import date

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, SKOS

from graph.assembly import Link, LinkedResource, plan_parts, resource_parts
from graph.competence_graph import CompetenceGraph
from graph.export import (
    ESCO,
    NS,
    SCHEMA,
    export_graph,
    node_uri,
    plan_triples,
    requirement_triples,
    resource_triples,
    role_triples,
)
from graph.model import Node, Plan, PlanLine, Requirement, Role
from vocab.concept import DEFAULT_BASE_URI, Concept

ROLES = [
    Role(
        "jordmor",
        {"nb": "jordmor", "en": "midwife"},
        "rolle/jordmor",
        "autorisert",
        "JO",
        "2222",
        ("sykehus",),
    )
]
REQUIREMENTS = [
    Requirement("krav-fall", {"nb": "fall"}, {"nb": '«å»\n"x"'}, ("tema/fall",), validity=24, code="F-1"),
    Requirement("krav-b", {"nb": "b"}, prerequisites=("krav-fall",), broader="krav-fall", example=False),
]
PLANS = [
    Plan(
        "p",
        {"nb": "Plan", "nn": "Plan"},
        (
            PlanLine("krav-fall", validity=12),
            PlanLine("krav-b", edition="ahus"),
            PlanLine("krav-b", "anbefalt", 5, group="g", group_minimum=1),
        ),
        ("jordmor",),
        "sykehus",
        editions=("felles", "ahus"),
        valid_from=date(2025, 9, 1),
        replaces="o",
        source="kilde",
    )
]
RESOURCES = [
    LinkedResource(
        "kb 1/æ",
        "Trygg på beina",
        "nn",
        (Link("krav-fall", by="redaksjonen", at=date(2026, 1, 2)),),
        (Link("krav-b", origin="automatic", confidence=0.7),),
        (Link("tema/fall", 0.25),),
        (Link("jordmor"),),
    )
]


def graph():
    nodes, edges = plan_parts(ROLES, REQUIREMENTS, PLANS)
    more, links = resource_parts(RESOURCES)
    return CompetenceGraph.build([*nodes, *more, Node("concept:tema/fall", "concept")], edges + links)


def read(text, format):
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "ConjunctiveGraph is deprecated"
        )  # rdflib's own JSON-LD parser uses it
        return rdflib.Graph().parse(data=text, format=format)


def written():
    return [
        *(t for r in ROLES for t in role_triples(r)),
        *(t for r in REQUIREMENTS for t in requirement_triples(r)),
        *(t for p in PLANS for t in plan_triples(p)),
        *resource_triples(graph()),
    ]


def test_every_triple_is_in_the_document_and_no_other():
    found = read(export_graph(ROLES, REQUIREMENTS, PLANS, graph(), format="nt"), "nt")
    assert len(found) == len(set(written()))
    assert {(str(s), str(p)) for s, p, _ in found} == {(s, p) for s, p, _ in written()}


@pytest.mark.parametrize("format", ["turtle", "json-ld", "xml"])
def test_every_format_reads_back_to_the_same_graph(format):
    reference = read(export_graph(ROLES, REQUIREMENTS, PLANS, graph(), format="nt"), "nt")
    assert isomorphic(
        read(export_graph(ROLES, REQUIREMENTS, PLANS, graph(), format=format), format), reference
    )


@settings(max_examples=25, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
def test_odd_ids_and_labels_survive_every_format(name, label):
    requirement = Requirement(name, {"nb": label})
    reference = read(export_graph([], [requirement], [], format="nt"), "nt")
    assert str(reference.value(predicate=SKOS.prefLabel, object=rdflib.Literal(label, "nb"))) == node_uri(
        f"requirement:{name}"
    )
    for format in ("turtle", "json-ld"):
        assert isomorphic(read(export_graph([], [requirement], [], format=format), format), reference)


def uri(node):
    return rdflib.URIRef(node_uri(node))


def test_roles_requirements_and_resources_have_the_standards_types_and_relations():
    found = read(export_graph(ROLES, REQUIREMENTS, PLANS, graph()), "turtle")
    role, fall = uri("role:jordmor"), uri("requirement:krav-fall")
    assert (role, RDF.type, rdflib.URIRef(f"{ESCO}Occupation")) in found
    assert (role, SKOS.exactMatch, rdflib.URIRef(f"{DEFAULT_BASE_URI}rolle/jordmor")) in found
    assert (fall, RDF.type, rdflib.URIRef(f"{ESCO}Skill")) in found
    assert set(found.objects(role, rdflib.URIRef(f"{ESCO}relatedEssentialSkill"))) == {fall}
    assert set(found.objects(role, rdflib.URIRef(f"{ESCO}relatedOptionalSkill"))) == {
        uri("requirement:krav-b")
    }
    resource = found.value(predicate=RDF.type, object=rdflib.URIRef(f"{SCHEMA}LearningResource"))
    assert str(found.value(resource, rdflib.URIRef(f"{SCHEMA}identifier"))) == "kb 1/æ"
    assert set(found.objects(resource, rdflib.URIRef(f"{SCHEMA}teaches"))) == {fall}
    assert set(found.objects(resource, rdflib.URIRef(f"{NS}proposedTeaches"))) == {uri("requirement:krav-b")}
    assert found.value(uri("plan:p"), rdflib.URIRef(f"{SCHEMA}validFrom")).toPython() == date(2025, 9, 1)


def test_every_link_says_who_made_it_and_when():
    found = read(export_graph([], [], [], graph()), "turtle")
    links = list(found.subjects(RDF.type, RDF.Statement))
    assert len(links) == 4
    stated = next(n for n in links if found.value(n, RDF.predicate) == rdflib.URIRef(f"{SCHEMA}teaches"))
    assert str(found.value(stated, rdflib.DC.creator)) == "redaksjonen"
    assert found.value(stated, rdflib.DCTERMS.created).toPython() == date(2026, 1, 2)


def test_a_retired_plan_has_no_esco_relations():
    retired = Plan("p", {"nb": "p"}, (PlanLine("krav-fall"),), ("jordmor",), retired=date(2024, 1, 1))
    assert not [p for _, p, _ in plan_triples(retired) if p.startswith(ESCO)]


def test_a_concept_has_the_uri_it_has_in_the_vocabulary():
    assert node_uri("concept:tema/fall") == DEFAULT_BASE_URI + Concept("tema/fall", {}).id
    assert node_uri("role:x", "https://x.test/") == "https://x.test/role/x"
