"""Here is a role or a gap: what is near it? One networkx MultiDiGraph built from frozen nodes and edges."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import networkx as nx

from graph.errors import GraphError
from graph.graph_file import contents, read_graph, version_of, without_collector, write_graph
from graph.model import Edge, EdgeKind, Necessity, Node, NodeKind, Origin

ENDS: Mapping[EdgeKind, tuple[frozenset[NodeKind], NodeKind]] = {
    "has_plan": (frozenset({"role"}), "plan"),
    "requires": (frozenset({"plan"}), "requirement"),
    "about": (frozenset({"requirement", "resource"}), "concept"),
    "teaches": (frozenset({"resource"}), "requirement"),
    "proposed_teaches": (frozenset({"resource"}), "requirement"),
    "broader": (frozenset({"concept"}), "concept"),
    "related": (frozenset({"concept"}), "concept"),
    "prerequisite": (frozenset({"requirement"}), "requirement"),
    "audience": (frozenset({"resource"}), "role"),
}
"""What each kind of edge may join: kinds of source, kind of target."""

NECESSITIES: Mapping[str, int] = {"obligatorisk": 3, "betinget": 2, "anbefalt": 1}
"""Strength of a necessity; more is stronger."""

_ORIGINS: Mapping[str, int] = {"editor": 3, "import": 2, "automatic": 1}


def node_id(kind: NodeKind, name: str) -> str:
    """Return the node's id for a plain id; a node's id is returned as it is.

    Examples
    --------
    >>> node_id("role", "jordmor"), node_id("role", "role:jordmor")
    ('role:jordmor', 'role:jordmor')
    """
    return name if name.startswith(f"{kind}:") else f"{kind}:{name}"


def edge_order(edge: Edge) -> tuple[str, str, str]:
    """Return what edges are sorted by: kind, source, target. Unique in one graph."""
    return edge.kind, edge.source, edge.target


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nodes within some steps of one node, with the edges between them.

    `depth` is the least number of steps from the middle, walking edges either way; `nodes` are in
    order of (depth, id), `edges` in `edge_order`.
    """

    middle: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    depth: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a node's disappearance would touch; all are node ids in order.

    `requirements` are touched, `uncovered` are those of them that no resource would teach any longer;
    `plans` and `roles` are those that ask for one of `uncovered`. For a requirement, a plan or a role
    nothing is `uncovered`: `plans` and `roles` are those that ask for it, and `resources` serve it.
    """

    node: str
    requirements: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleDifference:
    """What one role must add to do another one's work (oppgavedeling); requirement node ids, in order.

    `added` are asked of the other role only, `shared` of both, `raised` are the shared ones that the
    other role's plans ask for more strongly, `dropped` are asked of the first role only.
    """

    added: tuple[str, ...]
    shared: tuple[str, ...]
    raised: tuple[str, ...]
    dropped: tuple[str, ...]


class CompetenceGraph:
    """Roles, plans, requirements, concepts and resources, joined by typed edges with provenance.

    Made by `build` or `load` and never changed afterwards. `dangling` lists the edges that were left
    out by `build` because an end is missing.
    """

    def __init__(
        self, nodes: Mapping[str, Node], edges: Iterable[Edge], dangling: Iterable[Edge] = ()
    ) -> None:
        self._nodes = dict(sorted(nodes.items()))
        self._graph = nx.MultiDiGraph()
        self._graph.add_nodes_from(self._nodes)
        add = self._graph.add_edge
        for edge in sorted(edges, key=edge_order):
            add(edge.source, edge.target, edge.kind, edge=edge)
        self.dangling = tuple(sorted(dangling, key=edge_order))

    @classmethod
    def build(
        cls, nodes: Iterable[Node], edges: Iterable[Edge], *, strict: bool = False
    ) -> "CompetenceGraph":
        """Join nodes and edges.

        Parameters
        ----------
        nodes : iterable of Node
            Ids begin with their kind and a colon. The same node may come twice if it is the same.
        edges : iterable of Edge
            Two edges of one kind between the same nodes become one: the one of strongest necessity,
            else made by an editor before imported before automatic, else of greater confidence, then
            weight, then younger.
        strict : bool, default False
            Refuse dangling edges. Otherwise they are left out and listed in `dangling`: one resource
            that names an unknown requirement must not hold up a whole rebuild.

        Raises
        ------
        GraphError
            Naming the nodes or edges: an id without its kind, two different nodes of one id, a kind
            of edge between the wrong kinds of nodes, a weight or confidence that is negative or not a
            number, and dangling edges if `strict`.
        """
        known: dict[str, Node] = {}
        for node in nodes:
            if not node.id.startswith(f"{node.kind}:") or not node.local:
                raise GraphError(f"a {node.kind} node needs an id such as {node.kind}:name, got {node.id!r}")
            if known.setdefault(node.id, node) != node:
                raise GraphError(f"two different nodes have the id {node.id!r}")
        best: dict[tuple[str, str, str], Edge] = {}
        dangling: list[Edge] = []
        for edge in edges:
            if edge.source not in known or edge.target not in known:
                dangling.append(edge)
                continue
            _check_edge(edge, known)
            key = edge_order(edge)
            if key not in best or _strength(edge) > _strength(best[key]):
                best[key] = edge
        if strict and dangling:
            listed = ", ".join(f"{e.source} -{e.kind}-> {e.target}" for e in sorted(dangling, key=edge_order))
            raise GraphError(f"edges with a missing end: {listed}")
        with without_collector():
            return cls(known, best.values(), dangling)

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node: object) -> bool:
        return node in self._nodes

    @property
    def edge_count(self) -> int:
        """How many edges there are."""
        return int(self._graph.number_of_edges())

    def node(self, node: str) -> Node:
        """Return the node with this id.

        Raises
        ------
        GraphError
            If there is none.
        """
        try:
            return self._nodes[node]
        except KeyError:
            raise GraphError(f"no such node: {node!r}") from None

    def nodes(self, kind: NodeKind | None = None) -> Iterator[Node]:
        """Yield all nodes, or those of one kind, in id order."""
        return (node for node in self._nodes.values() if kind is None or node.kind == kind)

    def edges(self) -> list[Edge]:
        """Return all edges in `edge_order`."""
        return sorted((data["edge"] for *_, data in self._graph.edges(data=True)), key=edge_order)

    def edge(self, source: str, target: str, kind: EdgeKind) -> Edge | None:
        """Return the edge of this kind from `source` to `target`, or None."""
        data = self._graph.get_edge_data(source, target, kind)
        return data["edge"] if data else None

    def edges_between(self, source: str, target: str) -> list[Edge]:
        """Return the edges from `source` to `target`, in order of kind."""
        data = self._graph.get_edge_data(source, target) or {}
        return [data[kind]["edge"] for kind in sorted(data)]

    def edges_from(self, node: str, kinds: Collection[EdgeKind] | None = None) -> list[Edge]:
        """Return the edges that leave a node, all or some kinds, in `edge_order`; raises GraphError."""
        self.node(node)
        return _chosen(self._graph.out_edges(node, data=True), kinds)

    def edges_to(self, node: str, kinds: Collection[EdgeKind] | None = None) -> list[Edge]:
        """Return the edges that arrive at a node, all or some kinds, in `edge_order`; raises GraphError."""
        self.node(node)
        return _chosen(self._graph.in_edges(node, data=True), kinds)

    def neighbours(self, node: str, kinds: Collection[EdgeKind] | None = None) -> list[str]:
        """Return the nodes one step away, either way, by edges of some kinds, in id order; raises GraphError."""
        found = {edge.target for edge in self.edges_from(node, kinds)}
        return sorted(found | {edge.source for edge in self.edges_to(node, kinds)})

    def neighbourhood(self, node: str, depth: int = 1) -> Neighbourhood:
        """Return what is within `depth` steps, walking edges either way; raises GraphError for an unknown node."""
        self.node(node)
        if depth < 0:
            raise GraphError(f"depth counts steps from 0, got {depth}")
        steps = {node: 0}
        front = [node]
        for step in range(1, depth + 1):
            reached = {other for name in front for other in nx.all_neighbors(self._graph, name)}
            front = sorted(reached - steps.keys())
            steps.update(dict.fromkeys(front, step))
        inside = sorted(steps, key=lambda name: (steps[name], name))
        edges = [edge for name in inside for edge in self.edges_from(name) if edge.target in steps]
        return Neighbourhood(
            node, tuple(self._nodes[name] for name in inside), tuple(sorted(edges, key=edge_order)), steps
        )

    def requirements_of(self, role: str) -> dict[str, Necessity]:
        """Return what the role's plans ask for, each with its strongest necessity, in id order.

        A role without plans, and one that is not in the graph, are asked for nothing.
        """
        found: dict[str, Necessity] = {}
        role = node_id("role", role)
        if role not in self:
            return found
        for plan in self.edges_from(role, {"has_plan"}):
            for line in self.edges_from(plan.target, {"requires"}):
                necessity = line.necessity or "obligatorisk"
                if NECESSITIES[necessity] > NECESSITIES.get(found.get(line.target, ""), 0):
                    found[line.target] = necessity
        return dict(sorted(found.items()))

    def role_difference(self, role: str, other: str) -> RoleDifference:
        """Compare what is asked of two roles; raises GraphError for an unknown role."""
        mine = self.requirements_of(self.node(node_id("role", role)).id)
        theirs = self.requirements_of(self.node(node_id("role", other)).id)
        shared = [name for name in theirs if name in mine]
        return RoleDifference(
            added=tuple(name for name in theirs if name not in mine),
            shared=tuple(shared),
            raised=tuple(n for n in shared if NECESSITIES[theirs[n]] > NECESSITIES[mine[n]]),
            dropped=tuple(name for name in mine if name not in theirs),
        )

    def impact(self, node: str) -> Impact:
        """Tell what would be touched if a node were withdrawn.

        Parameters
        ----------
        node : str
            The node's id; without a kind it is a resource.

        Returns
        -------
        Impact
            For a resource only stated ``teaches`` edges count as coverage, proposed ones do not. For
            a concept: the requirements and resources about it.

        Raises
        ------
        GraphError
            If there is no such node.
        """
        if node not in self:
            node = node_id("resource", node)
        match self.node(node).kind:
            case "resource":
                taught = tuple(edge.target for edge in self.edges_from(node, {"teaches"}))
                lost = tuple(name for name in taught if len(self.edges_to(name, {"teaches"})) == 1)
                return Impact(node, taught, lost, *self._asking(lost))
            case "requirement":
                serving = {edge.source for edge in self.edges_to(node, {"teaches", "proposed_teaches"})}
                return Impact(node, (node,), (), *self._asking((node,)), tuple(sorted(serving)))
            case "concept":
                about = [edge.source for edge in self.edges_to(node, {"about"})]
                asked = tuple(sorted(name for name in about if name.startswith("requirement:")))
                return Impact(
                    node, asked, (), *self._asking(asked), tuple(sorted(set(about).difference(asked)))
                )
            case "plan":
                asked = tuple(edge.target for edge in self.edges_from(node, {"requires"}))
                roles = tuple(edge.source for edge in self.edges_to(node, {"has_plan"}))
                return Impact(node, asked, (), (node,), roles)
            case "role":
                plans = tuple(edge.target for edge in self.edges_from(node, {"has_plan"}))
                audience = tuple(edge.source for edge in self.edges_to(node, {"audience"}))
                return Impact(node, tuple(self.requirements_of(node)), (), plans, (node,), audience)

    def _asking(self, requirements: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        plans = {edge.source for name in requirements for edge in self.edges_to(name, {"requires"})}
        roles = {edge.source for plan in plans for edge in self.edges_to(plan, {"has_plan"})}
        return tuple(sorted(plans)), tuple(sorted(roles))

    @cached_property
    def version(self) -> str:
        """SHA-256 of nodes and edges, in hexadecimal; equal for equal contents whatever the order they came in."""
        return version_of(contents(self.nodes(), self.edges()))

    def save(self, path: Path) -> None:
        """Write the graph as JSON Lines, whole or not at all: a killed write leaves the old file.

        The first line holds the format, the version and the counts. `dangling` is not written.
        """
        body = contents(self.nodes(), self.edges())
        self.__dict__["version"] = version_of(body)
        write_graph(path, body, {"version": self.version, "nodes": len(self), "edges": self.edge_count})

    @classmethod
    def load(cls, path: Path) -> "CompetenceGraph":
        """Read what `save` wrote.

        Raises
        ------
        GraphError
            If the file is of another format, or its contents do not have the version it states.
        FileNotFoundError
            If there is no such file.
        """
        with without_collector():
            version, nodes, edges = read_graph(path)
            graph = cls(nodes, edges)
        graph.__dict__["version"] = version
        return graph


def _check_edge(edge: Edge, nodes: Mapping[str, Node]) -> None:
    shown = f"{edge.source} -{edge.kind}-> {edge.target}"
    if edge.kind not in ENDS:
        raise GraphError(f"no such kind of edge: {shown}")
    sources, target = ENDS[edge.kind]
    if nodes[edge.source].kind not in sources or nodes[edge.target].kind != target:
        raise GraphError(f"an edge of this kind cannot join such nodes: {shown}")
    for name, value in (("weight", edge.weight), ("confidence", edge.confidence)):
        if not 0 <= value < float("inf"):
            raise GraphError(f"{shown}: {name} must be a number from 0, got {value!r}")
    if edge.origin not in get_args(Origin):
        raise GraphError(f"{shown}: no such origin: {edge.origin!r}")


def _strength(edge: Edge) -> tuple[int, int, float, float, int, str]:
    return (
        NECESSITIES.get(edge.necessity or "", 0),
        _ORIGINS[edge.origin],
        edge.confidence,
        edge.weight,
        edge.at.toordinal() if edge.at else 0,
        edge.by,
    )


def _chosen(
    edges: Iterable[tuple[str, str, dict[str, Any]]], kinds: Collection[EdgeKind] | None
) -> list[Edge]:
    found = [data["edge"] for *_, data in edges]
    return sorted((e for e in found if kinds is None or e.kind in kinds), key=edge_order)


def label_of(node: Node, lang: str) -> str:
    """Return the node's label in `lang`, else in nb, nn, en, else its plain id.

    Examples
    --------
    >>> label_of(Node("role:jordmor", "role", {"nb": "jordmor"}), "en")
    'jordmor'
    """
    labels = {str(known): text for known, text in node.labels.items()}
    return next((labels[wanted] for wanted in (lang, "nb", "nn", "en") if wanted in labels), node.local)
