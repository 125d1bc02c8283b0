"""How somebody stands, and their due dates as a calendar; nothing is stored."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached, engine_of, json_response
from api.competence_schemas import DoneIn
from api.editions import known_edition
from api.problems import Problem
from api.routes import problems
from api.routes.roles import VARY, Edition, Lang, language_of, plan_known
from api.status_schemas import StatusIn, StatusOut
from engine.reports.due_calendar import MOST_MONTHS, plan_calendar, status_calendar
from engine.reports.status import status_document, status_of
from engine.service import Engine, role_id
from graph.model import Evidence
from graph.status import StatusSummary

router = APIRouter(tags=["status"])
ICS = "text/calendar"


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
    language = language_of(request, body.lang)
    role, plan, edition, done, found = _asked(engine, body)
    return unstored(
        json_response(
            status_document(engine, found, role, lang=language, edition=edition, plan=plan, done=done)
        )
    )


@router.post(
    "/v1/status/calendar",
    summary="Due dates from a done-list, as a calendar",
    responses={200: {"content": {ICS: {"schema": {"type": "string"}}}}, **problems(400, 404, 413, 422, 503)},
    response_class=Response,
)
def status_as_calendar(request: Request, body: StatusIn) -> Response:
    """Return the due dates as iCalendar (RFC 5545); the list is used once and forgotten."""
    engine = engine_of(request)
    language = language_of(request, body.lang)
    role, _, edition, _, found = _asked(engine, body)
    return unstored(
        Response(status_calendar(engine, found, role, edition=edition, lang=language), media_type=ICS)
    )


@router.get(
    "/v1/plans/{id}/calendar",
    summary="A plan's own days, as a calendar",
    responses={200: {"content": {ICS: {"schema": {"type": "string"}}}}, **problems(400, 404, 422, 503)},
    response_class=Response,
)
def plan_as_calendar(
    request: Request,
    id: str,
    edition: Edition = None,
    months: Annotated[int, Query(ge=1, le=MOST_MONTHS, description="How far to look ahead.")] = 24,
    lang: Lang = None,
) -> Response:
    """Return the days on which the plan lets requirements run out, and its own last day; nobody is asked about."""
    engine = engine_of(request)
    language = language_of(request, lang)

    def make() -> bytes:
        known = known_edition(edition, engine)
        return plan_calendar(engine, id, edition=known, months=months, lang=language)

    return cached(request, make, media_type=ICS, vary=VARY)


Asked = tuple[str, str | None, str | None, tuple[Evidence, ...], StatusSummary]
"""Role, plan, edition, what is done, and how that stands."""


def _asked(engine: Engine, body: StatusIn) -> Asked:
    role, plan = role_id(body.role, engine.roles()), plan_known(engine, body.plan)
    edition = known_edition(body.edition, engine)
    done = evidence_of(body.done, engine)
    return (
        role,
        plan,
        edition,
        done,
        status_of(engine, role, plan=plan, edition=edition, done=done, on=body.on),
    )
