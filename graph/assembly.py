"""Which nodes and edges do roles, requirements, plans, concepts and resources make? The parts of a graph."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from graph.model import Edge, EdgeKind, Necessity, Node, Origin, Plan, PlanLine, Requirement, Role
from graph.plans import COMMON
from vocab.concept import Concept, Lang

Parts = tuple[list[Node], list[Edge]]
"""Nodes and edges, ready for `CompetenceGraph.build`."""


VOCABULARY = "vokabular"
"""Who made the edges between concepts. SKOS does not say when."""


@dataclass(frozen=True, slots=True)
class Link:
    """One statement about a resource: what it points at, who said so, how sure.

    `target` is a requirement's, concept's or role's id; `weight` its strength (a concept's score).
    """

    target: str
    weight: float = 1.0
    origin: Origin = "import"
    by: str = ""
    at: date | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class LinkedResource:
    """A resource as the graph sees it. Give only resources that may be shown: published ones."""

    id: str
    title: str
    language: Lang = "nb"
    teaches: tuple[Link, ...] = ()
    proposed: tuple[Link, ...] = ()
    about: tuple[Link, ...] = ()
    audience: tuple[Link, ...] = ()


def plan_parts(
    roles: Iterable[Role],
    requirements: Iterable[Requirement],
    plans: Iterable[Plan],
    *,
    on: date | None = None,
    written: Mapping[str, tuple[str, date]] | None = None,
) -> Parts:
    """Return the parts that roles, requirements and plans make.

    Plans that are retired or have ended by `on` are left out; a plan that has not begun is not. A
    line's edition is not part of its edge: `graph.plans` decides what applies where. Of a requirement
    that several lines of a plan ask for, `CompetenceGraph.build` keeps the edge of the strongest; but
    lines of one edition do not count beside a common one, and where those of two editions differ the
    edge has no necessity: no edition is told what another asks. `by` of a plan's edge is the plan's owner,
    `at` its first day; what is not said of a plan, and all of a requirement, is taken from `written`: who
    wrote it last and on which day, by the node's id.
    """
    written = written or {}
    nodes: list[Node] = [Node(f"role:{role.id}", "role", role.labels) for role in roles]
    edges: list[Edge] = []
    for requirement in requirements:
        node = Node(f"requirement:{requirement.id}", "requirement", requirement.labels)
        nodes.append(node)
        by, at = written.get(node.id, ("", None))
        edges += [Edge(node.id, f"concept:{c}", "about", by=by, at=at) for c in requirement.concepts]
        edges += [
            Edge(node.id, f"requirement:{name}", "prerequisite", by=by, at=at)
            for name in requirement.prerequisites
        ]
    for plan in plans:
        ended = plan.valid_to is not None and on is not None and plan.valid_to < on
        if ended or (plan.retired is not None and (on is None or plan.retired <= on)):
            continue
        node = Node(f"plan:{plan.id}", "plan", plan.labels)
        nodes.append(node)
        writer, day = written.get(node.id, ("", None))
        by, at = plan.owner or writer, plan.valid_from or day
        edges += [Edge(f"role:{role}", node.id, "has_plan", by=by, at=at) for role in plan.roles]
        edges += [
            Edge(node.id, f"requirement:{name}", "requires", by=by, at=at, necessity=necessity)
            for name, necessity in _asked(plan)
        ]
    return nodes, edges


def _asked(plan: Plan) -> list[tuple[str, Necessity | None]]:
    """Return what the plan asks for, with necessities that all who see the plan's line may be told."""
    lines: dict[str, list[PlanLine]] = {}
    for line in plan.lines:
        lines.setdefault(line.requirement, []).append(line)
    asked: list[tuple[str, Necessity | None]] = []
    for name, of_it in lines.items():
        common = {line.necessity for line in of_it if line.edition in {None, COMMON}}
        local = {line.necessity for line in of_it}
        asked += [(name, n) for n in sorted(common or local)] if common or len(local) == 1 else [(name, None)]
    return asked


def concept_parts(concepts: Iterable[Concept]) -> Parts:
    """Return a node for every concept with its broader and related edges, deprecated concepts left out.

    ``related`` goes both ways in SKOS; one edge stands for both, from the smaller id to the greater.
    """
    current = [concept for concept in concepts if not concept.deprecated]
    nodes = [Node(f"concept:{concept.id}", "concept", concept.pref_label) for concept in current]
    edges = [
        Edge(f"concept:{c.id}", f"concept:{above}", "broader", by=VOCABULARY)
        for c in current
        for above in c.broader
    ]
    pairs = {(min(c.id, other), max(c.id, other)) for c in current for other in c.related if other != c.id}
    edges += [Edge(f"concept:{a}", f"concept:{b}", "related", by=VOCABULARY) for a, b in sorted(pairs)]
    return nodes, edges


def resource_parts(resources: Iterable[LinkedResource]) -> Parts:
    """Return a node for every resource with its edges to requirements, concepts and roles."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for resource in resources:
        node = Node(f"resource:{resource.id}", "resource", {resource.language: resource.title})
        nodes.append(node)
        edges += [_edge(node.id, f"requirement:{link.target}", "teaches", link) for link in resource.teaches]
        edges += [
            _edge(node.id, f"requirement:{link.target}", "proposed_teaches", link)
            for link in resource.proposed
        ]
        edges += [_edge(node.id, f"concept:{link.target}", "about", link) for link in resource.about]
        edges += [_edge(node.id, f"role:{link.target}", "audience", link) for link in resource.audience]
    return nodes, edges


def _edge(source: str, target: str, kind: EdgeKind, link: Link) -> Edge:
    return Edge(source, target, kind, link.weight, link.origin, link.by, link.at, link.confidence)
