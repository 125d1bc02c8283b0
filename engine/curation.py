"""What do editors want seen, or not seen, for a query? Pinned and hidden results, dated and owned.

A ruling holds for one query: the same words in the same order, whatever their casing and what stands between them. It
holds everywhere or in one edition, until a day if one is named. A pinned result comes first, in the order in which
results were pinned, and belongs to the answer even where no word of it was asked for; filters hold for it as for any.
A hidden result is not in the answer at all. Neither changes anything for other queries.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal

from engine.errors import InvalidRequest, NotFound
from engine.model import ALL_EDITIONS, COMMON_EDITION, Decision, Resource
from engine.ports import Catalogue
from engine.records import is_storable
from vocab.analysis import fold, surface_words

CurationVerdict = Literal["pinned", "hidden"]

EVERYWHERE: Final = "*"
MOST: Final = 10
"""Results that may be pinned for one query in one place: a page of them."""
MAX_QUERY: Final = 200
"""Longest query that may be curated [characters]."""

_VERDICTS: Final[Mapping[CurationVerdict, Literal["pinned", "blocked"]]] = {
    "pinned": "pinned",
    "hidden": "blocked",
}


def query_key(text: str) -> str:
    """Return what two queries have in common that are curated as one.

    Examples
    --------
    >>> query_key("  Fall hos ELDRE? ") == query_key("fall, hos eldre")
    True
    >>> query_key("!?")
    ''
    """
    return " ".join(fold(word) for word in surface_words(text))


@dataclass(frozen=True, slots=True)
class CuratedResult:
    """A result that editors have pinned or hidden for a query.

    `edition` is empty where it holds everywhere; `until` is the last day of it, None without end; `by` is a function
    or key name; `position` grows with each one that is pinned for the query.
    """

    query: str
    resource: str
    verdict: CurationVerdict
    edition: str = ""
    reason: str = ""
    until: date | None = None
    by: str = ""
    at: datetime | None = None
    position: int = 0

    @property
    def key(self) -> str:
        """The query as it is compared."""
        return query_key(self.query)

    @property
    def where(self) -> str:
        """The place and the resource, as rulings name them."""
        return f"{self.edition or EVERYWHERE}|{self.resource}"


def curated_of(ruling: Decision) -> CuratedResult:
    """Return the curated result that a ruling of kind ``search`` made."""
    place, _, resource = ruling.object.partition("|")
    return CuratedResult(
        ruling.label or ruling.subject,
        resource,
        "pinned" if ruling.verdict == "pinned" else "hidden",
        "" if place == EVERYWHERE else place,
        ruling.reason,
        ruling.until,
        ruling.by,
        ruling.at,
        int(ruling.score or 0),
    )


@dataclass(frozen=True, slots=True)
class Curation:
    """All that holds on a day, by query."""

    by_query: Mapping[str, tuple[CuratedResult, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, text: str, edition: str | None) -> tuple[tuple[str, ...], frozenset[str]]:
        """Return the ids that are pinned, first one first, and those that are hidden, for a reader of an edition.

        What an edition says of a resource counts there, whatever is said everywhere.
        """
        found = self.by_query.get(query_key(text), ()) if self.by_query else ()
        own = edition if edition not in {None, ALL_EDITIONS} else COMMON_EDITION
        verdicts = {r.resource: r.verdict for r in found if not r.edition}
        verdicts |= {r.resource: r.verdict for r in found if r.edition == own}
        pinned = dict.fromkeys(r.resource for r in found if r.edition in {"", own})
        return (
            tuple(id_ for id_ in pinned if verdicts[id_] == "pinned"),
            frozenset(id_ for id_, verdict in verdicts.items() if verdict == "hidden"),
        )


NO_CURATION: Final = Curation()


class CurrentCuration:
    """What the catalogue's rulings on results mean today, read again when there are new ones; safe for several threads."""

    def __init__(self, catalogue: Catalogue, today: Callable[[], date]) -> None:
        self._catalogue = catalogue
        self._today = today
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, date], Curation] | None = None

    def read(self) -> Curation:
        """Return what holds now."""
        key = (self._catalogue.ruling_seq(), self._today())
        with self._lock:
            if self._known is None or self._known[0] != key:
                self._known = key, in_force(self._catalogue.decisions("search"), key[1])
            return self._known[1]


def in_force(rulings: Iterable[Decision], today: date) -> Curation:
    """Return what rulings of kind ``search`` mean on a day."""
    by_query: dict[str, list[CuratedResult]] = {}
    for ruling in rulings:
        if ruling.until is None or ruling.until >= today:
            by_query.setdefault(ruling.subject, []).append(curated_of(ruling))
    return Curation({key: tuple(sorted(found, key=_first_pinned)) for key, found in by_query.items()})


class ResultEditor:
    """Pins and hides results of queries.

    Parameters
    ----------
    catalogue : Catalogue
        Where rulings are kept.
    now : callable
        The clock.
    """

    def __init__(self, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._now = now

    def resource(self, resource_id: str) -> Resource:
        """Return a resource, published or not; raises NotFound."""
        found = self._catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        return found

    def rulings(self, query: str | None = None) -> Sequence[CuratedResult]:
        """Return what is pinned and hidden, by query, those that have ended too."""
        key = None if query is None else _checked_key(query)
        found = [curated_of(ruling) for ruling in self._catalogue.decisions("search", key)]
        return sorted(found, key=lambda r: (r.key, r.edition, *_first_pinned(r)))

    def rule(self, wanted: CuratedResult, *, by: str) -> CuratedResult:
        """Pin or hide a result, in place of what was said of it before in the same place.

        The same again changes nothing.

        Raises
        ------
        NotFound
            If there is no such resource.
        InvalidRequest
            If the query has no words, the last day has passed, or enough is pinned already.
        """
        key, now = _checked_key(wanted.query), self._now()
        self.resource(wanted.resource)
        if wanted.until is not None and wanted.until < now.date():
            raise InvalidRequest(f"until: a day from today on is needed, got {wanted.until.isoformat()}")
        ruling = Decision(
            "search",
            key,
            wanted.where,
            _VERDICTS[wanted.verdict],
            by,
            now,
            wanted.reason,
            until=wanted.until,
            label=" ".join(wanted.query.split()),
            score=self._position(key, wanted.where),
        )
        standing = self._catalogue.decisions("search", key)
        for earlier in standing:
            if (earlier.object, earlier.verdict, earlier.until, earlier.reason) == (
                ruling.object,
                ruling.verdict,
                ruling.until,
                ruling.reason,
            ):
                return curated_of(earlier)
        others = [
            r for r in map(curated_of, standing) if r.edition == wanted.edition and r.verdict == "pinned"
        ]
        if wanted.verdict == "pinned" and sum(r.resource != wanted.resource for r in others) >= MOST:
            raise InvalidRequest(
                f"resource: {MOST} results are pinned for {key!r} already; take one back first"
            )
        self._catalogue.record(ruling)
        return curated_of(ruling)

    def withdraw(self, query: str, resource_id: str, edition: str = "", *, by: str) -> None:
        """Take a ruling back; raises NotFound if there is none in that place."""
        key = _checked_key(query)
        named = CuratedResult(query, resource_id, "pinned", edition)
        if not any(ruling.object == named.where for ruling in self._catalogue.decisions("search", key)):
            raise NotFound(f"{resource_id!r} is neither pinned nor hidden there for {key!r}")
        self._catalogue.record(Decision("search", key, named.where, "withdrawn", by, self._now()))

    def _position(self, key: str, where: str) -> float:
        standing = self._catalogue.decisions("search", key)
        own = next((r.score for r in standing if r.object == where and r.score), None)
        return own or 1 + max((r.score or 0 for r in standing), default=0)


def _checked_key(query: str) -> str:
    key = query_key(query)
    if not key or len(query) > MAX_QUERY:
        raise InvalidRequest(
            f"query: a query of one word or more and at most {MAX_QUERY} characters is needed"
        )
    return key


def _first_pinned(result: CuratedResult) -> tuple[int, str]:
    return result.position, result.resource
