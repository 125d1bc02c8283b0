"""Search, suggestions and feeds."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api import feeds
from api.answers import cached, engine_of
from api.counting import count_search
from api.editions import known_edition
from api.jsonld import page_url
from api.params import FacetSearchParams, SearchParams, UiLanguage, search_request, ui_language
from api.present import search_out, suggestion_out
from api.routes import problems
from api.schemas import SearchOut, SuggestOut
from api.ways_out import ways_out
from engine.asked import asked_requirements
from engine.model import SearchRequest
from engine.service import Engine

router = APIRouter(tags=["search"])
VARY = "Accept, Accept-Language"


@router.get(
    "/v1/search", summary="Search", responses={200: {"model": SearchOut}, **problems(400, 404, 422, 503)}
)
def search(request: Request, params: Annotated[FacetSearchParams, Query()]) -> Response:
    """Return hits with reasons, exact facets and an exact total.

    Facets are multi-select: values of one facet are alternatives, facets narrow each other, and a
    facet's own counts do not look at its own selection. Page with `cursor`.
    """
    engine = engine_of(request)
    lang = ui_language(params.lang, request.headers.get("accept-language", ""))

    def make() -> dict[str, Any]:
        asked = replace(search_request(params, engine, lang), facet_contains=params.contains())
        result = engine.search(asked)
        if params.final:
            count_search(request, engine, asked, result)
        body = search_out(result, engine, lang, explain=params.explain, asked=requirements_of(asked, engine))
        body["ways_out"] = [w.as_dict() for w in ways_out(engine, asked, result)]
        return body

    return cached(request, make, vary=VARY)


def requirements_of(asked: SearchRequest, engine: Engine) -> frozenset[str] | None:
    """Return the requirements of the role or plan that a search names, None without either."""
    return asked_requirements(engine, role=asked.role, plan=asked.plan, edition=asked.edition)


@router.get(
    "/v1/suggest", summary="Autocomplete", responses={200: {"model": SuggestOut}, **problems(400, 422, 503)}
)
def suggest(
    request: Request,
    q: Annotated[
        str, Query(max_length=1000, description="What has been typed so far.", examples=["fall"])
    ] = "",
    edition: Annotated[str | None, Query(max_length=100, description="Edition of the reader.")] = None,
    lang: Annotated[UiLanguage | None, Query(description="Language of the labels.")] = None,
    k: Annotated[int, Query(ge=1, le=20, description="Suggestions at most.")] = 8,
) -> Response:
    """Return concepts, roles and resources that begin like the text; none for fewer than two letters."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))

    def make() -> dict[str, Any]:
        found = engine.suggest(q, lang=language, edition=known_edition(edition, engine), k=k)
        return {"suggestions": [suggestion_out(s) for s in found]}

    return cached(request, make, vary=VARY)


@router.get(
    "/v1/feeds/atom",
    summary="A search as an Atom feed",
    responses={
        200: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}},
        **problems(400, 404, 422, 503),
    },
    response_class=Response,
)
def atom_feed(request: Request, params: Annotated[SearchParams, Query()]) -> Response:
    """Return the hits of any search, newest first unless `sort` says otherwise."""
    return _feed(request, params, "application/atom+xml")


@router.get(
    "/v1/feeds/json",
    summary="A search as a JSON Feed",
    responses={
        200: {"content": {"application/feed+json": {"schema": {"type": "object"}}}},
        **problems(400, 404, 422, 503),
    },
    response_class=Response,
)
def json_feed(request: Request, params: Annotated[SearchParams, Query()]) -> Response:
    """Return the hits of any search, newest first unless `sort` says otherwise."""
    return _feed(request, params, "application/feed+json")


def _feed(request: Request, params: SearchParams, media_type: str) -> Response:
    engine = engine_of(request)
    lang = ui_language(params.lang, request.headers.get("accept-language", ""))

    def make() -> Any:  # noqa: ANN401
        asked = search_request(params, engine, lang)
        if "sort" not in request.query_params:
            asked = replace(asked, sort="updated")
        result = engine.search(asked)
        query = f"?{quote(request.url.query, safe='=&%+;,:/')}" if request.url.query else ""
        text = " ".join(params.q.split())[:100]
        about = {
            "title": f"Kompetansegraf: {text}" if text else "Kompetansegraf",
            "self_url": page_url(engine, request.url.path + query),
            "page": page_url(engine, "/" + query),
            "lang": lang,
        }
        if media_type == "application/atom+xml":
            return feeds.atom(result, engine, **about)
        return feeds.json_feed(result, engine, **about)

    return cached(request, make, media_type=media_type, vary=VARY)
