"""Editors: what has expired and what is due, that something is still right, and the numbers of a dashboard."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.editions import known_edition
from api.params import UiLanguage, ui_language
from api.present import label_in
from api.review_schemas import DashboardOut, ProposedLinksOut, ReviewIn, ReviewListOut, ReviewOut
from api.routes import problems
from api.routes.reports import BYTES, CSV, TEXT, XLSX
from api.routes.resources import KEY, Writer
from api.routes.status import unstored
from api.security import Caller
from engine.editorial.dashboard import dashboard as dashboard_of
from engine.editorial.proposed_links import proposed_links
from engine.editorial.review_lists import (
    AHEAD,
    LONGEST,
    Asked,
    Order,
    ReviewFilter,
    ReviewLists,
    See,
    review_table,
    row_document,
)
from engine.errors import NotFound
from engine.records import is_storable
from engine.reports.tables import Table, csv_bytes, workbook_bytes
from engine.review_dates import Review
from engine.search import ALL_EDITIONS
from engine.service import Engine
from vocab.concept import ConceptId

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}

Lang = Annotated[UiLanguage | None, Query(description="Language of labels and sentences.")]
Edition = Annotated[
    str | None, Query(max_length=200, description="Only this edition; default that of the key, else all.")
]
Topic = Annotated[
    str | None,
    Query(max_length=200, description="Only this theme and what is narrower, as `fallforebygging`."),
]
Responsible = Annotated[str | None, Query(max_length=500, description="Only what this function keeps right.")]
Form = Annotated[Literal["json", "csv", "xlsx"], Query(description="Form of the answer.")]
Limit = Annotated[int, Query(ge=1, le=10_000, description="Rows at most; a file has all.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="Rows to pass over.")]
FILES: dict[str, Any] = {CSV: TEXT, XLSX: BYTES}


@router.get(
    "/v1/editor/stale",
    summary="What has expired, and what is due",
    responses={200: {"model": ReviewListOut, "content": FILES}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def stale(
    request: Request,
    key: Writer,
    state: Annotated[Asked, Query(description="`work` is `expired` and `due` together.")] = "work",
    within: Annotated[int, Query(ge=0, le=LONGEST, description="Days ahead that `due` means.")] = AHEAD,
    status: Annotated[
        Literal["published", "draft"], Query(description="Drafts of the key's own.")
    ] = "published",
    edition: Edition = None,
    topic: Topic = None,
    responsible: Responsible = None,
    resource_type: Annotated[str | None, Query(max_length=200, description="And what is narrower.")] = None,
    language: Annotated[str | None, Query(max_length=20, description="Language of the resources.")] = None,
    sort: Annotated[Order, Query(description="What the rows are sorted by; ties by date.")] = "due",
    limit: Limit = 1000,
    offset: Offset = 0,
    format: Form = "json",
    lang: Lang = None,
) -> Response:
    """Return resources by review date, the earliest first; withdrawn and merged ones never.

    A resource may be used on the day that it is due. `counts` are those of the filter whatever the state. Needs the
    scope `write`.
    """
    engine = engine_of(request)
    tongue = ui_language(lang, request.headers.get("accept-language", ""))
    wanted = ReviewFilter(
        state,
        within,
        status,
        own_edition(edition, engine, key),
        topic_name(topic),
        responsible or "",
        resource_type or "",
        language or "",
    )
    lists = ReviewLists(engine, may_see(key))
    found = lists.rows_of(wanted, order=sort)
    if format != "json":
        rows = [row_document(r, engine, lists.today, tongue) for r in found]
        return table_response(review_table(rows, tongue), format, "review")
    page = found[offset : offset + limit]
    return unstored(
        json_response(
            {
                "on": lists.today.isoformat(),
                "total": len(found),
                "counts": lists.counts(wanted),
                "rows": [row_document(r, engine, lists.today, tongue) for r in page],
            }
        )
    )


@router.get(
    "/v1/editor/resources/{id:path}/review",
    summary="When a resource was last found right",
    responses={200: {"model": ReviewOut}, **problems(401, 403, 404, 503)},
    openapi_extra=SECURED,
)
def review_of(request: Request, id: str, key: Writer) -> Response:
    """Return what an editor has said of a resource; 404 when nobody has."""
    engine = engine_of(request)
    _may_write(engine, id, key)
    found = engine.reviews.of(id)
    if found is None:
        raise NotFound(f"nobody has said that {id!r} is still right")
    return unstored(json_response(review_out(found)))


@router.put(
    "/v1/editor/resources/{id:path}/review",
    summary="Say that a resource is still right",
    responses={200: {"model": ReviewOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def still_right(request: Request, id: str, body: ReviewIn, key: Writer) -> Response:
    """Mark a resource as reviewed, with the date of the next review; searches and lists have it at once.

    It holds over imports until the source names another day after the review. The same again changes nothing.
    """
    engine = engine_of(request)
    _may_write(engine, id, key)
    found = engine.reviews.mark(id, due=body.due, reviewed=body.reviewed, by=key.name, reason=body.reason)
    return unstored(json_response(review_out(found)))


@router.delete(
    "/v1/editor/resources/{id:path}/review",
    summary="Take back that a resource is still right",
    responses={204: {"description": "Its source's date counts again."}, **problems(401, 403, 404, 503)},
    openapi_extra=SECURED,
    status_code=204,
)
def not_reviewed(request: Request, id: str, key: Writer) -> Response:
    """Give a resource the date of its source again; the audit trail keeps both."""
    engine = engine_of(request)
    _may_write(engine, id, key)
    engine.reviews.undo(id, by=key.name)
    return Response(status_code=204)


@router.get(
    "/v1/editor/dashboard",
    summary="How an edition or a topic stands",
    responses={200: {"model": DashboardOut}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def dashboard(
    request: Request, key: Writer, edition: Edition = None, topic: Topic = None, lang: Lang = None
) -> Response:
    """Return numbers by theme and by type, each with the address of the list that has exactly so many rows."""
    engine = engine_of(request)
    tongue = ui_language(lang, request.headers.get("accept-language", ""))
    document = dashboard_of(
        engine,
        may_see(key),
        key.may_write,
        edition=own_edition(edition, engine, key),
        topic=topic_name(topic),
        lang=tongue,
    )
    return unstored(json_response(document))


@router.get(
    "/v1/editor/links",
    summary="Proposed links that nobody has ruled on",
    responses={200: {"model": ProposedLinksOut}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def proposed(
    request: Request,
    key: Writer,
    edition: Edition = None,
    topic: Topic = None,
    limit: Limit = 1000,
    offset: Offset = 0,
    lang: Lang = None,
) -> Response:
    """Return the likely proposals for resources that the key may rule on, the surest first."""
    engine = engine_of(request)
    tongue = ui_language(lang, request.headers.get("accept-language", ""))
    lists = ReviewLists(engine, may_see(key))
    wanted = ReviewFilter("all", edition=own_edition(edition, engine, key), topic=topic_name(topic))
    found = proposed_links(engine, lists, wanted, key.may_write) or []
    rows = {row.id: row for row in lists.rows}
    known = engine.requirements()
    links = [
        {
            "resource": link.resource,
            "title": rows[link.resource].title,
            "edition": rows[link.resource].edition,
            "requirement": link.requirement,
            "label": label_in(known[link.requirement].labels, tongue, link.requirement),
            "confidence": link.confidence,
        }
        for link in found[offset : offset + limit]
    ]
    return unstored(json_response({"total": len(found), "links": links}))


def review_out(found: Review) -> dict[str, Any]:
    """Return what was said of a resource."""

    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "resource": found.resource,
        "reviewed": day(found.reviewed),
        "due": day(found.due),
        "source_due": day(found.source_due),
        "by": found.by,
        "at": found.at.isoformat(),
        "reason": found.reason,
        "holds": found.holds,
    }


def may_see(key: Caller) -> See:
    """Return what tells which resources a key is shown: published ones, and the drafts that it may write."""
    return lambda row: row.status == "published" or key.may_write(row.edition)


def own_edition(edition: str | None, engine: Engine, key: Caller) -> str:
    """Return the edition that a list is about: the one named, else the key's own, else all (empty)."""
    asked = (known_edition(edition, engine) if edition else None) or key.edition or ""
    return "" if asked == ALL_EDITIONS and key.edition is None else asked


def topic_name(topic: str | None) -> str:
    """Return the name of a theme, given with its scheme or without."""
    return ConceptId(topic or "").removeprefix("tema/")


def table_response(table: Table, form: str, name: str) -> Response:
    """Return a table as a file."""
    if form == "csv":
        answer = Response(csv_bytes(table.header, table.rows), media_type=CSV)
    else:
        answer = Response(workbook_bytes([table]), media_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return unstored(answer)


def _may_write(engine: Engine, resource_id: str, key: Caller) -> None:
    found = engine.catalogue.get(resource_id) if is_storable(resource_id) else None
    if found is None:
        raise NotFound(f"no resource has the id {resource_id!r}")
    key.require("write", found)
