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
    STATES,
    ReviewState,
    review_sentence,
    state_label,
)
from engine.entry import with_ancestors
from engine.errors import InvalidRequest
from engine.facets import value_label
from engine.model import ALL_EDITIONS
from engine.reports.tables import Painted, Table
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

_STATES_OF: Final[Mapping[Asked, frozenset[ReviewState]]] = {
    "work": frozenset({"expired", "due"}),
    "all": frozenset(STATES),
    **{state: frozenset({state}) for state in STATES},
}

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
        self._ordinal = self.today.toordinal()
        self._broader: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}

    def rows_of(self, wanted: ReviewFilter, *, order: Order = "due") -> list[ReviewRow]:
        """Return what is wanted: the earliest date first, what has none last, ties by id.

        Raises
        ------
        InvalidRequest
            If there is no such order.
        """
        if order not in ORDERS:
            raise InvalidRequest(f"sort: one of {', '.join(ORDERS)} is needed, got {order!r}")
        asked = _STATES_OF[wanted.state]
        found = [
            ReviewRow(row, state, days)
            for row in self.within(wanted)
            if (state := _state(days := self.days(row), wanted.within)) in asked
        ]
        found.sort(key=lambda r: (r.resource.review_due or date.max, r.resource.id))
        if order != "due":
            found.sort(key=lambda r: str(getattr(r.resource, order)).casefold())
        return found

    def counts(self, wanted: ReviewFilter) -> dict[str, int]:
        """Return how many published ones of the filter have expired, are due within each span, or have no date.

        The state and the days of the filter do not matter. ``due_60`` has those of ``due_30`` in it.
        """
        days = Counter(map(self.days, self.within(wanted)))
        counts = {"all": days.total(), "expired": sum(n for d, n in days.items() if d is not None and d < 0)}
        for span in SPANS:
            counts[f"due_{span}"] = sum(n for d, n in days.items() if d is not None and 0 <= d <= span)
        return {**counts, "undated": days[None]}

    def judged(self, row: ShelfRow, within: int) -> ReviewRow:
        """Return a resource with its state."""
        days = self.days(row)
        return ReviewRow(row, _state(days, within), days)

    def days(self, row: ShelfRow) -> int | None:
        """Return the days until a resource is due, negative after that day, None without a date."""
        return None if row.review_due is None else row.review_due.toordinal() - self._ordinal

    def topics(self, themes: tuple[str, ...]) -> frozenset[str]:
        """Return themes and all that is broader."""
        return self._above("tema", themes)

    def types(self, resource_type: str) -> frozenset[str]:
        """Return a type and all that is broader."""
        return self._above("ressurstype", (resource_type,))

    def within(self, wanted: ReviewFilter) -> Iterable[ShelfRow]:
        """Yield the resources of a filter, whatever their state."""
        responsible = wanted.responsible.casefold()
        anywhere = wanted.edition in {"", ALL_EDITIONS}
        for row in self.rows:
            if (
                row.status == wanted.status
                and (anywhere or wanted.edition == row.edition)
                and (not wanted.language or wanted.language == row.language)
                and (not wanted.topic or wanted.topic in self.topics(row.themes))
                and (not wanted.resource_type or wanted.resource_type in self.types(row.resource_type))
                and (not responsible or responsible == row.responsible.casefold())
            ):
                yield row

    def _above(self, scheme: str, names: tuple[str, ...]) -> frozenset[str]:
        key = scheme, names
        if key not in self._broader:
            self._broader[key] = frozenset(with_ancestors(scheme, names, self._engine.vocabulary))
        return self._broader[key]


def _state(days: int | None, within: int) -> ReviewState:
    if days is None:
        return "undated"
    return "expired" if days < 0 else "due" if days <= within else "later"


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
