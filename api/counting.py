"""Which searches are counted? Those that somebody has finished asking; the next page or a filter is the same search."""

from fastapi import Request

from engine.demand import default_edition
from engine.known_words import LONGEST
from engine.model import ALL_EDITIONS, SearchRequest, SearchResult
from engine.personal_text import personal
from engine.service import Engine

PLACE = "plass"
"""Parameter of a resource's page: its place in the list of hits, from 1."""


def count_search(request: Request, engine: Engine, asked: SearchRequest, result: SearchResult) -> None:
    """Count a search, if it is a new question; nothing of the request but its text, edition and language is looked at."""
    if is_new_question(asked) and not is_ahead(request):
        edition = default_edition(None if asked.edition == ALL_EDITIONS else asked.edition)
        engine.counter.searched(asked.text, hits=result.total, edition=edition, language=asked.ui_language)


def told_of_hit(engine: Engine, asked: SearchRequest, rank: int) -> tuple[tuple[str, str], ...]:
    """Return what the link of a hit tells the page of the resource, so that opening it is counted by query and place.

    Nothing where nothing is counted, and no query that may tell of a person.
    """
    text = " ".join(asked.text.split())
    if not engine.counter.counts or not text:
        return ()
    place = (PLACE, str(rank))
    return (place,) if len(text) > LONGEST or personal(text) is not None else (("q", text), place)


def count_opened(request: Request, engine: Engine, resource: str) -> None:
    """Count that the page of a resource was opened, after a search or from elsewhere."""
    if is_ahead(request):
        return
    place = request.query_params.get(PLACE, "")
    if place.isascii() and place.isdigit() and len(place) < 6:
        engine.counter.opened(resource, text=request.query_params.get("q", ""), position=int(place))
    else:
        engine.counter.opened(resource)


def is_new_question(asked: SearchRequest) -> bool:
    """Tell whether a search is no page, narrowing or sorting of one that has been counted."""
    limits = (asked.cursor, asked.max_duration, asked.reviewed_since, asked.published_since)
    return (
        bool(asked.text.strip())
        and not asked.filters
        and all(limit is None for limit in limits)
        and asked.sort == "relevance"
        and asked.mode == "hybrid"
    )


def is_ahead(request: Request) -> bool:
    """Tell whether a browser fetches a page that nobody has asked for yet."""
    return "prefetch" in (request.headers.get("sec-purpose", "") + request.headers.get("purpose", ""))
