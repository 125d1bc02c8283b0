"""Which review dates can be followed from a calendar? Those of published resources: titles and days, public anyway."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.editorial.review_lists import ReviewFilter, ReviewLists, ReviewRow
from engine.reports.due_calendar import CalendarEntry, calendar_bytes
from engine.service import Engine
from graph.status import Language

MOST: Final = 1000
"""Entries of a feed: those whose date is earliest."""

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {"feed": "Frister for gjennomgang", "expired": "Gått ut {day}: {title}", "due": "Gjennomgang {day}: {title}",
           "entry": "Gjennomgang: {title}"},
    "nn": {"feed": "Fristar for gjennomgang", "expired": "Gått ut {day}: {title}", "due": "Gjennomgang {day}: {title}",
           "entry": "Gjennomgang: {title}"},
    "en": {"feed": "Review dates", "expired": "Expired {day}: {title}", "due": "Review {day}: {title}",
           "entry": "Review: {title}"},
}  # fmt: skip


def followed(engine: Engine, wanted: ReviewFilter) -> list[ReviewRow]:
    """Return what has expired or is due within the filter's days, of published resources, at most `MOST`."""
    return ReviewLists(engine).rows_of(wanted)[:MOST]


def feed_title(wanted: ReviewFilter, lang: Language) -> str:
    """Return what a feed is called.

    Examples
    --------
    >>> feed_title(ReviewFilter(edition="ahus", topic="demens"), "nn")
    'Fristar for gjennomgang: ahus, demens'
    """
    about = ", ".join(part for part in (wanted.edition, wanted.topic, wanted.responsible) if part)
    return _WORDS[lang]["feed"] + (f": {about}" if about else "")


def entry_title(row: ReviewRow, lang: Language) -> str:
    """Return what an entry of a feed is called."""
    kind = "expired" if row.state == "expired" else "due"
    return _WORDS[lang][kind].format(day=row.resource.review_due, title=row.resource.title)


def review_calendar(engine: Engine, wanted: ReviewFilter, lang: Language) -> bytes:
    """Return review dates as iCalendar; a date that is moved moves its entry, which keeps its identity."""
    rows: Sequence[ReviewRow] = followed(engine, wanted)
    entries = [
        CalendarEntry(
            f"review|{row.resource.id}",
            row.resource.review_due,
            _WORDS[lang]["entry"].format(title=row.resource.title),
            "",
            row.resource.url,
        )
        for row in rows
        if row.resource.review_due is not None
    ]
    return calendar_bytes(feed_title(wanted, lang), entries, engine.today(), lang)
