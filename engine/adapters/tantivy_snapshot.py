"""What does one committed generation of an embedded index answer? Searches, suggestions, resources.

A snapshot never changes: a tantivy searcher, the columns and the vectors of the same commit. It may
be shared by any number of threads.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import tantivy
from numpy.typing import NDArray

from engine.adapters.column_store import ColumnStore, Mask, Rows
from engine.adapters.passage_vectors import PassageVectors, nearest_rows
from engine.adapters.resource_json import passages_from_json, resource_from_json
from engine.adapters.tantivy_terms import (
    group_query,
    lexical_query,
    needs_weighing,
    term_query,
)
from engine.adapters.term_tokens import decode_term, encode_term
from engine.errors import IndexIncompatible
from engine.model import WEIGHT_TOLERANCE, Candidates, IndexQuery, LexicalQuery, Resource, Vectors

Scores = NDArray[np.float64]


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

    def search(self, query: IndexQuery) -> Candidates:
        """Answer `query`; see the port."""
        columns = self.columns
        base = self._base(query)
        lexical, cosine, similarity = (np.full(len(columns), np.nan) for _ in range(3))
        found = base if query.lexical is None and query.vector is None else np.zeros_like(base)
        if query.lexical is not None:
            rows, scores = self._lexical(query.lexical)
            inside = base[rows]
            lexical[rows[inside]] = scores[inside]
            found[rows[inside]] = True
        near = np.empty(0, dtype=np.int64)
        if query.vector is not None:
            vector = self._checked(query.vector)
            similarity = self.vectors.best(vector, base)
            near = nearest_rows(similarity, query.floor, query.nearest)
            cosine[near] = similarity[near]
            found[near] = True

        filters = {name: columns.facet_mask(name, values) for name, values in query.filters.items()}
        facets = {
            name: columns.facets[name].count(_all_but(found, filters, name)) if name in columns.facets else {}
            for name in query.facets
        }
        result = np.flatnonzero(_all_but(found, filters, None))
        passage = np.full(len(columns), -1, dtype=np.int64)
        if query.vector is not None:
            near = result[~np.isnan(cosine[result])]
            passage[near] = self.vectors.best_passage(vector, near)
        matched = lexical[~np.isnan(lexical)]
        compared = similarity[~np.isnan(similarity)].astype(np.float64)
        return Candidates(
            ids=tuple(columns.ids[result].tolist()),
            lexical=lexical[result],
            cosine=cosine[result],
            similarity=similarity[result],
            passage=passage[result],
            numbers={name: numbers[result] for name, numbers in columns.numbers.items()},
            facets=facets,
            population=(int(np.count_nonzero(base)), float(matched.sum()), float((matched**2).sum())),
            vectors_missing=int(np.count_nonzero(base & ~columns.embedded)),
            similarity_population=(len(compared), float(compared.sum()), float((compared**2).sum())),
        )

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        """Return the resources with these ids; see the port."""
        rows = {id_: row for id_ in ids if (row := self.columns.row_of(id_)) is not None}
        stored = self._stored(list(rows.values()))
        return {id_: resource_from_json(stored[row]) for id_, row in rows.items()}

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        """Return a resource's passages and their vectors; see the port."""
        row = self.columns.row_of(resource_id)
        if row is None:
            return (), np.empty((0, self.vectors.dim), dtype=np.float32)
        passages = passages_from_json(self._stored([row])[row])
        return tuple((passage.start, passage.end) for passage in passages), self.vectors.of(row)

    def suggest(
        self, words: Sequence[str], scope: Mapping[str, tuple[str, ...]], k: int
    ) -> Sequence[tuple[str, str]]:
        """Return titles that have the words; see the port."""
        if not words or k <= 0:
            return []
        columns = self.columns
        mask = columns.titles.prefix_mask(words[-1]) & columns.scope_mask(scope)
        for word in words[:-1]:
            mask &= columns.titles.mask([word])
        rows = np.flatnonzero(mask)
        order = columns.title_length[rows].astype(np.int64) * len(columns) + rows
        if len(order) > k:
            order = np.partition(order, k - 1)[:k]
        rows = np.sort(order) % max(1, len(columns))
        stored = self._stored(rows.tolist())
        return [(columns.ids[row], resource_from_json(stored[row]).title) for row in rows.tolist()]

    def lexicon(self) -> Mapping[str, int]:
        """Return the words as written with their resources; see the port."""
        only = self._real if self._has_deletes or self._strays else None
        tokens = self._searcher.terms_with_prefix("surface", "", filter_query=only)
        words = ((decode_term(token), count) for token, count in tokens)
        return {word: count for word, count in words if word is not None and count}

    def document_frequency(self, field: Literal["terms", "grams"], terms: Sequence[str]) -> Sequence[int]:
        """Return the number of resources that have each term; see the port."""
        if not (self._has_deletes or self._strays):
            return [self._searcher.doc_freq(field, encode_term(term)) for term in terms]
        return [self._count(term_query(self._schema, field, term)) for term in terms]

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
        if not self._strays:
            return tantivy.Query.all_query()
        strays = tantivy.Query.term_set_query(self._schema, "ord", self._strays)
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, tantivy.Query.all_query()), (tantivy.Occur.MustNot, strays)]
        )

    def _count(self, query: tantivy.Query) -> int:
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, self._real)])
        counted = self._searcher.aggregate(both, {"resources": {"value_count": {"field": "ord"}}})
        return int(counted["resources"]["value"])

    def _base(self, query: IndexQuery) -> Mask:
        mask = self.columns.scope_mask(query.scope)
        for bounds in query.ranges:
            mask &= self.columns.range_mask(bounds)
        for resource_id in query.exclude:
            row = self.columns.row_of(resource_id)
            if row is not None:
                mask[row] = False
        return mask

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
        rows = self._rows(self._ords([address for _, address in hits]))
        scores = np.fromiter((score for score, _ in hits), dtype=np.float64, count=len(hits))
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

    def _addresses(self, query: tantivy.Query, most: int) -> list[tantivy.DocAddress]:
        return [address for _, address in self._searcher.search(query, max(1, most), count=False).hits]

    def _ords(self, addresses: list[tantivy.DocAddress]) -> Rows:
        return np.array(self._searcher.fast_field_values("ord", addresses), dtype=np.int64)

    def _rows(self, ords: Rows) -> Rows:
        rows = np.full(len(ords), -1, dtype=np.int64)
        known = ords < len(self.rows_of_ords)
        rows[known] = self.rows_of_ords[ords[known]]
        return rows

    def _stored(self, rows: Sequence[int]) -> dict[int, bytes]:
        """Return what the lexical index stores of each row."""
        if not rows:
            return {}
        ords = self.columns.ords[list(rows)].tolist()
        addresses = self._addresses(tantivy.Query.term_set_query(self._schema, "ord", ords), len(ords))
        found = self._rows(self._ords(addresses)).tolist()
        return {
            row: self._searcher.doc(address)["entry"][0]
            for row, address in zip(found, addresses, strict=True)
        }


def _all_but(found: Mask, filters: Mapping[str, Mask], name: str | None) -> Mask:
    """Return `found` narrowed by every filter but the one called `name`."""
    mask = found
    for other, selected in filters.items():
        if other != name:
            mask = mask & selected
    return mask
