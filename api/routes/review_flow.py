"""Editors: texts on their way to readers, the steps that they take, and what is said of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.flow_schemas import FlowOut, StepIn, WaitingOut
from api.params import UiLanguage, ui_language
from api.routes import problems
from api.routes.resources import KEY, Writer, stored_id
from engine.errors import InvalidRequest
from engine.review_flow import Flow, ReviewFlow

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of the words for states and steps.")]

STATE_NAMES = {
    "draft": {"nb": "utkast", "nn": "utkast", "en": "draft"},
    "in_review": {"nb": "til vurdering", "nn": "til vurdering", "en": "in review"},
    "published": {"nb": "publisert", "nn": "publisert", "en": "published"},
    "archived": {"nb": "arkivert", "nn": "arkivert", "en": "archived"},
}
STEP_NAMES = {
    "submit": {"nb": "sendt til vurdering", "nn": "send til vurdering", "en": "sent to review"},
    "return": {"nb": "sendt tilbake", "nn": "send tilbake", "en": "returned"},
    "publish": {"nb": "publisert", "nn": "publisert", "en": "published"},
    "archive": {"nb": "arkivert", "nn": "arkivert", "en": "archived"},
    "reopen": {"nb": "åpnet igjen", "nn": "opna att", "en": "reopened"},
}
_COMMENT = {"nb": "kommentar", "nn": "kommentar", "en": "comment"}


@router.get(
    "/v1/editor/in-review",
    summary="Texts in review",
    responses={200: {"model": WaitingOut}, **problems(401, 403, 503)},
    openapi_extra=SECURED,
)
def waiting(request: Request, key: Writer) -> Response:
    """Return the texts that wait for somebody who may publish them."""
    found = ReviewFlow(engine_of(request)).waiting()
    rows = [
        {"id": r.id, "title": r.title, "language": r.language, "edition": r.edition, "provider": r.provider}
        for r in found
        if key.may("write", r.edition)
    ]
    return _unstored({"waiting": rows})


@router.get(
    "/v1/editor/resources/{id:path}/flow",
    summary="Where a text stands",
    responses={200: {"model": FlowOut}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def show(request: Request, id: str, key: Writer, lang: Lang = None) -> Response:
    """Return the state of a text, the steps that can be taken, and what was done and said, oldest first."""
    flow = ReviewFlow(engine_of(request)).of(stored_id(id))
    key.require("write", flow.resource)
    return _unstored(flow_out(flow, ui_language(lang, request.headers.get("accept-language", ""))))


@router.post(
    "/v1/editor/resources/{id:path}/flow",
    summary="Take a step, or comment",
    responses={200: {"model": FlowOut}, **problems(400, 401, 403, 404, 409, 413, 422, 503)},
    openapi_extra=SECURED,
)
def take(request: Request, id: str, body: StepIn, key: Writer, lang: Lang = None) -> Response:
    """Send to review, return with a comment, publish, archive or reopen; readers see it at the next search.

    A step that the state does not allow, or on a text that has changed since it was looked at, is refused with 409.
    """
    flows = ReviewFlow(engine_of(request))
    flow = flows.of(stored_id(id))
    key.require("write", flow.resource)
    if body.step is None:
        if not body.comment.strip():
            raise InvalidRequest("step: a step or a comment is needed")
        done = flows.comment(id, body.comment, by=key.name)
    else:
        done = flows.take(id, body.step, by=key.name, comment=body.comment, basis=body.basis)
    return _unstored(flow_out(done, ui_language(lang, request.headers.get("accept-language", ""))))


def flow_out(flow: Flow, lang: str) -> dict[str, Any]:
    """Return where a text stands."""
    return {
        "id": flow.resource.id,
        "title": flow.resource.title,
        "edition": flow.resource.edition,
        "state": flow.state,
        "state_label": STATE_NAMES[flow.state][lang],
        "basis": flow.basis,
        "steps": list(flow.steps),
        "history": [
            {
                "at": remark.at.isoformat(),
                "by": remark.by,
                "step": remark.step,
                "step_label": (STEP_NAMES[remark.step] if remark.step else _COMMENT)[lang],
                "comment": remark.text,
                "text_changed": remark.text_changed,
            }
            for remark in flow.history
        ],
    }


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
