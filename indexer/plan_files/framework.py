"""Which plans are in a framework as JSON? CASE and Grep told apart, and what both have in common."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from engine.errors import InvalidRequest
from engine.records import check_id, check_text
from graph.errors import CycleError
from graph.model import Plan, PlanLine, Requirement
from graph.order import check_prerequisites
from graph.records import plan_from_record, plan_to_record, requirement_from_record, requirement_to_record
from graph.replaced import joined
from indexer.labels import slug
from indexer.plan_files.draft import Draft
from indexer.plan_files.known import Known
from indexer.plan_files.problem import Place
from vocab.analysis import fold
from vocab.concept import Lang
from vocab.foreign.grep import is_grep
from vocab.wording import ALIKE, overlap

LONGEST_LABEL = 160
"""Statements longer than this are descriptions; their beginning is the label [characters]."""

MAX_JSON = 200_000_000
"""Largest framework [bytes]."""


@dataclass(slots=True)
class Item:
    """A requirement of a framework while it is read: what it says, and how it hangs together with others by key."""

    key: str
    place: Place
    code: str = ""
    labels: dict[Lang, str] = field(default_factory=dict)
    description: dict[Lang, str] = field(default_factory=dict)
    level: str | None = None
    parent: str | None = None
    prerequisites: list[str] = field(default_factory=list)
    same_as: list[str] = field(default_factory=list)
    replaced_by: str | None = None
    line: bool = True


@dataclass(slots=True)
class Framework:
    """A plan with its items in order."""

    plan: Plan
    place: Place
    items: list[Item] = field(default_factory=list)


def read_framework(path: Path, known: Known, lang: str, roles: Sequence[str] = ()) -> Draft:
    """Return what a framework would write.

    Parameters
    ----------
    path : Path
        CASE 1.1 (``CFDocument``, ``CFItems``, ``CFAssociations``) or elements of Grep.
    known, lang, roles
        As of `indexer.plan_files.table.read_table`.

    Raises
    ------
    InvalidRequest
        If it is no JSON, or neither of the two.
    """
    from indexer.plan_files.case import read_case
    from indexer.plan_files.grep import read_grep_plans

    document = _json(path)
    draft = Draft(known.seq)
    if isinstance(document, dict) and "CFDocument" in document:
        frameworks = read_case(document, path.name, lang, draft)
    elif is_grep(document):
        frameworks = read_grep_plans(document, path.name, lang, draft)
    else:
        raise InvalidRequest(f"{path}: is neither CASE (CFDocument, CFItems) nor Grep (kode, tittel)")
    for framework in frameworks:
        _take(framework, known, lang, roles, draft)
    _refuse_circles(known, lang, draft, {i.key: i.place for f in frameworks for i in f.items})
    draft.roles = {r: known.new_roles[r] for r in roles if r in known.new_roles and draft.plans}
    return draft


def labelled(text: str) -> tuple[str, str]:
    """Return label and description for a statement: a long one is cut after a word.

    Examples
    --------
    >>> labelled("Kort"), len(labelled("ord " * 100)[0]) <= LONGEST_LABEL
    (('Kort', ''), True)
    """
    text = " ".join(text.split())
    if len(text) <= LONGEST_LABEL:
        return text, ""
    return text[: LONGEST_LABEL - 1].rsplit(" ", 1)[0].rstrip(",;:") + " …", text


def day_of(value: object) -> date | None:
    """Return the day of a date or a moment, None where there is none."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _json(path: Path) -> Any:  # noqa: ANN401
    try:
        if path.stat().st_size > MAX_JSON:
            raise InvalidRequest(f"{path}: is larger than {MAX_JSON:,} bytes")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path}: is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise InvalidRequest(f"{path}, line {error.lineno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise InvalidRequest(f"{path}: nested too deep") from error


def _take(framework: Framework, known: Known, lang: str, roles: Sequence[str], draft: Draft) -> None:
    """Put a framework's plan and requirements into the draft, each under its id here."""
    ids: dict[str, str] = {}
    before = known.plans.get(framework.plan.id)
    own = {line.requirement for line in before.lines} if before else set[str]()
    for item in framework.items:
        if (name := _id_of(item, known, lang, draft)) is not None:
            ids[item.key] = name
    for item in framework.items:
        if item.key in ids:
            requirement = _requirement(item, ids, known, own)
            try:
                check_id(requirement.id)
                for part, value in requirement_to_record(requirement).items():
                    check_text(value, part)
                draft.requirements[requirement.id] = requirement_from_record(
                    requirement_to_record(requirement)
                )
            except (ValueError, InvalidRequest) as error:
                draft.note(item.place.problem("not-read", lang, why=error))
                draft.skip("requirements", requirement.id)
                del ids[item.key]
    _take_plan(framework, ids, known, lang, roles, draft)


def _take_plan(
    framework: Framework, ids: Mapping[str, str], known: Known, lang: str, roles: Sequence[str], draft: Draft
) -> None:
    plan = framework.plan
    stored = known.plans.get(plan.id)
    if stored is not None:
        plan = replace(
            plan,
            roles=stored.roles,
            arena=stored.arena,
            editions=stored.editions,
            replaces=stored.replaces,
            retired=plan.retired or stored.retired,
            retired_reason=stored.retired_reason or plan.retired_reason,
            labels={**stored.labels, **plan.labels},
        )
    plan = replace(plan, roles=plan.roles or tuple(roles))
    old = {line.requirement: line for line in stored.lines} if stored else {}
    wanted = dict.fromkeys(ids[item.key] for item in framework.items if item.line and item.key in ids)
    lines = [
        replace(old.get(name, PlanLine(name)), order=number * 10) for number, name in enumerate(wanted, 1)
    ]
    lines += [
        line for line in (stored.lines if stored else ()) if line.edition and line.requirement not in wanted
    ]
    if not lines:
        draft.note(framework.place.problem("plan-left-out", lang, plan=plan.id))
        draft.skip("plans", plan.id)
        return
    if not plan.roles:
        draft.note(framework.place.doubt("plan-no-role", lang, plan=plan.id))
    try:
        draft.plans[plan.id] = plan_from_record(plan_to_record(replace(plan, lines=tuple(lines))))
    except ValueError as error:
        draft.note(framework.place.problem("plan-senseless", lang, plan=plan.id, why=error))
        draft.skip("plans", plan.id)


def _id_of(item: Item, known: Known, lang: str, draft: Draft) -> str | None:
    """Return the id of an item here; None when its code belongs to something else."""
    stored = known.requirement(item.code) if item.code else None
    stored = stored or (item.key if item.key in known.requirements else None)
    if stored is None:
        name = slug(item.code)[:100] if item.code else f"krav-{slug(item.key)[:100]}"
        if name not in draft.requirements:
            return name
    title = next(iter(item.labels.values()), "")
    other = draft.requirements.get(stored or name) or known.requirements[stored or name]
    texts = [*other.labels.values(), *other.description.values()]
    if stored is not None and (
        not texts or max(overlap(title, t) for t in texts) >= ALIKE or title in " ".join(texts)
    ):
        return stored
    draft.note(
        item.place.problem(
            "code-collision",
            lang,
            name=item.code or item.key,
            other=texts[0] if texts else other.id,
            title=title,
            where=other.id,
        )
    )
    draft.skip("requirements", item.code or item.key)
    return None


def _requirement(item: Item, ids: Mapping[str, str], known: Known, own: Collection[str]) -> Requirement:
    """Return the requirement of an item; of those that the framework had before (`own`), it says the label anew."""
    name = ids[item.key]
    stored = known.requirements.get(name)
    found = stored or Requirement(name, {}, kind="skill", example=False)

    def known_ids(keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(i for key in keys if (i := ids.get(key)) and i != name))

    labels = {**item.labels, **found.labels} if stored else dict(item.labels)
    others = {lang: list(texts) for lang, texts in found.alt_labels.items()}
    for lang, text in item.labels.items() if name in own else ():
        said = [labels[lang], *others.get(lang, ())]
        if fold(text) not in {fold(other) for other in said}:
            others.setdefault(lang, []).append(labels[lang])
            labels[lang] = text
    return replace(
        found,
        labels=labels,
        alt_labels={lang: tuple(texts) for lang, texts in others.items()},
        description={**found.description, **item.description},
        code=found.code or item.code or None,
        level=found.level or item.level,
        broader=(ids.get(item.parent) if item.parent else None) or found.broader,
        prerequisites=tuple(dict.fromkeys((*found.prerequisites, *known_ids(item.prerequisites)))),
        same_as=tuple(dict.fromkeys((*found.same_as, *known_ids(item.same_as)))),
        replaced_by=next(iter(known_ids([item.replaced_by] if item.replaced_by else [])), found.replaced_by),
    )


def _refuse_circles(known: Known, lang: str, draft: Draft, places: Mapping[str, Place]) -> None:
    place = next(iter(places.values()), Place(""))
    while True:
        try:
            check_prerequisites(joined({**known.requirements, **draft.requirements}.values()).values())
        except CycleError as circle:
            ours = [name for name in circle.cycle if name in draft.requirements]
            if not ours:
                raise
            shown = " → ".join([*circle.cycle, circle.cycle[0]])
            draft.note(replace(place, row=None, value=None).problem("circle", lang, circle=shown))
            for name in ours:  # the requirements stay; what makes the circle goes
                kept = tuple(p for p in draft.requirements[name].prerequisites if p not in circle.cycle)
                draft.requirements[name] = replace(draft.requirements[name], prerequisites=kept)
        else:
            return
