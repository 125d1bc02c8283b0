"""What has expired, what is due soon, and what has no review date? By edition, topic, responsible, type and language.

A resource may be used on the day that it is due, and has expired on the next. Only published ones remind anybody;
withdrawn and merged ones never do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

from engine.editorial.shelf import ShelfRow, shelf_of
from engine.editorial.words import (
    HEADINGS,
    STATE_COLOURS,
    ReviewState,
    review_sentence,
    state_label,
)
from engine.entry import with_ancestors
from engine.errors import InvalidRequest
from engine.facets import value_label
from engine.reports.tables import Painted, Table
from engine.search import ALL_EDITIONS
from engine.service import Engine
from graph.status import Language

Asked = Literal["work", "expired", "due", "later", "undated", "all"]
ASKED: Final[tuple[Asked, ...]] = ("work", "expired", "due", "later", "undated", "all")
Order = Literal["due", "title", "edition", "responsible", "resource_type", "language"]
ORDERS: Final[tuple[Order, ...]] = ("due", "title", "edition", "responsible", "resource_type", "language")
LONGEST: Final = 3660
"""Furthest that a list looks ahead [days]."""
AHEAD: Final = 90
"""How far ahead a work list looks when nothing is said [days]."""
SPANS: Final = (30, 60, 90, 365)
"""Days ahead that are counted."""

See = Callable[[ShelfRow], bool]


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which resources a list is about.

    `state` ``work`` is what has expired or is due within the days of `within`; ``due`` is the latter alone, ``later``
    what is due after them. Empty texts mean any, and so does the edition ``alle``. `topic` and `resource_type` take what is narrower with them.
    """

    state: Asked = "work"
    within: int = AHEAD
    status: Literal["published", "draft"] = "published"
    edition: str = ""
    topic: str = ""
    responsible: str = ""
    resource_type: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no state or no number of days."""
        if self.state not in ASKED:
            raise InvalidRequest(f"state: one of {', '.join(ASKED)} is needed, got {self.state!r}")
        if not 0 <= self.within <= LONGEST:
            raise InvalidRequest(f"within: a number from 0 to {LONGEST} is needed, got {self.within}")

    def query(self) -> dict[str, str]:
        """Return the parameters of an address that asks for this, without those at their default."""
        return {
            name: str(value) for name, value in asdict(self).items() if value != getattr(_EVERYTHING, name)
        }


_EVERYTHING: Final = ReviewFilter()


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A resource on a list; `days` until it is due, negative after that day."""

    resource: ShelfRow
    state: ReviewState
    days: int | None


class ReviewLists:
    """Lists of one day over the whole bank.

    Parameters
    ----------
    engine : Engine
        Catalogue, vocabulary and clock.
    see : callable, optional
        Tells which resources may be shown; by default the published ones.
    """

    def __init__(self, engine: Engine, see: See | None = None) -> None:
        self._engine = engine
        self.today = engine.today()
        see = see or (lambda row: row.status == "published")
        self.rows: tuple[ShelfRow, ...] = tuple(row for row in shelf_of(engine).rows().values() if see(row))
        self._above: dict[tuple[str, str], frozenset[str]] = {}

    def rows_of(self, wanted: ReviewFilter, *, order: Order = "due") -> list[ReviewRow]:
        """Return what is wanted: the earliest date first, what has none last, ties by id.

        Raises
        ------
        InvalidRequest
            If there is no such order.
        """
        if order not in ORDERS:
            raise InvalidRequest(f"sort: one of {', '.join(ORDERS)} is needed, got {order!r}")
        found = [self._judged(row, wanted.within) for row in self.within(wanted)]
        found = [row for row in found if _asked(row, wanted.state)]
        found.sort(key=lambda r: (r.resource.review_due or date.max, r.resource.id))
        if order != "due":
            found.sort(key=lambda r: str(getattr(r.resource, order)).casefold())
        return found

    def counts(self, wanted: ReviewFilter) -> dict[str, int]:
        """Return how many published ones of the filter have expired, are due within each span, or have no date.

        The state and the days of the filter do not matter. ``due_60`` has those of ``due_30`` in it.
        """
        counts = Counter[str]()
        for row in self.within(wanted):
            judged = self._judged(row, max(SPANS))
            counts["all"] += 1
            counts[judged.state] += judged.state in {"expired", "undated"}
            for span in SPANS:
                counts[f"due_{span}"] += judged.days is not None and 0 <= judged.days <= span
        return {name: counts[name] for name in ("all", "expired", *(f"due_{s}" for s in SPANS), "undated")}

    def topics(self, row: ShelfRow) -> frozenset[str]:
        """Return the themes of a resource and all that is broader."""
        return frozenset().union(*(self._names_above("tema", theme) for theme in row.themes))

    def types(self, row: ShelfRow) -> frozenset[str]:
        """Return the type of a resource and all that is broader."""
        return self._names_above("ressurstype", row.resource_type)

    def within(self, wanted: ReviewFilter) -> Iterable[ShelfRow]:
        """Yield the resources of a filter, whatever their state."""
        for row in self.rows:
            if (
                row.status == wanted.status
                and wanted.edition in {"", ALL_EDITIONS, row.edition}
                and wanted.responsible.casefold() in {"", row.responsible.casefold()}
                and wanted.language in {"", row.language}
                and (not wanted.topic or wanted.topic in self.topics(row))
                and (not wanted.resource_type or wanted.resource_type in self.types(row))
            ):
                yield row

    def _judged(self, row: ShelfRow, within: int) -> ReviewRow:
        if row.review_due is None:
            return ReviewRow(row, "undated", None)
        days = (row.review_due - self.today).days
        state: ReviewState = "expired" if days < 0 else "due" if days <= within else "later"
        return ReviewRow(row, state, days)

    def _names_above(self, scheme: str, name: str) -> frozenset[str]:
        key = scheme, name
        if key not in self._above:
            self._above[key] = frozenset(with_ancestors(scheme, [name], self._engine.vocabulary))
        return self._above[key]


def row_document(row: ReviewRow, engine: Engine, today: date, lang: Language) -> dict[str, Any]:
    """Return a row as a document, labels in a language."""
    r, vocabulary = row.resource, engine.vocabulary

    def label(facet: str, value: str) -> str:
        return value_label(facet, value, vocabulary, lang) if value else ""

    return {
        "id": r.id,
        "title": r.title,
        "url": r.url,
        "language": r.language,
        "language_label": label("language", r.language),
        "edition": r.edition,
        "edition_label": label("edition", r.edition),
        "resource_type": r.resource_type,
        "resource_type_label": label("resource_type", r.resource_type),
        "themes": list(r.themes),
        "theme_labels": [label("theme", theme) for theme in r.themes],
        "status": r.status,
        "responsible": r.responsible,
        "review_due": r.review_due.isoformat() if r.review_due else None,
        "days": row.days,
        "state": row.state,
        "state_label": state_label(row.state, lang),
        "colour": STATE_COLOURS[row.state],
        "sentence": review_sentence(row.state, r.review_due, today, lang),
    }


_COLUMNS: Final = (
    "title",
    "state",
    "due",
    "days",
    "edition",
    "themes",
    "resource_type",
    "language",
    "responsible",
    "id",
    "url",
)


def review_table(rows: Sequence[Mapping[str, Any]], lang: Language) -> Table:
    """Return rows (`row_document`) as a table for a file: every state has its word and its colour."""
    words = HEADINGS[lang]
    return Table(
        words["list"],
        tuple(words[name] for name in _COLUMNS),
        tuple(
            (
                r["title"],
                Painted(r["state_label"], r["colour"]),
                r["review_due"],
                r["days"],
                r["edition_label"],
                ", ".join(r["theme_labels"]),
                r["resource_type_label"],
                r["language_label"],
                r["responsible"],
                r["id"],
                r["url"],
            )
            for r in rows
        ),
    )


def _asked(row: ReviewRow, state: Asked) -> bool:
    if state == "all":
        return True
    return row.state in {"expired", "due"} if state == "work" else row.state == state
