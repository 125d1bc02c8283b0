"""What was asked of a role on a day, and what was there to learn it from? The bundle for an inspection.

A pure function of catalogue, role, day and edition: the same ones give the same bytes. What the program
proposes is no part of it, only what sources and editors have stated. No person is in it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from engine.errors import NotFound
from engine.merges import links_with_merged
from engine.model import PlansThen, PlanVersion, Resource, ResourceVersion
from engine.ports import Catalogue
from engine.records import canonical_hash
from engine.reports.without_persons import function_only, text_only
from graph.model import Plan, Requirement, Role
from graph.plans import COMMON, applicable_plans, lines_for, obligations, validity_of
from graph.records import plan_to_record, requirement_to_record

REVIEW_STATES = ("valid", "expired", "no_date")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a role has to meet on a day, and the plans that say so, with the hash of each as it is stored.

    `unknown` are requirements that plans name and the catalogue does not have; their lines are left out.
    """

    role: PlanVersion[Role]
    plans: tuple[PlanVersion[Plan], ...]
    requirements: Mapping[str, PlanVersion[Requirement]]
    hashes: Mapping[str, str]
    unknown: tuple[str, ...]


def inspection(catalogue: Catalogue, role: str, *, on: date, edition: str | None = None) -> dict[str, Any]:
    """Return the bundle as one JSON object, every list in a fixed order.

    Plans, requirements and resources are taken in the version that was current at the end of the day (UTC);
    what was first recorded later counts in its first version and says so (`recorded_later`).

    Raises
    ------
    NotFound
        If there is no such role.
    """
    moment = datetime.combine(on, time.max, UTC)
    then = catalogue.plans_then(moment)
    asked = _asked(then, role, on, edition)
    found = _resources(catalogue.resources_then(moment), on, edition)
    known = {name: item.value for name, item in then.requirements.items()}
    rulings = {
        (d.subject, d.object): d for d in links_with_merged(catalogue, known, on=on) if d.at.date() <= on
    }
    edges = _plan_edges(asked, edition)
    teaching: dict[str, list[str]] = {name: [] for name in asked.requirements}
    used: dict[str, ResourceVersion] = {}
    for version in found:
        r = version.resource
        for name in asked.requirements:
            ruling = rulings.get((r.id, name))
            if ruling is not None and ruling.verdict == "accepted":
                edge = _edge(
                    f"resource:{r.id}", f"requirement:{name}", "teaches", ruling.by, ruling.at.date()
                )
            elif ruling is None and name in r.teaches:
                edge = _edge(f"resource:{r.id}", f"requirement:{name}", "teaches", r.provider, r.updated)
            else:
                continue
            edges.append(edge)
            teaching[name].append(r.id)
            used[r.id] = version
    merged = obligations(
        role,
        [plan.value for plan in asked.plans],
        {name: item.value for name, item in asked.requirements.items()},
        on=on,
        edition=edition,
        versions="all",
    )
    states = {id_: review_state(version.resource, on) for id_, version in used.items()}
    requirements = [
        {
            **_requirement(asked.requirements[o.requirement], moment),
            "necessity": o.necessity,
            "renewal": [{"months": r.months, "calendar": r.calendar} for r in o.rules],
            "plans": list(o.plans),
            "resources": teaching[o.requirement],
            "valid_resources": sum(states[id_] != "expired" for id_ in teaching[o.requirement]),
        }
        for o in sorted(merged, key=lambda o: o.requirement)
    ]
    return {
        "role": {"id": role, "labels": dict(sorted(asked.role.value.labels.items()))},
        "date": on.isoformat(),
        "edition": edition or COMMON,
        "plans": [_plan(plan, asked.hashes, moment) for plan in asked.plans],
        "requirements": requirements,
        "resources": [_resource(used[id_], on, moment) for id_ in sorted(used)],
        "edges": sorted(edges, key=lambda e: (e["kind"], e["source"], e["target"], e["edition"])),
        "unknown_requirements": list(asked.unknown),
        "without_resource": [q["id"] for q in requirements if not q["valid_resources"]],
    }


def review_state(resource: Resource, on: date) -> str:
    """Return whether a resource's review date holds on a day: one of `REVIEW_STATES`."""
    if resource.review_due is None:
        return "no_date"
    return "valid" if on <= resource.review_due else "expired"


def _asked(then: PlansThen, role: str, on: date, edition: str | None) -> _Asked:
    if role not in then.roles:
        raise NotFound(f"no role has the id {role!r}")
    values = [plan.value for plan in then.plans.values()]
    chosen = applicable_plans(role, values, on=on, edition=edition, versions="all")
    names = {line.requirement for plan in chosen for line in lines_for(plan, edition)}
    known = names & then.requirements.keys()
    plans = []
    for plan in chosen:
        lines = tuple(line for line in plan.lines if line.requirement in then.requirements)
        plans.append(replace(then.plans[plan.id], value=replace(plan, lines=lines)))
    return _Asked(
        then.roles[role],
        tuple(plans),
        {name: then.requirements[name] for name in sorted(known)},
        {plan.id: canonical_hash(plan_to_record(plan)) for plan in chosen},
        tuple(sorted(names - known)),
    )


def _resources(
    versions: Iterable[ResourceVersion], on: date, edition: str | None
) -> Iterable[ResourceVersion]:
    """Yield the published resources that a reader of the edition could see on the day."""
    return (
        v
        for v in versions
        if v.resource.status == "published"
        and v.resource.edition in {COMMON, edition or COMMON}
        and (v.resource.published is None or v.resource.published <= on)
    )


def _plan_edges(asked: _Asked, edition: str | None) -> list[dict[str, Any]]:
    edges = []
    role = asked.role.value.id
    for version in asked.plans:
        plan = version.value
        edges.append(_edge(f"role:{role}", f"plan:{plan.id}", "has_plan", plan.owner, plan.valid_from))
        for line in lines_for(plan, edition):
            rule = validity_of(line, asked.requirements[line.requirement].value)
            edges.append(
                _edge(
                    f"plan:{plan.id}",
                    f"requirement:{line.requirement}",
                    "requires",
                    plan.owner,
                    plan.valid_from,
                )
                | {
                    "necessity": line.necessity,
                    "edition": line.edition or "",
                    "validity": rule.months,
                    "calendar": rule.calendar,
                }
            )
    return edges


def _edge(source: str, target: str, kind: str, by: str, at: date | None) -> dict[str, Any]:
    return {
        "source": source,
        "target": target,
        "kind": kind,
        "necessity": None,
        "edition": "",
        "validity": None,
        "calendar": None,
        "origin": "editor" if kind == "teaches" else "import",
        "by": function_only(by),
        "at": at.isoformat() if at else None,
        "confidence": 1.0,
    }


def _plan(version: PlanVersion[Plan], hashes: Mapping[str, str], moment: datetime) -> dict[str, Any]:
    plan = version.value
    return {
        "id": plan.id,
        "labels": _texts(plan.labels),
        "kind": plan.kind,
        "owner": function_only(plan.owner),
        "editions": sorted(plan.editions),
        "version": plan.version,
        "valid_from": _day(plan.valid_from),
        "valid_to": _day(plan.valid_to),
        "source": text_only(plan.source),
        "sample": plan.sample,
        **_stored(version.number, version.recorded, moment),
        "hash": hashes[plan.id],
    }


def _requirement(version: PlanVersion[Requirement], moment: datetime) -> dict[str, Any]:
    q = version.value
    return {
        "id": q.id,
        "labels": _texts(q.labels),
        "description": _texts(q.description),
        "kind": q.kind,
        "level": q.level,
        "code": q.code,
        "verification": text_only(q.verification),
        "legal_basis": text_only(q.legal_basis),
        "prerequisites": sorted(q.prerequisites),
        "example": q.example,
        **_stored(version.number, version.recorded, moment),
        "hash": canonical_hash(requirement_to_record(q)),
    }


def _resource(version: ResourceVersion, on: date, moment: datetime) -> dict[str, Any]:
    r = version.resource
    return {
        "id": r.id,
        "title": text_only(r.title),
        "url": text_only(r.url),
        "resource_type": r.resource_type,
        "language": r.language,
        "edition": r.edition,
        "provider": function_only(r.provider),
        "licence": r.licence,
        "minutes": r.duration,
        "published": _day(r.published),
        "updated": _day(r.updated),
        "review_due": _day(r.review_due),
        "review_state": review_state(r, on),
        "sample": r.sample,
        **_stored(version.number, version.recorded, moment),
        "hash": version.content_hash,
        "text_hash": hashlib.sha256(f"{r.title}\n{r.summary}\n{r.body}".encode()).hexdigest(),
    }


def _stored(number: int, recorded: datetime, moment: datetime) -> dict[str, Any]:
    return {
        "stored_version": number,
        "recorded": recorded.date().isoformat(),
        "recorded_later": recorded > moment,
    }


def _texts(texts: Mapping[Any, str]) -> dict[str, str]:
    return {lang: text_only(text) for lang, text in sorted(texts.items())}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
