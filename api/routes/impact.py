"""Editors: what would be lost, before it is done."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of
from api.impact_schemas import EffectOut
from api.params import ui_language
from api.present import label_in
from api.routes import problems
from api.routes.merges import FILES, SECURED, Format, Lang, spoken, table_out, unstored
from api.routes.resources import Writer
from api.security import Caller
from engine.errors import InvalidRequest
from engine.impact import Effect, Foresight
from engine.impact_texts import lost_table, sentences
from engine.reports.status import label_of
from engine.service import Engine

router = APIRouter(tags=["editors"])


@router.get(
    "/v1/editor/impact",
    summary="What would be lost",
    responses={200: {"model": EffectOut, "content": FILES}, **problems(400, 401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def impact(
    request: Request,
    key: Writer,
    resource: Annotated[
        str | None, Query(max_length=512, description="A resource to be withdrawn.", examples=["kb-0081"])
    ] = None,
    merge_into: Annotated[
        str | None, Query(max_length=512, description="The resource is to be merged into this one instead.")
    ] = None,
    move_to: Annotated[
        str | None, Query(max_length=200, description="The resource is to be moved to this edition instead.")
    ] = None,
    requirement: Annotated[
        str | None, Query(max_length=512, description="A requirement to be withdrawn: id or code.")
    ] = None,
    concept: Annotated[str | None, Query(max_length=512, description="A concept to be withdrawn.")] = None,
    lang: Lang = None,
    format: Format = "json",
) -> Response:
    """Return the requirements that would lose their last valid resource, and whom that concerns, before it is done.

    Name a resource, a requirement or a concept. Proposed links do not count as coverage. The tables hold what is lost.
    Needs the scope `write`.
    """
    engine = engine_of(request)
    language = ui_language(lang, spoken(request))
    found = _effect(engine, key, resource, merge_into or "", move_to or "", requirement, concept)
    if format != "json":
        return table_out(lost_table(engine, found, language), format)
    return unstored(_effect_out(engine, found, language))


def _effect(
    engine: Engine,
    key: Caller,
    resource: str | None,
    merge_into: str,
    move_to: str,
    requirement: str | None,
    concept: str | None,
) -> Effect:
    named = [name for name in (resource, requirement, concept) if name is not None]
    if len(named) != 1 or (resource is None and (merge_into or move_to)):
        raise InvalidRequest(
            "one of resource, requirement and concept is needed; merging and moving need resource"
        )
    foresight = Foresight(engine)
    if resource is not None:
        for id_ in filter(None, (resource, merge_into)):
            key.require_seen(foresight.resource(id_))
        return foresight.of_resource(resource, merge_into=merge_into, move_to=move_to)
    return (
        foresight.of_requirement(requirement) if requirement is not None else foresight.of_concept(named[0])
    )


def _effect_out(engine: Engine, e: Effect, lang: str) -> dict[str, Any]:
    plans, roles = engine.plans(), engine.roles()

    def requirement(name: str) -> dict[str, str]:
        return {"id": name, "label": label_of(engine, name, lang)}

    nearest = engine.catalogue.get(e.redirect) if e.redirect else None
    return {
        "subject": e.subject,
        "action": e.action,
        "target": e.target,
        "requirements": [requirement(name) for name in e.requirements],
        "lost": [
            {
                "requirement": gap.requirement,
                "label": label_of(engine, gap.requirement, lang),
                "edition": gap.edition,
                "language": gap.language,
                "plans": list(gap.plans),
                "roles": list(gap.roles),
                "proposed": list(gap.proposed),
            }
            for gap in e.lost
        ],
        "plans": [{"id": p, "label": label_in(plans[p].labels, lang, p)} for p in e.plans],
        "roles": [
            {"id": r, "label": label_in(roles[r].labels, lang, r) if r in roles else r} for r in e.roles
        ],
        "editions": list(e.editions),
        "old_ids": list(e.old_ids),
        "linked_from": list(e.linked_from),
        "redirect": {"id": nearest.id, "label": nearest.title} if nearest else None,
        "sentences": sentences(engine, e, lang),
    }
