"""What is the right answer? A search index in dicts, plain enough to be seen to be right.

The oracle of the contract tests. BM25 is exact: k1 = 1.2, b = 0.75 and the idf of Lucene and tantivy,
``ln(1 + (N - n + 0.5) / (n + 0.5))``; unlike theirs, lengths are not rounded.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.entry_vectors import checked_vectors
from engine.errors import BackendUnavailable, IndexIncompatible
from engine.model import (
    WEIGHT_TOLERANCE,
    Candidates,
    Clause,
    Field,
    IndexEntry,
    IndexQuery,
    LexicalQuery,
    Part,
    Range,
    Resource,
    TermStatistics,
    Vectors,
    Written,
)

K1, B = 1.2, 0.75


class MemorySearchIndex:
    """All entries in a dict; a search looks at every one of them."""

    def __init__(self) -> None:
        self._pending: dict[str, IndexEntry | None] = {}
        self._live: dict[str, IndexEntry] = {}
        self._closed = False
        self._dim = 0  # of the first vector written

    def add(self, entries: Iterable[IndexEntry]) -> int:
        count = 0
        for entry in entries:
            vectors = checked_vectors(entry, self._dim)
            if vectors is not None and len(vectors):
                self._dim = vectors.shape[1]
            self._pending[entry.resource.id] = entry
            count += 1
        return count

    def delete(self, ids: Iterable[str]) -> None:
        self._pending |= dict.fromkeys(ids)

    def commit(self) -> None:
        merged = {**self._entries, **self._pending}
        self._live = {id_: entry for id_, entry in sorted(merged.items()) if entry is not None}
        self._pending = {}

    def search(self, query: IndexQuery) -> Candidates:
        base = {id_: entry for id_, entry in self._entries.items() if self._in_base(id_, entry, query)}
        lexical = {} if query.lexical is None else self._lexical(query.lexical)
        lexical = {id_: score for id_, score in lexical.items() if id_ in base}
        similarity: dict[str, float] = {}
        passage: dict[str, int] = {}
        if query.vector is not None:
            for id_, entry in base.items():
                if entry.vectors is not None and len(entry.vectors):
                    cosines = self._cosines(entry.vectors, query.vector)
                    similarity[id_], passage[id_] = max(cosines), cosines.index(max(cosines))
        near = [id_ for id_ in similarity if similarity[id_] >= query.floor]
        near = sorted(near, key=lambda id_: (-similarity[id_], id_))[: max(0, query.nearest)]

        found = set(base) if query.lexical is None and query.vector is None else {*lexical, *near}
        result = sorted(id_ for id_ in found if _passes(base[id_], query.filters))
        facets = {}
        for name in query.facets:
            others = {other: values for other, values in query.filters.items() if other != name}
            facets[name] = dict(
                Counter(
                    value
                    for id_ in found
                    if _passes(base[id_], others)
                    for value in set(base[id_].facets.get(name, ()))
                )
            )
        columns = sorted({name for entry in self._entries.values() for name in entry.numbers})
        return Candidates(
            ids=tuple(result),
            lexical=np.array([lexical.get(id_, np.nan) for id_ in result], dtype=np.float64),
            cosine=np.array([similarity[id_] if id_ in near else np.nan for id_ in result], dtype=np.float64),
            similarity=np.array([similarity.get(id_, np.nan) for id_ in result], dtype=np.float64),
            passage=np.array([passage[id_] if id_ in near else -1 for id_ in result], dtype=np.int64),
            numbers={
                name: np.array([base[id_].numbers.get(name, np.nan) for id_ in result], dtype=np.float64)
                for name in columns
            },
            facets=facets,
            population=(
                len(base),
                math.fsum(lexical.values()),
                math.fsum(score * score for score in lexical.values()),
            ),
            vectors_missing=sum(entry.vectors is None for entry in base.values()),
            similarity_population=(
                len(similarity),
                math.fsum(similarity.values()),
                math.fsum(cosine * cosine for cosine in similarity.values()),
            ),
        )

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        return {id_: self._entries[id_].resource for id_ in ids if id_ in self._entries}

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        entry = self._entries.get(resource_id)
        nothing = np.empty((0, self._dim), dtype=np.float32)
        if entry is None:
            return (), nothing
        vectors = nothing if entry.vectors is None or not len(entry.vectors) else entry.vectors
        return tuple((passage.start, passage.end) for passage in entry.passages), vectors

    def suggest(
        self,
        words: Sequence[str],
        scope: Mapping[str, tuple[str, ...]],
        k: int,
        exclude: frozenset[str] = frozenset(),
    ) -> Sequence[tuple[str, str]]:
        if not words:
            return []
        found = [
            (id_, entry.resource.title)
            for id_, entry in self._entries.items()
            if id_ not in exclude
            and set(words[:-1]) <= set(entry.title_surface)
            and any(word.startswith(words[-1]) for word in entry.title_surface)
            and _passes(entry, scope)
        ]
        return sorted(found, key=lambda hit: (len(hit[1]), hit[0]))[: max(0, k)]

    def lexicon(self, exclude: frozenset[str] = frozenset()) -> Mapping[str, int]:
        return Counter(word for entry in self._all_but(exclude) for word in set(entry.surface))

    def document_frequency(
        self, field: Field, terms: Sequence[str], exclude: frozenset[str] = frozenset()
    ) -> Sequence[int]:
        return [sum(term in getattr(entry, field) for entry in self._all_but(exclude)) for term in terms]

    def statistics(self, field: Field, terms: Sequence[str]) -> TermStatistics:
        lengths = [len(getattr(entry, field)) for entry in self._entries.values()]
        mean = sum(lengths) / len(lengths) if lengths else 0.0
        return TermStatistics(len(lengths), mean, tuple(self.document_frequency(field, terms)))

    def ids(self) -> frozenset[str]:
        return frozenset(self._entries)

    def close(self) -> None:
        self._closed = True
        self._live, self._pending = {}, {}

    @property
    def _entries(self) -> dict[str, IndexEntry]:
        if self._closed:
            raise BackendUnavailable("the index has been closed")
        return self._live

    def _all_but(self, exclude: frozenset[str]) -> list[IndexEntry]:
        return [entry for id_, entry in self._entries.items() if id_ not in exclude]

    def _in_base(self, id_: str, entry: IndexEntry, query: IndexQuery) -> bool:
        return (
            id_ not in query.exclude
            and _passes(entry, query.scope)
            and all(_within(entry, bounds) for bounds in query.ranges)
            and all(any(_has(entry, part) for part in parts) for parts in query.conditions.required)
            and not any(_has(entry, part) for part in query.conditions.excluded)
        )

    def _lexical(self, query: LexicalQuery) -> dict[str, float]:
        """Return the score of each match."""
        scores = {}
        for id_, entry in self._entries.items():
            terms = set(entry.terms)
            met = sum(
                weight
                for group, weight in zip(
                    query.groups, query.weights or (1.0,) * len(query.groups), strict=True
                )
                if any(terms.issuperset(needed) for needed in group)
            )
            if met >= query.minimum - WEIGHT_TOLERANCE and not any(
                terms.issuperset(needed) for needed in query.must_not
            ):
                scores[id_] = 0.0
        for clause in query.clauses:
            for id_, score in self._bm25(clause).items():
                if id_ in scores:
                    scores[id_] += clause.weight * score
        return scores

    def _bm25(self, clause: Clause) -> dict[str, float]:
        fields: dict[str, Sequence[str]] = {
            id_: getattr(entry, clause.field) for id_, entry in self._entries.items()
        }
        having = {id_: terms.count(clause.term) for id_, terms in fields.items() if clause.term in terms}
        if not having:
            return {}
        mean = sum(map(len, fields.values())) / len(fields)
        idf = math.log(1 + (len(fields) - len(having) + 0.5) / (len(having) + 0.5))
        return {
            id_: idf * count * (K1 + 1) / (count + K1 * (1 - B + B * len(fields[id_]) / mean))
            for id_, count in having.items()
        }

    def _cosines(self, vectors: Vectors, query: Vectors) -> list[float]:
        if query.shape != vectors.shape[1:]:
            raise IndexIncompatible(
                f"the query vector has shape {query.shape}, the index holds vectors of {vectors.shape[1]}"
            )
        cosines: list[float] = np.vecdot(vectors, query).astype(np.float64).tolist()
        return cosines


def _passes(entry: IndexEntry, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether the entry has, in every column named, one of its values."""
    return all(not set(values).isdisjoint(entry.facets.get(name, ())) for name, values in wanted.items())


def _has(entry: IndexEntry, part: Part) -> bool:
    if not isinstance(part, Written):
        return set(entry.terms).issuperset(part)
    n = len(part.words)
    return any(entry.surface[at : at + n] == part.words for at in range(len(entry.surface) - n + 1))


def _within(entry: IndexEntry, bounds: Range) -> bool:
    number = entry.numbers.get(bounds.field)
    return (
        number is not None
        and (bounds.low is None or number >= bounds.low)
        and (bounds.high is None or number <= bounds.high)
    )
