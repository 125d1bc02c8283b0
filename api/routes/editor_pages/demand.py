"""Editors' page: what people look for that the bank does not have, and what they have written that they miss."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.editions import known_edition
from api.routes.editor_pages.desk import (
    PER_PAGE,
    FileFormat,
    edition_choices,
    edition_label,
    file_response,
    files_of,
    on_to,
    pages_of,
    show,
)
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm
from api.views import day
from engine.demand import DemandReport, Show
from engine.demand_words import demand_document, demand_table
from engine.errors import InvalidRequest
from engine.model import COMMON_EDITION
from engine.statistics_ports import Wish
from engine.wishes import Wishes

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=200)]
SHOWS: tuple[Show, ...] = ("gaps", "zero", "popular")
GAP_COLOURS = {"no_hits": "red", "no_resource": "red", "few_hits": "yellow", "no_language": "yellow"}


@router.get("/editor/demand")
def demand_page(
    page: TheEditorPage,
    kind: Annotated[str, Query(alias="show", max_length=20)] = "gaps",
    edition: Text | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Return queries, the most asked first, and the wishes."""
    t = page.t
    place = _place(page, edition)
    document = _document(page, kind, place)
    rows = document["queries"]
    paging = pages_of(page, len(rows), number)
    wishes = [w for w in Wishes(page.engine).wishes() if page.who.edition in {None, w.edition}]
    return show(
        page,
        "demand.html",
        at="demand",
        title=t("ed_demand.title"),
        fields=[
            ("show", t("ed_demand.show"), [(s, t(f"ed_demand.show_{s}"), s == kind) for s in SHOWS]),
            ("edition", t("search.edition"), edition_choices(page, place or "")),
        ],
        counted=document["counted"],
        lead=document["lead"],
        since=document["title"],
        rows=[_row(page, row) for row in rows[paging["from"] : paging["from"] + PER_PAGE]],
        paging=paging,
        files=files_of(page, "/editor/demand", show=kind, edition=place or ""),
        wishes=[_wish(page, wish) for wish in wishes],
    )


@router.get("/editor/demand.{form}")
def demand_file(
    page: TheEditorPage,
    form: FileFormat,
    kind: Annotated[str, Query(alias="show", max_length=20)] = "gaps",
    edition: Text | None = None,
) -> Response:
    """Return the same as a file."""
    return file_response(demand_table(_document(page, kind, _place(page, edition))), form, "demand")


@router.post("/editor/wishes")
async def settle(page: TheEditorPage, form: TheForm) -> Response:
    """Say that a wish has been handled."""

    def do() -> None:
        wishes = Wishes(page.engine)
        wish = wishes.wish(form.get("wish", ""))
        page.who.require_in("write", wish.edition)
        wishes.settle(wish.id, "handled", by=page.who.name)

    await run_in_threadpool(do)
    return on_to(page, "/editor/demand", "handled")


def _place(page: EditorPage, edition: str | None) -> str | None:
    """Return the edition asked for; an editor of one edition sees what its readers look for first."""
    own = page.who.edition if page.who.edition != COMMON_EDITION else None
    return own if edition is None else known_edition(edition, page.engine)


def _document(page: EditorPage, kind: str, place: str | None) -> dict[str, Any]:
    if kind not in SHOWS:
        raise InvalidRequest(f"show: one of {', '.join(SHOWS)} is needed")
    found = DemandReport(page.engine).demand(show=kind, edition=place)
    return demand_document(found, page.engine, page.lang)


def _row(page: EditorPage, row: dict[str, Any]) -> dict[str, Any]:
    links = page.links
    return {
        **row,
        "colour": GAP_COLOURS.get(row["gap"] or "", "grey"),
        "url": links.to("/", ("q", row["query"])),
        "requirement_links": [
            (links.item("krav", q["requirement"]), q["label"]) for q in row["requirements"][:3]
        ],
        "write": links.to("/editor/write"),
    }


def _wish(page: EditorPage, wish: Wish) -> dict[str, Any]:
    return {
        "id": wish.id,
        "text": wish.text,
        "language": wish.language,
        "query": wish.query,
        "facts": [day(wish.day, page.lang), edition_label(page, wish.edition)],
        "handled": wish.state == "handled",
        "mine": page.who.may_write(wish.edition),
    }
