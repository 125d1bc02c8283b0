"""Editors: merge two resources, take that back, and keep a pair as a supplement or as translations."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.merge_schemas import KeepIn, KeptOut, KeptPairsOut, MergedOut, MergeIn, MergesOut
from api.params import UiLanguage, ui_language
from api.routes import problems
from api.routes.duplicates import A, B, compared, may_rule
from api.routes.reports import BYTES, CSV, TEXT, XLSX
from api.routes.resources import KEY, Writer
from api.security import Caller
from engine.errors import NotFound
from engine.merging import Merged, ResourceMerger, kept_table, merges_table
from engine.model import Decision
from engine.not_duplicates import STATED
from engine.pair_reasons import class_name
from engine.reports.tables import Table, csv_bytes, workbook_bytes
from engine.service import Engine

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of labels and headings.")]
Format = Annotated[Literal["json", "csv", "xlsx"], Query(description="Form of the answer.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows at most, of JSON.")]
FILES: dict[str, Any] = {CSV: TEXT, XLSX: BYTES}


@router.get(
    "/v1/editor/merges",
    summary="Resources that have been merged",
    responses={200: {"model": MergesOut, "content": FILES}, **problems(401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def merges(
    request: Request, key: Writer, lang: Lang = None, format: Format = "json", limit: Limit = 200
) -> Response:
    """Return the merges that stand, the newest first, and what the other resource has taken over.

    A key of an edition sees those of its edition's resources. Needs the scope `write`.
    """
    engine = engine_of(request)
    found = [m for m in ResourceMerger(engine).merges() if key.may_write(m.old_edition)]
    if format != "json":
        return table_out(merges_table(found, ui_language(lang, spoken(request))), format)
    return unstored({"total": len(found), "merges": [_merged_out(m) for m in found[:limit]]})


@router.put(
    "/v1/editor/merges",
    summary="Merge a resource into another",
    responses={200: {"model": MergedOut}, **problems(400, 401, 403, 404, 409, 413, 422, 503)},
    openapi_extra=SECURED,
)
def merge(request: Request, body: MergeIn, key: Writer) -> Response:
    """Let one resource count for another, at once, whatever is imported.

    The old address leads to the new one (301), and the old one is in no list any more. Its links to requirements and its
    accepted and pinned tags count for the new one, whose text stays as it is. The key must be of the old one's edition,
    or of none, and the new one common or of that edition, too. The same again changes nothing.
    """
    merger = ResourceMerger(engine_of(request))
    old, new = merger.resource(body.old), merger.resource(body.new)
    key.require_own(old)
    key.require_seen(new)
    key.require_merge(old, new)
    return unstored(_merged_out(merger.merge(body.old, body.new, by=key.name, reason=body.reason)))


@router.delete(
    "/v1/editor/merges",
    summary="Take a merge back",
    responses={
        204: {"description": "The resource is what its source says again."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def unmerge(
    request: Request,
    old: Annotated[str, Query(max_length=512, description="Id that leads on.", examples=["kb-0081"])],
    key: Writer,
) -> Response:
    """Let a merged resource be one of its own again, with its links and tags. The audit trail keeps both."""
    merger = ResourceMerger(engine_of(request))
    key.require("merge", merger.resource(old))
    merger.undo(old, by=key.name)
    return Response(status_code=204)


@router.get(
    "/v1/editor/kept-pairs",
    summary="Pairs that are kept as supplements and translations",
    responses={200: {"model": KeptPairsOut, "content": FILES}, **problems(401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def kept_pairs(
    request: Request, key: Writer, lang: Lang = None, format: Format = "json", limit: Limit = 200
) -> Response:
    """Return the pairs that editors have said to be supplements or translations, in order of their ids.

    A key of an edition sees pairs with a resource of its edition. Needs the scope `write`.
    """
    engine = engine_of(request)
    language = ui_language(lang, spoken(request))
    found = [d for d in engine.duplicates.rulings.kept() if _may_see(d, engine, key)]
    if format != "json":
        return table_out(kept_table(engine, found, language), format)
    return unstored({"total": len(found), "pairs": [_kept_out(d, language) for d in found[:limit]]})


@router.put(
    "/v1/editor/kept-pairs",
    summary="Keep a pair as a supplement or as translations",
    responses={200: {"model": KeptOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def keep(request: Request, a: A, b: B, body: KeepIn, key: Writer, lang: Lang = None) -> Response:
    """Say that a local text supplements a common one, or that two are translations: nothing is left to do about them.

    From then on the pair has that class, until it is taken back or ruled otherwise. The key must be of one of their
    editions, or of none.
    """
    engine = engine_of(request)
    found = compared(engine, a, b, key)
    may_rule(found, key, body.verdict)
    ruling = engine.duplicates.rulings.keep(
        found.a, found.b, body.verdict, by=key.name, at=engine.now(), reason=body.reason
    )
    return unstored(_kept_out(ruling, ui_language(lang, spoken(request))))


@router.delete(
    "/v1/editor/kept-pairs",
    summary="Take back what a pair is kept as",
    responses={
        204: {"description": "There is no ruling any more."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def let_go(request: Request, a: A, b: B, key: Writer) -> Response:
    """Take a ruling back: the pair is listed again as what the program finds. The audit trail keeps both."""
    engine = engine_of(request)
    found = compared(engine, a, b, key)
    stated = found.ruled.decision.verdict if found.ruled and found.ruled.stated else "supplement"
    may_rule(found, key, "translation" if stated == "translation" else "supplement")
    if not engine.duplicates.rulings.withdraw(a, b, by=key.name, at=engine.now(), verdicts=tuple(STATED)):
        raise NotFound(f"nobody has said that {a!r} and {b!r} are kept")
    return Response(status_code=204)


def table_out(table: Table, format: str) -> Response:
    """Return a list as a file that is not kept."""
    if format == "xlsx":
        answer = Response(workbook_bytes([table]), media_type=XLSX)
    else:
        answer = Response(csv_bytes(table.header, table.rows), media_type=CSV)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def unstored(body: dict[str, Any]) -> Response:
    """Return JSON that is not kept."""
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def spoken(request: Request) -> str:
    """Return the languages that the asker reads."""
    return request.headers.get("accept-language", "")


def _may_see(ruling: Decision, engine: Engine, key: Caller) -> bool:
    found = engine.catalogue.get_many([ruling.subject, ruling.object]).values()
    return any(key.may_write(r.edition) for r in found)


def _merged_out(m: Merged) -> dict[str, Any]:
    return {
        "old": m.old,
        "new": m.new,
        "goes_to": m.goes_to,
        "by": m.by,
        "at": m.at.isoformat(),
        "reason": m.reason,
        "old_title": m.old_title,
        "new_title": m.new_title,
        "old_edition": m.old_edition,
        "new_edition": m.new_edition,
        "language": m.language,
        "requirements": list(m.requirements),
        "concepts": list(m.concepts),
    }


def _kept_out(ruling: Decision, lang: str) -> dict[str, Any]:
    kind = STATED[ruling.verdict]
    return {
        "a": ruling.subject,
        "b": ruling.object,
        "verdict": ruling.verdict,
        "kind": kind,
        "label": class_name(kind, lang),
        "by": ruling.by,
        "at": ruling.at.isoformat(),
        "reason": ruling.reason,
    }
