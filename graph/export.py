"""How does the rest of the world read the graph? Roles, requirements, plans and resources as RDF.

Terms are schema.org's, SKOS's and ESCO's where they have one, and this project's own (`NS`) otherwise.
A role's obligations are also written as ESCO relations from role to requirement; who made a link and
when is written as an `rdf:Statement` about it (`graph.provenance`).
"""

from collections.abc import Iterable, Iterator, Mapping

from graph.competence_graph import CompetenceGraph
from graph.model import Plan, Requirement, Role
from graph.provenance import (
    DC,
    DCTERMS,
    NS,
    PROV,
    RDF,
    SCHEMA,
    SKOS,
    node_uri,
    plain_triple,
    statement_triples,
)
from vocab.concept import DEFAULT_BASE_URI, Lang
from vocab.skos import serialise
from vocab.triples import Iri, RdfFormat, Text, Triple

ESCO = "http://data.europa.eu/esco/model#"

PREFIXES = {
    "schema": SCHEMA,
    "skos": SKOS,
    "esco": ESCO,
    "prov": PROV,
    "dc": DC,
    "dcterms": DCTERMS,
    "kg": NS,
}

_LANG_ORDER: tuple[Lang, ...] = ("nb", "nn", "en", "se")


def role_triples(role: Role, base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield a role as `esco:Occupation`; `skos:notation` is the code in Volven 9060, STYRK-08 beside it."""
    subject = node_uri(f"role:{role.id}", base_uri)
    yield subject, f"{RDF}type", Iri(f"{ESCO}Occupation")
    yield from _labels(subject, f"{SKOS}prefLabel", role.labels)
    if role.concept:
        yield subject, f"{SKOS}exactMatch", Iri(node_uri(f"concept:{role.concept}", base_uri))
    if role.broader:
        yield subject, f"{SKOS}broader", Iri(node_uri(f"role:{role.broader}", base_uri))
    if role.hpr:
        yield subject, f"{SKOS}notation", role.hpr
    if role.styrk08:
        yield subject, f"{SCHEMA}occupationalCategory", role.styrk08
    for arena in role.arenas:
        yield subject, f"{NS}arena", Iri(node_uri(f"concept:arena/{arena}", base_uri))


def requirement_triples(requirement: Requirement, base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield a requirement as `esco:Skill` and `schema:DefinedTerm`."""
    subject = node_uri(f"requirement:{requirement.id}", base_uri)
    yield subject, f"{RDF}type", Iri(f"{ESCO}Skill")
    yield subject, f"{RDF}type", Iri(f"{SCHEMA}DefinedTerm")
    yield from _labels(subject, f"{SKOS}prefLabel", requirement.labels)
    yield from _labels(subject, f"{SCHEMA}description", requirement.description)
    for concept in requirement.concepts:
        yield subject, f"{SCHEMA}about", Iri(node_uri(f"concept:{concept}", base_uri))
    for first in requirement.prerequisites:
        yield subject, f"{NS}prerequisite", Iri(node_uri(f"requirement:{first}", base_uri))
    if requirement.broader:
        yield subject, f"{SKOS}broader", Iri(node_uri(f"requirement:{requirement.broader}", base_uri))
    yield subject, f"{NS}kind", requirement.kind
    yield subject, f"{NS}example", requirement.example
    for name, value in (
        (f"{SCHEMA}termCode", requirement.code),
        (f"{SCHEMA}educationalLevel", requirement.level),
        (f"{NS}validityMonths", requirement.validity),
        (f"{NS}validityCalendar", requirement.calendar),
        (f"{NS}verification", requirement.verification),
        (f"{NS}legalBasis", requirement.legal_basis),
    ):
        if value:
            yield subject, name, value


def plan_triples(plan: Plan, base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield a plan as `schema:DefinedTermSet` with one `kg:PlanLine` for each line, and its ESCO relations.

    `esco:relatedEssentialSkill` joins a role to what is obligatory in every edition and outside groups,
    `esco:relatedOptionalSkill` to everything else; a retired plan has no such relations.
    """
    subject = node_uri(f"plan:{plan.id}", base_uri)
    yield subject, f"{RDF}type", Iri(f"{SCHEMA}DefinedTermSet")
    yield from _labels(subject, f"{SKOS}prefLabel", plan.labels)
    yield subject, f"{NS}planKind", plan.kind
    yield subject, f"{SCHEMA}version", plan.version
    yield subject, f"{NS}sample", plan.sample
    for edition in plan.editions:
        yield subject, f"{NS}edition", edition
    for role in plan.roles:
        yield subject, f"{SCHEMA}audience", Iri(node_uri(f"role:{role}", base_uri))
    if plan.arena:
        yield subject, f"{NS}arena", Iri(node_uri(f"concept:arena/{plan.arena}", base_uri))
    if plan.replaces:
        yield subject, f"{DCTERMS}replaces", Iri(node_uri(f"plan:{plan.replaces}", base_uri))
    for name, value in (
        (f"{NS}owner", plan.owner),
        (f"{SCHEMA}validFrom", plan.valid_from),
        (f"{SCHEMA}validThrough", plan.valid_to),
        (f"{NS}retired", plan.retired),
        (f"{NS}retiredReason", plan.retired_reason),
        (f"{DCTERMS}source", plan.source),
    ):
        if value:
            yield subject, name, value
    for number, line in enumerate(plan.lines, 1):
        yield from _line(plan, number, subject, base_uri)
        asked = Iri(node_uri(f"requirement:{line.requirement}", base_uri))
        essential = line.necessity == "obligatorisk" and line.edition is None and line.group is None
        relation = f"{ESCO}related{'Essential' if essential else 'Optional'}Skill"
        if plan.retired is None:
            yield from ((node_uri(f"role:{role}", base_uri), relation, asked) for role in plan.roles)


def resource_triples(graph: CompetenceGraph, base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield the graph's resources as `schema:LearningResource`, their links, and who made each link."""
    for node in graph.nodes("resource"):
        subject = node_uri(node.id, base_uri)
        yield subject, f"{RDF}type", Iri(f"{SCHEMA}LearningResource")
        yield subject, f"{SCHEMA}identifier", node.local
        yield from _labels(subject, f"{SCHEMA}name", node.labels)
        for edge in graph.edges_from(node.id):
            yield plain_triple(edge, base_uri)
            yield from statement_triples(edge, base_uri)


def export_graph(
    roles: Iterable[Role],
    requirements: Iterable[Requirement],
    plans: Iterable[Plan],
    graph: CompetenceGraph | None = None,
    *,
    format: RdfFormat = "turtle",
    base_uri: str = DEFAULT_BASE_URI,
) -> str:
    """Return roles, requirements, plans and the resources of `graph` as one RDF document.

    Parameters
    ----------
    roles, requirements, plans : iterables
        What is to be written.
    graph : CompetenceGraph, optional
        Where resources and their links are; without it no resource is written.
    format : {"turtle", "json-ld", "xml", "nt"}
        Reading the document gives the same triples in each.
    base_uri : str
        What every URI of ours begins with, ending in a slash.
    """
    triples: list[Triple] = []
    for role in roles:
        triples += role_triples(role, base_uri)
    for requirement in requirements:
        triples += requirement_triples(requirement, base_uri)
    for plan in plans:
        triples += plan_triples(plan, base_uri)
    if graph is not None:
        triples += resource_triples(graph, base_uri)
    return serialise(triples, format, PREFIXES)


def _labels(subject: str, predicate: str, labels: Mapping[Lang, str]) -> Iterator[Triple]:
    return ((subject, predicate, Text(labels[lang], lang)) for lang in _LANG_ORDER if lang in labels)


def _line(plan: Plan, number: int, subject: str, base_uri: str) -> Iterator[Triple]:
    line, name = plan.lines[number - 1], f"{subject}#line-{number}"
    yield subject, f"{NS}line", Iri(name)
    yield name, f"{RDF}type", Iri(f"{NS}PlanLine")
    yield name, f"{NS}requirement", Iri(node_uri(f"requirement:{line.requirement}", base_uri))
    yield name, f"{NS}necessity", line.necessity
    yield name, f"{SCHEMA}position", line.order
    for predicate, value in (
        (f"{NS}validityMonths", line.validity),
        (f"{NS}validityCalendar", line.calendar),
        (f"{NS}edition", line.edition),
        (f"{NS}group", line.group),
        (f"{NS}groupMinimum", line.group_minimum),
    ):
        if value is not None:
            yield name, predicate, value
