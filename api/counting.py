"""Which searches are counted? Those that somebody has finished asking; the next page or a filter is the same search."""

from fastapi import Request

from engine.demand import default_edition
from engine.model import SearchRequest, SearchResult
from engine.search import ALL_EDITIONS
from engine.service import Engine


def count_search(request: Request, engine: Engine, asked: SearchRequest, result: SearchResult) -> None:
    """Count a search, if it is a new question; nothing of the request but its text, edition and language is looked at."""
    if is_new_question(asked) and not is_ahead(request):
        edition = default_edition(None if asked.edition == ALL_EDITIONS else asked.edition)
        engine.counter.searched(asked.text, hits=result.total, edition=edition, language=asked.ui_language)


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
