"""What must a store of query statistics promise? Counts by day, and wishes; nothing in it can tell who asked.

No record has a field for a person, a session, an address or a time finer than a day, and the order of rows tells nothing
of the order in which things happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol

SHOWN_FROM: Final = 5
"""The smallest number that is shown, and from which a query is kept in writing."""

HITS: Final = (0, 1, 4)
"""How many hits a search had, by the least of each class: none, 1 to 3, more."""

POSITIONS: Final = (0, 1, 2, 4, 11)
"""Where in a list something was chosen, by the first place of each class; 0 when in no list."""

WishState = Literal["new", "handled"]


def class_of(number: int, classes: Sequence[int]) -> int:
    """Return the class that a number belongs to: the greatest that it reaches.

    Examples
    --------
    >>> class_of(3, HITS), class_of(0, HITS), class_of(900, HITS), class_of(7, POSITIONS)
    (1, 0, 4, 4)
    """
    return max(c for c in classes if c <= max(number, 0))


@dataclass(frozen=True, slots=True)
class SearchCount:
    """How often a query was asked on a day, in an edition, on a page of a language, with so many hits (`HITS`).

    An empty `text` stands for all queries that are not kept in writing.
    """

    text: str
    day: date
    edition: str
    language: str
    hits: int
    searches: int


@dataclass(frozen=True, slots=True)
class ClickCount:
    """How often a resource was opened on a day, after a query or without one, from a place of the list (`POSITIONS`)."""

    text: str
    resource: str
    position: int
    day: date
    clicks: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looked for and did not find, in their own words; `by` is the function that handled it."""

    id: str
    day: date
    edition: str
    language: str
    query: str
    text: str
    state: WishState = "new"
    by: str = ""
    handled: date | None = None


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows were too old."""

    searches: int = 0
    clicks: int = 0
    wishes: int = 0


class QueryStatistics(Protocol):
    """Counts of searches and clicks, and wishes. Safe for several threads and processes."""

    def add(self, searches: Sequence[SearchCount], clicks: Sequence[ClickCount], *, since: date) -> None:
        """Add to the counts, all or nothing.

        The text of a query is written when it has been asked `SHOWN_FROM` times since a day, and not before: until
        then it is known by a keyed digest.
        """
        ...

    def searches(self, *, since: date) -> Sequence[SearchCount]:
        """Return the counts since a day of the queries that are kept in writing, and of all others under an empty text.

        Over all days together (`day` is `since`); by text, edition, language and hits.
        """
        ...

    def clicks(self, *, since: date, until: date) -> Sequence[ClickCount]:
        """Return the clicks from `since` to `until`, days of both included, over all days together.

        By text, resource and position; a query that is not kept in writing has an empty text.
        """
        ...

    def prune(self, *, before: date) -> Pruned:
        """Remove what is older than a day, and the text of queries that are left with fewer than `SHOWN_FROM`."""
        ...

    def erase(self) -> None:
        """Remove everything, the key of the digests too."""
        ...

    def add_wish(self, wish: Wish) -> None:
        """Keep a wish."""
        ...

    def wishes(self, *, since: date) -> Sequence[Wish]:
        """Return the wishes since a day, the newest day first, by id within a day."""
        ...

    def settle(self, wish: str, *, state: WishState, by: str, on: date) -> Wish:
        """Say that a wish has been handled, or not; raises NotFound."""
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...
