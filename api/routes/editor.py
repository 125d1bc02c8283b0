"""Editors: rulings on the tags of a resource, and the concepts that are not proposed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api.answers import engine_of, json_response
from api.editor_schemas import BlockedOut, BlockIn, BlockOut, EditorTagsOut, RulingIn, TagRowOut
from api.params import UiLanguage, concept_id, ui_language
from api.routes import problems
from api.routes.resources import KEY, Writer, writer
from api.security import Caller
from engine.editing import TagEditor, TagRow
from engine.errors import Forbidden
from engine.service import Engine
from engine.steering import Block

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of the labels.")]
Where = Annotated[str, Query(max_length=200, description="Where it is blocked; default: everywhere.")]


@router.get(
    "/v1/editor/resources/{id:path}/tags",
    summary="Tags of a resource, for editors",
    responses={200: {"model": EditorTagsOut}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def tags(request: Request, id: str, key: Writer, lang: Lang = None) -> Response:
    """Return proposed, accepted, pinned, rejected and blocked concepts, each with score, words and ruling.

    `again` marks a concept that was rejected on an earlier text and is proposed once more; `text_changed` tells
    that a ruling was made on another text than this one. Drafts too. Needs the scope `write`.
    """
    engine = engine_of(request)
    editor = engine.tag_editor()
    key.require_own(editor.resource(id))
    language = ui_language(lang, request.headers.get("accept-language", ""))
    return _unstored({"id": id, "tags": [tag_row_out(row, engine, language) for row in editor.tags(id)]})


@router.put(
    "/v1/editor/resources/{id:path}/tags/{scheme}/{name}",
    summary="Rule on a tag",
    responses={200: {"model": TagRowOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def rule(
    request: Request, id: str, scheme: str, name: str, body: RulingIn, key: Writer, lang: Lang = None
) -> Response:
    """Accept, reject or pin a concept of a resource; the next search shows it.

    An accepted or pinned concept stays whatever the text becomes, a pinned one before all others. A rejected one
    stays away as long as the text is the same but for white space and casing. The same ruling again changes nothing.
    """
    engine = engine_of(request)
    editor = engine.tag_editor()
    key.require("tags", editor.resource(id))
    ruling = editor.rule(id, concept_id(scheme, name), body.verdict, by=key.name, reason=body.reason)
    return _row(engine, editor, id, ruling.object, request, lang)


@router.delete(
    "/v1/editor/resources/{id:path}/tags/{scheme}/{name}",
    summary="Take back a ruling on a tag",
    responses={204: {"description": "There is no ruling any more."}, **problems(401, 403, 404, 503)},
    openapi_extra=SECURED,
    status_code=204,
)
def undo(request: Request, id: str, scheme: str, name: str, key: Writer) -> Response:
    """Take a ruling back: the tagger decides again. The audit trail keeps both."""
    editor = engine_of(request).tag_editor()
    key.require("tags", editor.resource(id))
    editor.withdraw(id, concept_id(scheme, name), by=key.name)
    return Response(status_code=204)


@router.get(
    "/v1/editor/blocked-concepts",
    summary="Concepts that are not proposed",
    responses={200: {"model": BlockedOut}, **problems(401, 403, 422, 503)},
    openapi_extra=SECURED,
    dependencies=[Depends(writer)],
)
def blocked(request: Request, lang: Lang = None) -> Response:
    """Return the block list with reasons; of blocks that are over, `ended` is true."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    return _unstored({"blocked": [block_out(b, engine, language) for b in engine.tag_editor().blocks()]})


@router.put(
    "/v1/editor/blocked-concepts/{scheme}/{name}",
    summary="Block a concept",
    responses={200: {"model": BlockOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def block(
    request: Request, scheme: str, name: str, body: BlockIn, key: Writer, lang: Lang = None
) -> Response:
    """Let a concept not be proposed any more: everywhere, in an edition or for a resource type.

    It leaves the automatic tags at the next search; what editors have stated, accepted or pinned stays. A key of an
    edition blocks for that edition only.
    """
    engine = engine_of(request)
    wanted = Block(
        concept_id(scheme, name), body.edition, body.resource_type, reason=body.reason, until=body.until
    )
    _may_block(wanted, key)
    done = engine.tag_editor().block(wanted, by=key.name)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    return _unstored(block_out(done, engine, language))


@router.delete(
    "/v1/editor/blocked-concepts/{scheme}/{name}",
    summary="Take a concept off the block list",
    responses={
        204: {"description": "It is not blocked there any more."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def unblock(
    request: Request, scheme: str, name: str, key: Writer, edition: Where = "", resource_type: Where = ""
) -> Response:
    """Let a concept be proposed again; resources get it with the next index run."""
    wanted = Block(concept_id(scheme, name), edition, resource_type)
    _may_block(wanted, key)
    engine_of(request).tag_editor().unblock(wanted, by=key.name)
    return Response(status_code=204)


def tag_row_out(row: TagRow, engine: Engine, lang: str) -> dict[str, Any]:
    """Return a concept of a resource, for editors."""
    tag, ruling = row.tag, row.ruling
    return {
        "concept": tag.concept,
        "label": engine.vocabulary.label(tag.concept, lang),
        "state": row.state,
        "score": tag.score,
        "origin": tag.origin,
        "matched": tag.label,
        "matched_kind": tag.label_kind,
        "spans": [{"field": s.field, "start": s.start, "end": s.end} for s in tag.spans],
        "again": tag.again,
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


def block_out(block: Block, engine: Engine, lang: str) -> dict[str, Any]:
    """Return an entry of the block list."""
    return {
        "concept": block.concept,
        "label": engine.vocabulary.label(block.concept, lang),
        "edition": block.edition,
        "resource_type": block.resource_type,
        "reason": block.reason,
        "until": block.until.isoformat() if block.until else None,
        "ended": block.until is not None and block.until < engine.today(),
        "by": block.by,
        "at": block.at.isoformat() if block.at else "",
    }


def _may_block(block: Block, key: Caller) -> None:
    key.require_right("block")
    if not key.may_block(block.edition):
        raise Forbidden(
            f"the key belongs to the edition {key.edition!r} and blocks concepts there only",
            why="block beyond the own edition",
        )


def _row(
    engine: Engine,
    editor: TagEditor,
    resource_id: str,
    concept: str,
    request: Request,
    lang: Literal["nb", "nn", "en"] | None,
) -> Response:
    language = ui_language(lang, request.headers.get("accept-language", ""))
    row = next(row for row in editor.tags(resource_id) if row.tag.concept == concept)
    return _unstored(tag_row_out(row, engine, language))


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
