"""How are review states and reasons said? In nb, nn and en; a colour is never without its word."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from graph.status import COLOUR_WORDS, Colour, Language

ReviewState = Literal["expired", "due", "later", "undated"]
STATES: Final[tuple[ReviewState, ...]] = ("expired", "due", "later", "undated")

STATE_COLOURS: Final[Mapping[ReviewState, Colour]] = {
    "expired": "red",
    "due": "yellow",
    "later": "green",
    "undated": "grey",
}
STATE_WORDS: Final[Mapping[Language, Mapping[ReviewState, str]]] = {
    "nb": {"expired": "Gått ut", "due": "Frist snart", "later": "Gjelder", "undated": "Uten dato"},
    "nn": {"expired": "Gått ut", "due": "Frist snart", "later": "Gjeld", "undated": "Utan dato"},
    "en": {"expired": "Expired", "due": "Due soon", "later": "In force", "undated": "No date"},
}

_SENTENCES: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {
        "expired": "Fristen for gjennomgang var {day}, {n} siden.",
        "today": "Fristen for gjennomgang er i dag.",
        "due": "Fristen for gjennomgang er {day}, om {n}.",
        "later": "Neste gjennomgang er {day}.",
        "undated": "Ingen dato for gjennomgang er satt.",
    },
    "nn": {
        "expired": "Fristen for gjennomgang var {day}, for {n} sidan.",
        "today": "Fristen for gjennomgang er i dag.",
        "due": "Fristen for gjennomgang er {day}, om {n}.",
        "later": "Neste gjennomgang er {day}.",
        "undated": "Ingen dato for gjennomgang er sett.",
    },
    "en": {
        "expired": "The review was due on {day}, {n} ago.",
        "today": "The review is due today.",
        "due": "The review is due on {day}, in {n}.",
        "later": "The next review is on {day}.",
        "undated": "No review date is set.",
    },
}
_DAYS: Final[Mapping[Language, tuple[str, str]]] = {
    "nb": ("{n} dag", "{n} dager"),
    "nn": ("{n} dag", "{n} dagar"),
    "en": ("{n} day", "{n} days"),
}

HEADINGS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {
        "list": "Gjennomgang",
        "queue": "Arbeidsliste",
        "kind": "Slag",
        "id": "Id",
        "title": "Tittel",
        "state": "Status",
        "due": "Frist",
        "days": "Dager igjen",
        "edition": "Utgave",
        "themes": "Temaer",
        "resource_type": "Ressurstype",
        "language": "Språk",
        "responsible": "Ansvarlig",
        "url": "Adresse",
        "reasons": "Hvorfor",
        "difference": "Forskjell",
    },
    "nn": {
        "list": "Gjennomgang",
        "queue": "Arbeidsliste",
        "kind": "Slag",
        "id": "Id",
        "title": "Tittel",
        "state": "Status",
        "due": "Frist",
        "days": "Dagar igjen",
        "edition": "Utgåve",
        "themes": "Tema",
        "resource_type": "Ressurstype",
        "language": "Språk",
        "responsible": "Ansvarleg",
        "url": "Adresse",
        "reasons": "Kvifor",
        "difference": "Skilnad",
    },
    "en": {
        "list": "Reviews",
        "queue": "Work list",
        "kind": "Kind",
        "id": "Id",
        "title": "Title",
        "state": "State",
        "due": "Due",
        "days": "Days left",
        "edition": "Edition",
        "themes": "Themes",
        "resource_type": "Resource type",
        "language": "Language",
        "responsible": "Responsible",
        "url": "Address",
        "reasons": "Why",
        "difference": "Difference",
    },
}


def state_label(state: ReviewState, lang: Language) -> str:
    """Return a state with its colour in words.

    Examples
    --------
    >>> state_label("expired", "nn")
    'Gått ut (raud)'
    """
    return f"{STATE_WORDS[lang][state]} ({COLOUR_WORDS[lang][STATE_COLOURS[state]]})"


def review_sentence(state: ReviewState, due: date | None, on: date, lang: Language) -> str:
    """Return why something stands on the list.

    Examples
    --------
    >>> review_sentence("expired", date(2026, 11, 20), date(2026, 11, 21), "nb")
    'Fristen for gjennomgang var 2026-11-20, 1 dag siden.'
    """
    if due is None:
        return _SENTENCES[lang]["undated"]
    days = (due - on).days
    key = "today" if days == 0 else state
    one, many = _DAYS[lang]
    count = (one if abs(days) == 1 else many).format(n=abs(days))
    return _SENTENCES[lang][key].format(day=due.isoformat(), n=count)
