"""Editors' pages: groups of texts that are one work, and two texts side by side."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from api.present import label_in
from api.routes.editor_pages.desk import (
    PER_PAGE,
    FileFormat,
    choices,
    edition_choices,
    edition_label,
    file_response,
    files_of,
    pages_of,
    show,
    twin,
)
from api.routes.editor_pages.shell import EditorPage, TheEditorPage
from api.side_by_side import rows_of
from api.views import day, initial
from engine.alignment import segments
from engine.duplicates import ACTIONS, LISTED, Comparison, Group
from engine.errors import NotFound
from engine.facets import value_label
from engine.model import Resource
from engine.pair_classes import PairClass
from engine.pair_reasons import action_name, class_name, reasons
from engine.reports.tables import Table
from engine.rights import Right
from engine.text_prints import running_text
from vocab.analysis import analyse

router = APIRouter(include_in_schema=False)

CLASS_COLOURS: Final[Mapping[PairClass, str]] = {
    "identical_copy": "danger",
    "near_copy": "warning",
    "outdated_local_copy": "danger",
    "translation": "info",
    "local_supplement": "success",
    "same_topic_other_role": "neutral",
    "unrelated": "neutral",
}
PAIRS_AT_ONCE: Final = 3
"""Pairs of a group that are shown before one asks for the rest."""

PAIR_RIGHTS: Final[tuple[Right, ...]] = ("not-duplicate", "supplement", "translation")
PROPOSED: Final[Mapping[PairClass, Right]] = {
    "local_supplement": "supplement",
    "translation": "translation",
}

Edition = Annotated[str, Query(max_length=200)]
Kind = Annotated[str, Query(max_length=50)]
Id = Annotated[str, Query(max_length=512)]


@router.get("/editor/duplicates")
def duplicates_page(
    page: TheEditorPage,
    edition: Edition = "",
    kind: Kind = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Return the groups, what asks for most first."""
    shown = _shown(page, edition, kind)
    paging = pages_of(page, len(shown), number)
    start, t = paging["from"], page.t
    kinds = [(k, initial(class_name(k, page.lang))) for k in ACTIONS if k in LISTED]
    return show(
        page,
        "duplicates.html",
        at="duplicates",
        title=t("ed_dup.title"),
        kinds=choices(t("ed.all_kinds"), kinds, kind),
        editions=edition_choices(page, edition),
        groups=[_group(page, *one) for one in shown[start : start + PER_PAGE]],
        paging=paging,
        files=files_of(page, "/editor/duplicates", edition=edition, kind=kind),
    )


@router.get("/editor/duplicates.{form}")
def duplicates_file(
    page: TheEditorPage, form: FileFormat, edition: Edition = "", kind: Kind = ""
) -> Response:
    """Return the groups as a file, a line for each pair."""
    t, lang = page.t, page.lang
    header = tuple(
        t(f"ed_dup.column_{name}")
        for name in (
            "group",
            "kind",
            "action",
            "a",
            "title_a",
            "edition_a",
            "b",
            "title_b",
            "edition_b",
            "why",
        )
    )
    lines = []
    for at, (group, _) in enumerate(_shown(page, edition, kind), start=1):
        for pair in page.engine.duplicates.described(group):
            a, b, why = pair.a, pair.b, reasons(pair.evidence, pair.judgement.kind, lang)
            lines.append(
                (
                    at,
                    class_name(pair.judgement.kind, lang),
                    action_name(pair.action, lang),
                    *(a.id, a.title, edition_label(page, a.edition)),
                    *(b.id, b.title, edition_label(page, b.edition)),
                    " ".join(why),
                )
            )
    return file_response(Table(t("ed_dup.title"), header, tuple(lines)), form, "duplicates")


@router.get("/editor/compare")
def compare_page(page: TheEditorPage, a: Id, b: Id) -> Response:
    """Return two texts side by side, what is the same and what differs, and what one can decide."""
    engine, t = page.engine, page.t
    found = engine.duplicates.compare(a, b)
    for resource in (found.a, found.b):
        if not page.who.may_see(resource):
            raise NotFound(f"no resource has the id {resource.id!r}")
    one, other = running_text(found.a), running_text(found.b)
    editions = {found.a.edition, found.b.edition}
    rows = rows_of(one, other, segments(analyse(one), analyse(other)))
    return show(
        page,
        "compare.html",
        at="duplicates",
        title=t("ed_compare.title"),
        pair=pair_view(page, found),
        sides=(twin(page, found.a), twin(page, found.b)),
        same_title=found.a.title == found.b.title,
        facts=[f for f in _facts(page, found.a, found.b) if any(f["values"])],
        rows=rows,
        differing=sum(row.kind != "same" for row in rows),
        ruled=_ruled(page, found),
        may=[
            right
            for right in PAIR_RIGHTS
            if page.who.may_on_pair(right, editions)
            and (right != "supplement" or len(editions) == 2)
            and (right != "translation" or found.a.language != found.b.language)
        ],
        proposed=PROPOSED.get(found.judgement.kind, "not-duplicate"),
        keeps=[
            new.id
            for old, new in ((found.b, found.a), (found.a, found.b))
            if page.who.may_merge(old.edition, new.edition) and new.status == "published"
        ],
    )


def pair_view(page: EditorPage, found: Comparison) -> dict[str, Any]:
    """Return a pair with its class, what is proposed, and why."""
    kind, lang = found.judgement.kind, page.lang
    return {
        "a": found.a.id,
        "b": found.b.id,
        "titles": (found.a.title, found.b.title),
        "languages": (found.a.language, found.b.language),
        "kind": kind,
        "label": initial(class_name(kind, lang)),
        "colour": CLASS_COLOURS[kind],
        "action": initial(action_name(found.action, lang)),
        "reasons": reasons(found.evidence, kind, lang),
        "url": page.links.to("/editor/compare", ("a", found.a.id), ("b", found.b.id)),
    }


def _shown(page: EditorPage, edition: str, kind: str) -> list[tuple[Group, list[Resource]]]:
    known = page.engine.duplicates
    found = []
    for group in known.groups():
        if kind in {"", group.kind}:
            members = known.members(group)
            if all(page.who.may_see(r) for r in members) and (
                not edition or edition in {r.edition for r in members}
            ):
                found.append((group, members))
    return found


def _group(page: EditorPage, group: Group, members: Sequence[Resource]) -> dict[str, Any]:
    pairs = [pair_view(page, pair) for pair in page.engine.duplicates.described(group)]
    return {
        "kind": initial(class_name(group.kind, page.lang)),
        "colour": CLASS_COLOURS[group.kind],
        "action": initial(action_name(group.action, page.lang)),
        "title": members[0].title,
        "language": members[0].language,
        "kept": group.kept if group.action in {"merge", "compare_and_merge"} else "",
        "members": [twin(page, r) for r in members],
        "first": pairs[:PAIRS_AT_ONCE],
        "rest": pairs[PAIRS_AT_ONCE:],
    }


def _ruled(page: EditorPage, found: Comparison) -> dict[str, Any] | None:
    if found.ruled is None:
        return None
    decision = found.ruled.decision
    said = "holds" if found.ruled.holds else "old"
    return {
        "said": f"ed_compare.ruled_{decision.verdict if found.ruled.stated else said}",
        "right": "not-duplicate" if found.ruled.stated is None else decision.verdict,
        "by": decision.by,
        "at": day(decision.at.date(), page.lang),
        "reason": decision.reason,
        "holds": found.ruled.holds,
    }


def _facts(page: EditorPage, a: Resource, b: Resource) -> list[dict[str, Any]]:
    """Return what is known of both, field by field."""
    t, lang, vocabulary = page.t, page.lang, page.engine.vocabulary
    requirements = page.engine.requirements()

    def label(facet: str, values: Sequence[str]) -> str:
        return initial(", ".join(value_label(facet, v, vocabulary, lang) for v in values if v))

    def of(r: Resource) -> dict[str, str]:
        return {
            "edition": label("edition", [r.edition]),
            "language": label("language", [r.language]),
            "type": label("resource_type", [r.resource_type]),
            "level": label("level", [r.level]),
            "audience": label("audience", r.audience),
            "provider": r.provider,
            "published": day(r.published, lang),
            "updated": day(r.updated, lang),
            "review_due": day(r.review_due, lang),
            "requirements": "; ".join(
                label_in(requirements[q].labels, lang, q) for q in r.teaches if q in requirements
            ),
        }

    one, other = of(a), of(b)
    names = {"requirements": t("ed_compare.requirements")}
    return [
        {
            "name": names.get(field) or t(f"resource.{field}"),
            "values": (one[field], other[field]),
            "same": one[field] == other[field],
        }
        for field in one
    ]
