"""Which resources teach which requirements, as editors rule? What is stated and proposed, what speaks for it, rulings.

A ruling holds whatever the text becomes, until it is taken back or ruled otherwise. The graph shows it from the next
index run on; `LinkRow.in_graph` tells whether it does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from engine.errors import IndexMissing, InvalidRequest, NotFound
from engine.merges import links_with_merged
from engine.model import IMPORTED, Decision, Resource
from engine.network import rulings_leading_on
from engine.records import is_storable
from engine.service import Engine, requirement_ids
from engine.steering import still_holds, text_basis
from graph.competence_graph import CompetenceGraph
from graph.model import Requirement
from graph.replaced import in_use
from vocab.concept import ConceptId, Lang

LinkVerdict = Literal["accepted", "rejected"]
LinkState = Literal["accepted", "stated", "proposed", "rejected"]

_ORDER: Final[Mapping[LinkState, int]] = {"accepted": 0, "stated": 1, "proposed": 2, "rejected": 3}


@dataclass(frozen=True, slots=True)
class SharedConcept:
    """A concept that a requirement and a resource are both about, and how surely the resource is."""

    concept: ConceptId
    score: float


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link between a resource and a requirement, for editors.

    Attributes
    ----------
    state
        ``accepted`` and ``rejected`` by an editor, ``stated`` by the resource's source or a file of plans,
        ``proposed`` by the program.
    confidence
        How sure the program is, of a ruled link how sure it was then; None when it has proposed nothing [probability].
    by, at
        Who said so (a function or a key), and when.
    in_graph
        Whether the graph of the current build says so.
    shared
        Concepts in common as indexed, what weighs most first.
    text_changed
        Whether the ruling was made on another text.
    """

    resource: str
    title: str
    language: str
    edition: str
    status: str
    requirement: str
    labels: Mapping[Lang, str]
    state: LinkState
    confidence: float | None
    by: str
    at: date | None
    in_graph: bool
    shared: tuple[SharedConcept, ...] = ()
    ruling: Decision | None = None
    text_changed: bool = False


class LinkEditor:
    """Lists links of resources and of requirements, and rules on them.

    Parameters
    ----------
    engine : Engine
        Catalogue, current graph and clock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._catalogue = engine.catalogue
        self._known = engine.requirements()
        self._drawn: CompetenceGraph | None = None
        self._looked = False

    def resource(self, resource_id: str) -> Resource:
        """Return a resource, published or not; raises NotFound."""
        found = self._catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        return found

    def requirement(self, name: str) -> Requirement:
        """Return the requirement that counts for an id or a code.

        Raises
        ------
        NotFound
            If nothing fits.
        InvalidRequest
            If several have the code.
        """
        found = requirement_ids(name, self._known)
        if len(found) > 1:
            raise InvalidRequest(f"requirement: the code {name!r} belongs to several: {', '.join(found)}")
        if found[0] not in self._known:
            raise NotFound(f"no requirement has the id {name!r}")
        return self._known[found[0]]

    def of_resource(self, resource_id: str) -> list[LinkRow]:
        """Return what a resource is linked to: ruled, stated, then proposed, the surest first; raises NotFound."""
        resource = self.resource(resource_id)
        rulings = self._rulings(resource_id)
        names = {in_use(name, self._known) for name in resource.teaches} | {q for _, q in rulings}
        graph, node = self._graph(), f"resource:{resource_id}"
        if graph is not None and node in graph:
            names |= {e.target.split(":", 1)[1] for e in graph.edges_from(node, {"proposed_teaches"})}
        rows = (
            self._row(resource, self._known[name], rulings.get((resource_id, name)))
            for name in names
            if name in self._known
        )
        return _sorted(rows)

    def of_requirement(self, name: str) -> list[LinkRow]:
        """Return which resources are linked to a requirement, archived ones left out; raises NotFound."""
        wanted = self.requirement(name)
        rulings = {pair: d for pair, d in self._rulings().items() if pair[1] == wanted.id}
        ids = {resource for resource, _ in rulings}
        graph, node = self._graph(), f"requirement:{wanted.id}"
        if graph is not None and node in graph:
            edges = graph.edges_to(node, {"teaches", "proposed_teaches"})
            ids |= {e.source.split(":", 1)[1] for e in edges}
        resources = self._catalogue.get_many(sorted(ids)).values()
        return _sorted(
            self._row(r, wanted, rulings.get((r.id, wanted.id))) for r in resources if r.status != "archived"
        )

    def rule(
        self, resource_id: str, requirement: str, verdict: LinkVerdict, *, by: str, reason: str = ""
    ) -> LinkRow:
        """Say that a resource teaches a requirement, or that it does not; return the link as it is now.

        The same ruling on the same text is not written twice.

        Raises
        ------
        NotFound
            If there is no such resource or requirement.
        """
        resource, wanted = self.resource(resource_id), self.requirement(requirement)
        basis = text_basis(resource)
        earlier = self._rulings(resource_id).get((resource_id, wanted.id))
        before = self._row(resource, wanted, earlier)
        if earlier is None or (earlier.verdict, earlier.reason, earlier.basis) != (verdict, reason, basis):
            sure = before.confidence if before else None
            earlier = Decision(
                "teaches", resource_id, wanted.id, verdict, by, self._engine.now(), reason, basis, score=sure
            )
            self._catalogue.record(earlier)
        row = self._row(resource, wanted, earlier)
        assert row is not None
        return row

    def withdraw(self, resource_id: str, requirement: str, *, by: str) -> None:
        """Take a ruling back: the source, a file of plans and the program decide again.

        Raises
        ------
        NotFound
            If there is no such resource or requirement, or no editor has ruled on the two.
        """
        self.resource(resource_id)
        wanted = self.requirement(requirement).id
        standing = [
            d
            for d in self._catalogue.decisions("teaches", resource_id)
            if d.basis != IMPORTED and in_use(d.object, self._known) == wanted
        ]
        if not standing:
            raise NotFound(f"no editor has ruled on {wanted!r} for the resource {resource_id!r}")
        for ruling in standing:
            self._catalogue.record(
                Decision("teaches", resource_id, ruling.object, "withdrawn", by, self._engine.now())
            )

    def _rulings(self, resource_id: str | None = None) -> dict[tuple[str, str], Decision]:
        """Return the ruling that counts for each resource and requirement in use."""
        decisions = links_with_merged(self._catalogue, self._known, resource_id)
        return {(d.subject, d.object): d for d in rulings_leading_on(decisions, self._known)}

    def _graph(self) -> CompetenceGraph | None:
        """Return the graph of the current build; None before the first index run."""
        if not self._looked:
            self._looked = True
            try:
                self._drawn = self._engine.graph()
            except IndexMissing:
                self._drawn = None
        return self._drawn

    def _row(self, resource: Resource, wanted: Requirement, ruling: Decision | None) -> LinkRow | None:
        graph = self._graph()
        ends = f"resource:{resource.id}", f"requirement:{wanted.id}"
        drawn = graph if graph is not None and all(end in graph for end in ends) else None
        taught = drawn.edge(*ends, "teaches") if drawn else None
        proposed = drawn.edge(*ends, "proposed_teaches") if drawn else None
        confidence = proposed.confidence if proposed else ruling.score if ruling else None
        state: LinkState
        by, at = resource.provider, resource.updated or resource.published
        if ruling is not None:
            imported = ruling.basis == IMPORTED and ruling.verdict == "accepted"
            state = "stated" if imported else "rejected" if ruling.verdict == "rejected" else "accepted"
            by, at = ruling.by, ruling.at.date()
        elif wanted.id in {in_use(name, self._known) for name in resource.teaches}:
            state = "stated"
        elif proposed is not None:
            state, by, at = "proposed", proposed.by, proposed.at
        else:
            return None
        if state == "rejected":
            in_graph = graph is not None and taught is None and proposed is None
        else:
            edge = proposed if state == "proposed" else taught
            in_graph = edge is not None and (edge.by, edge.at) == (by, at)
        return LinkRow(
            resource.id,
            resource.title,
            resource.language,
            resource.edition,
            resource.status,
            wanted.id,
            wanted.labels,
            state,
            confidence,
            by,
            at,
            in_graph,
            _shared(drawn, *ends) if drawn else (),
            ruling,
            ruling is not None and ruling.basis != IMPORTED and not still_holds(ruling, text_basis(resource)),
        )


def _shared(graph: CompetenceGraph, resource: str, requirement: str) -> tuple[SharedConcept, ...]:
    """Return the concepts that both are about, as the graph has them."""
    found = [
        (
            asked.weight * asked.confidence,
            SharedConcept(ConceptId(asked.target.split(":", 1)[1]), met.confidence),
        )
        for asked in graph.edges_from(requirement, {"about"})
        if (met := graph.edge(resource, asked.target, "about"))
    ]
    found.sort(key=lambda one: (-one[0] * one[1].score, one[1].concept))
    return tuple(shared for _, shared in found)


def _sorted(rows: Iterable[LinkRow | None]) -> list[LinkRow]:
    return sorted(
        (row for row in rows if row is not None),
        key=lambda r: (_ORDER[r.state], -(r.confidence or 0.0), r.resource, r.requirement),
    )
