"""Who made a link, when, and how sure? Edges of the graph as RDF statements, and back.

An edge is written twice: as the plain triple that everybody understands, and as an `rdf:Statement` about
it that carries what the triple has no room for. The statement is also a `prov:Entity`, attributed to the
function that made it (`prov:Agent`), or to the program (`prov:SoftwareAgent`) where no human did.

References: PROV-O (W3C Recommendation 2013), RDF 1.1 Semantics, DCMI Metadata Terms.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import cast
from urllib.parse import quote

from graph.errors import GraphError
from graph.model import Edge, EdgeKind, Necessity, Origin
from vocab.concept import DEFAULT_BASE_URI
from vocab.triples import Description, Iri, Triple

SCHEMA = "https://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
NS = f"{DEFAULT_BASE_URI}ns#"

PREDICATES: Mapping[EdgeKind, str] = {
    "has_plan": f"{NS}hasPlan",
    "requires": f"{NS}requires",
    "about": f"{SCHEMA}about",
    "teaches": f"{SCHEMA}teaches",
    "proposed_teaches": f"{NS}proposedTeaches",
    "broader": f"{SKOS}broader",
    "related": f"{SKOS}related",
    "prerequisite": f"{NS}prerequisite",
    "audience": f"{SCHEMA}audience",
}
"""The property that joins the ends of each kind of edge."""


@lru_cache(maxsize=1 << 16)
def node_uri(node: str, base_uri: str = DEFAULT_BASE_URI) -> str:
    """Return the URI of a node: the base and ``kind/id``; a concept's is the one it has in the vocabulary.

    Examples
    --------
    >>> node_uri("requirement:krav-fall")
    'https://w3id.org/kompetansegraf/requirement/krav-fall'
    >>> node_uri("concept:tema/smerte")
    'https://w3id.org/kompetansegraf/tema/smerte'
    """
    kind, name = node.split(":", 1)
    return base_uri + quote(name if kind == "concept" else f"{kind}/{name}", safe="/-._~", errors="replace")


@lru_cache(maxsize=1 << 10)
def agent_uri(by: str, base_uri: str = DEFAULT_BASE_URI) -> str:
    """Return the URI of a function that makes links.

    Examples
    --------
    >>> agent_uri("fagavdeling, Ahus")
    'https://w3id.org/kompetansegraf/agent/fagavdeling%2C%20Ahus'
    """
    return f"{base_uri}agent/{quote(by, safe='-._~', errors='replace')}"


def plain_triple(edge: Edge, base_uri: str = DEFAULT_BASE_URI) -> Triple:
    """Return the triple that an edge is."""
    return node_uri(edge.source, base_uri), PREDICATES[edge.kind], Iri(node_uri(edge.target, base_uri))


def statement_triples(edge: Edge, base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield what is known of an edge, all with one subject."""
    source, predicate, target = plain_triple(edge, base_uri)
    name = f"{source}#{edge.kind}-{quote(edge.target, safe='', errors='replace')}"
    for kind in (f"{RDF}Statement", f"{PROV}Entity"):
        yield name, f"{RDF}type", Iri(kind)
    yield name, f"{RDF}subject", Iri(source)
    yield name, f"{RDF}predicate", Iri(predicate)
    yield name, f"{RDF}object", target
    yield name, f"{NS}edge", edge.kind
    yield name, f"{NS}from", edge.source
    yield name, f"{NS}to", edge.target
    yield name, f"{NS}origin", edge.origin
    yield name, f"{NS}confidence", float(edge.confidence)
    yield name, f"{NS}weight", float(edge.weight)
    if edge.necessity:
        yield name, f"{NS}necessity", edge.necessity
    if edge.by:
        yield name, f"{DC}creator", edge.by
        yield name, f"{PROV}wasAttributedTo", Iri(agent_uri(edge.by, base_uri))
    if edge.at is not None:
        yield name, f"{DCTERMS}created", edge.at


def agent_triples(by: str, *, automatic: bool, base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield what is known of a function that makes links; `automatic` says that no human is behind it."""
    subject = agent_uri(by, base_uri)
    yield subject, f"{RDF}type", Iri(f"{PROV}{'SoftwareAgent' if automatic else 'Agent'}")
    yield subject, f"{RDFS}label", by


def edge_of_statement(said: Description) -> Edge | None:
    """Return the edge that is told of in a statement, None when it is no statement about one.

    Raises
    ------
    GraphError
        If something of it is missing or no number.
    """
    if f"{NS}edge" not in said:
        return None

    def text(name: str) -> str | None:
        return next((str(value) for value in said.get(name, ())), None)

    try:
        day = text(f"{DCTERMS}created")
        return Edge(
            source=str(said[f"{NS}from"][0]),
            target=str(said[f"{NS}to"][0]),
            kind=cast("EdgeKind", text(f"{NS}edge")),
            weight=float(str(said[f"{NS}weight"][0])),
            origin=cast("Origin", text(f"{NS}origin")),
            by=text(f"{DC}creator") or "",
            at=date.fromisoformat(day) if day else None,
            confidence=float(str(said[f"{NS}confidence"][0])),
            necessity=cast("Necessity | None", text(f"{NS}necessity")),
        )
    except (KeyError, ValueError) as error:
        raise GraphError(f"a statement about an edge is not whole: {error}") from None
