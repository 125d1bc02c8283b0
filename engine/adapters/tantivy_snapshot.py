"""What does one committed generation of an embedded index answer? Searches, suggestions, resources.

A snapshot never changes: a tantivy searcher, the columns and the vectors of the same commit. It may
be shared by any number of threads.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import tantivy
from numpy.typing import NDArray

from engine.adapters.bm25_explanation import explained_value
from engine.adapters.column_store import ColumnStore, Mask, Rows
from engine.adapters.passage_vectors import Nearest, PassageVectors
from engine.adapters.resource_json import StoredEntry, entry_from_json
from engine.adapters.tantivy_terms import (
    conditions_query,
    group_query,
    lexical_query,
    needs_weighing,
    ords_query,
    term_query,
)
from engine.adapters.term_tokens import decode_term, encode_term
from engine.errors import IndexIncompatible
from engine.model import (
    WEIGHT_TOLERANCE,
    Candidates,
    Conditions,
    Field,
    IndexQuery,
    LexicalQuery,
    Resource,
    TermStatistics,
    Vectors,
)

Scores = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)

_NO_ROWS: Rows = np.empty(0, dtype=np.int64)
_NO_SCORES: Scores = np.empty(0, dtype=np.float64)
_ENTRIES = 200
"""Stored entries that are kept, some 10 kB each: two pages of the longest."""

_SCOPES = 64
"""Scopes whose rows are kept; there is one for each edition."""


class IndexSnapshot:
    """One generation.

    Parameters
    ----------
    schema, searcher
        Of the lexical index. It holds every resource of `columns`; documents that are no resource's
        (of a commit that was cut off, or not yet removed) are seen nowhere.
    columns, vectors
        Of this generation.
    rows_of_ords
        The row of each ord, -1 for those that are gone; ords beyond its end are gone too.
    has_deletes
        Whether the lexical index still counts removed documents in its term statistics.
    """

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        columns: ColumnStore,
        vectors: PassageVectors,
        rows_of_ords: NDArray[np.int32],
        has_deletes: bool,
    ) -> None:
        self._schema = schema
        self._searcher = searcher
        self.columns = columns
        self.vectors = vectors
        self.rows_of_ords = rows_of_ords
        self._has_deletes = has_deletes
        self._lock = threading.Lock()
        self._known_entries: dict[int, StoredEntry] = {}
        self._known_rows: dict[frozenset[str], Rows] = {}
        self._known_lengths: dict[Field, tuple[int, float]] = {}
        self._bases: dict[frozenset[tuple[str, tuple[str, ...]]], _Base] = {}

    def search(self, query: IndexQuery) -> Candidates:
        """Answer `query`; see the port."""
        columns = self.columns
        base = self._base(query)
        found = base.mask if query.lexical is None and query.vector is None else np.zeros_like(base.mask)
        rows, scores = _NO_ROWS, _NO_SCORES
        if query.lexical is not None:
            rows, scores = self._lexical(query.lexical)
            inside = base.mask[rows]
            rows, scores = rows[inside], scores[inside]
            found[rows] = True
        near, compared = Nearest(_NO_ROWS, _NO_SCORES, _NO_ROWS), None
        if query.vector is not None:
            vector = self._checked(query.vector)
            compared = self.vectors.compare(vector, base.mask)
            near = self.vectors.nearest(vector, compared, query.floor, query.nearest)
            found[near.rows] = True

        found_rows = np.flatnonzero(found)
        filters = {
            name: columns.facet_mask(name, values)[found_rows] for name, values in query.filters.items()
        }
        facets = {
            name: columns.facets[name].count(found_rows[_all_but(len(found_rows), filters, name)])
            if name in columns.facets
            else {}
            for name in query.facets
        }
        result = found_rows[_all_but(len(found_rows), filters, None)]
        place = _Places(len(columns), result)
        cosine = place.put(near.rows, near.cosines, np.nan)
        similarity, similarity_population = cosine, (0, 0.0, 0.0)
        if compared is not None:
            similarity_population = compared.population
            if compared.margin:
                rest = np.flatnonzero(np.isnan(cosine))
                similarity = cosine.copy()
                similarity[rest], _ = self.vectors.exact(vector, result[rest])
            else:
                similarity = compared.best[result].astype(np.float64)
        return Candidates(
            ids=tuple(columns.ids[result].tolist()),
            lexical=place.put(rows, scores, np.nan),
            cosine=cosine,
            similarity=similarity,
            passage=place.put(near.rows, near.passages, -1),
            numbers={name: numbers[result] for name, numbers in columns.numbers.items()},
            facets=facets,
            population=(base.count, float(scores.sum()), float((scores**2).sum())),
            vectors_missing=base.not_embedded,
            similarity_population=similarity_population,
        )

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        """Return the resources with these ids; see the port."""
        rows = {id_: row for id_ in ids if (row := self.columns.row_of(id_)) is not None}
        entries = self._entries(list(rows.values()))
        return {id_: entries[row].resource for id_, row in rows.items()}

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        """Return a resource's passages and their vectors; see the port."""
        row = self.columns.row_of(resource_id)
        if row is None:
            return (), np.empty((0, self.vectors.dim), dtype=np.float32)
        return self._entries([row])[row].passages, self.vectors.of(row)

    def suggest(
        self,
        words: Sequence[str],
        scope: Mapping[str, tuple[str, ...]],
        k: int,
        exclude: frozenset[str] = frozenset(),
    ) -> Sequence[tuple[str, str]]:
        """Return titles that have the words; see the port."""
        if not words or k <= 0:
            return []
        columns = self.columns
        mask = columns.titles.prefix_mask(words[-1]) & columns.scope_mask(scope)
        for word in words[:-1]:
            mask &= columns.titles.mask([word])
        mask[self._rows_with(exclude)] = False
        rows = np.flatnonzero(mask)
        order = columns.title_length[rows].astype(np.int64) * len(columns) + rows
        if len(order) > k:
            order = np.partition(order, k - 1)[:k]
        rows = np.sort(order) % max(1, len(columns))
        entries = self._entries(rows.tolist())
        return [(columns.ids[row], entries[row].resource.title) for row in rows.tolist()]

    def lexicon(self, exclude: frozenset[str] = frozenset()) -> Mapping[str, int]:
        """Return the words as written with their resources; see the port."""
        excluded = self._rows_with(exclude)
        only = self._all_but_ords([*self._strays, *self.columns.ords[excluded].tolist()])
        everything = not (self._has_deletes or self._strays or len(excluded))
        tokens = self._searcher.terms_with_prefix("surface", "", filter_query=None if everything else only)
        words = ((decode_term(token), count) for token, count in tokens)
        return {word: count for word, count in words if word is not None and count}

    def document_frequency(
        self, field: Field, terms: Sequence[str], exclude: frozenset[str] = frozenset()
    ) -> Sequence[int]:
        """Return the number of resources that have each term; see the port."""
        if self._has_deletes or self._strays:
            counts = [self._count(term_query(self._schema, field, term), self._real) for term in terms]
        else:
            counts = self._recorded(field, terms)
        excluded = self._rows_with(exclude)
        if not len(excluded):
            return counts
        inside = tantivy.Query.term_set_query(self._schema, "ord", self.columns.ords[excluded].tolist())
        return [
            count - self._count(term_query(self._schema, field, term), inside) if count else 0
            for term, count in zip(terms, counts, strict=True)
        ]

    def statistics(self, field: Field, terms: Sequence[str]) -> TermStatistics:
        """Return what tantivy makes scores with; see the port."""
        resources, mean_length = self._lengths(field)
        return TermStatistics(resources, mean_length, tuple(self._recorded(field, terms)))

    def _recorded(self, field: Field, terms: Sequence[str]) -> list[int]:
        """Return the number of documents that tantivy counts for each term, removed ones too."""
        return [self._searcher.doc_freq(field, encode_term(term)) for term in terms]

    def _lengths(self, field: Field) -> tuple[int, float]:
        """Return how many documents count for scores in a field, and their mean length [terms]; tantivy only explains it."""
        if field not in self._known_lengths:
            self._known_lengths[field] = (0, 0.0)
            for token, _ in self._searcher.terms_with_prefix(field, "", limit=1):
                query = tantivy.Query.term_query(self._schema, field, token, index_option="freq")
                for address in self._addresses(query, 1):
                    explained = json.loads(query.explain(self._searcher, address).to_json())
                    self._known_lengths[field] = (
                        int(explained_value(explained, "N, ")),
                        explained_value(explained, "avgdl, "),
                    )
        return self._known_lengths[field]

    def stray_ords(self) -> list[int]:
        """Return the ords of documents in the lexical index that are no resource's."""
        if self._searcher.num_docs == len(self.columns):
            return []
        ords = self._ords(self._addresses(tantivy.Query.all_query(), self._searcher.num_docs))
        return [int(ord_) for ord_ in ords[self._rows(ords) < 0]]

    @cached_property
    def _strays(self) -> list[int]:
        return self.stray_ords()

    @property
    def _real(self) -> tantivy.Query:
        """The query that all resources match and nothing else."""
        return self._all_but_ords(self._strays)

    def _all_but_ords(self, ords: Sequence[int]) -> tantivy.Query:
        if not ords:
            return tantivy.Query.all_query()
        left_out = tantivy.Query.term_set_query(self._schema, "ord", ords)
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, tantivy.Query.all_query()), (tantivy.Occur.MustNot, left_out)]
        )

    def _count(self, query: tantivy.Query, among: tantivy.Query) -> int:
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, among)])
        counted = self._searcher.aggregate(both, {"resources": {"value_count": {"field": "ord"}}})
        return int(counted["resources"]["value"])

    def _base(self, query: IndexQuery) -> "_Base":
        """Return the rows that the whole answer is about. What is asked of one scope again and again is kept."""
        scope = frozenset((name, tuple(values)) for name, values in query.scope.items())
        base = self._bases.get(scope)
        if base is None:
            base = _Base.of(self.columns.scope_mask(query.scope), self.columns.embedded)
            if len(self._bases) < _SCOPES:
                self._bases[scope] = base
        if not (query.ranges or query.exclude or query.conditions):
            return base
        mask = base.mask.copy()
        for bounds in query.ranges:
            mask &= self.columns.range_mask(bounds)
        mask[self._rows_with(query.exclude)] = False
        if query.conditions:
            mask &= self._meeting_conditions(query.conditions)
        return _Base.of(mask, self.columns.embedded)

    def _rows_with(self, ids: frozenset[str]) -> Rows:
        """Return the rows of the resources with these ids; one set is asked for again and again."""
        if not ids:
            return _NO_ROWS
        rows = self._known_rows.get(ids)
        if rows is None:
            found = [row for id_ in ids if (row := self.columns.row_of(id_)) is not None]
            rows = np.array(found, dtype=np.int64)
            self._known_rows = {ids: rows}
        return rows

    def _checked(self, vector: Vectors) -> Vectors:
        if self.vectors.dim and vector.shape != (self.vectors.dim,):
            raise IndexIncompatible(
                f"the query vector has shape {vector.shape}, the index holds vectors of {self.vectors.dim}"
            )
        return np.ascontiguousarray(vector, dtype=np.float32)

    def _lexical(self, query: LexicalQuery) -> tuple[Rows, Scores]:
        """Return all matching rows and their BM25 scores, unordered."""
        hits = self._searcher.search(
            lexical_query(self._schema, query), max(1, self._searcher.num_docs), count=False
        ).hits
        if not hits:
            return _NO_ROWS, _NO_SCORES
        values, addresses = zip(*hits, strict=True)
        rows, scores = self._rows(self._ords(list(addresses))), np.array(values, dtype=np.float64)
        there = rows >= 0
        if needs_weighing(query):
            there &= np.isin(rows, self._meeting(query))
        return rows[there], scores[there]

    def _meeting(self, query: LexicalQuery) -> Rows:
        """Return the rows whose groups weigh enough."""
        hits = self._searcher.search(
            group_query(self._schema, query), max(1, self._searcher.num_docs), count=False
        ).hits
        return self._rows(
            self._ords([address for weight, address in hits if weight >= query.minimum - WEIGHT_TOLERANCE])
        )

    def _meeting_conditions(self, conditions: Conditions) -> Mask:
        """Return which rows meet `conditions`, shape ``(n,)``."""
        query = tantivy.Query.const_score_query(conditions_query(self._schema, conditions), 0.0)
        rows = self._rows(self._ords(self._addresses(query, self._searcher.num_docs)))
        mask = np.zeros(len(self.columns), dtype=np.bool_)
        mask[rows[rows >= 0]] = True
        return mask

    def _addresses(self, query: tantivy.Query, most: int) -> list[tantivy.DocAddress]:
        return [address for _, address in self._searcher.search(query, max(1, most), count=False).hits]

    def _ords(self, addresses: list[tantivy.DocAddress]) -> Rows:
        return np.array(self._searcher.fast_field_values("ord", addresses), dtype=np.int64)

    def _rows(self, ords: Rows) -> Rows:
        rows = np.full(len(ords), -1, dtype=np.int64)
        known = ords < len(self.rows_of_ords)
        rows[known] = self.rows_of_ords[ords[known]]
        return rows

    def _entries(self, rows: Sequence[int]) -> dict[int, StoredEntry]:
        """Return what is stored of each row; of the last few it is known, as one answer asks twice."""
        with self._lock:
            found = {row: self._known_entries[row] for row in rows if row in self._known_entries}
        missing = [row for row in rows if row not in found]
        fresh = {row: entry_from_json(data) for row, data in self._stored(missing).items()}
        with self._lock:
            self._known_entries |= fresh
            while len(self._known_entries) > _ENTRIES:
                del self._known_entries[next(iter(self._known_entries))]
        return found | fresh

    def _stored(self, rows: Sequence[int]) -> dict[int, bytes]:
        """Return what the lexical index stores of each row."""
        if not rows:
            return {}
        ords = self.columns.ords[list(rows)].tolist()
        addresses = self._addresses(ords_query(self._schema, ords), len(ords))
        found = self._rows(self._ords(addresses)).tolist()
        return {
            row: self._searcher.doc(address)["entry"][0]
            for row, address in zip(found, addresses, strict=True)
        }


@dataclass(frozen=True, slots=True)
class _Base:
    """The rows that an answer is about: mask of shape ``(n,)``, their number, and how many have no vectors yet."""

    mask: Mask
    count: int
    not_embedded: int

    @classmethod
    def of(cls, mask: Mask, embedded: Mask) -> "_Base":
        mask.flags.writeable = False
        return cls(mask, int(np.count_nonzero(mask)), int(np.count_nonzero(mask & ~embedded)))


class _Places:
    """Where rows stand in a result, a list of ascending rows; rows outside it stand nowhere."""

    def __init__(self, size: int, result: Rows) -> None:
        self._size = len(result)
        self._place = np.full(size, -1, dtype=np.int32)
        self._place[result] = np.arange(len(result), dtype=np.int32)

    def put(self, rows: Rows, values: NDArray[T], missing: float) -> NDArray[T]:
        """Return the values in the order of the result, `missing` where there is none."""
        found = np.full(self._size, missing, dtype=values.dtype)
        places = self._place[rows]
        inside = places >= 0
        found[places[inside]] = values[inside]
        return found


def _all_but(size: int, filters: Mapping[str, Mask], name: str | None) -> Mask:
    """Return which of the found rows every filter but the one called `name` lets through, shape ``(size,)``."""
    mask = np.ones(size, dtype=np.bool_)
    for other, selected in filters.items():
        if other != name:
            mask &= selected
    return mask
