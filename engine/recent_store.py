"""What is kept of an entry that was written lately? Postings of its terms, and what is not found by them."""

import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.entry_vectors import checked_vectors
from engine.model import Field, IndexEntry, Resource, Vectors

SCORING_FIELDS: Final[tuple[Field, ...]] = ("terms", "grams")
_EXACT: Final = 40
"""Lengths below this are not rounded [terms]."""
_FREE: Final = 24
_SPACE: Final = "\0"
"""Stands around every word of `RecentEntry.surface`; a word that has it is written with an escape."""
_ESCAPE: Final = "\x1a"

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RecentEntry:
    """An entry as it is kept: its place in the store's postings, and all that is not found by them.

    `lengths` are those of the scoring fields [terms], rounded; `surface` the words as written, apart.
    """

    slot: int
    resource: Resource
    lengths: Mapping[Field, int]
    surface: str
    title_surface: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, float]
    passages: tuple[tuple[int, int], ...]
    vectors: Vectors | None

    @property
    def words(self) -> frozenset[str]:
        """The words as written."""
        inside = self.surface[1:-1].split(_SPACE) if len(self.surface) > 1 else ()
        return frozenset(map(_unescaped, inside))


class RecentStore:
    """Postings of entries, only ever added to; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._postings: dict[Field, dict[str, array[int]]] = {field: {} for field in SCORING_FIELDS}
        self._slots = 0

    def __len__(self) -> int:
        """Return how many entries have been taken in."""
        return self._slots

    def put(self, entry: IndexEntry) -> RecentEntry:
        """Take an entry in; it is found in the views that are made with what is returned.

        Raises
        ------
        InvalidRequest
            If there is not one vector for each passage.
        """
        vectors = checked_vectors(entry, 0)
        counted = {field: Counter(getattr(entry, field)) for field in SCORING_FIELDS}
        with self._lock:
            slot = self._slots
            self._slots += 1
            for field, counts in counted.items():
                self._add(field, slot, counts)
        return RecentEntry(
            slot=slot,
            resource=entry.resource,
            lengths={field: rounded_length(counts.total()) for field, counts in counted.items()},
            surface=words_apart(entry.surface),
            title_surface=entry.title_surface,
            facets=entry.facets,
            numbers=entry.numbers,
            passages=tuple((passage.start, passage.end) for passage in entry.passages),
            vectors=vectors,
        )

    def postings(self, field: Field, term: str) -> tuple[Rows, Scores]:
        """Return the slots that have a term and how often, in the order in which they were taken in."""
        with self._lock:
            found = np.array(self._postings[field].get(term, ()), dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1].astype(np.float64)

    def kept(self, entries: Iterable[RecentEntry]) -> tuple["RecentStore", list[RecentEntry]]:
        """Return a store of these entries alone, and the entries in it; views of this one stay as they are."""
        fresh, moved = RecentStore(), list(entries)
        places = {entry.slot: slot for slot, entry in enumerate(moved)}
        with self._lock:
            for field, postings in self._postings.items():
                for term, found in postings.items():
                    left = array("I")
                    for slot, count in zip(found[::2], found[1::2], strict=True):
                        if slot in places:
                            left.extend((places[slot], count))
                    if left:
                        fresh._postings[field][term] = left
        fresh._slots = len(moved)
        return fresh, [replace(entry, slot=places[entry.slot]) for entry in moved]

    def _add(self, field: Field, slot: int, counts: Mapping[str, int]) -> None:
        postings = self._postings[field]
        for term, count in counts.items():
            known = postings.get(term)
            if known is None:
                known = postings[term] = array("I")
            known.extend((slot, count))


def rounded_length(length: int) -> int:
    """Return a length as Lucene and tantivy keep it in one byte: four significant bits above 40.

    Examples
    --------
    >>> [rounded_length(n) for n in (7, 39, 41, 100, 1000)]
    [7, 39, 40, 96, 984]
    """
    if length < _EXACT:
        return length
    above = length - _FREE
    lost = max(0, above.bit_length() - 4)
    return _FREE + (above >> lost << lost)


def words_apart(words: Sequence[str]) -> str:
    """Return the words as one text in which each stands between two spaces of its own."""
    if not words:
        return _SPACE
    escaped = (word.replace(_ESCAPE, f"{_ESCAPE}1").replace(_SPACE, f"{_ESCAPE}0") for word in words)
    return _SPACE.join(("", *escaped, ""))


def _unescaped(word: str) -> str:
    return word.replace(f"{_ESCAPE}0", _SPACE).replace(f"{_ESCAPE}1", _ESCAPE)
