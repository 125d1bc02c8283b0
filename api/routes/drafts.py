"""Before one writes: texts like what is typed, and what it would serve."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.draft_schemas import DraftIn, PreviewOut
from api.params import UiLanguage, ui_language
from api.routes import problems
from api.routes.resources import KEY, Writer
from engine.draft_words import preview_document
from engine.drafting import Draft, Drafting

router = APIRouter(tags=["editors"])


@router.post(
    "/v1/editor/preview",
    summary="What is there already, before you write",
    responses={200: {"model": PreviewOut}, **problems(400, 401, 403, 413, 422, 503)},
    openapi_extra={"security": KEY},
)
def preview(
    request: Request,
    body: DraftIn,
    key: Writer,
    lang: Annotated[UiLanguage | None, Query(description="Language of labels and sentences.")] = None,
) -> Response:
    """Return texts like a title or a draft, requirements it would serve and concepts it would be tagged with.

    Made to be asked while a title is typed. Nothing of what is typed is stored or logged. Needs the scope `write`;
    a key of an edition sees no drafts of others.
    """
    drafting: Drafting = request.app.state.drafting
    typed = Draft(body.title, body.text, body.language or "", body.edition, body.id)
    found = drafting.preview(typed, may_see=lambda r: r.status == "published" or key.may_write(r.edition))
    language = ui_language(lang, request.headers.get("accept-language", ""))
    return _unstored(preview_document(engine_of(request), found, language))


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
