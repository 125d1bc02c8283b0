"""Which of what was written lately meets a query, and how does it score beside a build? A small index in memory.

`RecentEntries` is an unchanging view of some entries of a `RecentStore`, safe for any number of threads. Scores
are BM25 with the statistics of the build that lies beneath, as if the entry were in it: lengths are rounded as
Lucene and tantivy do, so an entry scores here as it would there. A term that no resource of the build has is as
rare as it is among the entries themselves.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import IndexIncompatible
from engine.model import (
    WEIGHT_TOLERANCE,
    Candidates,
    Clause,
    Field,
    IndexQuery,
    LexicalQuery,
    Part,
    Range,
    Resource,
    TermStatistics,
    Vectors,
    Written,
)
from engine.recent_store import SCORING_FIELDS, RecentEntry, RecentStore, Rows, Scores, words_apart

K1: Final = 1.2
B: Final = 0.75
_KEPT_MASKS: Final = 256

Mask = NDArray[np.bool_]
Statistics = Callable[[Field, Sequence[str]], TermStatistics]


class RecentEntries:
    """A view of some entries of a store, in id order; it never changes.

    Parameters
    ----------
    store : RecentStore
        Where the entries have been put.
    entries : iterable of RecentEntry
        One for each resource.
    """

    def __init__(self, store: RecentStore, entries: Iterable[RecentEntry]) -> None:
        self._store = store
        self._rows = sorted(entries, key=lambda entry: entry.resource.id)
        self._of = {entry.resource.id: row for row, entry in enumerate(self._rows)}
        self._row_of_slot = np.full(1 + max((e.slot for e in self._rows), default=-1), -1, dtype=np.int64)
        self._row_of_slot[[entry.slot for entry in self._rows]] = np.arange(len(self._rows))
        self._masks: dict[tuple[str, tuple[str, ...]], Mask] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, resource_id: object) -> bool:
        return resource_id in self._of

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of all."""
        return frozenset(self._of)

    @cached_property
    def unembedded(self) -> frozenset[str]:
        """Ids of those that have no vectors yet."""
        return frozenset(entry.resource.id for entry in self._rows if entry.vectors is None)

    def get(self, resource_id: str) -> Resource | None:
        """Return a resource as it is indexed here."""
        row = self._of.get(resource_id)
        return None if row is None else self._rows[row].resource

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors | None]:
        """Return the passages' offsets and vectors of a resource that is here."""
        entry = self._rows[self._of[resource_id]]
        return entry.passages, entry.vectors if entry.vectors is not None and len(entry.vectors) else None

    def suggest(
        self, words: Sequence[str], scope: Mapping[str, tuple[str, ...]], exclude: frozenset[str]
    ) -> list[tuple[str, str]]:
        """Return (id, title) of those whose title has all `words`, the last one as a prefix."""
        mask = self._scope(scope) if words else ()
        return [
            (entry.resource.id, entry.resource.title)
            for entry, inside in zip(self._rows, mask, strict=bool(words))
            if inside
            and entry.resource.id not in exclude
            and any(word.startswith(words[-1]) for word in entry.title_surface)
            and set(words[:-1]) <= set(entry.title_surface)
        ]

    def words(self, exclude: frozenset[str] = frozenset()) -> Counter[str]:
        """Return the words as written with the number of resources that have each."""
        kept = (entry for entry in self._rows if entry.resource.id not in exclude)
        return Counter(word for entry in kept for word in entry.words)

    def document_frequency(self, field: Field, terms: Sequence[str], exclude: frozenset[str]) -> list[int]:
        """Return the number of resources that have each term."""
        left_out = [self._of[id_] for id_ in exclude if id_ in self._of]
        return [int(np.count_nonzero(~np.isin(self._having(field, term)[0], left_out))) for term in terms]

    def on_the_scale_of(self, build: TermStatistics, field: Field, terms: Sequence[str]) -> TermStatistics:
        """Return the statistics of a build, completed from these entries where it knows nothing of a term, or at all."""
        lengths = self._lengths[field]
        return TermStatistics(
            build.resources or len(self),
            build.mean_length or (float(lengths.mean()) if len(lengths) else 0.0),
            tuple(
                having or len(self._having(field, term)[0])
                for term, having in zip(terms, build.frequencies, strict=True)
            ),
        )

    def near(self, query: IndexQuery) -> list[tuple[float, str]]:
        """Return (cosine, id) of the nearest before filters, as many as the vector leg may give."""
        if query.vector is None or not len(self._owners):
            return []
        similarity, _ = self._compare(query.vector, self._base(query))
        return [(float(similarity[row]), self._rows[row].resource.id) for row in _near(similarity, query)]

    def search(self, query: IndexQuery, statistics: Statistics) -> Candidates:
        """Answer a query as an index of these entries alone would, with scores made by `statistics`.

        Raises
        ------
        IndexIncompatible
            If the query's vector has another length than those that are here.
        """
        base = self._base(query)
        n = len(self._rows)
        lexical = np.full(n, np.nan)
        found = base.copy() if query.lexical is None and query.vector is None else np.zeros(n, dtype=np.bool_)
        if query.lexical is not None:
            matches = self._matches(query.lexical) & base
            found |= matches
            lexical[matches] = self._scores(query.lexical.clauses, matches, statistics)[matches]
        similarity, passage = np.full(n, np.nan), np.full(n, -1, dtype=np.int64)
        cosine = np.full(n, np.nan)
        nearest = np.full(n, -1, dtype=np.int64)
        if query.vector is not None and len(self._owners):
            similarity, passage = self._compare(query.vector, base)
            near = _near(similarity, query)
            found[near] = True
            cosine[near], nearest[near] = similarity[near], passage[near]
        filters = {name: self._column(name, values) for name, values in query.filters.items()}
        result = np.flatnonzero(found & _all_but(filters, None, n))
        scored, compared = lexical[~np.isnan(lexical)], similarity[~np.isnan(similarity)]
        return Candidates(
            ids=tuple(self._rows[row].resource.id for row in result),
            lexical=lexical[result],
            cosine=cosine[result],
            similarity=similarity[result],
            passage=nearest[result],
            numbers={name: column[result] for name, column in self._numbers.items()},
            facets={
                name: self._counts(name, np.flatnonzero(found & _all_but(filters, name, n)))
                for name in query.facets
            },
            population=(int(np.count_nonzero(base)), float(scored.sum()), float((scored**2).sum())),
            vectors_missing=sum(self._rows[row].vectors is None for row in np.flatnonzero(base)),
            similarity_population=(len(compared), float(compared.sum()), float((compared**2).sum())),
        )

    # --- what a row is -------------------------------------------------------------------------

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.float64]]:
        names = sorted({name for entry in self._rows for name in entry.numbers})
        return {
            name: np.array([entry.numbers.get(name, np.nan) for entry in self._rows], dtype=np.float64)
            for name in names
        }

    def _column(self, name: str, values: Sequence[str]) -> Mask:
        """Return which rows have one of the values; what is asked again and again is kept."""
        key = (name, tuple(values))
        mask = self._masks.get(key)
        if mask is None:
            wanted = set(values)
            found = [not wanted.isdisjoint(entry.facets.get(name, ())) for entry in self._rows]
            mask = np.array(found, dtype=np.bool_)
            if len(self._masks) < _KEPT_MASKS:
                self._masks[key] = mask
        return mask

    def _scope(self, scope: Mapping[str, tuple[str, ...]]) -> Mask:
        return _all_but({name: self._column(name, values) for name, values in scope.items()}, None, len(self))

    def _counts(self, name: str, rows: Rows) -> dict[str, int]:
        return dict(Counter(value for row in rows for value in set(self._rows[row].facets.get(name, ()))))

    def _base(self, query: IndexQuery) -> Mask:
        """Return which rows the whole answer is about."""
        mask = self._scope(query.scope).copy()
        mask[[self._of[id_] for id_ in query.exclude if id_ in self._of]] = False
        for bounds in query.ranges:
            mask &= self._within(bounds)
        for parts in query.conditions.required:
            mask &= self._any(self._has(part) for part in parts)
        for part in query.conditions.excluded:
            mask &= ~self._has(part)
        return mask

    def _within(self, bounds: Range) -> Mask:
        numbers = self._numbers.get(bounds.field, np.full(len(self), np.nan))
        low = -np.inf if bounds.low is None else bounds.low
        high = np.inf if bounds.high is None else bounds.high
        return np.asarray((numbers >= low) & (numbers <= high))

    # --- words ---------------------------------------------------------------------------------

    def _having(self, field: Field, term: str) -> tuple[Rows, Scores]:
        """Return the rows that have a term and how often."""
        slots, counts = self._store.postings(field, term)
        known = slots < len(self._row_of_slot)
        rows = self._row_of_slot[slots[known]]
        return rows[rows >= 0], counts[known][rows >= 0]

    def _all_of(self, terms: Iterable[str]) -> Mask:
        mask = np.ones(len(self), dtype=np.bool_)
        for term in terms:
            has = np.zeros(len(self), dtype=np.bool_)
            has[self._having("terms", term)[0]] = True
            mask &= has
        return mask

    def _any(self, masks: Iterable[Mask]) -> Mask:
        found = np.zeros(len(self), dtype=np.bool_)
        for mask in masks:
            found |= mask
        return found

    def _has(self, part: Part) -> Mask:
        if not isinstance(part, Written):
            return self._all_of(part)
        if not part.words:
            return np.ones(len(self), dtype=np.bool_)
        wanted = words_apart(part.words)
        return np.array([wanted in entry.surface for entry in self._rows], dtype=np.bool_)

    def _matches(self, query: LexicalQuery) -> Mask:
        """Return which rows meet groups of enough weight."""
        met = np.zeros(len(self))
        weights = query.weights or (1.0,) * len(query.groups)
        for group, weight in zip(query.groups, weights, strict=True):
            met += weight * self._any(self._all_of(needed) for needed in group)
        return np.asarray(
            (met >= query.minimum - WEIGHT_TOLERANCE)
            & ~self._any(self._all_of(needed) for needed in query.must_not)
        )

    def _scores(self, clauses: Sequence[Clause], matches: Mask, statistics: Statistics) -> Scores:
        scores = np.zeros(len(self))
        for field in SCORING_FIELDS:
            having = {c.term: self._having(field, c.term) for c in clauses if c.field == field}
            having = {term: found for term, found in having.items() if matches[found[0]].any()}
            if not having:
                continue
            known = statistics(field, list(having))
            rarity = {
                term: _idf(known.resources, n) for term, n in zip(having, known.frequencies, strict=True)
            }
            lengths = self._lengths[field] / known.mean_length
            for clause in clauses:
                if clause.field == field and clause.term in having:
                    rows, counts = having[clause.term]
                    damped = counts + K1 * (1 - B + B * lengths[rows])
                    scores[rows] += clause.weight * rarity[clause.term] * (K1 + 1) * counts / damped
        return scores

    @cached_property
    def _lengths(self) -> dict[Field, NDArray[np.float64]]:
        return {
            field: np.array([entry.lengths[field] for entry in self._rows], dtype=np.float64)
            for field in SCORING_FIELDS
        }

    # --- meaning -------------------------------------------------------------------------------

    @cached_property
    def _owners(self) -> Rows:
        """Row of each vector."""
        counts = [0 if entry.vectors is None else len(entry.vectors) for entry in self._rows]
        return np.repeat(np.arange(len(self._rows)), counts)

    @property
    def dim(self) -> int:
        """Length of a vector, 0 when there is none."""
        return self._vectors.shape[1] if len(self._owners) else 0

    @cached_property
    def _vectors(self) -> Vectors:
        return np.concatenate([e.vectors for e in self._rows if e.vectors is not None and len(e.vectors)])

    def _compare(self, vector: Vectors, base: Mask) -> tuple[Scores, Rows]:
        """Return the best cosine of each row of `base` and its passage; NaN and -1 where there is none."""
        similarity, passage = np.full(len(self), np.nan), np.full(len(self), -1, dtype=np.int64)
        if vector.shape != self._vectors.shape[1:]:
            raise IndexIncompatible(
                f"the query vector has shape {vector.shape}, the index holds vectors of {self._vectors.shape[1]}"
            )
        cosines = np.vecdot(self._vectors, vector).astype(np.float64)
        rows, starts = np.unique(self._owners, return_index=True)
        similarity[rows] = np.maximum.reduceat(cosines, starts)
        best = np.flatnonzero(cosines == similarity[self._owners])[::-1]  # of equals the first is set last
        passage[self._owners[best]] = best - starts[np.searchsorted(rows, self._owners[best])]
        similarity[~base], passage[~base] = np.nan, -1
        return similarity, passage


def _idf(resources: int, having: int) -> float:
    return math.log(1 + (max(0, resources - having) + 0.5) / (having + 0.5))


def _near(similarity: Scores, query: IndexQuery) -> Rows:
    """Return the rows of the nearest, best first; of equals the first in id order."""
    rows = np.flatnonzero(similarity >= query.floor)
    order = rows[np.argsort(-similarity[rows], kind="stable")]
    return order[: max(0, query.nearest)]


def _all_but(filters: Mapping[str, Mask], name: str | None, size: int) -> Mask:
    """Return which rows every filter but the one called `name` lets through."""
    mask = np.ones(size, dtype=np.bool_)
    for other, selected in filters.items():
        if other != name:
            mask &= selected
    return mask
