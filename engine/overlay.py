"""What does a build answer with newer writings over it? Both are asked, and made one answer with exact counts.

What is hidden of the build (replaced or withdrawn since) is left out in the asking, so that counts and populations
are exact; the newer entries answer for themselves (`engine.recent_entries`), scored by the build's statistics.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidRequest
from engine.model import Candidates, Field, IndexEntry, IndexQuery, Resource, TermStatistics, Vectors
from engine.ports import SearchIndex
from engine.recent_entries import RecentEntries


class OverlaidIndex:
    """A build with newer entries over it, to be read as one index (`engine.ports.SearchIndex`); it never changes.

    Parameters
    ----------
    build : SearchIndex
        What lies beneath; it is not this object's to close.
    recent : RecentEntries
        What lies over it.
    gone : frozenset of str
        Ids that are in the build and shall not be seen.
    """

    def __init__(self, build: SearchIndex, recent: RecentEntries, gone: frozenset[str] = frozenset()) -> None:
        self._build = build
        self._recent = recent
        self._hidden = gone | recent.ids

    def add(self, _entries: Iterable[IndexEntry]) -> NoReturn:
        """Refuse: what lies over a build is written to the catalogue."""
        raise InvalidRequest("an index with newer writings over it is read and not written")

    def delete(self, _ids: Iterable[str]) -> NoReturn:
        """Refuse; see `add`."""
        self.add(())

    def commit(self) -> NoReturn:
        """Refuse; see `add`."""
        self.add(())

    def search(self, query: IndexQuery) -> Candidates:
        """Ask both; see the port."""
        beneath = replace(query, exclude=self._all_hidden(query.exclude))
        own_near = self._recent.near(query)
        if not own_near or query.nearest <= 0:
            return merged(self._build.search(beneath), self._recent.search(query, self.statistics))
        found = self._build.search(beneath)
        # filters may hide some of the build's near ones from this answer
        seen = found if not query.filters else self._near_of_build(beneath)
        compared = np.flatnonzero(~np.isnan(seen.cosine)).tolist()
        cosines = {seen.ids[row]: float(seen.cosine[row]) for row in compared}
        if len(cosines) + len(own_near) > query.nearest:
            both = [(c, id_) for id_, c in cosines.items()] + own_near
            nearest = sorted(both, key=lambda pair: (-pair[0], pair[1]))[: query.nearest]
            own = sum(id_ in self._recent for _, id_ in nearest)
            if query.lexical is None and not query.facets and not query.filters:
                found = _only(found, {id_ for _, id_ in nearest})
            elif len(nearest) - own < len(cosines):
                found = self._build.search(replace(beneath, nearest=query.nearest - own))
            query = replace(query, nearest=own)
        return merged(found, self._recent.search(query, self.statistics))

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        """Return the resources with these ids; see the port."""
        newer = {id_: resource for id_ in ids if (resource := self._recent.get(id_)) is not None}
        older = [id_ for id_ in ids if id_ not in self._hidden]
        return {**self._build.get(older), **newer} if older else newer

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        """Return a resource's passages and their vectors; see the port."""
        offsets: tuple[tuple[int, int], ...] = ()
        vectors: Vectors | None = None
        if resource_id in self._recent:
            offsets, vectors = self._recent.passages(resource_id)
        elif resource_id not in self._hidden:
            offsets, vectors = self._build.passages(resource_id)
        return offsets, self._no_vectors if vectors is None or not len(vectors) else vectors

    def suggest(
        self,
        words: Sequence[str],
        scope: Mapping[str, tuple[str, ...]],
        k: int,
        exclude: frozenset[str] = frozenset(),
    ) -> Sequence[tuple[str, str]]:
        """Return titles that have the words; see the port."""
        older = self._build.suggest(words, scope, k, self._all_hidden(exclude))
        newer = self._recent.suggest(words, scope, exclude)
        return sorted([*older, *newer], key=lambda hit: (len(hit[1]), hit[0]))[: max(0, k)]

    def lexicon(self, exclude: frozenset[str] = frozenset()) -> Mapping[str, int]:
        """Return the words as written with their resources; see the port."""
        older = Counter(self._build.lexicon(self._all_hidden(exclude)))
        return older + self._recent.words(exclude)

    def document_frequency(
        self, field: Field, terms: Sequence[str], exclude: frozenset[str] = frozenset()
    ) -> Sequence[int]:
        """Return the number of resources that have each term; see the port."""
        older = self._build.document_frequency(field, terms, self._all_hidden(exclude))
        newer = self._recent.document_frequency(field, terms, exclude)
        return [a + b for a, b in zip(older, newer, strict=True)]

    def statistics(self, field: Field, terms: Sequence[str]) -> TermStatistics:
        """Return what the build makes scores with; a term that it has not is as rare as among what is newer."""
        return self._recent.on_the_scale_of(self._build.statistics(field, terms), field, terms)

    def ids(self) -> frozenset[str]:
        """Return the ids of all; see the port."""
        return self._build.ids() - self._hidden | self._recent.ids

    def close(self) -> None:
        """Do nothing: the build is closed by whoever has opened it."""

    def _all_hidden(self, exclude: frozenset[str]) -> frozenset[str]:
        """Return what the build leaves out; mostly the very same set, so that indexes may know it again."""
        return self._hidden if exclude <= self._hidden else self._hidden | exclude

    @cached_property
    def _no_vectors(self) -> Vectors:
        nothing = self._build.passages("")[1]
        return nothing if nothing.shape[1] else np.empty((0, self._recent.dim), dtype=np.float32)

    def _near_of_build(self, beneath: IndexQuery) -> Candidates:
        return self._build.search(replace(beneath, lexical=None, filters={}, facets=()))


def merged(older: Candidates, newer: Candidates) -> Candidates:
    """Return two answers about different resources as one, in id order; counts and populations are summed.

    Parameters
    ----------
    older, newer : Candidates
        They have no id in common.
    """
    population, similarity_population = (
        (a[0] + b[0], a[1] + b[1], a[2] + b[2])
        for a, b in (
            (older.population, newer.population),
            (older.similarity_population, newer.similarity_population),
        )
    )
    facets = {
        name: dict(Counter(older.facets.get(name, {})) + Counter(newer.facets.get(name, {})))
        for name in dict.fromkeys((*older.facets, *newer.facets))
    }
    at = [bisect_left(older.ids, id_) for id_ in newer.ids]
    ids = list(older.ids)
    for place, id_ in zip(reversed(at), reversed(newer.ids), strict=True):
        ids.insert(place, id_)
    numbers = {
        name: np.insert(_numbers(older, name), at, _numbers(newer, name))
        for name in dict.fromkeys((*older.numbers, *newer.numbers))
    }
    return Candidates(
        ids=tuple(ids),
        lexical=np.insert(older.lexical, at, newer.lexical),
        cosine=np.insert(older.cosine, at, newer.cosine),
        similarity=np.insert(older.similarity, at, newer.similarity),
        passage=np.insert(older.passage, at, newer.passage),
        numbers=numbers,
        facets=facets,
        population=population,
        vectors_missing=older.vectors_missing + newer.vectors_missing,
        similarity_population=similarity_population,
        degraded=tuple(dict.fromkeys((*older.degraded, *newer.degraded))),
    )


def _numbers(found: Candidates, name: str) -> NDArray[np.float64]:
    return found.numbers.get(name, np.full(len(found.ids), np.nan))


def _only(found: Candidates, ids: set[str]) -> Candidates:
    """Return an answer without facets cut down to some of its resources."""
    rows = np.array([row for row, id_ in enumerate(found.ids) if id_ in ids], dtype=np.int64)
    return replace(
        found,
        ids=tuple(found.ids[row] for row in rows),
        lexical=found.lexical[rows],
        cosine=found.cosine[rows],
        similarity=found.similarity[rows],
        passage=found.passage[rows],
        numbers={name: column[rows] for name, column in found.numbers.items()},
    )
