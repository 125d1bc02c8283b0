"""Reports: coverage, forecast, a unit, and the bundle for an inspection."""

import threading
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import HTML, JSON, JSON_LD, cached, engine_of, json_response
from api.editions import known_edition
from api.problems import Problem
from api.report_schemas import CoverageOut, ForecastOut, InspectionOut, UnitIn, UnitOut
from api.routes import problems
from api.routes.roles import VARY, Edition, Lang, language_of, plan_known
from api.routes.status import evidence_of, unstored
from engine.errors import InvalidRequest, NotFound
from engine.reports.coverage import (
    MOST_MONTHS,
    coverage_document,
    coverage_of,
    coverage_tables,
    forecast_document,
    forecast_of,
    forecast_table,
)
from engine.reports.inspection import inspection as inspection_of
from engine.reports.inspection_files import as_jsonld, bundle_files, checksum
from engine.reports.tables import PAGE_POLICY, csv_bytes, html_page, workbook_bytes
from engine.reports.unit import unit_document, unit_lead, unit_of, unit_rows, unit_tables
from engine.service import Engine, role_id
from graph.done_list import Member

router = APIRouter(prefix="/v1/reports", tags=["reports"])

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

On = Annotated[date | None, Query(description="Day; default today.")]
TEXT: dict[str, Any] = {"schema": {"type": "string"}}
BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}

_AT_WORK = threading.BoundedSemaphore(2)
"""Inspections made at once: each reads the whole history of the catalogue."""


@router.get(
    "/coverage",
    summary="Coverage matrix",
    responses={200: {"model": CoverageOut, "content": {CSV: TEXT}}, **problems(400, 404, 422, 503)},
)
def coverage(
    request: Request,
    role: Annotated[list[str], Query(description="These roles alone; id, HPR or STYRK-08 code.")] = [],  # noqa: B006
    edition: Edition = None,
    on: On = None,
    by_type: Annotated[bool, Query(description="Empty cells by resource type too.")] = False,
    limit: Annotated[
        int, Query(ge=1, le=10_000, description="Requirements, rows and empty cells at most.")
    ] = 1000,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="As many to pass over of each.")] = 0,
    format: Annotated[Literal["json", "csv"], Query(description="csv gives the whole matrix.")] = "json",
    lang: Lang = None,
) -> Response:
    """Count valid resources by requirement, role, edition, language and type; empty cells by who is affected."""
    engine = engine_of(request)
    language = language_of(request, lang)

    def make() -> Any:  # noqa: ANN401
        roles = [role_id(text, engine.roles()) for text in role] or None
        found = coverage_of(engine, on=on, edition=known_edition(edition, engine), roles=roles)
        document = coverage_document(engine, found, lang=language, by_type=by_type)
        if format == "csv":
            _, cells, _ = coverage_tables(document)
            return csv_bytes(cells.header, cells.rows)
        parts = ("requirements", "rows", "empty")
        totals = {f"total_{name}": len(document[name]) for name in parts}
        cut = {name: document[name][offset : offset + limit] for name in parts}
        return {**document, **totals, **cut}

    return cached(request, make, media_type=CSV if format == "csv" else JSON, vary=VARY)


@router.get(
    "/forecast",
    summary="What is renewed when, and with which resources",
    responses={200: {"model": ForecastOut, "content": {CSV: TEXT}}, **problems(400, 404, 422, 503)},
)
def forecast(
    request: Request,
    months: Annotated[int, Query(ge=1, le=MOST_MONTHS, description="How many months to look ahead.")] = 12,
    edition: Edition = None,
    on: On = None,
    format: Annotated[Literal["json", "csv"], Query(description="Form of the answer.")] = "json",
    lang: Lang = None,
) -> Response:
    """Join the days on which plans let requirements run out with the review dates of the resources."""
    engine = engine_of(request)
    language = language_of(request, lang)

    def make() -> Any:  # noqa: ANN401
        known, day = known_edition(edition, engine), on or engine.today()
        rows = forecast_of(engine, on=day, months=months, edition=known)
        document = forecast_document(engine, rows, on=day, lang=language, edition=known)
        if format == "csv":
            table = forecast_table(document)
            return csv_bytes(table.header, table.rows)
        return document

    return cached(request, make, media_type=CSV if format == "csv" else JSON, vary=VARY)


@router.get(
    "/inspection",
    summary="Bundle for an inspection, as of a day",
    responses={
        200: {"model": InspectionOut, "content": {JSON_LD: {"schema": {"type": "object"}}, HTML: TEXT}},
        **problems(400, 404, 422, 503),
    },
)
def inspection(
    request: Request,
    role: Annotated[str, Query(max_length=200, description="Role: id, HPR or STYRK-08 code.")],
    date: Annotated[date, Query(description="Day to tell of.")],
    edition: Edition = None,
    format: Annotated[Literal["json", "json-ld", "html"], Query(description="Form of the answer.")] = "json",
    lang: Lang = None,
) -> Response:
    """Return requirements, resources with review state and hash, and links with their makers, as they were then."""
    engine = engine_of(request)
    language = language_of(request, lang)
    base = engine.settings.base_uri
    with _AT_WORK:
        document = inspection_of(
            engine.catalogue,
            role_id(role, engine.roles()),
            on=date,
            edition=known_edition(edition, engine),
        )
        files = bundle_files(document, base_uri=base, lang=language)
    total = checksum(files)
    if format == "html":
        response = _page(files["index.html"])
    elif format == "json-ld":
        response = json_response(as_jsonld(document, base), media_type=JSON_LD)
    else:
        response = json_response({**document, "checksum": total})
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = VARY
    return response


@router.post(
    "/unit",
    summary="A unit's status",
    responses={
        200: {"model": UnitOut, "content": {CSV: TEXT, HTML: TEXT, XLSX: BYTES}},
        **problems(400, 404, 413, 422, 503),
    },
)
def unit(
    request: Request,
    body: UnitIn,
    format: Annotated[
        Literal["json", "csv", "xlsx", "html"], Query(description="Form of the answer.")
    ] = "json",
) -> Response:
    """Lay out requirement by pseudonym, with what fills each gap and what is due by month; nothing is kept."""
    engine = engine_of(request)
    language = language_of(request, body.lang)
    edition = known_edition(body.edition, engine)
    members = _members(engine, body)
    try:
        found = unit_of(engine, members, on=body.on, edition=edition)
    except (InvalidRequest, NotFound) as e:
        name, _, said = str(e).partition(": ")
        place = next((n for n, m in enumerate(members) if m.pseudonym == name), 0)
        raise _not_valid([{"field": f"members.{place}.plan", "message": said}]) from None
    document = unit_document(engine, found, members, lang=language, edition=edition)
    title, lead = unit_lead(document, language)
    match format:
        case "csv":
            table = unit_rows(document)
            answer = Response(csv_bytes(table.header, table.rows), media_type=CSV)
        case "xlsx":
            answer = Response(workbook_bytes(unit_tables(document, language)), media_type=XLSX)
        case "html":
            page = html_page(title, unit_tables(document, language), lang=language, lead=[lead])
            answer = _page(page)
        case _:
            answer = json_response(document)
    return unstored(answer)


def _page(page: bytes) -> Response:
    return Response(page, media_type=HTML, headers={"Content-Security-Policy": PAGE_POLICY})


def _members(engine: Engine, body: UnitIn) -> list[Member]:
    """Return the members, every role, plan, edition and requirement known; raises Problem naming those not."""
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    members = []
    for n, m in enumerate(body.members):
        if m.pseudonym in seen:
            errors.append({"field": f"members.{n}.pseudonym", "message": "stands twice"})
        seen.add(m.pseudonym)
        given = [m.role] if isinstance(m.role, str) else m.role
        if not given:
            errors.append({"field": f"members.{n}.role", "message": "a role is needed"})
        roles: list[str] = []
        plan = edition = None
        try:
            roles = [role_id(text, engine.roles()) for text in given]
        except (InvalidRequest, NotFound) as e:
            errors.append({"field": f"members.{n}.role", "message": str(e)})
        try:
            plan = plan_known(engine, m.plan)
        except NotFound as e:
            errors.append({"field": f"members.{n}.plan", "message": str(e)})
        try:
            edition = known_edition(m.edition, engine)
        except InvalidRequest as e:
            errors.append({"field": f"members.{n}.edition", "message": str(e)})
        try:
            done = evidence_of(m.done, engine, f"members.{n}.done")
        except Problem as p:
            errors += [dict(e) for e in p.errors]
            continue
        members.append(Member(m.pseudonym, tuple(roles), plan, edition, done))
    if errors:
        raise _not_valid(errors)
    return members


def _not_valid(errors: Sequence[dict[str, str]]) -> Problem:
    named = ", ".join(e["field"] for e in errors[:20])
    return Problem(422, "validation", f"Not valid: {named}.", errors=errors)
