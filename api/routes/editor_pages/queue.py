"""Editors' page: one work list of all reasons, and what has changed in what a text rests on."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.editions import known_edition
from api.routes.editor_pages.desk import (
    PER_PAGE,
    FileFormat,
    choices,
    edition_choices,
    file_response,
    files_of,
    on_to,
    pages_of,
    show,
)
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm
from api.routes.editor_reviews import may_see
from api.views import initial
from engine.editorial.authority_changes import changes_of
from engine.editorial.queue import REASONS, QueueItem, item_document, queue_table, work_queue
from engine.editorial.review_lists import AHEAD, ReviewFilter
from engine.errors import Forbidden

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=200)]
ADDRESSES: Final = {"resource": "ressurs", "requirement": "krav"}


@router.get("/editor/queue")
def queue_page(
    page: TheEditorPage,
    reason: Text = "",
    edition: Text | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Return what waits, the most urgent first, with its reasons and what has changed."""
    t = page.t
    place = _place(page, edition)
    found = _found(page, place, reason)
    paging = pages_of(page, len(found), number)
    today = page.engine.today()
    items = [
        item_document(item, page.engine, today, page.lang, page.who.may_write)
        for item in found[paging["from"] : paging["from"] + PER_PAGE]
    ]
    return show(
        page,
        "queue.html",
        at="stale",
        title=t("ed_queue.title"),
        fields=[
            (
                "reason",
                t("ed_queue.reason"),
                choices(t("ed_queue.all"), [(r, t(f"ed_queue.{r}")) for r in REASONS], reason),
            ),
            ("edition", t("search.edition"), edition_choices(page, place)),
        ],
        items=[_item(page, item) for item in items],
        paging=paging,
        files=files_of(page, "/editor/queue", reason=reason, edition=place),
    )


@router.get("/editor/queue.{form}")
def queue_file(
    page: TheEditorPage, form: FileFormat, reason: Text = "", edition: Text | None = None
) -> Response:
    """Return the same as a file."""
    today = page.engine.today()
    items = [
        item_document(item, page.engine, today, page.lang, page.who.may_write)
        for item in _found(page, _place(page, edition), reason)
    ]
    return file_response(queue_table(items, page.lang), form, "queue")


@router.post("/editor/queue")
async def looked_at(page: TheEditorPage, form: TheForm) -> Response:
    """Say that something was looked at since its source changed."""
    source, item = form.get("source", ""), form.get("item", "")

    def do() -> None:
        changes = changes_of(page.engine)
        edition = changes.edition_of(item)
        page.who.require_right("write", item)
        if not page.who.may_write(edition):
            raise Forbidden(
                f"the key belongs to the edition {page.who.edition!r}, this to {edition!r}",
                why=page.who.why_not(edition),
                subject=item,
            )
        changes.mark(source, [item], by=page.who.name)

    await run_in_threadpool(do)
    return on_to(page, "/editor/queue", "looked_at")


def _place(page: EditorPage, edition: str | None) -> str:
    return (page.who.edition or "") if edition is None else known_edition(edition, page.engine) or ""


def _found(page: EditorPage, place: str, reason: str) -> list[QueueItem]:
    wanted = ReviewFilter("all", AHEAD, "published", place)
    reasons = tuple(r for r in REASONS if r == reason) or REASONS
    return work_queue(page.engine, may_see(page.who), wanted, reasons=reasons)


def _item(page: EditorPage, item: dict[str, Any]) -> dict[str, Any]:
    kind, _, name = item["item"].partition(":")
    return {
        **item,
        "url": page.links.item(ADDRESSES[kind], name),
        "facts": [initial(item["kind_label"]), initial(item["edition_label"]), item.get("responsible", "")],
        "lang": item.get("language") or page.lang,
        "reasons": [{**r, "label": page.t(f"ed_queue.{r['kind']}")} for r in item["reasons"]],
    }
