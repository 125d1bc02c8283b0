"""Editors: what belongs beside a resource, why, and rulings on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.params import UiLanguage, ui_language
from api.related_schemas import RelatedIn, RelatedOut, RelatedRowOut
from api.routes import problems
from api.routes.resources import KEY, Writer
from api.security import Caller
from engine.errors import Forbidden, NotFound
from engine.model import Resource
from engine.related import RelatedEditor

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of labels and reasons.")]
PATH = "/v1/editor/resources/{id:path}/related"


@router.get(
    PATH,
    summary="What belongs beside a resource, for editors",
    responses={200: {"model": RelatedOut}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def related(
    request: Request,
    id: str,
    key: Writer,
    k: Annotated[int, Query(ge=1, le=50, description="Proposed ones at most.")] = 10,
    lang: Lang = None,
) -> Response:
    """Return what is accepted, proposed and rejected beside a resource, with reasons.

    Readers see the accepted ones first, then the proposed ones. Copies and translations are never among them.
    Needs the scope `write`.
    """
    editor = RelatedEditor(engine_of(request))
    source = editor.resource(id)
    if not _may_see(source, key):
        raise NotFound(f"no resource has the id {id!r}")
    language = ui_language(lang, request.headers.get("accept-language", ""))
    rows = [row for row in editor.rows(id, k=k) if _may_see(row.resource, key)]
    return _unstored(
        {
            "resource": id,
            "may_rule": key.may_write(source.edition),
            "related": [editor.document(row, language) for row in rows],
        }
    )


@router.put(
    PATH,
    summary="Rule on what belongs beside a resource",
    responses={200: {"model": RelatedRowOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def rule(request: Request, id: str, body: RelatedIn, key: Writer, lang: Lang = None) -> Response:
    """Accept a resource: readers see it first. Reject it: it is never proposed there again.

    Whatever the texts become and whatever is imported. A copy or translation cannot be accepted. The same ruling
    again changes nothing.
    """
    editor = RelatedEditor(engine_of(request))
    _may_steer(editor, id, key)
    if not _may_see(editor.resource(body.resource), key):
        raise NotFound(f"no resource has the id {body.resource!r}")
    row = editor.rule(id, body.resource, body.verdict, by=key.name, reason=body.reason)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    return _unstored(editor.document(row, language))


@router.delete(
    PATH,
    summary="Take back a ruling on what belongs beside a resource",
    responses={204: {"description": "There is no ruling any more."}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
    status_code=204,
)
def undo(
    request: Request,
    id: str,
    resource: Annotated[str, Query(max_length=512, description="The other one.", examples=["kb-0201"])],
    key: Writer,
) -> Response:
    """Take a ruling back: likeness decides again. The audit trail keeps both."""
    editor = RelatedEditor(engine_of(request))
    _may_steer(editor, id, key)
    editor.withdraw(id, resource, by=key.name)
    return Response(status_code=204)


def _may_see(resource: Resource, key: Caller) -> bool:
    return resource.status == "published" or key.may_write(resource.edition)


def _may_steer(editor: RelatedEditor, resource_id: str, key: Caller) -> None:
    edition = editor.resource(resource_id).edition
    if not key.may_write(edition):
        raise Forbidden(f"the key belongs to the edition {key.edition!r}, the resource to {edition!r}")


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
