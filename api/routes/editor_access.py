"""Editors: who is asking, and who has done what."""

from dataclasses import astuple
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access_schemas import AuditOut, MeOut
from api.answers import engine_of, json_response
from api.routes import problems
from api.routes.reports import BYTES, CSV, TEXT, XLSX
from api.routes.resources import KEY, Writer
from api.security import Caller, caller_or_session, csrf_token
from engine.model import AuditEntry
from engine.reports.tables import Table, csv_bytes, workbook_bytes
from engine.rights import RIGHTS

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
HEADER = ("at", "by", "action", "subject", "detail")


async def administrator(request: Request) -> Caller:
    """Return who is behind a request, an administrator of the whole; raises 401 or 403."""
    found = await caller_or_session(request, "admin")
    found.require_admin()
    return found


Administrator = Annotated[Caller, Depends(administrator)]


@router.get(
    "/v1/editor/me",
    summary="Who is asking",
    responses={200: {"model": MeOut}, **problems(401, 403, 503)},
    openapi_extra=SECURED,
)
def me(request: Request, key: Writer) -> Response:
    """Return the function behind the key or the session, what it writes and what it may decide."""
    return _unstored(
        json_response(
            {
                "name": key.name,
                "kind": key.kind,
                "edition": key.edition,
                "rights": [right for right in RIGHTS if right in key.rights],
                "signed_in": key.session is not None,
                "ends": key.session.ends.isoformat() if key.session else None,
                "csrf_token": csrf_token(request, key) or None,
            }
        )
    )


@router.get(
    "/v1/editor/audit",
    summary="Who has done what, and what was refused",
    responses={200: {"model": AuditOut, "content": {CSV: TEXT, XLSX: BYTES}}, **problems(401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def audit(
    request: Request,
    key: Administrator,  # noqa: ARG001
    subject: Annotated[str | None, Query(max_length=512, description="Only lines on this id.")] = None,
    action: Annotated[
        str, Query(max_length=100, description="Only actions that begin so.", examples=["refused"])
    ] = "",
    limit: Annotated[int, Query(ge=1, le=10_000, description="Lines at most.")] = 100,
    format: Annotated[Literal["json", "csv", "xlsx"], Query(description="Form of the answer.")] = "json",
) -> Response:
    """Return the newest lines first. Needs the scope `admin` and a key or group without an edition."""
    lines = engine_of(request).catalogue.audit_trail(subject, limit, action=action)
    rows = [_row(line) for line in lines]
    if format == "csv":
        return _unstored(Response(csv_bytes(HEADER, rows), media_type=CSV))
    if format == "xlsx":
        return _unstored(Response(workbook_bytes([Table("audit", HEADER, tuple(rows))]), media_type=XLSX))
    return _unstored(json_response({"lines": [dict(zip(HEADER, row, strict=True)) for row in rows]}))


def _row(line: AuditEntry) -> tuple[str, ...]:
    at, *rest = astuple(line)
    return (at.isoformat(), *rest)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
