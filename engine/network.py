"""What does the graph consist of? Nodes and edges cut from the catalogue, each with its provenance."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from engine.model import IMPORTED, Decision, Resource
from engine.replaced_concepts import requirement_in_use
from engine.teaching_links import PROGRAM, teaching_links
from graph.assembly import Link, LinkedResource, concept_parts, plan_parts, resource_parts
from graph.model import Edge, Node, Plan, Requirement, Role
from graph.replaced import in_use
from vocab.concept import Concept, ConceptId
from vocab.vocabulary import Vocabulary


def network(
    roles: Sequence[Role],
    requirements: Sequence[Requirement],
    plans: Sequence[Plan],
    resources: Iterable[Resource],
    vocabulary: Vocabulary,
    decisions: Iterable[Decision] = (),
    likeness: Mapping[str, Mapping[str, float]] | None = None,
    on: date | None = None,
    written: Mapping[str, tuple[str, datetime]] | None = None,
    topics: Callable[[Requirement], tuple[ConceptId, ...]] = lambda _: (),
) -> tuple[list[Node], list[Edge]]:
    """Return the nodes and edges of the competence graph, in a fixed order.

    Parameters
    ----------
    roles, requirements, plans
        All that there are, those of the plans in use (`engine.plan_data`); a replaced requirement is no node.
    resources : iterable of Resource
        The published ones, tagged.
    vocabulary : Vocabulary
        Hierarchy of the concepts in use.
    decisions : iterable of Decision
        Editors' rulings of kind ``teaches``: an accepted one makes an explicit edge, a rejected one
        keeps the proposal away.
    likeness : mapping of requirement to resource to score, optional
        How like their contents are (`engine.content_links`); None where nothing knows what texts mean.
    on : date, optional
        The day: plans that are retired later are in use till then. Without it all retired ones are left out.
    written : mapping, optional
        Who last changed each requirement and plan, and when (`engine.ports.PlanStore.written`).
    topics : callable, optional
        What a requirement that names no concept is about, by its words: links are proposed by that, too.

    Returns
    -------
    (nodes, edges)
        `CompetenceGraph.build` leaves out edges to things that are not in the catalogue.
    """
    everything = {q.id: q for q in requirements}
    resources = [_leading_on(r, everything) for r in sorted(resources, key=lambda r: r.id)]
    requirements = [requirement_in_use(q, vocabulary) for q in requirements if q.replaced_by is None]
    days = {node: (by, at.date()) for node, (by, at) in (written or {}).items()}
    rulings = rulings_leading_on(decisions, everything)
    told = [q if q.concepts else replace(q, concepts=topics(q)) for q in requirements]
    teaches, proposed = teaching_links(resources, told, rulings, likeness)
    linked = [
        LinkedResource(
            id=r.id,
            title=r.title,
            language=r.language if r.language in _LANGS else "nb",  # type: ignore[arg-type]
            teaches=tuple(teaches.get(r.id, ())),
            proposed=tuple(proposed.get(r.id, ())),
            about=tuple(
                Link(
                    tag.concept,
                    weight=tag.score,
                    origin="editor" if tag.origin == "editor" else "automatic",
                    by=r.provider if tag.origin == "editor" else PROGRAM,
                    at=_day(r),
                    confidence=tag.score,
                )
                for tag in r.about
            ),
            audience=tuple(Link(a, by=r.provider, at=_day(r)) for a in r.audience),
        )
        for r in resources
    ]
    used = {tag.concept for r in resources for tag in r.about} | {c for q in requirements for c in q.concepts}
    parts = (
        plan_parts(roles, requirements, [_in_use(plan, on) for plan in plans], written=days),
        resource_parts(linked),
        concept_parts(_with_ancestors(used, vocabulary)),
    )
    return [n for nodes, _ in parts for n in nodes], [e for _, edges in parts for e in edges]


_LANGS = frozenset({"nb", "nn", "en", "se"})


def _leading_on(resource: Resource, known: Mapping[str, Requirement]) -> Resource:
    """Return the resource with the requirements that count in the place of those replaced."""
    teaches = tuple(dict.fromkeys(in_use(name, known) for name in resource.teaches))
    return resource if teaches == resource.teaches else replace(resource, teaches=teaches)


def rulings_leading_on(decisions: Iterable[Decision], known: Mapping[str, Requirement]) -> list[Decision]:
    """Return rulings on links as rulings on the requirements that count, the weightiest last.

    What was ruled on the requirement itself goes before what was ruled on one that it replaces, and an
    editor's word before an import.
    """
    links = sorted(
        (d for d in decisions if d.kind == "teaches"),
        key=lambda d: (d.basis != IMPORTED, in_use(d.object, known) == d.object),
    )
    return [replace(d, object=in_use(d.object, known)) for d in links]


def _in_use(plan: Plan, on: date | None) -> Plan:
    return replace(plan, retired=None) if on and plan.retired and plan.retired > on else plan


def _day(resource: Resource) -> date | None:
    return resource.updated or resource.published


def _with_ancestors(used: Iterable[ConceptId], vocabulary: Vocabulary) -> list[Concept]:
    ids = {c for c in used if c in vocabulary}
    for c in list(ids):
        ids.update(vocabulary.ancestors(c))
    found = (vocabulary.get(c) for c in sorted(ids))
    return [c for c in found if c is not None]
