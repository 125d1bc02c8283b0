"""Which requirement counts for an old one? What was replaced or found to be the same, followed to its end."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from graph.competence_graph import NECESSITIES
from graph.model import Plan, PlanLine, Requirement
from vocab.concept import Lang


def in_use(name: str, requirements: Mapping[str, Requirement]) -> str:
    """Return the id of the requirement that counts for `name`; itself when nothing replaces it.

    A replacement that is not known is not followed, and neither is a circle of replacements.

    Examples
    --------
    >>> known = {"a": Requirement("a", {}), "b": Requirement("b", {}, replaced_by="a")}
    >>> in_use("b", known), in_use("a", known), in_use("c", known)
    ('a', 'a', 'c')
    """
    seen = {name}
    found = name
    while (known := requirements.get(found)) is not None and known.replaced_by is not None:
        if known.replaced_by in seen or known.replaced_by not in requirements:
            return found if known.replaced_by not in seen else name
        found = known.replaced_by
        seen.add(found)
    return found


def joined(
    requirements: Iterable[Requirement], same: Mapping[str, str] | None = None
) -> dict[str, Requirement]:
    """Return all requirements by id, those that count with what the replaced ones had.

    Parameters
    ----------
    requirements : iterable of Requirement
        As they are stored.
    same : mapping of id to id, optional
        What editors have found to be the same: the first counts as the second from now on. It goes
        before what a record says itself.

    Returns
    -------
    dict of id to Requirement
        A replaced one names in `replaced_by` the one that counts; that one has the others' labels as
        `alt_labels`, their concepts too, and its prerequisites are such as count.
    """
    known = {q.id: q for q in requirements}
    for old, new in (same or {}).items():
        if old in known and new in known and old != new:
            known[old] = replace(known[old], replaced_by=new)
    ends = {name: in_use(name, known) for name in known}
    members: dict[str, list[Requirement]] = {}
    for name, end in ends.items():
        if name != end:
            members.setdefault(end, []).append(known[name])
    found: dict[str, Requirement] = {}
    for name, requirement in known.items():
        if ends[name] != name:
            found[name] = replace(requirement, replaced_by=ends[name])
            continue
        before = tuple(dict.fromkeys(ends.get(p, p) for p in requirement.prerequisites))
        before = tuple(p for p in before if p != name)
        kept = (
            requirement if before == requirement.prerequisites else replace(requirement, prerequisites=before)
        )
        if kept.replaced_by is not None:  # names nobody, or runs in a circle
            kept = replace(kept, replaced_by=None)
        found[name] = _with_wordings(kept, members[name]) if name in members else kept
    return found


def lines_in_use(plan: Plan, requirements: Mapping[str, Requirement]) -> Plan:
    """Return the plan with lines about the requirements that count.

    A line that states no interval keeps that of the requirement it named. Two lines that have become
    one keep the stronger necessity, the shorter interval and the earlier place; asked for outside a
    group, it stands outside.
    """
    if all(in_use(line.requirement, requirements) == line.requirement for line in plan.lines):
        return plan
    lines: dict[tuple[str, str | None], PlanLine] = {}
    for stored in plan.lines:
        end = in_use(stored.requirement, requirements)
        own = None if end == stored.requirement else requirements[stored.requirement].validity
        line = replace(stored, requirement=end, validity=stored.validity or own)
        key = (line.requirement, line.edition)
        lines[key] = _stricter(lines[key], line, requirements) if key in lines else line
    return replace(plan, lines=tuple(lines.values()))


def _stricter(one: PlanLine, other: PlanLine, requirements: Mapping[str, Requirement]) -> PlanLine:
    own = requirements[one.requirement].validity if one.requirement in requirements else None
    months = [m for line in (one, other) if (m := line.validity or own) is not None]
    grouped = one.group == other.group
    return replace(
        one,
        necessity=max(one.necessity, other.necessity, key=lambda n: NECESSITIES[n]),
        validity=min(months, default=None),
        order=min(one.order, other.order),
        group=one.group if grouped else None,
        group_minimum=(one.group_minimum or other.group_minimum) if grouped else None,
    )


def _with_wordings(kept: Requirement, others: Iterable[Requirement]) -> Requirement:
    wordings: dict[Lang, list[str]] = {lang: list(texts) for lang, texts in kept.alt_labels.items()}
    concepts = list(kept.concepts)
    for other in others:
        concepts += other.concepts
        for lang, label in other.labels.items():
            wordings.setdefault(lang, []).append(label)
        for lang, texts in other.alt_labels.items():
            wordings.setdefault(lang, []).extend(texts)
    alt = {
        lang: tuple(dict.fromkeys(t for t in texts if t != kept.labels.get(lang)))
        for lang, texts in wordings.items()
    }
    return replace(
        kept,
        alt_labels={lang: texts for lang, texts in alt.items() if texts},
        concepts=tuple(dict.fromkeys(concepts)),
    )
