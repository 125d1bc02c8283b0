"""How somebody stands, and their due dates as a calendar; nothing is stored."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.answers import engine_of, json_response
from api.competence_schemas import DoneIn
from api.editions import known_edition
from api.problems import Problem
from api.routes import problems
from api.routes.roles import language_of, plan_known
from api.status_schemas import StatusIn, StatusOut
from engine.reports.status import status_document, status_of
from engine.service import Engine, role_id
from graph.model import Evidence

router = APIRouter(tags=["status"])


def evidence_of(done: Sequence[DoneIn], engine: Engine, place: str = "done") -> tuple[Evidence, ...]:
    """Return a done-list; raises Problem naming every field that will not do."""
    errors = []
    requirements = engine.requirements()
    for n, d in enumerate(done):
        if d.requirement not in requirements:
            said = f"no requirement has the id {d.requirement!r}"
            errors.append({"field": f"{place}.{n}.requirement", "message": said})
        if d.achieved and d.expires and d.expires < d.achieved:
            errors.append({"field": f"{place}.{n}.expires", "message": f"{d.expires} is before achieved"})
    if errors:
        detail = f"Not valid: {', '.join(e['field'] for e in errors[:20])}."
        raise Problem(422, "validation", detail, errors=errors)
    return tuple(Evidence(d.requirement, d.state, d.achieved, d.expires, d.evidence or "") for d in done)


def unstored(response: Response) -> Response:
    """Return an answer about somebody, which no cache keeps."""
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(
    "/v1/status",
    summary="Status from a done-list",
    responses={200: {"model": StatusOut}, **problems(400, 404, 413, 422, 503)},
)
def status(request: Request, body: StatusIn) -> Response:
    """Return state, colour and due date of everything asked of a role; the list is used once and forgotten."""
    engine = engine_of(request)
    return unstored(json_response(_document(engine, body, language_of(request, body.lang))))


def _document(engine: Engine, body: StatusIn, lang: Any) -> dict[str, Any]:  # noqa: ANN401
    role, plan = role_id(body.role, engine.roles()), plan_known(engine, body.plan)
    edition = known_edition(body.edition, engine)
    done = evidence_of(body.done, engine)
    found = status_of(engine, role, plan=plan, edition=edition, done=done, on=body.on)
    return status_document(engine, found, role, lang=lang, edition=edition, plan=plan, done=done)
