"""Which searches does one question take? Words, near, similarity, spread and scope, as request bodies.

All go in one request and the server runs them side by side; `opensearch_retrieval` reads the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.adapters import opensearch_queries as dsl
from engine.adapters.opensearch_schema import PAGE, SAMPLE_PARTS
from engine.model import IndexQuery, Vectors

Search = dict[str, Any]

EXACT_VECTORS: Final = 100_000
"""Passages up to which every vector is compared (0.1 s on one slow core)."""
RESCORED: Final = 5_000
"""Lexical matches whose similarity is computed when there are more passages than that."""
SAMPLED: Final = 2_000
"""Resources from which the spread of similarities is estimated then."""
WALKED: Final = 500
"""Fewest resources that a walk of the vector graph gathers. Among a million vectors (docs/benchmarks.md) recall@10 is
.93 with 200 and .97 with 500, under a filter of 10 % .99 and 1.00, for 30 ms more."""
FACET_VALUES: Final = 50_000
"""Values of a facet that are counted; no facet has nearly as many."""

VECTOR_SEARCHES: Final = ("near", "similarity", "spread")
_SCORES: Final[Mapping[str, Any]] = {"extended_stats": {"script": {"source": "_score", "lang": "painless"}}}
_COSINES: Final[Mapping[str, Any]] = {
    "extended_stats": {"script": {"source": "2.0 * _score.doubleValue() - 1.0", "lang": "painless"}}
}


@dataclass(frozen=True, slots=True)
class IndexShape:
    """What is known of an index before it is asked.

    `dim` is the length of a vector (0: none yet), `passages` and `embedded` the passages and resources
    that have vectors, `numbers` the number columns that some resource has, `shards` the primary shards.
    """

    dim: int
    passages: int
    embedded: int
    numbers: tuple[str, ...]
    shards: int = 1


@dataclass(frozen=True, slots=True)
class SearchBuilder:
    """Builds the searches of one question.

    Parameters
    ----------
    query : IndexQuery
        What is asked.
    vector : float32 array of shape ``(dim,)`` or None
        Checked; None leaves the vector leg out.
    shape : IndexShape
        Of the index that is asked.
    exact : bool
        Compare every vector, or walk the vector graph.
    page : int
        Hits asked for at a time.
    """

    query: IndexQuery
    vector: Vectors | None
    shape: IndexShape
    exact: bool
    page: int

    def searches(self) -> dict[str, Search]:
        """Return the searches by name; ``scope`` is always there."""
        query, scope = self.query, dsl.scope_filters(self.query)
        filters = self._filters()
        selection, scoring = self._selection(), self._scoring()
        searches: dict[str, Search] = {
            "scope": {
                "query": {"bool": {"filter": scope}},
                "size": 0,
                "track_total_hits": True,
                "aggs": {"missing": {"filter": {"term": {"embedded": False}}}},
            }
        }
        if query.lexical is not None or query.vector is None:
            searches["words"] = {
                "query": {"bool": {"filter": [*scope, *selection], "should": scoring}},
                **({"post_filter": {"bool": {"filter": list(filters.values())}}} if filters else {}),
                "sort": self._order(),
                "track_scores": query.lexical is not None,
                "track_total_hits": True,
                "size": self.page,
                "aggs": dsl.facet_counts(query.facets, filters, FACET_VALUES)
                | ({"sums": _SCORES} if query.lexical is not None else {}),
            }
        if self.vector is None:
            return searches
        compared = {"bool": {"filter": scope, "must": [dsl.best_passage(self.vector)]}}
        count = max(0, min(query.nearest, PAGE))
        if self.exact:
            searches["near"] = self._near(compared, count) | {"aggs": {"sums": _COSINES}}
        else:
            searches["near"] = self._near(dsl.near_passages(self.vector, max(count, WALKED), scope), count)
            searches["spread"] = self._spread(compared)
        if query.lexical is not None:
            chosen = [*scope, *selection, *filters.values()]
            searches["similarity"] = self._similarity(self.vector, chosen, scoring)
        return searches

    def details(self, ids: Sequence[str]) -> Search:
        """Return the search for the columns and the nearest passage of near resources."""
        assert self.vector is not None
        nearest = dsl.best_passage(self.vector)
        nearest["nested"]["inner_hits"] = {
            "size": 1,
            "_source": False,
            "stored_fields": "_none_",
            "sort": ["_score", {"passages.n": "asc"}],
            "docvalue_fields": ["passages.n"],
        }
        words = [{"bool": {"filter": self._selection(), "_name": "words"}}] if self.query.lexical else []
        columns = sorted({*self.query.facets, *self.query.filters})
        return {
            "query": {"bool": {"filter": [dsl.ids_filter(ids)], "must": [nearest], "should": words}},
            "sort": self._order(),
            "docvalue_fields": [f"facets.{name}" for name in columns],
            "size": len(ids),
        }

    def _filters(self) -> dict[str, dsl.Query]:
        return {name: dsl.column_filter(name, values) for name, values in self.query.filters.items()}

    def _selection(self) -> list[dsl.Query]:
        return [] if self.query.lexical is None else [dsl.selection(self.query.lexical)]

    def _scoring(self) -> list[dsl.Query]:
        return [] if self.query.lexical is None else dsl.scoring(self.query.lexical)

    def _order(self) -> list[Any]:
        """Return the sort of all hits: by id, the numbers after it only to be returned with the hit."""
        columns = [{f"numbers.{name}": {"order": "asc", "missing": "_last"}} for name in self.shape.numbers]
        return [{"id": "asc"}, *columns]

    def _near(self, query: dsl.Query, count: int) -> Search:
        return {"query": query, "sort": ["_score", {"id": "asc"}], "track_total_hits": False, "size": count}

    def _spread(self, compared: dsl.Query) -> Search:
        parts = max(1, SAMPLE_PARTS * SAMPLED // max(1, self.shape.embedded))
        sample = {"range": {"sample": {"lt": parts}}}
        return {
            "query": {"bool": {"filter": [sample], "must": [compared]}},
            "size": 0,
            "aggs": {"sums": _COSINES},
        }

    def _similarity(self, vector: Vectors, chosen: list[dsl.Query], scoring: list[dsl.Query]) -> Search:
        """Return the search for cosines of lexical matches: of all, or of those with the best words."""
        if self.exact:
            return {
                "query": {"bool": {"filter": chosen, "must": [dsl.best_passage(vector)]}},
                "sort": [{"id": "asc"}],
                "track_scores": True,
                "track_total_hits": True,
                "size": self.page,
            }
        window = min(RESCORED, self.page)
        again = {
            "rescore_query": dsl.best_passage(vector),
            "query_weight": 0.0,
            "rescore_query_weight": 1.0,
        }
        return {
            "query": {"bool": {"filter": chosen, "should": scoring}},
            "rescore": {"window_size": window, "query": again},
            "docvalue_fields": ["id"],
            "track_total_hits": False,  # what is beyond the window is not read on
            "size": window,
        }
