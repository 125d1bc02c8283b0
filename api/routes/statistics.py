"""What is searched for and not found: clicks and wishes of readers, demand and wishes for editors; nobody's name."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.editions import known_edition
from api.pace import Pace
from api.params import UiLanguage, ui_language
from api.routes import problems
from api.routes.reports import BYTES, CSV, TEXT, XLSX
from api.routes.resources import KEY, Writer
from api.statistics_schemas import ClickIn, DemandOut, WishesOut, WishIn, WishOut, WishStateIn, WishTakenOut
from api.texts import Translator
from engine.demand import DemandReport, Show, default_edition
from engine.demand_words import demand_document, demand_table
from engine.errors import Forbidden, NotFound
from engine.records import is_storable
from engine.reports.tables import Table, csv_bytes, workbook_bytes
from engine.search import ALL_EDITIONS
from engine.statistics_ports import WishState
from engine.wishes import Wishes, wish_document, wish_table

router = APIRouter(tags=["statistics"])
SECURED: dict[str, Any] = {"security": KEY}
Format = Annotated[Literal["json", "csv", "xlsx"], Query(description="Form of the answer.")]
Lang = Annotated[UiLanguage | None, Query(description="Language of labels and sentences.")]
Of = Annotated[
    str | None,
    Query(max_length=100, description="Searches of this edition's readers alone; default the key's edition."),
]
FILES: dict[str, Any] = {"content": {CSV: TEXT, XLSX: BYTES}}

WISHES_A_MINUTE, CLICKS_A_MINUTE = 30, 6000
"""What one server process takes from everybody together."""


class Paces:
    """How much readers may send to this process."""

    def __init__(self) -> None:
        self.wishes = Pace(WISHES_A_MINUTE)
        self.clicks = Pace(CLICKS_A_MINUTE)


@router.post(
    "/v1/statistics/click",
    summary="Count that a resource was opened",
    responses={
        204: {"description": "It is counted, if anything is."},
        **problems(404, 413, 422, 429, 503),
    },
    status_code=204,
)
def click(request: Request, body: ClickIn) -> Response:
    """Count one opening of a published resource, by day; no cookie, address or time of day goes into it.

    Meant for `navigator.sendBeacon` or `fetch` with `keepalive`.
    """
    request.app.state.paces.clicks.take()
    engine = engine_of(request)
    if not is_storable(body.resource):
        raise NotFound("no such resource")
    engine.resource(body.resource)
    engine.counter.opened(body.resource, text=body.query, position=body.position)
    return Response(status_code=204)


@router.post(
    "/v1/wishes",
    summary="Tell what you looked for",
    responses={201: {"model": WishTakenOut}, **problems(400, 404, 413, 422, 429, 503)},
    status_code=201,
)
def tell(request: Request, body: WishIn) -> Response:
    """Keep what somebody looked for and did not find, without who it was.

    What looks like a number, telephone, address or name of a person is refused with a sentence that says why, and
    nothing of it is kept.
    """
    engine = engine_of(request)
    language = ui_language(body.lang, request.headers.get("accept-language", ""))
    edition = reader_edition(body.edition, request)
    request.app.state.paces.wishes.take()
    Wishes(engine).tell(body.text, query=body.query, edition=edition, language=language)
    return unstored(json_response({"kept": True, "message": Translator(language)("wish.thanks")}, 201))


def reader_edition(edition: str | None, request: Request) -> str:
    """Return the edition that a reader's wish is kept under; raises InvalidRequest."""
    known = known_edition(edition, engine_of(request))
    return default_edition(None if known == ALL_EDITIONS else known)


@router.get(
    "/v1/editor/demand",
    summary="What people look for that the bank lacks",
    responses={200: {"model": DemandOut, **FILES}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
    tags=["editors"],
)
def demand(
    request: Request,
    key: Writer,
    show: Annotated[
        Show,
        Query(
            description="gaps: what lacks hits, a resource or a language; popular: all; zero: without hits."
        ),
    ] = "gaps",
    edition: Of = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Queries at most.")] = 100,
    format: Format = "json",
    lang: Lang = None,
) -> Response:
    """Return queries asked five times or more, with concept, requirements, plans and resources by language.

    Counted without who asked. A key of an edition sees the searches of its own readers.
    """
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    found = DemandReport(engine).demand(show=show, edition=_scope(request, key, edition), limit=limit)
    document = demand_document(found, engine, language)
    return unstored(_file(demand_table(document), format) or json_response(document))


@router.get(
    "/v1/editor/wishes",
    summary="What people say that they looked for",
    responses={200: {"model": WishesOut, **FILES}, **problems(400, 401, 403, 422, 503)},
    openapi_extra=SECURED,
    tags=["editors"],
)
def wishes(
    request: Request,
    key: Writer,
    state: Annotated[WishState | None, Query(description="Only wishes in this state.")] = None,
    edition: Of = None,
    format: Format = "json",
    lang: Lang = None,
) -> Response:
    """Return wishes, the newest day first; a key of an edition sees those of its own readers."""
    language = ui_language(lang, request.headers.get("accept-language", ""))
    found = Wishes(engine_of(request)).wishes(state=state, edition=_scope(request, key, edition))
    document = {"total": len(found), "wishes": [wish_document(wish, language) for wish in found]}
    return unstored(_file(wish_table(found, language), format) or json_response(document))


@router.put(
    "/v1/editor/wishes/{id}",
    summary="Say that a wish has been handled",
    responses={200: {"model": WishOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
    tags=["editors"],
)
def settle(request: Request, id: str, body: WishStateIn, key: Writer, lang: Lang = None) -> Response:
    """Set the state of a wish; the audit trail tells which key did, and nothing of the text."""
    language = ui_language(lang, request.headers.get("accept-language", ""))
    found = Wishes(engine_of(request))
    key.require_in("write", found.wish(id).edition)
    return unstored(json_response(wish_document(found.settle(id, body.state, by=key.name), language)))


def _scope(request: Request, key: Writer, edition: str | None) -> str | None:
    """Return the edition whose readers are looked at, None for all; a key of an edition may see its own alone."""
    asked = known_edition(edition, engine_of(request))
    if asked == ALL_EDITIONS:
        asked = None
    if key.edition is not None and asked not in {None, key.edition}:
        raise Forbidden(
            f"the key belongs to the edition {key.edition!r}, not to {asked!r}", why="another edition"
        )
    return key.edition or asked


def _file(table: Table, format: str) -> Response | None:
    if format == "csv":
        return Response(csv_bytes(table.header, table.rows), media_type=CSV)
    return Response(workbook_bytes([table]), media_type=XLSX) if format == "xlsx" else None


def unstored(response: Response) -> Response:
    """Return an answer that nobody keeps."""
    response.headers["Cache-Control"] = "no-store"
    return response
