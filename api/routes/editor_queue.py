"""Editors: one work list of all reasons, and the sources of authority that some of them come from."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.answers import engine_of, json_response
from api.params import ui_language
from api.queue_schemas import (
    AuthoritiesIn,
    AuthoritiesOut,
    AuthoritiesWrittenOut,
    MarkedOut,
    MarkIn,
    QueueOut,
    StatementsOut,
)
from api.routes import problems
from api.routes.editor_reviews import (
    FILES,
    SECURED,
    Edition,
    Form,
    Lang,
    Limit,
    Offset,
    Responsible,
    Topic,
    may_see,
    own_edition,
    table_response,
    topic_name,
)
from api.routes.resources import Writer, writer
from api.routes.status import unstored
from api.security import Caller
from engine.editorial.authority_changes import AuthorityChanges, Source, changes_of
from engine.editorial.authority_records import authority_from_record
from engine.editorial.difference import stretches
from engine.editorial.queue import REASONS, ReasonKind, item_document, queue_table, work_queue
from engine.editorial.review_lists import AHEAD, LONGEST, ReviewFilter
from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION

router = APIRouter(tags=["editors"])
SourceId = Annotated[
    str,
    Query(
        max_length=600,
        description="`authority:ID` or `requirement:ID`.",
        examples=["authority:veileder-fall"],
    ),
]


@router.get(
    "/v1/editor/queue",
    summary="The work list",
    responses={200: {"model": QueueOut, "content": FILES}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def queue(
    request: Request,
    key: Writer,
    reason: Annotated[list[ReasonKind], Query(description="Only these reasons; default all.")] = [],  # noqa: B006
    within: Annotated[int, Query(ge=0, le=LONGEST, description="Days ahead that `due` means.")] = AHEAD,
    edition: Edition = None,
    topic: Topic = None,
    responsible: Responsible = None,
    resource_type: Annotated[str | None, Query(max_length=200, description="And what is narrower.")] = None,
    language: Annotated[str | None, Query(max_length=20, description="Language of the resources.")] = None,
    limit: Limit = 1000,
    offset: Offset = 0,
    format: Form = "json",
    lang: Lang = None,
) -> Response:
    """Return what waits for an editor, the most urgent first, each with its reasons in words.

    Expired, a source or a requirement that it rests on has changed (with what changed), due soon.
    """
    engine = engine_of(request)
    tongue = ui_language(lang, request.headers.get("accept-language", ""))
    wanted = ReviewFilter(
        "all",
        within,
        "published",
        own_edition(edition, engine, key),
        topic_name(topic),
        responsible or "",
        resource_type or "",
        language or "",
    )
    found = work_queue(engine, may_see(key), wanted, reasons=tuple(reason) or REASONS)
    today = engine.today()
    shown = found if format != "json" else found[offset : offset + limit]
    items = [item_document(item, engine, today, tongue, key.may_write) for item in shown]
    if format != "json":
        return table_response(queue_table(items, tongue), format, "queue")
    counts = {kind: sum(kind in item.reasons for item in found) for kind in REASONS}
    return unstored(
        json_response({"on": today.isoformat(), "total": len(found), "counts": counts, "items": items})
    )


@router.put(
    "/v1/editor/queue/reviewed",
    summary="Say that something was looked at since its source changed",
    responses={200: {"model": MarkedOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def reviewed(request: Request, body: MarkIn, key: Writer) -> Response:
    """Take an item, or all that the key may write, off the list as far as this source is the reason.

    They come back when the source changes again. The same again changes nothing.
    """
    engine = engine_of(request)
    changes = changes_of(engine)
    items = body.items
    if items is None:
        changes.source(body.source)
        items = [i for i in changes.linked(body.source) if key.may_write(changes.edition_of(i))]
    for item in items:
        _may_mark(changes, item, key)
    done = changes.mark(body.source, items, by=key.name)
    return unstored(json_response({"source": body.source, "marked": done}))


@router.delete(
    "/v1/editor/queue/reviewed",
    summary="Take back that something was looked at",
    responses={204: {"description": "It waits again."}, **problems(400, 401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
    status_code=204,
)
def not_reviewed(
    request: Request,
    source: SourceId,
    item: Annotated[str, Query(max_length=600, description="`resource:ID` or `requirement:ID`.")],
    key: Writer,
) -> Response:
    """Let an item wait again; the audit trail keeps both."""
    changes = changes_of(engine_of(request))
    _may_mark(changes, item, key)
    changes.unmark(source, item, by=key.name)
    return Response(status_code=204)


@router.get(
    "/v1/editor/authority",
    summary="Sources of authority",
    dependencies=[Depends(writer)],
    responses={200: {"model": AuthoritiesOut}, **problems(401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def authorities(request: Request, lang: Lang = None) -> Response:
    """Return registered sources, and requirements whose text has changed, with how much rests on each and waits."""
    engine = engine_of(request)
    tongue = ui_language(lang, request.headers.get("accept-language", ""))
    changes = changes_of(engine)
    waiting: dict[str, int] = {}
    for waits in changes.waiting():
        waiting[waits.source.id] = waiting.get(waits.source.id, 0) + 1
    found = [
        {
            **_source_out(source, tongue),
            "linked": len(changes.linked(source.id)),
            "waiting": waiting.get(source.id, 0),
        }
        for source in changes.sources().values()
    ]
    return unstored(json_response({"total": len(found), "sources": found}))


@router.post(
    "/v1/editor/authority",
    summary="Register sources of authority",
    responses={200: {"model": AuthoritiesWrittenOut}, **problems(400, 401, 403, 413, 422, 503)},
    openapi_extra=SECURED,
)
def register(request: Request, body: AuthoritiesIn, key: Writer) -> Response:
    """Write sources, all or none; a new version or text lets what rests on it wait. Needs a key that is not an edition's."""
    key.require_in("write", COMMON_EDITION)
    engine = engine_of(request)
    records = []
    for number, record in enumerate(body.authorities):
        try:
            records.append(authority_from_record(record))
        except InvalidRequest as error:
            raise InvalidRequest(f"authorities.{number}.{error}") from None
    report = engine.catalogue.upsert_authorities(records, by=key.name, at=engine.now())
    return unstored(
        json_response(
            {
                "added": list(report.added),
                "updated": list(report.updated),
                "unchanged": list(report.unchanged),
            }
        )
    )


@router.get(
    "/v1/editor/authority/statements",
    summary="What a source said and says",
    dependencies=[Depends(writer)],
    responses={200: {"model": StatementsOut}, **problems(400, 401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def statements(
    request: Request,
    source: SourceId,
    before: Annotated[
        int | None, Query(ge=1, description="Stored version; default the last but one.")
    ] = None,
    after: Annotated[int | None, Query(ge=1, description="Stored version; default the last.")] = None,
    lang: Lang = None,
) -> Response:
    """Return two statements of a source as stretches that are the same or differ, and what rests on it."""
    engine = engine_of(request)
    tongue = ui_language(lang, request.headers.get("accept-language", ""))
    changes = changes_of(engine)
    found = changes.source(source)
    by_number = {s.number: s for s in found.statements}
    one = by_number.get(before) if before else found.statements[max(0, len(found.statements) - 2)]
    other = by_number.get(after) if after else found.now
    if one is None or other is None:
        raise NotFound(f"{source!r} has no such statement; there are: {', '.join(map(str, by_number))}")
    waiting = {waits.item for waits in changes.waiting() if waits.source.id == source}
    return unstored(
        json_response(
            {
                **_source_out(found, tongue),
                "before": {"number": one.number, "version": one.version},
                "after": {"number": other.number, "version": other.version},
                "stretches": [
                    {"kind": s.kind, "before": s.before, "after": s.after}
                    for s in stretches(one.text, other.text)
                ],
                "items": [{"item": item, "waiting": item in waiting} for item in changes.linked(source)],
            }
        )
    )


def _source_out(source: Source, lang: str) -> dict[str, Any]:
    return {
        "id": source.id,
        "title": source.labels.get(lang) or next(iter(source.labels.values()), source.id),
        "url": source.url,
        "version": source.now.version,
        "statements": [
            {"number": s.number, "version": s.version, "recorded": s.recorded.isoformat()}
            for s in source.statements
        ],
    }


def _may_mark(changes: AuthorityChanges, item: str, key: Caller) -> None:
    key.require_in("write", changes.edition_of(item), item.removeprefix("resource:"))
