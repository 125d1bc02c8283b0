"""Resources: read, write, withdraw."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.answers import JSON, JSON_LD, TURTLE, cached, engine_of, json_response
from api.editions import known_edition
from api.jsonld import resource_jsonld
from api.linked import LINKED, MEDIA_TYPES, N_TRIPLES, AskedLinked, media_type_of, told
from api.params import UiLanguage, ui_language
from api.present import proposed_facets_out, resource_out, similar_out
from api.problems import Problem, note_refusal
from api.records_in import Doubts, read_record
from api.routes import problems
from api.schemas import (
    ProposedFacetsOut,
    ResourceDetailOut,
    ResourceOut,
    SimilarOut,
    VersionsOut,
    WithdrawnOut,
    WriteOut,
)
from api.security import Caller, caller_or_session
from engine.drafting import Drafting
from engine.errors import InvalidRequest, NotFound
from engine.known_names import Name
from engine.model import Resource
from engine.records import is_storable
from engine.service import Engine

router = APIRouter(tags=["resources"])
OTHER_EDITION = "not the edition of the key"
MOST = 1000
"""Records in one bulk write."""

KEY: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}, {"session": []}]
Lang = Annotated[UiLanguage | None, Query(description="Language of the labels.")]
MOVED: dict[int | str, dict[str, Any]] = {
    301: {"description": "It has been merged into another one; there is its address."}
}
_ONE = {"$ref": f"#/components/schemas/{ResourceOut.__name__}"}
_BODY = {"oneOf": [_ONE, {"type": "array", "items": _ONE, "maxItems": MOST}]}


def body_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI part for a JSON body that is read by us, with the keys that may send it."""
    return {
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "security": KEY,
    }


def stored_id(resource_id: str) -> str:
    """Return the id; one that no catalogue can hold is as good as unknown."""
    if not is_storable(resource_id):
        raise NotFound("no published resource has that id")
    return resource_id


@router.get(
    "/v1/resources/{id:path}/similar",
    summary="Similar resources",
    responses={200: {"model": SimilarOut}, **MOVED, **problems(400, 404, 422, 503)},
)
def similar(
    request: Request,
    id: str,
    edition: Annotated[str | None, Query(max_length=100, description="Edition of the reader.")] = None,
    k: Annotated[int, Query(ge=1, le=50)] = 5,
    lang: Lang = None,
) -> Response:
    """Return near resources; never the resource itself, drafts, copies or translations of it."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))

    def make() -> dict[str, Any]:
        found = engine.similar(stored_id(id), edition=known_edition(edition, engine), k=k)
        return {"similar": similar_out(found, engine, language)}

    return cached(request, make, vary="Accept, Accept-Language")


@router.get(
    "/v1/resources/{id:path}/proposals",
    summary="What a resource's text tells that its source does not",
    responses={200: {"model": ProposedFacetsOut}, **MOVED, **problems(404, 422, 503)},
)
def proposals(request: Request, id: str, lang: Lang = None) -> Response:
    """Return proposals for audience, patient groups, arenas, level and type, where the source says nothing of them.

    They are no part of the resource, of facets or of filters until an editor or the source states them.
    """
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))

    def make() -> dict[str, Any]:
        return proposed_facets_out(engine.propose_missing(stored_id(id)), engine, language)

    return cached(request, make, vary="Accept, Accept-Language")


@router.get(
    "/v1/resources/{id:path}/versions",
    summary="Versions of a resource",
    responses={200: {"model": VersionsOut}, **MOVED, **problems(404, 503)},
)
def versions(request: Request, id: str) -> Response:
    """Return the versions that were published, oldest first; the text of one is at `?at=`."""
    engine = engine_of(request)

    def make() -> dict[str, Any]:
        return {
            "versions": [
                {
                    "number": v.number,
                    "recorded": v.recorded.isoformat(),
                    "title": v.resource.title,
                    "status": v.resource.status,
                    "content_hash": v.content_hash,
                }
                for v in engine.versions(stored_id(id))
                if v.resource.status == "published"
            ]
        }

    return cached(request, make)


@router.get(
    "/v1/resources/{id:path}",
    summary="A resource",
    responses={
        200: {"model": ResourceDetailOut, "content": LINKED},
        **MOVED,
        **problems(404, 422, 503),
    },
)
def resource(
    request: Request,
    id: str,
    at: Annotated[date | None, Query(description="The text as it was at the end of this day (UTC).")] = None,
    lang: Lang = None,
    format: AskedLinked = None,
) -> Response:
    """Return a published resource, as JSON or schema.org JSON-LD; with its links as Turtle or N-Triples.

    One that has been withdrawn since has no text of an earlier day either.
    """
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    offered = (JSON, JSON_LD) if at else tuple(MEDIA_TYPES.values())  # links are those of today
    media_type = media_type_of(request, format, offered)

    def make() -> dict[str, Any] | bytes:
        moment = datetime.combine(at, time.max, UTC) if at else None
        found = engine.resource(stored_id(id))
        if moment is not None:
            found = engine.resource(id, at=moment)
        if media_type in {TURTLE, N_TRIPLES}:
            return told(request, f"resource:{id}", media_type)
        if media_type == JSON_LD:
            return resource_jsonld(found, engine, language)
        return resource_out(found, engine, language)

    return cached(request, make, media_type=media_type, vary="Accept, Accept-Language")


async def writer(request: Request) -> Caller:
    """Return the key behind a write, or who has signed in; raises 401 or 403."""
    return await caller_or_session(request, "write")


Writer = Annotated[Caller, Depends(writer)]


async def json_body(request: Request) -> Any:  # noqa: ANN401
    """Return the body as JSON; raises InvalidRequest naming the place of the fault."""
    data = await request.body()
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as e:
        raise InvalidRequest(f"the body is not JSON: {e.msg} at line {e.lineno} column {e.colno}") from e


_WRITE = problems(400, 401, 403, 413, 422, 503)


@router.post(
    "/v1/resources",
    summary="Write one or many resources",
    responses={200: {"model": WriteOut}, **problems(409), **_WRITE},
    openapi_extra=body_schema(_BODY),
)
async def write(
    request: Request,
    key: Writer,
    same_name: Annotated[
        Literal["ask", "accept"], Query(description="`accept` writes a new resource of a name that is taken.")
    ] = "ask",
) -> Response:
    """Write one resource, or at most 1,000 as an array.

    Of many, those that cannot be written are listed in `errors`, each with all its faults, and the rest
    goes on. A record that names an unknown edition, requirement or code is written and listed in
    `warnings`. A record equal to the current version changes nothing. Needs the scope `write`; a key of an edition writes that
    edition's resources only.

    One new resource of the same title, language and edition as a published one is refused with 409 unless it is sent
    with `same_name=accept`. Of many, such ones are written and listed in `warnings`.
    """
    key.require_right("write")
    body = await json_body(request)
    records = body if isinstance(body, list) else [body]
    if len(records) > MOST:
        raise InvalidRequest(f"at most {MOST} records may be written at once, got {len(records)}")
    names: Drafting = request.app.state.drafting
    if same_name == "ask" and isinstance(body, dict):
        await run_in_threadpool(ask_about_name, engine_of(request), names, body, key)
    report = await run_in_threadpool(write_records, engine_of(request), records, key, names)
    if not isinstance(body, list) and report["errors"]:
        raise _refused(report["errors"])
    for error in filter(_is_refusal, report["errors"]):
        await run_in_threadpool(note_refusal, request, OTHER_EDITION, error["id"])
    return json_response(report)


@router.put(
    "/v1/resources/{id:path}",
    summary="Write a resource",
    responses={200: {"model": WriteOut}, 201: {"model": WriteOut, "description": "It is new."}, **_WRITE},
    openapi_extra=body_schema(_ONE),
)
async def put(request: Request, id: str, key: Writer) -> Response:
    """Write the resource of this id; the body's own `id` may be left out."""
    key.require_right("write", id)
    body = await json_body(request)
    if not isinstance(body, dict):
        raise InvalidRequest("the body must be one resource, a JSON object")
    if body.get("id", id) != id:
        raise InvalidRequest("id: the body's id is not the one in the address")
    names: Drafting = request.app.state.drafting
    report = await run_in_threadpool(write_records, engine_of(request), [{**body, "id": id}], key, names)
    if report["errors"]:
        raise _refused(report["errors"])
    return json_response(report, 201 if report["added"] else 200)


@router.delete(
    "/v1/resources/{id:path}",
    summary="Withdraw a resource",
    responses={200: {"model": WithdrawnOut}, **problems(401, 403, 404, 503)},
    openapi_extra={"security": KEY},
)
def withdraw(request: Request, id: str, key: Writer) -> Response:
    """Archive a resource: it leaves search, recommendations, pages and feeds at once; versions are kept."""
    engine = engine_of(request)
    current = engine.catalogue.get(stored_id(id))
    if current is None:
        raise NotFound(f"no resource has the id {id!r}")
    key.require("write", current)
    archived = engine.withdraw(id, by=key.name)
    return json_response({"id": archived.id, "status": archived.status})


def ask_about_name(engine: Engine, names: Drafting, record: dict[str, Any], key: Caller) -> None:
    """Raise 409 when a new resource has the name of a published one in its language and edition."""
    found, _ = read_record(record)
    if found is None or not key.may_write(found.edition) or engine.catalogue.get(found.id) is not None:
        return
    taken = names.same_names(found)
    if taken:
        message = f"{_same_name(taken)}; send it with same_name=accept to write it all the same"
        errors = [{"field": "title", "message": message}]
        raise Problem(409, "same-name", f"title: {message}.", errors=errors)


def _same_name(taken: Sequence[Name]) -> str:
    ids = ", ".join(name.id for name in taken[:5])
    return f"{ids} {'has' if len(taken) == 1 else 'have'} the same title, language and edition"


def write_records(
    engine: Engine, records: list[Any], key: Caller, names: Drafting | None = None
) -> dict[str, Any]:
    """Write those records that can be written, in one transaction, and list the faults of the others.

    Returns
    -------
    dict
        ``added``, ``updated``, ``unchanged`` (ids), ``errors`` and ``warnings`` (index, id, field, message);
        a record with a warning is written. With `names`, a new one of a name that is taken is warned of.
    """
    errors: list[dict[str, Any]] = []
    good: dict[str, tuple[int, Resource]] = {}

    def refuse(index: int, record_id: object, field: str, message: str) -> None:
        shown = record_id if isinstance(record_id, str) else ""
        errors.append({"index": index, "id": shown[:512], "field": field, "message": message})

    for index, record in enumerate(records):
        found, faults = read_record(record)
        if found is None:
            for field, message in faults:
                refuse(index, record.get("id") if isinstance(record, dict) else "", field, message)
            continue
        if found.id in good:
            refuse(index, found.id, "id", f"id: the record at index {good[found.id][0]} has the same id")
        elif not key.may_write(found.edition):
            refuse(
                index,
                found.id,
                "edition",
                f"edition: the key may write {key.edition!r} only, got {found.edition!r}",
            )
        else:
            good[found.id] = (index, found)
    if key.edition is not None:
        for rid, now in engine.catalogue.get_many(list(good)).items():
            if not key.may_write(now.edition):
                index, _ = good.pop(rid)
                refuse(index, rid, "edition", f"edition: the resource belongs to {now.edition!r}")
    report = engine.write_resources([r for _, r in good.values()], by=key.name)
    doubts = Doubts(engine, key.edition)
    warnings = [
        {"index": index, "id": resource.id, "field": field, "message": message}
        for index, resource in good.values()
        for field, message in doubts.of(resource)
    ]
    new = set(report.added) if names else set()
    warnings += [
        {"index": index, "id": resource.id, "field": "title", "message": _same_name(taken)}
        for index, resource in good.values()
        if resource.id in new and names and (taken := names.same_names(resource))
    ]
    return {
        "added": list(report.added),
        "updated": list(report.updated),
        "unchanged": list(report.unchanged),
        "errors": sorted(errors, key=lambda e: e["index"]),
        "warnings": sorted(warnings, key=lambda w: w["index"]),
    }


def _refused(errors: list[dict[str, Any]]) -> Problem:
    for e in filter(_is_refusal, errors):
        return Problem(403, "forbidden", e["message"], why=OTHER_EDITION, subject=e["id"])
    named = [{"field": e["field"], "message": e["message"]} for e in errors]
    return Problem(422, "validation", "; ".join(e["message"] for e in errors), errors=named)


def _is_refusal(error: dict[str, Any]) -> bool:
    return error["field"] == "edition" and ("key" in error["message"] or "belongs to" in error["message"])
