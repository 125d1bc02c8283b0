"""Roles, requirements, plans, recommendations and paths."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import JSON, cached, engine_of, json_response, negotiate
from api.competence_schemas import (
    ObligationsOut,
    PathsOut,
    PlanOut,
    PlansOut,
    RecommendationsIn,
    RecommendationsOut,
    RequirementOut,
    RequirementResourcesOut,
    RequirementsOut,
    RoleDetailOut,
    RolesOut,
)
from api.editions import known_edition
from api.linked import LINKED, AskedLinked, linked
from api.params import UiLanguage, ui_language
from api.present import (
    link_out,
    obligation_out,
    plan_out,
    reason_out,
    recommendations_out,
    requirement_out,
    resource_record,
    role_out,
)
from api.problems import Problem
from api.routes import problems
from engine.errors import NotFound
from engine.learning_path import path_csv, steps_of
from engine.recommendation import LANGS, Reason, RecommendationRequest, Recommendations
from engine.service import Engine, role_id
from graph.model import Evidence, Level
from graph.paths import reason_path, sentence
from graph.replaced import in_use

router = APIRouter()
Lang = Annotated[UiLanguage | None, Query(description="Language of labels and sentences.")]
Edition = Annotated[str | None, Query(max_length=100, description="Edition of the reader.")]
PlanId = Annotated[str | None, Query(max_length=512, description="One plan alone.")]
VARY = "Accept, Accept-Language"
CSV = "text/csv"
DOWNLOAD = 'attachment; filename="kompetansegraf.csv"'
NO_WAY: dict[str, Any] = {"minutes": 0, "uncovered": [], "why": {}}


def language_of(request: Request, lang: UiLanguage | None) -> UiLanguage:
    """Return the language of an answer."""
    return ui_language(lang, request.headers.get("accept-language", ""))


def csv_download(found: Recommendations, engine: Engine, language: str) -> Response:
    """Return a list as a file; it says nothing of what is done."""
    table = path_csv(steps_of(found.items, engine.requirements()), language)
    return Response(table.encode(), media_type=CSV, headers={"Content-Disposition": DOWNLOAD})


def plan_known(engine: Engine, plan: str | None) -> str | None:
    """Return the plan's id; raises NotFound when there is no such plan."""
    if plan and plan not in engine.plans():
        raise NotFound(f"no plan has the id {plan!r}")
    return plan or None


@router.get(
    "/v1/recommendations",
    tags=["recommendations"],
    summary="Recommendations for a role",
    responses={
        200: {"model": RecommendationsOut, "content": {CSV: {"schema": {"type": "string"}}}},
        **problems(400, 404, 422, 503),
    },
)
def recommendations(
    request: Request,
    role: Annotated[
        str,
        Query(max_length=200, description="Role: id, HPR or STYRK-08 code.", examples=["hjemmesykepleier"]),
    ],
    plan: PlanId = None,
    minutes: Annotated[int | None, Query(ge=1, le=100_000, description="Time budget.")] = None,
    edition: Edition = None,
    lang: Lang = None,
    k: Annotated[int, Query(ge=1, le=100)] = 20,
    smallest: Annotated[
        bool, Query(description="The shortest set that covers all that can be covered, or most in `minutes`.")
    ] = False,
    diversity: Annotated[
        float | None,
        Query(ge=0, le=1, description="How much less what is served already counts; 0 is by score alone."),
    ] = None,
    level: Annotated[
        Level | None,
        Query(description="The asker's own level: what is more than one step below is left out."),
    ] = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="Default by Accept, else json.")
    ] = None,
) -> Response:
    """Return an ordered list with a reason for each item, as a path through the graph and as a sentence."""
    language = language_of(request, lang)
    engine = engine_of(request)
    as_csv = format == "csv" or (format is None and negotiate(request, (JSON, CSV)) == CSV)

    def make() -> dict[str, Any] | bytes:
        asked = RecommendationRequest(
            role=role_id(role, engine.roles()),
            plan=plan_known(engine, plan),
            minutes=minutes,
            edition=known_edition(edition, engine),
            language=language,
            k=k,
            smallest=smallest,
            diversity=diversity,
            level=level,
        )
        found = engine.recommend(asked)
        if as_csv:
            return path_csv(steps_of(found.items, engine.requirements()), language).encode()
        return recommendations_out(asked, found, engine, language)

    response = cached(request, make, vary=VARY, media_type=CSV if as_csv else JSON)
    if as_csv and response.status_code == 200:
        response.headers["Content-Disposition"] = DOWNLOAD
    return response


@router.post(
    "/v1/recommendations",
    tags=["recommendations"],
    summary="Recommendations with a done-list",
    responses={
        200: {"model": RecommendationsOut, "content": {CSV: {"schema": {"type": "string"}}}},
        **problems(400, 404, 413, 422, 503),
    },
)
def recommendations_with_done(request: Request, body: RecommendationsIn) -> Response:
    """Return the same with what the asker has done already; the list is used for this answer and forgotten."""
    language = language_of(request, body.lang)
    engine = engine_of(request)
    if unknown := [
        {"field": f"done.{n}.requirement", "message": f"no requirement has the id {d.requirement!r}"}
        for n, d in enumerate(body.done)
        if d.requirement not in engine.requirements()
    ]:
        detail = f"Not valid: {', '.join(e['field'] for e in unknown[:20])}."
        raise Problem(422, "validation", detail, errors=unknown)
    asked = RecommendationRequest(
        role=role_id(body.role, engine.roles()),
        plan=plan_known(engine, body.plan),
        done=tuple(
            Evidence(d.requirement, d.state, d.achieved, d.expires, d.evidence or "") for d in body.done
        ),
        minutes=body.minutes,
        edition=known_edition(body.edition, engine),
        language=language,
        k=body.k,
        smallest=body.smallest,
        diversity=body.diversity,
        level=body.level,
    )
    found = engine.recommend(asked)
    if body.format == "csv":
        response = csv_download(found, engine, language)
    else:
        response = json_response(recommendations_out(asked, found, engine, language))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get(
    "/v1/roles",
    tags=["roles and plans"],
    summary="All roles",
    responses={200: {"model": RolesOut}, **problems(503)},
)
def roles(request: Request) -> Response:
    """Return all roles in id order."""
    engine = engine_of(request)
    return cached(request, lambda: {"roles": [role_out(r) for r in engine.roles().values()]})


@router.get(
    "/v1/roles/{id}/requirements",
    tags=["roles and plans"],
    summary="What is asked of a role",
    responses={200: {"model": ObligationsOut}, **problems(400, 404, 422, 503)},
)
def role_requirements(
    request: Request,
    id: str,
    plan: PlanId = None,
    edition: Edition = None,
    on: Annotated[date | None, Query(description="Day; default today.")] = None,
    lang: Lang = None,
) -> Response:
    """Merge the plans in force: each requirement once, with the strongest necessity and the strictest interval."""
    engine = engine_of(request)
    language = language_of(request, lang)

    def make() -> dict[str, Any]:
        role = role_id(id, engine.roles())
        found = engine.obligations(
            role, plan=plan_known(engine, plan), edition=known_edition(edition, engine), on=on
        )
        requirements = engine.requirements()
        return {
            "role": role,
            "on": on or engine.today(),
            "requirements": [obligation_out(o, requirements, language) for o in found],
        }

    return cached(request, make, vary=VARY)


@router.get(
    "/v1/roles/{id}",
    tags=["roles and plans"],
    summary="A role",
    responses={200: {"model": RoleDetailOut, "content": LINKED}, **problems(400, 404, 422, 503)},
)
def role(request: Request, id: str, format: AskedLinked = None) -> Response:
    """Return a role by id, HPR or STYRK-08 code, and the plans that name it."""
    engine = engine_of(request)
    if (data := linked(request, format, lambda: f"role:{role_id(id, engine.roles())}")) is not None:
        return data

    def make() -> dict[str, Any]:
        found = engine.roles()[role_id(id, engine.roles())]
        return {**role_out(found), "plans": [p.id for p in engine.plans().values() if found.id in p.roles]}

    return cached(request, make)


@router.get(
    "/v1/requirements",
    tags=["roles and plans"],
    summary="All requirements",
    responses={200: {"model": RequirementsOut}, **problems(503)},
)
def requirements(request: Request) -> Response:
    """Return all requirements in id order; one that was replaced is not among them, and still answers by its id."""
    engine = engine_of(request)
    return cached(
        request,
        lambda: {
            "requirements": [
                requirement_out(q) for q in engine.requirements().values() if q.replaced_by is None
            ]
        },
    )


@router.get(
    "/v1/requirements/{id}/resources",
    tags=["roles and plans"],
    summary="Resources that serve a requirement",
    responses={200: {"model": RequirementResourcesOut}, **problems(400, 404, 422, 503)},
)
def requirement_resources(request: Request, id: str, edition: Edition = None) -> Response:
    """List links stated by editors or sources first, then those proposed by the program."""
    engine = engine_of(request)

    def make() -> dict[str, Any]:
        found = engine.resources_for(id, edition=known_edition(edition, engine))
        graph, counts = engine.graph(), in_use(id, engine.requirements())
        return {
            "requirement": id,
            "resources": [
                {
                    "resource": resource_record(r, body=False),
                    "stated": stated,
                    "link": link_out(graph, r.id, counts, stated=stated),
                }
                for r, stated in found
            ],
        }

    return cached(request, make)


@router.get(
    "/v1/requirements/{id}",
    tags=["roles and plans"],
    summary="A requirement",
    responses={200: {"model": RequirementOut, "content": LINKED}, **problems(404, 422, 503)},
)
def requirement(request: Request, id: str, format: AskedLinked = None) -> Response:
    """Return a requirement; `example` says that its interval is an example value."""
    engine = engine_of(request)
    if (data := linked(request, format, lambda: f"requirement:{id}")) is not None:
        return data

    def make() -> dict[str, Any]:
        found = engine.requirements().get(id)
        if found is None:
            raise NotFound(f"no requirement has the id {id!r}")
        return requirement_out(found)

    return cached(request, make)


@router.get(
    "/v1/plans",
    tags=["roles and plans"],
    summary="All plans",
    responses={200: {"model": PlansOut}, **problems(503)},
)
def plans(request: Request) -> Response:
    """Return all plans in id order, retired ones too, without their lines."""
    engine = engine_of(request)
    return cached(request, lambda: {"plans": [plan_out(p, lines=False) for p in engine.plans().values()]})


@router.get(
    "/v1/plans/{id}",
    tags=["roles and plans"],
    summary="A plan",
    responses={200: {"model": PlanOut, "content": LINKED}, **problems(404, 422, 503)},
)
def plan(request: Request, id: str, format: AskedLinked = None) -> Response:
    """Return a plan with its lines in order."""
    engine = engine_of(request)
    if (data := linked(request, format, lambda: f"plan:{id}")) is not None:
        return data

    def make() -> dict[str, Any]:
        found = engine.plans().get(id)
        if found is None:
            raise NotFound(f"no plan has the id {id!r}")
        return plan_out(found)

    return cached(request, make)


@router.get(
    "/v1/paths",
    tags=["recommendations"],
    summary="Paths from a role",
    responses={200: {"model": PathsOut}, **problems(400, 404, 422, 503)},
)
def paths(
    request: Request,
    role: Annotated[str, Query(max_length=200, description="Role: id, HPR or STYRK-08 code.")],
    resource: Annotated[
        str | None, Query(max_length=512, description="Resource that the paths lead to.")
    ] = None,
    plan: PlanId = None,
    minutes: Annotated[int | None, Query(ge=1, le=100_000, description="Time budget of the way.")] = None,
    edition: Edition = None,
    lang: Lang = None,
    k: Annotated[int, Query(ge=1, le=100)] = 20,
    smallest: Annotated[bool, Query(description="The shortest way that covers all that can be.")] = False,
) -> Response:
    """Return every path from the role to `resource`, or without it the role's way, in order."""
    engine = engine_of(request)
    language = language_of(request, lang)

    def make() -> dict[str, Any]:
        rid, pid = role_id(role, engine.roles()), plan_known(engine, plan)
        if resource:
            reasons = reasons_between(engine, rid, resource, pid, known_edition(edition, engine))
            found = [reason_out(r, engine, language) for r in reasons]
            return {"role": rid, "resource": resource, "paths": found, "steps": [], **NO_WAY}
        asked = RecommendationRequest(
            role=rid,
            plan=pid,
            minutes=minutes,
            edition=known_edition(edition, engine),
            language=language,
            k=k,
            smallest=smallest,
        )
        way = engine.recommend(asked)
        steps = [
            {
                "step": s.number,
                "resource": s.item.resource.id,
                "title": s.item.resource.title,
                "requirements": list(s.item.requirements),
                "level": s.item.resource.level or None,
                "minutes": s.item.minutes,
                "minutes_so_far": s.minutes_so_far,
                "after": list(s.after),
                "sentence": s.item.reasons[0].sentences[language],
            }
            for s in steps_of(way.items, engine.requirements())
        ]
        return {
            "role": rid,
            "resource": None,
            "paths": [],
            "steps": steps,
            "minutes": way.minutes,
            "uncovered": list(way.uncovered),
            "why": dict(way.why),
        }

    return cached(request, make, vary=VARY)


def reasons_between(
    engine: Engine, role: str, resource: str, plan: str | None, edition: str | None
) -> list[Reason]:
    """Return the reasons that join a role and a published resource; raises NotFound."""
    engine.resource(resource)
    graph = engine.graph()
    if f"role:{role}" not in graph or f"resource:{resource}" not in graph:
        return []
    found = []
    for o in engine.obligations(role, plan=plan, edition=edition):
        path = reason_path(graph, role, resource, o.requirement, plan_id=plan or o.plans[0])
        if path is not None:
            found.append(Reason(o.requirement, path, {lang: sentence(graph, path, lang) for lang in LANGS}))
    return found
