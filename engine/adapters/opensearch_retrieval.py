"""What does an OpenSearch index answer? The whole result set of both legs, with exact counts.

One request carries up to five searches, which the server runs side by side, and a second one asks for
the columns and the best passages of the near resources, if there are any:

* ``scope``: how many resources are in scope, how many of them lack vectors;
* ``words``: all lexical matches with scores and columns, facet counts, sums of the scores;
* ``near``: the nearest resources by their best passage;
* ``similarity``: the best passage's cosine of the lexical matches;
* ``spread``: the sums of all cosines in scope.

A result set longer than a page is read on under a point in time, so that it is of one moment. The
server counts facets over the lexical matches; the near resources that are no lexical match are
counted here, from their own columns: counts and totals of both legs together are exact.

Up to `exact_vectors` passages every vector is compared, and answers are those of the embedded index.
Beyond that the vector graph is walked (Lucene's HNSW), the similarity of the `RESCORED` best lexical
matches is computed, and the spread is that of a sample: the order of hits may then differ slightly.

When the vector searches fail and the words did not, the words alone answer, flagged ``similarity_failed``.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from engine.adapters import opensearch_queries as dsl
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_schema import PAGE
from engine.adapters.opensearch_searches import (
    EXACT_VECTORS,
    FACET_VALUES,
    VECTOR_SEARCHES,
    IndexShape,
    Search,
    SearchBuilder,
)
from engine.errors import BackendError, IndexIncompatible
from engine.model import Candidates, IndexQuery, Vectors

Answer = Mapping[str, Any]

KEEP_ALIVE: Final = "2m"

_FIELDS: Final = ",".join(
    f"responses.{field}"
    for field in (
        "error",
        "status",
        "timed_out",
        "_shards.failed",
        "hits.total.value",
        "hits.hits._score",
        "hits.hits.sort",
        "hits.hits.fields",
        "hits.hits.matched_queries",
        "hits.hits.inner_hits.passages.hits.hits.fields",
        "aggregations",
    )
)
ONE_SCALE: Final = "dfs_query_then_fetch"
"""Words are as rare as they are in the whole index, wherever its shards lie."""
_NO_SUMS: Final = (0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Near:
    """A hit of the vector leg: best cosine and passage, columns, and whether it is a lexical match too."""

    id: str
    cosine: float
    passage: int
    lexical: bool
    facets: Mapping[str, tuple[str, ...]]
    numbers: tuple[float, ...]


class Retrieval:
    """Searches of one index at one moment.

    Parameters
    ----------
    connection : OpenSearchConnection
        To the cluster.
    name : str
        Of the index.
    shape : IndexShape
        What it holds.
    exact_vectors : int
        Passages up to which every vector is compared.
    page : int
        Hits asked for at a time.
    """

    def __init__(
        self,
        connection: OpenSearchConnection,
        name: str,
        shape: IndexShape,
        *,
        exact_vectors: int = EXACT_VECTORS,
        page: int = PAGE,
    ) -> None:
        self._connection = connection
        self._name = name
        self._shape = shape
        self._exact = shape.passages <= exact_vectors
        self._page = page

    def search(self, query: IndexQuery) -> Candidates:
        """Answer `query`; see the port.

        Raises
        ------
        IndexIncompatible
            If the query's vector has another length than those of the index.
        BackendUnavailable
            If the words cannot be answered by all shards in time.
        """
        asked = SearchBuilder(query, self._checked(query.vector), self._shape, self._exact, self._page)
        searches = asked.searches()
        answers = self._connection.call(lambda client: self._ask(client, searches))
        degraded: tuple[str, ...] = ()
        if any(_failed(answers.get(name, {})) for name in VECTOR_SEARCHES):
            answers = {name: answer for name, answer in answers.items() if name not in VECTOR_SEARCHES}
            degraded = ("similarity_failed",)
        words = self._all_hits("words", searches, answers)
        near = self._near(asked, answers)
        similarity = {
            hit["sort"][-1] if self._exact else hit["fields"]["id"][0]: dsl.cosine_of(hit["_score"])
            for hit in self._all_hits("similarity", searches, answers)
            if self._exact or hit["_score"] > 0.0  # a match without vectors keeps score 0
        }
        similarity |= {row.id: row.cosine for row in near}
        found = {hit["sort"][0]: _numbers(hit["sort"][1:]) for hit in words}
        lexical = {hit["sort"][0]: hit["_score"] for hit in words} if query.lexical else {}
        inside = [row for row in near if _passes(row.facets, query.filters)]
        cosine = {row.id: row.cosine for row in inside}
        passage = {row.id: row.passage for row in inside}
        found |= {row.id: row.numbers for row in inside}
        ids = sorted(found)
        numbers = np.array([found[id_] for id_ in ids], dtype=np.float64)
        numbers = numbers.reshape(len(ids), len(self._shape.numbers))
        return Candidates(
            ids=tuple(ids),
            lexical=_column(ids, lexical),
            cosine=_column(ids, cosine),
            similarity=_column(ids, similarity),
            passage=np.array([passage.get(id_, -1) for id_ in ids], dtype=np.int64),
            numbers={name: numbers[:, at] for at, name in enumerate(self._shape.numbers)},
            facets=self._facets(query, answers, near),
            population=(
                answers["scope"]["hits"]["total"]["value"],
                *_sums(answers.get("words"))[1:],
            ),
            vectors_missing=answers["scope"]["aggregations"]["missing"]["doc_count"],
            similarity_population=_sums(answers.get("near" if self._exact else "spread")),
            degraded=degraded,
        )

    def _ask(self, client: OpenSearch, searches: Mapping[str, Search]) -> dict[str, Answer]:
        """Return the answer to each search; raises what the server says of the words or the scope."""
        lines: list[Any] = []
        header: dict[str, Any] = {"allow_partial_search_results": False}
        if self._shape.shards > 1:
            header["search_type"] = ONE_SCALE
        for search in searches.values():
            lines += [header, {**search, "stored_fields": "_none_"}]
        said = client.msearch(body=lines, index=self._name, params={"filter_path": _FIELDS})
        answers = dict(zip(searches, said["responses"], strict=True))
        words_asked = "words" in searches
        for name, answer in answers.items():
            if name not in VECTOR_SEARCHES or not words_asked:
                _raise_failure(answer)
        return answers

    def _all_hits(
        self, name: str, searches: Mapping[str, Search], answers: Mapping[str, Answer]
    ) -> Sequence[Mapping[str, Any]]:
        """Return all hits of a search that is sorted by id, read on under a point in time if need be."""
        found = answers.get(name, {}).get("hits", {})  # without hits and total, filter_path leaves nothing
        hits: Sequence[Mapping[str, Any]] = found.get("hits", ())
        if "total" not in found or found["total"]["value"] <= len(hits):
            return hits
        left_out = {"aggs", "track_total_hits"}  # known from the first page
        search = {key: value for key, value in searches[name].items() if key not in left_out}
        search["stored_fields"] = "_none_"
        return [hit for page in pages(self._connection, self._name, search) for hit in page]

    def _near(self, asked: SearchBuilder, answers: Mapping[str, Answer]) -> list[_Near]:
        """Return the hits of the vector leg that reach the floor, with what more is to be known of them."""
        hits = answers.get("near", {}).get("hits", {}).get("hits", ())
        cosines = {hit["sort"][1]: dsl.cosine_of(hit["sort"][0]) for hit in hits}
        cosines = {id_: cosine for id_, cosine in cosines.items() if cosine >= asked.query.floor}
        if not cosines:
            return []
        search = {"details": asked.details(list(cosines))}
        answer = self._connection.call(lambda client: self._ask(client, search))["details"]
        columns = sorted({*asked.query.facets, *asked.query.filters})
        rows = []
        for hit in answer["hits"]["hits"]:
            id_, fields = hit["sort"][0], hit.get("fields", {})
            (best,) = hit["inner_hits"]["passages"]["hits"]["hits"]
            rows.append(
                _Near(
                    id=id_,
                    cosine=cosines[id_],
                    passage=int(best["fields"]["passages.n"][0]),
                    lexical="words" in hit.get("matched_queries", ()),
                    facets={name: tuple(fields.get(f"facets.{name}", ())) for name in columns},
                    numbers=_numbers(hit["sort"][1:]),
                )
            )
        return rows

    def _facets(
        self, query: IndexQuery, answers: Mapping[str, Answer], near: Sequence[_Near]
    ) -> dict[str, dict[str, int]]:
        counted = answers.get("words", {}).get("aggregations", {})
        facets: dict[str, dict[str, int]] = {}
        for name in query.facets:
            part = counted.get(f"facet:{name}", {})
            part = part.get("values", part)
            if part.get("sum_other_doc_count"):  # a count that leaves values out is none
                raise BackendError(
                    f"the facet {name!r} has more values than the {FACET_VALUES} that are counted"
                )
            counts = Counter({bucket["key"]: bucket["doc_count"] for bucket in part.get("buckets", ())})
            others = {other: values for other, values in query.filters.items() if other != name}
            for row in near:
                if not row.lexical and _passes(row.facets, others):
                    counts.update(row.facets[name])
            facets[name] = dict(counts)
        return facets

    def _checked(self, vector: Vectors | None) -> Vectors | None:
        if vector is None or not self._shape.dim:
            return None
        if vector.shape != (self._shape.dim,):
            raise IndexIncompatible(
                f"the query vector has shape {vector.shape}, the index holds vectors of {self._shape.dim}"
            )
        return np.ascontiguousarray(vector, dtype=np.float32)


def pages(
    connection: OpenSearchConnection, name: str, search: Search
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield all hits of a search that is sorted by id, page by page, all of one moment.

    Parameters
    ----------
    connection : OpenSearchConnection
        To the cluster.
    name : str
        Of the index.
    search : dict
        With ``sort`` and ``size`` [hits a page].
    """
    made = connection.call(lambda client: client.create_pit(index=name, params={"keep_alive": KEEP_ALIVE}))
    moment = made["pit_id"]
    after: list[Any] | None = None
    try:
        while True:
            body = {**search, "pit": {"id": moment, "keep_alive": KEEP_ALIVE}}
            if after is not None:
                body["search_after"] = after
            answer = connection.call(_searching(body))
            hits = answer["hits"]["hits"]
            if hits:
                yield hits
            if len(hits) < search["size"]:
                return
            after = [hits[-1]["sort"][0], *(0 for _ in hits[-1]["sort"][1:])]  # an id stands alone
            moment = answer.get("pit_id", moment)
    finally:
        with contextlib.suppress(Exception):  # it ends by itself
            connection.client.delete_pit(body={"pit_id": [moment]})


def _raise_failure(answer: Answer) -> None:
    """Raise what one search of several says of itself; the connection makes it one of our errors."""
    if "error" in answer:
        error = answer["error"]
        raise TransportError(int(answer.get("status", 500)), str(error.get("type")), {"error": error})
    if _failed(answer):
        raise TransportError(503, "not all shards answered in time", {})


def _failed(answer: Answer) -> bool:
    return bool("error" in answer or answer.get("timed_out") or answer.get("_shards", {}).get("failed"))


def _searching(body: Search) -> Callable[[OpenSearch], Answer]:
    def ask(client: OpenSearch) -> Answer:
        answer: Answer = client.search(body=body, params={"search_type": ONE_SCALE})
        return answer

    return ask


def _sums(answer: Answer | None) -> tuple[int, float, float]:
    """Return count, sum and sum of squares of the scores, or cosines, of a search."""
    if not answer or "sums" not in answer.get("aggregations", {}):
        return _NO_SUMS
    stats = answer["aggregations"]["sums"]
    return stats["count"], stats["sum"] or 0.0, stats["sum_of_squares"] or 0.0


def _passes(columns: Mapping[str, tuple[str, ...]], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a resource has, in every column named, one of its values."""
    return all(not set(values).isdisjoint(columns.get(name, ())) for name, values in wanted.items())


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    """Return sort values as numbers, NaN where the resource has none."""
    return tuple(
        float(value) if value is not None and abs(float(value)) != np.inf else np.nan for value in values
    )


def _column(ids: Sequence[str], values: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array([values.get(id_, np.nan) for id_ in ids], dtype=np.float64)
