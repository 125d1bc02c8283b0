"""Editors' pages: what was decided about two texts, deciding it, and taking it back."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.routes.editor_pages.desk import (
    PER_PAGE,
    FileFormat,
    file_response,
    files_of,
    on_to,
    pages_of,
    show,
    twin,
)
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm
from api.views import day
from engine.duplicates import Comparison
from engine.errors import InvalidRequest
from engine.impact import Foresight
from engine.impact_texts import sentences
from engine.merging import ResourceMerger
from engine.model import Resource
from engine.reports.tables import Table
from engine.rights import Right

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Query(max_length=512)]
LONGEST_REASON: Final = 2000
RIGHT_OF: Final[Mapping[str, Right]] = {
    "rejected": "not-duplicate",
    "supplement": "supplement",
    "translation": "translation",
}
DONE: Final = {"not-duplicate": "not_duplicates", "supplement": "supplement", "translation": "translation"}


@router.get("/editor/merge")
def merge_page(page: TheEditorPage, a: Id, b: Id, keep: Id) -> Response:
    """Return what a merge leads to, before it is done."""
    if keep not in {a, b}:
        raise InvalidRequest("keep: one of the two is to be kept")
    old, new = _allowed_merge(page, b if keep == a else a, keep)
    return show(
        page,
        "merge.html",
        at="duplicates",
        title=page.t("ed_merge.title"),
        old=twin(page, old),
        new=twin(page, new),
        impact=sentences(
            page.engine, Foresight(page.engine).of_resource(old.id, merge_into=new.id), page.lang
        ),
    )


@router.post("/editor/merge")
async def merge(page: TheEditorPage, form: TheForm) -> Response:
    """Merge a text into another one."""
    old, new = form.get("old", ""), form.get("new", "")

    def do() -> None:
        _allowed_merge(page, old, new)
        ResourceMerger(page.engine).merge(old, new, by=page.who.name, reason=_reason(form))

    await run_in_threadpool(do)
    return on_to(page, "/editor/decisions", "merged")


@router.post("/editor/merge/undo")
async def undo_merge(page: TheEditorPage, form: TheForm) -> Response:
    """Part two texts again."""
    old = form.get("old", "")

    def do() -> None:
        merger = ResourceMerger(page.engine)
        page.who.require("merge", merger.resource(old))
        merger.undo(old, by=page.who.name)

    await run_in_threadpool(do)
    return on_to(page, "/editor/decisions", "undone")


@router.post("/editor/keep-both")
async def keep_both(page: TheEditorPage, form: TheForm) -> Response:
    """Say what two texts are to each other, when both stay."""
    said = form.get("as", "")
    right: Right | None = next((r for r in ("not-duplicate", "supplement", "translation") if r == said), None)
    if right is None:
        raise InvalidRequest("as: not-duplicate, supplement or translation")

    def do() -> None:
        found = _compared(page, form)
        _may_say(page, right, found)
        _say(page, right, found, _reason(form))

    await run_in_threadpool(do)
    return on_to(page, "/editor/compare", DONE[right], ("a", form["a"]), ("b", form["b"]))


@router.post("/editor/keep-both/undo")
async def undo_keep_both(page: TheEditorPage, form: TheForm) -> Response:
    """Take back what was said of two texts."""

    def do() -> None:
        found = _compared(page, form)
        standing = found.ruled.decision.verdict if found.ruled else "rejected"
        _may_say(page, RIGHT_OF.get(standing, "not-duplicate"), found)
        page.engine.duplicates.rulings.withdraw(
            found.a.id, found.b.id, by=page.who.name, at=page.engine.now(), verdicts=tuple(RIGHT_OF)
        )

    await run_in_threadpool(do)
    return on_to(page, "/editor/compare", "undone", ("a", form["a"]), ("b", form["b"]))


@router.get("/editor/decisions")
def decisions_page(
    page: TheEditorPage, number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1
) -> Response:
    """Return the merges that stand and what was said of pairs, the newest first, each to be taken back."""
    rows = _rows(page)
    paging = pages_of(page, len(rows), number)
    return show(
        page,
        "decisions.html",
        at="decisions",
        title=page.t("ed_decisions.title"),
        rows=rows[paging["from"] : paging["from"] + PER_PAGE],
        paging=paging,
        files=files_of(page, "/editor/decisions"),
    )


@router.get("/editor/decisions.{form}")
def decisions_file(page: TheEditorPage, form: FileFormat) -> Response:
    """Return the same as a file."""
    t = page.t
    header = tuple(
        t(f"ed_decisions.{name}") for name in ("what", "a", "title_a", "b", "title_b", "by", "at", "reason")
    )
    lines = tuple(
        (
            r["what"],
            r["a"]["id"],
            r["a"]["title"],
            r["b"]["id"],
            r["b"]["title"],
            r["by"],
            r["at"],
            r["reason"],
        )
        for r in _rows(page)
    )
    return file_response(Table(t("ed_decisions.title"), header, lines), form, "decisions")


def _rows(page: EditorPage) -> list[dict[str, Any]]:
    catalogue, who, t = page.engine.catalogue, page.who, page.t
    merges = [(m.at, "merge", m.old, m.new, m.by, m.reason) for m in ResourceMerger(page.engine).merges()]
    said = [
        (d.at, d.verdict, d.subject, d.object, d.by, d.reason)
        for d in catalogue.decisions("duplicate")
        if d.verdict != "withdrawn"
    ]
    every = sorted([*merges, *said], key=lambda row: (-row[0].timestamp(), row[2], row[3]))
    known = catalogue.get_many(sorted({id_ for row in every for id_ in row[2:4]}))
    rows = []
    for at, kind, a, b, by, reason in every:
        if a not in known or b not in known:
            continue
        one, other = known[a], known[b]
        merged = kind == "merge"
        if not (merged or (who.may_see(one) and who.may_see(other))):
            continue
        may = (
            who.may("merge", one.edition)
            if merged
            else who.may_on_pair(RIGHT_OF.get(kind, "not-duplicate"), [one.edition, other.edition])
        )
        rows.append(
            {
                "kind": kind,
                "what": t(f"ed_decisions.{kind}"),
                "a": twin(page, one),
                "b": twin(page, other),
                "by": by,
                "at": day(at.date(), page.lang),
                "reason": reason,
                "may_undo": may,
                "url": "" if merged else page.links.to("/editor/compare", ("a", a), ("b", b)),
            }
        )
    return rows


def _allowed_merge(page: EditorPage, old_id: str, new_id: str) -> tuple[Resource, Resource]:
    merger = ResourceMerger(page.engine)
    old, new = merger.resource(old_id), merger.resource(new_id)
    _all_seen(page, [old, new])
    page.who.require_merge(old, new)
    return merger.check(old_id, new_id)


def _compared(page: EditorPage, form: dict[str, str]) -> Comparison:
    found = page.engine.duplicates.compare(form.get("a", ""), form.get("b", ""))
    _all_seen(page, [found.a, found.b])
    return found


def _all_seen(page: EditorPage, resources: Sequence[Resource]) -> None:
    for resource in resources:
        page.who.require_seen(resource)


def _may_say(page: EditorPage, right: Right, found: Comparison) -> None:
    page.who.require_on_pair(right, found.a, found.b)


def _say(page: EditorPage, right: Right, found: Comparison, reason: str) -> None:
    rulings, by, at = page.engine.duplicates.rulings, page.who.name, page.engine.now()
    if right in {"supplement", "translation"}:
        rulings.keep(found.a, found.b, right, by=by, at=at, reason=reason)
    else:
        rulings.rule(found.a, found.b, by=by, at=at, reason=reason)


def _reason(form: dict[str, str]) -> str:
    return form.get("reason", "").strip()[:LONGEST_REASON]
