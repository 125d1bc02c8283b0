"""Editors: all versions of a resource, and what differs between two."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of
from api.params import ui_language
from api.routes import problems
from api.routes.duplicates import segment_out
from api.routes.merges import SECURED, Lang, spoken, unstored
from api.routes.resources import Writer
from api.security import Caller
from api.version_schemas import EditorVersionsOut, VersionDifferenceOut
from engine.errors import NotFound
from engine.model import ResourceVersion
from engine.records import is_storable
from engine.service import Engine
from engine.version_difference import FIELD_NAMES, version_difference, versions_of

router = APIRouter(tags=["editors"])
Number = Annotated[int | None, Query(ge=1, le=1_000_000, description="Number of a version.")]


@router.get(
    "/v1/editor/resources/{id:path}/versions",
    summary="All versions of a resource, for editors",
    responses={200: {"model": EditorVersionsOut}, **problems(401, 403, 404, 503)},
    openapi_extra=SECURED,
)
def versions(request: Request, id: str, key: Writer) -> Response:
    """Return all versions, drafts and archived ones too, oldest first; of other editions those that were published.

    Needs the scope `write`.
    """
    engine = engine_of(request)
    found = versions_of(engine, id, published_only=_seen(engine, id, key))
    return unstored({"resource": id, "versions": [_version_out(v) for v in found]})


@router.get(
    "/v1/editor/resources/{id:path}/difference",
    summary="What differs between two versions",
    responses={200: {"model": VersionDifferenceOut}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def difference(
    request: Request,
    id: str,
    key: Writer,
    before: Number = None,
    after: Number = None,
    lang: Lang = None,
) -> Response:
    """Return the texts of two versions as stretches, as a comparison of two resources has them, and other fields changed.

    Without numbers it is the newest version against the one before.
    """
    engine = engine_of(request)
    language = ui_language(lang, spoken(request))
    found = version_difference(engine, id, before, after, published_only=_seen(engine, id, key))
    stretches = [segment_out(s, found.a, found.b) for s in found.segments]
    return unstored(
        {
            "resource": id,
            "a": _version_out(found.before),
            "b": _version_out(found.after),
            "same": found.a == found.b,
            "fields": [
                {
                    "name": change.name,
                    "label": FIELD_NAMES[change.name][language],
                    "before": change.before,
                    "after": change.after,
                }
                for change in found.fields
            ],
            "segments": stretches,
        }
    )


def _seen(engine: Engine, resource_id: str, key: Caller) -> bool:
    """Tell whether the key sees published versions only; raises NotFound when it sees none of the resource."""
    found = engine.catalogue.get(resource_id) if is_storable(resource_id) else None
    if found is None:
        raise NotFound(f"no resource has the id {resource_id!r}")
    key.require_seen(found)
    return not key.may_write(found.edition)


def _version_out(version: ResourceVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "recorded": version.recorded.isoformat(),
        "title": version.resource.title,
        "status": version.resource.status,
        "content_hash": version.content_hash,
    }
