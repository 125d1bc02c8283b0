"""What does a page of the vocabulary need to know? Names with their languages, pages of long lists, other formats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from api.answers import FORMATS, JSON
from api.editions import known_edition
from api.rendering import Page
from engine.errors import NotFound
from vocab.concept import Concept, ConceptScheme
from vocab.vocabulary import Vocabulary

ON_A_PAGE = 100
"""Concepts of a list on one page."""

LANGUAGE_ORDER = ("nb", "nn", "en", "se")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Named:
    """A thing in a list: its address, its name and the language of that, how many resources it has."""

    url: str
    label: str
    lang: str
    count: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Which part of a list is shown, and the addresses of the parts beside it, empty where there is none."""

    first: int
    last: int
    total: int
    before: str
    after: str


def words_now(page: Page) -> Vocabulary:
    """Return the vocabulary as its files are now."""
    page.engine.refresh_vocabulary()
    return page.engine.vocabulary


def edition_of(page: Page) -> str | None:
    """Return the reader's edition; raises InvalidRequest for an unknown one."""
    return known_edition(page.request.query_params.get("edition"), page.engine)


def in_language(labels: Mapping[Any, str], lang: str, fallback: str = "") -> tuple[str, str]:
    """Return a label and its language: the one asked for, else nb, nn, en, else whichever there is.

    Examples
    --------
    >>> in_language({"en": "falls", "se": "gahccan"}, "nn"), in_language({}, "nb", "tema/fall")
    (('falls', 'en'), ('tema/fall', 'nb'))
    """
    found = next((w for w in (lang, "nb", "nn", "en", *labels) if w in labels), None)
    return (fallback, lang) if found is None else (labels[found], found)


def named(page: Page, concept: Concept, counts: Mapping[str, int] | None = None, note: str = "") -> Named:
    """Return a concept for a list."""
    label, lang = in_language(concept.pref_label, page.lang, concept.id)
    url = page.links.item("vocabulary", concept.id)
    return Named(url, label, lang, counts.get(concept.id) if counts is not None else None, note)


def scheme_label(page: Page, scheme: ConceptScheme) -> str:
    """Return what a scheme is called."""
    return in_language(scheme.pref_label, page.lang, scheme.id)[0]


def part(items: Sequence[_T], number: int) -> Sequence[_T]:
    """Return a page of a list, counted from 1; raises NotFound beyond the last."""
    found = items[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    if number > 1 and not found:
        raise NotFound(f"the list has no page {number}")
    return found


def pager(page: Page, total: int, number: int, anchor: str = "") -> Pager | None:
    """Return the way through a list that is longer than a page, else None."""
    if total <= ON_A_PAGE:
        return None
    last = min(number * ON_A_PAGE, total)
    before = page.links.here(page=str(number - 1) if number > 2 else "") + anchor if number > 1 else ""
    after = page.links.here(page=str(number + 1)) + anchor if last < total else ""
    return Pager((number - 1) * ON_A_PAGE + 1, last, total, before, after)


def formats(path: str) -> list[tuple[str, str, str]]:
    """Return (media type, address, name) of the data behind a page."""
    names = {"json": "JSON", "json-ld": "JSON-LD", "turtle": "Turtle", "rdf-xml": "RDF/XML"}
    at = quote(path, safe="/:@~", errors="replace")
    return [
        (kind, at if kind == JSON else f"{at}?format={name}", names[name]) for name, kind in FORMATS.items()
    ]


def kept_fields(page: Page, *names: str) -> list[tuple[str, str]]:
    """Return what a form carries along without showing it."""
    return [(k, v) for k, v in page.links.items if k in names]
