"""Review dates to follow: a feed and a calendar of what is published, for whoever subscribes; no sign-in."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api import feeds
from api.answers import cached, engine_of
from api.editions import known_edition
from api.jsonld import page_url
from api.params import UiLanguage, ui_language
from api.routes import problems
from api.routes.status import ICS
from engine.editorial.review_feed import feed_title, followed, review_calendar
from engine.editorial.review_lists import LONGEST, ReviewFilter
from engine.search import ALL_EDITIONS
from engine.service import Engine

router = APIRouter(tags=["search"])
ATOM = "application/atom+xml"
VARY = "Accept, Accept-Language"

Lang = Annotated[UiLanguage | None, Query(description="Language of titles.")]
Edition = Annotated[str | None, Query(max_length=100, description="Only this edition; default all.")]
Topic = Annotated[str | None, Query(max_length=200, description="Only this theme and what is narrower.")]
Responsible = Annotated[str | None, Query(max_length=500, description="Only what this function keeps right.")]
Within = Annotated[int, Query(ge=0, le=LONGEST, description="How far to look ahead [days].")]


@router.get(
    "/v1/feeds/review.atom",
    summary="Review dates as Atom",
    responses={200: {"content": {ATOM: {"schema": {"type": "string"}}}}, **problems(400, 422, 503)},
    response_class=Response,
)
def atom(
    request: Request,
    edition: Edition = None,
    topic: Topic = None,
    responsible: Responsible = None,
    within: Within = 365,
    lang: Lang = None,
) -> Response:
    """Return what has expired and what is due, of published resources: titles and days."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))

    def make() -> bytes:
        wanted = _wanted(engine, edition, topic, responsible, within)
        query = f"?{quote(request.url.query, safe='=&%+;,:/')}" if request.url.query else ""
        return feeds.review_atom(
            followed(engine, wanted),
            engine,
            title=feed_title(wanted, language),
            self_url=page_url(engine, request.url.path + query),
            lang=language,
        )

    return cached(request, make, media_type=ATOM, vary=VARY)


@router.get(
    "/v1/feeds/review.ics",
    summary="Review dates as a calendar",
    responses={200: {"content": {ICS: {"schema": {"type": "string"}}}}, **problems(400, 422, 503)},
    response_class=Response,
)
def calendar(
    request: Request,
    edition: Edition = None,
    topic: Topic = None,
    responsible: Responsible = None,
    within: Within = 365,
    lang: Lang = None,
) -> Response:
    """Return the same as iCalendar (RFC 5545): whole days that take no time, to subscribe to."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))

    def make() -> bytes:
        return review_calendar(engine, _wanted(engine, edition, topic, responsible, within), language)

    return cached(request, make, media_type=ICS, vary=VARY)


def _wanted(
    engine: Engine, edition: str | None, topic: str | None, responsible: str | None, within: int
) -> ReviewFilter:
    known = known_edition(edition, engine) or ""
    return ReviewFilter(
        "work",
        within,
        edition="" if known == ALL_EDITIONS else known,
        topic=(topic or "").removeprefix("tema/"),
        responsible=responsible or "",
    )
