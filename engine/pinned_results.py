"""How do pinned results come into an answer? As rows of it, under the same filters, with exact counts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.entry import columns, numbers
from engine.model import NO_CONDITIONS, Candidates, IndexEntry, IndexQuery, Resource
from engine.overlay import merged
from engine.ports import SearchIndex
from engine.recent_entries import RecentEntries
from engine.recent_store import RecentStore
from vocab.vocabulary import Vocabulary


def with_pinned(
    found: Candidates, query: IndexQuery, pinned: Sequence[str], index: SearchIndex, vocabulary: Vocabulary
) -> Candidates:
    """Return an answer to which the pinned resources belong that scope and filters let through.

    A row that joins has no score of words and no similarity. What an operator demands is asked of pinned ones too:
    with conditions nothing joins.

    Parameters
    ----------
    found : Candidates
        What `index` answered to `query`.
    pinned : sequence of str
        Ids; those that the index does not have are passed over.
    """
    missing = [id_ for id_ in pinned if id_ not in set(found.ids) and id_ not in query.exclude]
    if not missing or query.conditions:
        return found
    if query.filters:  # what the filters hide of the answer has been counted by the facets already
        unfiltered = index.search(replace(query, filters={}, facets=()))
        missing = [id_ for id_ in missing if id_ not in set(unfiltered.ids)]
    entries = [_columns_of(resource, vocabulary) for resource in index.get(missing).values()]
    if not entries:
        return found
    store = RecentStore()
    every = replace(query, lexical=None, vector=None, exclude=frozenset(), conditions=NO_CONDITIONS)
    joining = RecentEntries(store, map(store.put, entries)).search(every, index.statistics)
    nobody = (0, 0.0, 0.0)
    return merged(found, replace(joining, population=nobody, similarity_population=nobody, vectors_missing=0))


def pinned_first(order: NDArray[np.int64], ids: Sequence[str], pinned: Sequence[str]) -> NDArray[np.int64]:
    """Return an order of rows in which the pinned ones come first, in their own order.

    Examples
    --------
    >>> pinned_first(np.array([2, 0, 1]), ("a", "b", "c"), ("b", "x", "c")).tolist()
    [1, 2, 0]
    """
    row_of = {id_: row for row, id_ in enumerate(ids)}
    first = np.array([row_of[id_] for id_ in pinned if id_ in row_of], dtype=np.int64)
    return np.concatenate([first, order[~np.isin(order, first)]])


def nothing_found(facets: Sequence[str]) -> Candidates:
    """Return an answer of no resources."""
    none = np.empty(0)
    return Candidates(
        (), none, none, none, np.empty(0, dtype=np.int64), {}, {name: {} for name in facets}, (0, 0.0, 0.0)
    )


def _columns_of(resource: Resource, vocabulary: Vocabulary) -> IndexEntry:
    """Return an entry that is only to be counted and filtered: nothing is searched for in its text."""
    return IndexEntry(resource, (), (), (), (), columns(resource, vocabulary), numbers(resource), (), None)
