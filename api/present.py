"""How are the engine's answers shown? Plain dictionaries, ready for JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from engine.facet_tagging import COLUMNS, FacetProposals
from engine.facets import value_label
from engine.learning_path import portal_link
from engine.model import Facet, Highlight, Hit, Resource, SearchResult, Suggestion
from engine.popularity import opened_sentence
from engine.recommend import Reason, RecommendationRequest, Recommendations
from engine.records import resource_to_record, resource_to_short_record
from engine.search import review_expired
from engine.service import Engine
from engine.similar import SimilarResource
from graph.competence_graph import CompetenceGraph
from graph.model import Edge, EdgeKind, Plan, PlanLine, ReasonPath, Requirement, Role
from graph.plans import Obligation, narrower_roles_with_plans
from vocab.concept import Concept


def label_in(labels: Mapping[Any, str], lang: str, fallback: str = "") -> str:
    """Return a label in `lang`, else nb, nn, en, else the fallback."""
    return next((labels[w] for w in (lang, "nb", "nn", "en") if w in labels), fallback)


def short(label: str) -> str:
    """Return a label without the qualifier that tells it from a namesake."""
    return label.partition(" (")[0]


def marked(h: Highlight) -> Markup:
    """Return a highlight as HTML: everything escaped, the marks in <mark>."""
    out, at = "", 0
    for start, end in h.marks:
        out = f"{out}{escape(h.text[at:start])}<mark>{escape(h.text[start:end])}</mark>"
        at = end
    return Markup(f"{out}{escape(h.text[at:])}")  # every piece has been escaped


def resource_record(resource: Resource, *, body: bool = True) -> dict[str, Any]:
    """Return a resource's fields; without `body` also without the places of its tags."""
    return resource_to_record(resource) if body else resource_to_short_record(resource)


def concept_ref(concept: str, engine: Engine, lang: str) -> dict[str, Any]:
    """Return id and label of a concept."""
    return {"id": concept, "label": value_label("concept", concept, engine.vocabulary, lang)}


def hit_out(
    hit: Hit, engine: Engine, lang: str, *, explain: bool, asked: frozenset[str] | None
) -> dict[str, Any]:
    """Return one hit; `asked` are the requirements of the role in question, None without one."""
    out: dict[str, Any] = {
        "rank": hit.rank,
        "score": hit.score,
        "resource": resource_record(hit.resource, body=False),
        "review_expired": hit.review_expired,
        "concepts": [
            {**concept_ref(t.concept, engine, lang), "score": t.score}
            for t in hit.resource.about
            if t.decision != "rejected"
        ],
        "highlights": [
            {"field": h.field, "text": h.text, "marks": [list(m) for m in h.marks], "html": str(marked(h))}
            for h in hit.highlights
        ],
        "reason": {
            "sentence": hit.reason.sentence,
            "words": list(hit.reason.words),
            "concepts": [concept_ref(c, engine, lang) for c in hit.reason.concepts],
            "similarity": hit.reason.similarity,
        },
    }
    if explain:
        out["explanation"] = {
            "parts": [{"name": name, "value": value} for name, value in hit.explanation.parts],
            "total": hit.explanation.total,
        }
    if asked is not None:
        covered = sorted(asked.intersection(hit.resource.teaches))
        out["covers"] = {"n": len(covered), "of": len(asked), "requirements": covered}
    return out


def facet_out(facet: Facet) -> dict[str, Any]:
    """Return a facet with its values in order."""
    return {
        "name": facet.name,
        "values": [
            {
                "value": v.value,
                "label": v.label,
                "count": v.count,
                "selected": v.selected,
                "parent": v.parent,
                "depth": v.depth,
            }
            for v in facet.values
        ],
    }


def search_out(
    result: SearchResult,
    engine: Engine,
    lang: str,
    *,
    explain: bool = False,
    asked: frozenset[str] | None = None,
) -> dict[str, Any]:
    """Return a whole answer to a search."""
    return {
        "total": result.total,
        "hits": [hit_out(h, engine, lang, explain=explain, asked=asked) for h in result.hits],
        "facets": [facet_out(f) for f in result.facets],
        "next_cursor": result.next_cursor,
        "did_you_mean": result.did_you_mean,
        "concepts": [concept_ref(c, engine, lang) for c in result.concepts],
        "understood": [
            {"facet": u.facet, "value": u.value, "label": u.label, "text": u.text} for u in result.understood
        ],
        "degraded": list(result.degraded),
        "build": result.build,
    }


def suggestion_out(s: Suggestion) -> dict[str, Any]:
    """Return one line of autocomplete."""
    return {"kind": s.kind, "id": s.id, "label": s.label, "detail": s.detail}


def resource_out(resource: Resource, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a resource with what its ids mean."""
    requirements = engine.requirements()
    return {
        "resource": resource_record(resource),
        "review_expired": review_expired(resource, engine.today()),
        "labels": labels_of(resource, engine, lang),
        "concepts": [
            {**concept_ref(t.concept, engine, lang), "score": t.score, "origin": t.origin, "again": t.again}
            for t in resource.about
            if t.decision != "rejected"
        ],
        "requirements": [
            {"id": q, "label": label_in(requirements[q].labels, lang, q) if q in requirements else q}
            for q in resource.teaches
        ],
    }


def labels_of(resource: Resource, engine: Engine, lang: str) -> dict[str, Any]:
    """Return what a person reads for each coded value of a resource."""

    def one(facet: str, value: str) -> str:
        return value_label(facet, value, engine.vocabulary, lang) if value else ""

    return {
        "resource_type": one("resource_type", resource.resource_type),
        "level": one("level", resource.level),
        "language": one("language", resource.language),
        "edition": one("edition", resource.edition),
        "audience": [one("audience", v) for v in resource.audience],
        "audience_group": [one("audience_group", v) for v in resource.audience_group],
        "patient_group": [one("patient_group", v) for v in resource.patient_group],
        "arena": [one("arena", v) for v in resource.arena],
        "themes": [one("theme", v) for v in resource.themes],
    }


def similar_out(found: Iterable[SimilarResource], engine: Engine, lang: str) -> list[dict[str, Any]]:
    """Return similar resources, best first."""
    return [
        {
            "resource": resource_record(s.resource, body=False),
            "score": s.score,
            "similarity": s.cosine,
            "shared_concepts": [concept_ref(c, engine, lang) for c in s.concepts],
        }
        for s in found
    ]


def role_out(role: Role) -> dict[str, Any]:
    """Return a role."""
    return {
        "id": role.id,
        "labels": dict(role.labels),
        "concept": role.concept,
        "broader": role.broader,
        "hpr": role.hpr,
        "styrk08": role.styrk08,
        "arenas": list(role.arenas),
    }


def requirement_out(requirement: Requirement) -> dict[str, Any]:
    """Return a requirement; `example` says that its interval is an example value."""
    return {
        "id": requirement.id,
        "labels": dict(requirement.labels),
        "description": dict(requirement.description),
        "concepts": list(requirement.concepts),
        "kind": requirement.kind,
        "level": requirement.level,
        "validity": requirement.validity,
        "calendar": requirement.calendar,
        "example": requirement.example,
        "verification": requirement.verification,
        "legal_basis": requirement.legal_basis,
        "prerequisites": list(requirement.prerequisites),
        "code": requirement.code,
        "broader": requirement.broader,
        "alt_labels": {lang: list(texts) for lang, texts in requirement.alt_labels.items()},
        "same_as": list(requirement.same_as),
        "replaced_by": requirement.replaced_by,
    }


def plan_out(plan: Plan, *, lines: bool = True) -> dict[str, Any]:
    """Return a plan, with its lines if asked for."""
    out: dict[str, Any] = {
        "id": plan.id,
        "labels": dict(plan.labels),
        "kind": plan.kind,
        "owner": plan.owner,
        "editions": list(plan.editions),
        "roles": list(plan.roles),
        "arena": plan.arena,
        "version": plan.version,
        "valid_from": plan.valid_from,
        "valid_to": plan.valid_to,
        "replaces": plan.replaces,
        "retired": plan.retired,
        "retired_reason": plan.retired_reason,
        "source": plan.source,
        "sample": plan.sample,
        "requirements": len(plan.lines),
    }
    if lines:
        out["lines"] = [_line(line) for line in sorted(plan.lines, key=lambda x: (x.order, x.requirement))]
    return out


def _line(line: PlanLine) -> dict[str, Any]:
    return {
        "requirement": line.requirement,
        "necessity": line.necessity,
        "order": line.order,
        "validity": line.validity,
        "calendar": line.calendar,
        "edition": line.edition,
        "group": line.group,
        "group_minimum": line.group_minimum,
    }


def obligation_out(o: Obligation, requirements: Mapping[str, Requirement], lang: str) -> dict[str, Any]:
    """Return what is asked of a role, once however many plans ask for it."""
    requirement = requirements.get(o.requirement)
    return {
        "requirement": o.requirement,
        "label": label_in(requirement.labels, lang, o.requirement) if requirement else o.requirement,
        "necessity": o.necessity,
        "level": requirement.level if requirement else None,
        "validity": o.validity,
        "rules": [{"months": r.months, "calendar": r.calendar} for r in o.rules],
        "example": requirement.example if requirement else True,
        "plans": list(o.plans),
        "state": o.state,
        "due": o.due,
        "gap": o.gap,
        "groups": [
            {"plan": g.plan, "name": g.name, "minimum": g.minimum, "size": g.size, "met": g.met}
            for g in o.groups
        ],
    }


def edge_out(edge: Edge) -> dict[str, Any]:
    """Return an edge with who made it, when and how sure."""
    return {
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind,
        "origin": edge.origin,
        "by": edge.by,
        "at": edge.at,
        "confidence": edge.confidence,
        "necessity": edge.necessity,
    }


def link_out(
    graph: CompetenceGraph, resource: str, requirement: str, *, stated: bool
) -> dict[str, Any] | None:
    """Return who made the link from a resource to a requirement; None when a new graph has it no longer."""
    kind: EdgeKind = "teaches" if stated else "proposed_teaches"
    edge = graph.edge(f"resource:{resource}", f"requirement:{requirement}", kind)
    if edge is None:
        return None
    return {"origin": edge.origin, "by": edge.by, "at": edge.at, "confidence": edge.confidence}


def path_out(path: ReasonPath, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a reason path as nodes with labels and the edges between them."""
    graph = engine.graph()
    return {
        "nodes": [
            {"id": n, "kind": graph.node(n).kind, "label": label_in(graph.node(n).labels, lang, n)}
            for n in path.nodes
        ],
        "edges": [{**edge_out(e), "reversed": r} for e, r in zip(path.edges, path.reversed_, strict=True)],
    }


def reason_out(reason: Reason, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a reason: the sentence in each language and the path that it is made from."""
    return {
        "requirement": reason.requirement,
        "sentence": reason.sentences.get(lang, reason.sentences["nb"]),
        "sentences": dict(reason.sentences),
        "path": path_out(reason.path, engine, lang),
    }


def recommendations_out(
    asked: RecommendationRequest, found: Recommendations, engine: Engine, lang: str
) -> dict[str, Any]:
    """Return a list of recommendations with the obligations that it was made for."""
    requirements = engine.requirements()
    roles = engine.roles()
    narrower = narrower_roles_with_plans(
        asked.role, roles, engine.plans().values(), on=asked.on or engine.today(), edition=asked.edition
    )
    return {
        "items": [
            {
                "rank": item.rank,
                "score": item.score,
                "label": item.label,
                "resource": resource_record(item.resource, body=False),
                "requirements": list(item.requirements),
                "minutes": item.minutes,
                "minutes_assumed": item.minutes_assumed,
                "reasons": [reason_out(r, engine, lang) for r in item.reasons],
                "parts": [{"name": name, "value": value} for name, value in item.parts],
                "opened": item.opened or None,
                "opened_sentence": opened_sentence(item.opened, engine.settings.query_statistics_days, lang)
                if item.opened
                else None,
            }
            for item in found.items
        ],
        "obligations": [obligation_out(o, requirements, lang) for o in found.obligations],
        "covered": list(found.covered),
        "uncovered": list(found.uncovered),
        "why": dict(found.why),
        "unmet": list(found.unmet),
        "minutes": found.minutes,
        "link": portal_link(engine.settings.portal_url, found.items),
        "narrower_roles": [{"id": r, "label": label_in(roles[r].labels, lang, r)} for r in narrower],
        "graph_version": found.graph_version,
    }


def concept_out(concept: Concept, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a concept with its neighbours named."""
    return {
        "id": concept.id,
        "uri": engine.vocabulary.uri(concept.id),
        "label": concept.label(lang),
        "pref_label": dict(concept.pref_label),
        "alt_label": {k: list(v) for k, v in concept.alt_label.items()},
        "definition": dict(concept.definition),
        "broader": [concept_ref(c, engine, lang) for c in concept.broader],
        "narrower": [concept_ref(c, engine, lang) for c in concept.narrower],
        "related": [concept_ref(c, engine, lang) for c in concept.related],
        "mappings": [
            {"match": m.match, "vocabulary": m.vocabulary, "code": m.code} for m in concept.mappings
        ],
        "notation": concept.notation,
        "note": concept.note,
        "deprecated": concept.deprecated,
        "replaced_by": concept.replaced_by,
        "in_use": engine.vocabulary.resolve(concept.id),
    }


def proposed_facets_out(found: FacetProposals, engine: Engine, lang: str) -> dict[str, Any]:
    """Return proposals for facets, by column."""
    return {
        column: [
            {
                "concept": p.concept,
                "label": engine.vocabulary.label(p.concept, lang),
                "score": p.score,
                "origin": "automatic",
                "rule": p.rule,
                "spans": [{"field": s.field, "start": s.start, "end": s.end} for s in p.spans],
            }
            for p in getattr(found, column)
        ]
        for column in COLUMNS
    }
