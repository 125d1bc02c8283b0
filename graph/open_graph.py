"""How does the whole graph leave, and come back? Everything as RDF, a thing at a time; nodes and edges out of it.

What is written is what `graph.export` says of roles, requirements and plans, and every node and edge of the
graph with its provenance (`graph.provenance`). `read_open_graph` finds the same graph in the file again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import cast

from graph.competence_graph import CompetenceGraph
from graph.errors import GraphError
from graph.export import PREFIXES, plan_triples, requirement_triples, role_triples
from graph.model import Edge, Node, NodeKind, Plan, Requirement, Role
from graph.provenance import (
    NS,
    RDF,
    SCHEMA,
    SKOS,
    agent_triples,
    edge_of_statement,
    node_uri,
    plain_triple,
    statement_triples,
)
from vocab.concept import DEFAULT_BASE_URI, Lang
from vocab.rdf import parse_file
from vocab.triples import Description, Iri, RdfFormat, Text, Triple, Value
from vocab.writing import stream_triples

Facts = Mapping[str, Sequence[tuple[str, Value]]]
"""By plain id of a resource: properties and values. One that is not in it may not be shown any longer."""

ORDER: tuple[NodeKind, ...] = ("role", "plan", "requirement", "concept", "resource")
_AT_ONCE = 500
_TYPES: Mapping[str, str] = {"concept": f"{SKOS}Concept", "resource": f"{SCHEMA}LearningResource"}
_LANG_ORDER: tuple[Lang, ...] = ("nb", "nn", "en", "se")


@dataclass(frozen=True, slots=True)
class OpenGraph:
    """What is open: the graph, and the records of what is in it.

    Parameters
    ----------
    graph : CompetenceGraph
        Nodes and edges.
    roles, requirements, plans : mapping
        By plain id. Those that are not in the graph, retired plans for instance, are told of too.
    facts : callable, optional
        Returns what is known of some resources; without it only what the graph knows is told.
    base_uri : str
        What every URI of ours begins with, ending in a slash.
    """

    graph: CompetenceGraph
    roles: Mapping[str, Role] = field(default_factory=dict)
    requirements: Mapping[str, Requirement] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    facts: Callable[[Sequence[str]], Facts] | None = None
    base_uri: str = DEFAULT_BASE_URI

    def triples(self) -> Iterator[Triple]:
        """Yield everything: kind by kind in id order, each thing with its edges; who made them comes last."""
        by: dict[str, bool] = {}
        for kind in ORDER:
            known = {node.id for node in self.graph.nodes(kind)}
            known |= {f"{kind}:{id_}" for id_ in self._records(kind)}
            yield from self._things(sorted(known), kind, by)
        yield from self._agents(by)

    def about(self, node: str) -> Iterator[Triple]:
        """Yield what is said of one thing: the thing, edges from and to it, who made them; GraphError if unknown."""
        kind = cast("NodeKind", node.partition(":")[0])
        if node not in self.graph and node.partition(":")[2] not in self._records(kind):
            raise GraphError(f"no such node: {node!r}")
        by: dict[str, bool] = {}
        yield from self._things([node], kind, by)
        if node in self.graph:
            arriving = self._shown([e for e in self.graph.edges_to(node) if e.source != node])
            for edge in arriving:
                yield plain_triple(edge, self.base_uri)
            yield from self._statements(arriving, by)
        yield from self._agents(by)

    def text(self, triples: Iterable[Triple] | None = None, format: RdfFormat = "turtle") -> Iterator[str]:
        """Yield triples, by default all, as Turtle, JSON-LD or N-Triples, a subject at a time."""
        return stream_triples(self.triples() if triples is None else triples, format, PREFIXES)

    def _records(self, kind: str) -> Mapping[str, Role] | Mapping[str, Plan] | Mapping[str, Requirement]:
        match kind:
            case "role":
                return self.roles
            case "plan":
                return self.plans
            case "requirement":
                return self.requirements
        return {}

    def _things(self, nodes: Sequence[str], kind: NodeKind, by: dict[str, bool]) -> Iterator[Triple]:
        waiting = iter(nodes)
        while some := list(islice(waiting, _AT_ONCE)):
            facts: Facts | None = None
            if kind == "resource" and self.facts is not None:
                facts = self.facts([name.partition(":")[2] for name in some])
            for name in some:
                if facts is None or name.partition(":")[2] in facts:
                    yield from self._thing(name, facts, by)

    def _thing(self, name: str, facts: Facts | None, by: dict[str, bool]) -> Iterator[Triple]:
        kind, _, local = name.partition(":")
        subject = node_uri(name, self.base_uri)
        node = self.graph.node(name) if name in self.graph else None
        edges = self.graph.edges_from(name) if node else []
        said = [*self._told(kind, local, node)]
        if node is not None:
            said.append((subject, f"{NS}node", name))
            if kind in _TYPES:
                predicate = f"{SKOS}prefLabel" if kind == "concept" else f"{SCHEMA}name"
                said.append((subject, f"{RDF}type", Iri(_TYPES[kind])))
                if kind == "resource":
                    said.append((subject, f"{SCHEMA}identifier", local))
                said += [
                    (subject, predicate, Text(node.labels[lang], lang))
                    for lang in _LANG_ORDER
                    if lang in node.labels
                ]
        said += [(subject, predicate, value) for predicate, value in (facts or {}).get(local, ())]
        said += [plain_triple(edge, self.base_uri) for edge in edges]
        yield from (triple for triple in said if triple[0] == subject)
        yield from (triple for triple in said if triple[0] != subject)
        yield from self._statements(edges, by)

    def _statements(self, edges: Iterable[Edge], by: dict[str, bool]) -> Iterator[Triple]:
        """Yield what is known of edges; `by` learns who made them, and who made none but by program."""
        for edge in edges:
            yield from statement_triples(edge, self.base_uri)
            if edge.by:
                by[edge.by] = by.get(edge.by, True) and edge.origin == "automatic"

    def _shown(self, edges: Sequence[Edge]) -> list[Edge]:
        """Return the edges that do not come from a resource that may not be shown any longer."""
        sources = sorted({e.source.partition(":")[2] for e in edges if e.source.startswith("resource:")})
        if self.facts is None or not sources:
            return list(edges)
        known = {f"resource:{id_}" for id_ in self.facts(sources)}
        return [e for e in edges if not e.source.startswith("resource:") or e.source in known]

    def _told(self, kind: str, local: str, node: Node | None) -> Iterator[Triple]:
        """Yield what a record says, with the labels that the thing has in the graph: two would be one too many."""
        if kind == "role" and (role := self.roles.get(local)):
            return role_triples(replace(role, labels=node.labels) if node else role, self.base_uri)
        if kind == "plan" and (plan := self.plans.get(local)):
            return plan_triples(replace(plan, labels=node.labels) if node else plan, self.base_uri)
        if kind == "requirement" and (asked := self.requirements.get(local)):
            return requirement_triples(replace(asked, labels=node.labels) if node else asked, self.base_uri)
        if kind in {"role", "plan", "requirement"} and node is not None:
            labels = {lang: node.labels[lang] for lang in _LANG_ORDER if lang in node.labels}
            subject = node_uri(node.id, self.base_uri)
            return ((subject, f"{SKOS}prefLabel", Text(text, lang)) for lang, text in labels.items())
        return iter(())

    def _agents(self, by: Mapping[str, bool]) -> Iterator[Triple]:
        for name in sorted(by):
            yield from agent_triples(name, automatic=by[name], base_uri=self.base_uri)


def read_open_graph(path: Path) -> CompetenceGraph:
    """Return the graph that a file written by `OpenGraph.text` holds; its ending tells the format.

    Raises
    ------
    vocab.triples.VocabularyError
        If the file is no RDF.
    GraphError
        If it tells of an edge without saying all of it, or of one between things that it does not name.
    """
    told = parse_file(path)
    nodes = [_node(said) for said in told.values() if f"{NS}node" in said]
    edges = [edge for said in told.values() if (edge := edge_of_statement(said)) is not None]
    return CompetenceGraph.build(nodes, edges, strict=True)


def _node(said: Description) -> Node:
    name = str(said[f"{NS}node"][0])
    kind = cast("NodeKind", name.partition(":")[0])
    values = said.get(f"{SCHEMA}name" if kind == "resource" else f"{SKOS}prefLabel", [])
    labels = {cast("Lang", v.lang): v.value for v in values if isinstance(v, Text)}
    return Node(name, kind, labels)
