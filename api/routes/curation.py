"""Editors: results that come first for a query, and results that do not come at all."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.curation_schemas import CuratedIn, CuratedListOut, CuratedOut
from api.editions import known_edition
from api.routes import problems
from api.routes.resources import KEY, Writer
from api.security import Caller
from engine.curation import CuratedResult
from engine.model import ALL_EDITIONS, COMMON_EDITION, Resource
from engine.service import Engine

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Text = Annotated[str, Query(max_length=200, description="The query.", examples=["influensavaksine"])]
Id = Annotated[str, Query(max_length=512, description="Id of the resource.", examples=["kb-0055"])]
Edition = Annotated[str, Query(max_length=100, description="Where it is said; default: everywhere.")]


@router.get(
    "/v1/editor/results",
    summary="Pinned and hidden results",
    responses={200: {"model": CuratedListOut}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def results(
    request: Request,
    key: Writer,
    query: Annotated[str | None, Query(max_length=200, description="Of this query only.")] = None,
) -> Response:
    """Return what editors have pinned and hidden, by query; of what is over, `ended` is true."""
    engine = engine_of(request)
    found = engine.result_editor().rulings(query)
    titles = engine.catalogue.get_many(sorted({result.resource for result in found}))
    shown = [r for r in found if r.resource not in titles or key.may_see(titles[r.resource])]
    return _unstored({"results": [curated_out(r, engine, key, titles.get(r.resource)) for r in shown]})


@router.put(
    "/v1/editor/results",
    summary="Pin or hide a result",
    responses={200: {"model": CuratedOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def rule(request: Request, body: CuratedIn, key: Writer) -> Response:
    """Let a resource come first for a query, or not at all; the next search shows it.

    The query counts, whatever its casing and punctuation. A key of an edition rules for that edition only. Several are shown in the order in which they were pinned.
    """
    engine = engine_of(request)
    edition = _place(body.edition, engine)
    key.require_in("pin", edition or COMMON_EDITION)
    editor = engine.result_editor()
    resource = editor.resource(body.resource)
    key.require_seen(resource)
    done = editor.rule(
        CuratedResult(body.query, body.resource, body.verdict, edition, body.reason, body.until), by=key.name
    )
    return _unstored(curated_out(done, engine, key, resource))


@router.delete(
    "/v1/editor/results",
    summary="Take back what was pinned or hidden",
    responses={
        204: {"description": "Nothing is said of it there."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def undo(request: Request, query: Text, resource: Id, key: Writer, edition: Edition = "") -> Response:
    """Let the ranking decide again; the audit trail keeps both."""
    engine = engine_of(request)
    place = _place(edition, engine)
    key.require_in("pin", place or COMMON_EDITION, resource)
    engine.result_editor().withdraw(query, resource, place, by=key.name)
    return Response(status_code=204)


def curated_out(
    result: CuratedResult, engine: Engine, key: Caller, resource: Resource | None
) -> dict[str, Any]:
    """Return a pinned or hidden result."""
    return {
        "query": result.query,
        "resource": result.resource,
        "title": resource.title if resource else "",
        "status": resource.status if resource else "",
        "verdict": result.verdict,
        "edition": result.edition,
        "reason": result.reason,
        "until": result.until.isoformat() if result.until else None,
        "ended": result.until is not None and result.until < engine.today(),
        "by": result.by,
        "at": result.at.isoformat() if result.at else "",
        "may_rule": key.may_pin(result.edition),
    }


def _place(edition: str, engine: Engine) -> str:
    found = known_edition(edition or None, engine)
    return "" if found in {None, ALL_EDITIONS} else found or ""


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
