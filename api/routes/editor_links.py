"""Editors: which resources teach which requirements; what is stated and proposed, and rulings on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.link_schemas import STATE_NAMES, LinkIn, LinkRowOut, RequirementLinksOut, ResourceLinksOut
from api.params import UiLanguage, ui_language
from api.present import label_in
from api.routes import problems
from api.routes.resources import KEY, Writer
from api.security import Caller
from engine.link_editing import LinkEditor, LinkRow, LinkState
from engine.model import COMMON_EDITION
from engine.service import Engine

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of the labels.")]


@router.get(
    "/v1/editor/resources/{id:path}/links",
    summary="Requirements that a resource is linked to, for editors",
    responses={200: {"model": ResourceLinksOut}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def of_resource(request: Request, id: str, key: Writer, lang: Lang = None) -> Response:
    """Return stated, proposed, accepted and rejected links with confidence, who and when, and shared concepts.

    Drafts too, which have no proposals. Needs the scope `write`.
    """
    engine = engine_of(request)
    editor = LinkEditor(engine)
    key.require_own(editor.resource(id))
    language = ui_language(lang, request.headers.get("accept-language", ""))
    links = [link_row_out(row, engine, key, language) for row in editor.of_resource(id)]
    return _unstored({"resource": id, "links": links})


@router.get(
    "/v1/editor/requirements/{id:path}/links",
    summary="Resources that are linked to a requirement, for editors",
    responses={200: {"model": RequirementLinksOut}, **problems(400, 401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def of_requirement(
    request: Request,
    id: str,
    key: Writer,
    lang: Lang = None,
    state: Annotated[LinkState | None, Query(description="Only links in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Links at most.")] = 100,
) -> Response:
    """Return the resources that teach a requirement, and the nearest existing ones, the surest first.

    A key of an edition sees common resources and its edition's own; drafts are shown to who may write them.
    """
    engine = engine_of(request)
    editor = LinkEditor(engine)
    wanted = editor.requirement(id)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    rows = [r for r in editor.of_requirement(wanted.id) if _may_see(r, key) and state in {None, r.state}]
    return _unstored(
        {
            "requirement": wanted.id,
            "label": label_in(wanted.labels, language, wanted.id),
            "total": len(rows),
            "links": [link_row_out(row, engine, key, language) for row in rows[:limit]],
        }
    )


@router.put(
    "/v1/editor/links",
    summary="Rule on a link",
    responses={200: {"model": LinkRowOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def rule(request: Request, body: LinkIn, key: Writer, lang: Lang = None) -> Response:
    """Say that a resource teaches a requirement, or that it does not; it holds from the next index run on.

    Whatever the text becomes, and whatever is imported. Reasons name the key and the day. The same ruling on the same
    text changes nothing.
    """
    engine = engine_of(request)
    editor = LinkEditor(engine)
    key.require("links", editor.resource(body.resource))
    row = editor.rule(body.resource, body.requirement, body.verdict, by=key.name, reason=body.reason)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    return _unstored(link_row_out(row, engine, key, language))


@router.delete(
    "/v1/editor/links",
    summary="Take back a ruling on a link",
    responses={
        204: {"description": "There is no ruling any more."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def undo(
    request: Request,
    resource: Annotated[str, Query(max_length=512, description="Id of the resource.", examples=["kb-0077"])],
    requirement: Annotated[str, Query(max_length=512, description="Id or code.", examples=["krav-fall"])],
    key: Writer,
) -> Response:
    """Take a ruling back: source, files of plans and the program decide again. The audit trail keeps both."""
    editor = LinkEditor(engine_of(request))
    key.require("links", editor.resource(resource))
    editor.withdraw(resource, requirement, by=key.name)
    return Response(status_code=204)


def link_row_out(row: LinkRow, engine: Engine, key: Caller, lang: str) -> dict[str, Any]:
    """Return a link between a resource and a requirement, for editors."""
    ruling = row.ruling
    return {
        "resource": row.resource,
        "title": row.title,
        "language": row.language,
        "edition": row.edition,
        "status": row.status,
        "requirement": row.requirement,
        "label": label_in(row.labels, lang, row.requirement),
        "state": row.state,
        "state_label": STATE_NAMES[row.state][lang],
        "confidence": row.confidence,
        "by": row.by,
        "at": row.at.isoformat() if row.at else None,
        "in_graph": row.in_graph,
        "may_rule": key.may("links", row.edition),
        "concepts": [
            {
                "concept": shared.concept,
                "label": engine.vocabulary.label(shared.concept, lang),
                "score": shared.score,
            }
            for shared in row.shared
        ],
        "text_changed": row.text_changed,
        "ruling": {
            "verdict": ruling.verdict,
            "by": ruling.by,
            "at": ruling.at.isoformat(),
            "reason": ruling.reason,
        }
        if ruling
        else None,
    }


def _may_see(row: LinkRow, key: Caller) -> bool:
    return key.may_write(row.edition) or (row.status == "published" and row.edition == COMMON_EDITION)


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
