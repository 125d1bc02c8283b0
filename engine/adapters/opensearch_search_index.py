"""How does one OpenSearch index serve as a search index? Documents in, searches out, nothing kept between.

Writes go to the server in the background, in bulk, and are seen after `commit`, which refreshes the index;
the server refreshes by itself never. An index that is opened for reading does not change any more, so
what has been read of it is kept: stored entries and numbers of resources a term has.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from cachetools import LRUCache
from opensearchpy import OpenSearch

from engine.adapters import opensearch_queries as dsl
from engine.adapters.bm25_explanation import explained_value
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_retrieval import ONE_SCALE, Retrieval, pages
from engine.adapters.opensearch_schema import (
    META,
    PAGE,
    SCHEMA_VERSION,
    StoredEntry,
    document,
    document_id,
    index_body,
    stored_entry,
    vector_mapping,
)
from engine.adapters.opensearch_searches import EXACT_VECTORS, IndexShape
from engine.adapters.term_tokens import decode_term, encode_term
from engine.entry_vectors import checked_vectors
from engine.errors import BackendUnavailable, IndexIncompatible, IndexMissing
from engine.model import Candidates, Field, IndexEntry, IndexQuery, Resource, TermStatistics, Vectors

_AT_ONCE: Final = 500
"""Stored entries, or terms, that are asked for in one request."""
_KEPT_ENTRIES: Final = 2_000
_KEPT_TERMS: Final = 50_000
_BUCKETS: Final = 10_000


class OpenSearchSearchIndex:
    """A search index in one index of a cluster.

    Parameters
    ----------
    connection : OpenSearchConnection
        To the cluster.
    name : str
        Of the index.
    analysis_version : str
        Version of the text analysis that makes entries and queries.
    create : bool, default False
        Make an empty index when there is none of this name.
    shards : int, default 1
        Primary shards of an index that is made.
    exact_vectors : int
        Passages up to which every vector is compared; beyond, the vector graph is walked.
    page : int
        Hits asked for at a time.

    Raises
    ------
    IndexMissing
        If there is no such index and `create` is not set.
    IndexIncompatible
        If the index has another schema or analysis version, or is not one of ours.
    BackendUnavailable
        If the cluster does not answer.
    """

    def __init__(
        self,
        connection: OpenSearchConnection,
        name: str,
        *,
        analysis_version: str,
        create: bool = False,
        shards: int = 1,
        exact_vectors: int = EXACT_VECTORS,
        page: int = PAGE,
    ) -> None:
        self._connection = connection
        self._name = name
        self._analysis_version = analysis_version
        self._exact_vectors = exact_vectors
        self._page = page
        self._closed = False
        self._changed = False
        self._writer = connection.bulk_writer(index=name)
        self._lock = threading.Lock()
        self._entries: LRUCache[str, StoredEntry | None] = LRUCache(_KEPT_ENTRIES)
        self._frequencies: LRUCache[tuple[Field, str], int] = LRUCache(_KEPT_TERMS)
        self._frequencies_without: LRUCache[tuple[Field, str], int] = LRUCache(_KEPT_TERMS)
        self._last_exclude: frozenset[str] = frozenset()
        self._known_lengths: dict[Field, tuple[int, float]] = {}
        if create and not connection.call(lambda client: client.indices.exists(index=name)):
            body = index_body(analysis_version=analysis_version, shards=shards, major=connection.version[0])
            connection.call(lambda client: client.indices.create(index=name, body=body))
        self._shape = self._read_shape()
        self._dim = self._shape.dim

    def add(self, entries: Iterable[IndexEntry]) -> int:
        """Add or replace by resource id; see the port.

        Entries are sent in the background; what the server says of them is raised by a later `add`,
        `delete` or `commit`.

        Raises
        ------
        InvalidRequest
            If an entry cannot be stored: not one vector for each passage, or text that is not
            Unicode. Those before it are kept for the next commit.
        IndexIncompatible
            If vectors have another length than those in the index.
        BackendError
            If the server refused documents of before; the message names the first. See `commit`.
        """
        self._open()
        count = 0
        for entry in entries:
            vectors = checked_vectors(entry, self._dim)
            source = document(entry, vectors)
            if vectors is not None and len(vectors) and not self._dim:
                self._map_vectors(vectors.shape[1])
            self._changed = True
            self._writer.put({"_id": document_id(entry.resource.id), "_source": source})
            count += 1
        return count

    def delete(self, ids: Iterable[str]) -> None:
        self._open()
        for id_ in dict.fromkeys(ids):
            self._changed = True
            self._writer.put({"_op_type": "delete", "_id": document_id(id_)})

    def commit(self) -> None:
        """Make earlier writes visible and durable; see the port.

        Raises
        ------
        BackendError
            If the server refused documents: the others are written, and are seen after another commit.
        BackendUnavailable
            If the server was not reached for too long; another commit goes on where this one stopped.
        """
        self._open()
        if not self._changed:
            return
        self._writer.flush()
        self._connection.call(lambda client: client.indices.refresh(index=self._name))
        self._connection.call(lambda client: client.indices.flush(index=self._name))
        self._shape = self._read_shape()
        with self._lock:
            self._entries.clear()
            self._frequencies.clear()
            self._frequencies_without.clear()
            self._known_lengths.clear()
        self._changed = False

    def search(self, query: IndexQuery) -> Candidates:
        self._open()
        retrieval = Retrieval(
            self._connection, self._name, self._shape, exact_vectors=self._exact_vectors, page=self._page
        )
        return retrieval.search(query)

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        stored = self._stored(ids)
        return {id_: entry.resource for id_, entry in stored.items()}

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        entry = self._stored([resource_id]).get(resource_id)
        if entry is None:
            return (), np.empty((0, self._shape.dim), dtype=np.float32)
        return entry.spans, entry.vectors

    def suggest(
        self,
        words: Sequence[str],
        scope: Mapping[str, tuple[str, ...]],
        k: int,
        exclude: frozenset[str] = frozenset(),
    ) -> Sequence[tuple[str, str]]:
        self._open()
        if not words or k <= 0:
            return []
        has_words = [{"term": {"title_words": encode_term(word)}} for word in words[:-1]]
        has_words.append({"prefix": {"title_words": encode_term(words[-1]) if words[-1] else ""}})
        in_scope = [dsl.column_filter(name, values) for name, values in scope.items()]
        answer = self._search(
            {
                "query": {"bool": {"filter": [*has_words, *in_scope, *dsl.all_but_ids(exclude)]}},
                "sort": [{"title_length": "asc"}, {"id": "asc"}],
                "_source": ["entry.resource.id", "entry.resource.title"],
                "size": min(k, PAGE),
            }
        )
        found = [hit["_source"]["entry"]["resource"] for hit in answer["hits"]["hits"]]
        return [(resource["id"], resource["title"]) for resource in found]

    def lexicon(self, exclude: frozenset[str] = frozenset()) -> Mapping[str, int]:
        self._open()
        found: dict[str, int] = {}
        after: dict[str, Any] = {}
        query = {"bool": {"filter": dsl.all_but_ids(exclude)}}
        while True:
            words = {"size": _BUCKETS, "sources": [{"word": {"terms": {"field": "surface"}}}], **after}
            answer = self._search({"size": 0, "query": query, "aggs": {"words": {"composite": words}}})
            page = answer["aggregations"]["words"]
            for bucket in page["buckets"]:
                word = decode_term(bucket["key"]["word"])
                if word is not None:
                    found[word] = bucket["doc_count"]
            if "after_key" not in page:
                return found
            after = {"after": page["after_key"]}

    def document_frequency(
        self, field: Field, terms: Sequence[str], exclude: frozenset[str] = frozenset()
    ) -> Sequence[int]:
        self._open()
        with self._lock:
            if exclude and exclude != self._last_exclude:
                self._last_exclude = exclude
                self._frequencies_without.clear()
            kept = self._frequencies_without if exclude else self._frequencies
            known = {term: kept.get((field, term)) for term in terms}
        asked = [term for term, count in known.items() if count is None]
        counts = {term: count for term, count in known.items() if count is not None}
        for start in range(0, len(asked), _AT_ONCE):
            chunk = asked[start : start + _AT_ONCE]
            filters = {str(n): {"term": {field: encode_term(term)}} for n, term in enumerate(chunk)}
            wanted: dict[str, Any] = {"terms": {"filters": {"filters": filters}}}
            inside = {"filter": dsl.ids_filter(sorted(exclude)), "aggs": wanted}
            answer = self._search({"size": 0, "aggs": wanted | ({"inside": inside} if exclude else {})})
            found = answer["aggregations"]
            for n, term in enumerate(chunk):
                out = found["inside"]["terms"]["buckets"][str(n)]["doc_count"] if exclude else 0
                counts[term] = found["terms"]["buckets"][str(n)]["doc_count"] - out
        with self._lock:
            if not self._changed and exclude in {frozenset(), self._last_exclude}:
                kept.update({(field, term): counts[term] for term in asked})
        return [counts[term] for term in terms]

    def statistics(self, field: Field, terms: Sequence[str]) -> TermStatistics:
        resources, mean_length = self._lengths(field)
        return TermStatistics(resources, mean_length, tuple(self.document_frequency(field, terms)))

    def _lengths(self, field: Field) -> tuple[int, float]:
        """Return how many documents count for scores in a field, and their mean length [terms].

        The server tells it in explanations only: any term will do, and the first that the prefix finds is taken.
        """
        self._open()
        known = self._known_lengths.get(field)
        if known is None:
            query = {"prefix": {field: {"value": "", "rewrite": "top_terms_1"}}}
            answer = self._search(
                {"query": query, "size": 1, "explain": True, "_source": False}, {"search_type": ONE_SCALE}
            )
            said = [hit["_explanation"] for hit in answer["hits"]["hits"]]
            known = (
                int(sum(explained_value(one, "N, ") for one in said)),
                sum(explained_value(one, "avgdl, ") for one in said),
            )
            if not self._changed:
                self._known_lengths[field] = known
        return known

    def ids(self) -> frozenset[str]:
        self._open()
        search = {"sort": [{"id": "asc"}], "stored_fields": "_none_", "size": min(self._page, 10_000)}
        return frozenset(
            hit["sort"][0] for page in pages(self._connection, self._name, search) for hit in page
        )

    def close(self) -> None:
        """Forget the index, and what has not been sent; the connection is not this object's to close."""
        self._closed = True
        self._writer.discard()

    def _map_vectors(self, dim: int) -> None:
        """Tell the server how long vectors are, which is known when the first come."""
        self._connection.call(
            lambda client: client.indices.put_mapping(index=self._name, body=vector_mapping(dim))
        )
        self._dim = dim

    def _stored(self, ids: Sequence[str]) -> dict[str, StoredEntry]:
        """Return what is stored of each resource that there is."""
        self._open()
        with self._lock:
            found = {id_: self._entries[id_] for id_ in ids if id_ in self._entries}
        asked = [id_ for id_ in dict.fromkeys(ids) if id_ not in found]
        for start in range(0, len(asked), _AT_ONCE):
            chunk = asked[start : start + _AT_ONCE]
            answer = self._search(
                {
                    "query": {"bool": {"filter": [dsl.ids_filter(chunk)]}},
                    "_source": ["entry"],
                    "size": len(chunk),
                }
            )
            entries = [stored_entry(hit["_source"], self._shape.dim) for hit in answer["hits"]["hits"]]
            found |= dict.fromkeys(chunk) | {entry.resource.id: entry for entry in entries}
        with self._lock:
            if not self._changed:
                self._entries.update({id_: found[id_] for id_ in asked[-_KEPT_ENTRIES:]})
        return {id_: entry for id_ in ids if (entry := found[id_]) is not None}

    def _read_shape(self) -> IndexShape:
        """Read what the index holds, and check that it is one of ours."""
        answer = self._connection.call(lambda client: client.indices.get(index=self._name))
        if not answer:
            raise IndexMissing(f"there is no index {self._name} on {self._connection.url}")
        (found,) = answer.values()
        mapping = found["mappings"]
        meta = mapping.get("_meta", {}).get(META)
        if meta is None:
            raise IndexIncompatible(f"the index {self._name} is not one of ours")
        if meta.get("schema") != SCHEMA_VERSION or meta.get("analysis_version") != self._analysis_version:
            raise IndexIncompatible(
                f"the index {self._name} was made with schema {meta.get('schema')} and analysis "
                f"{meta.get('analysis_version')}, this program has {SCHEMA_VERSION} and {self._analysis_version}"
            )
        properties = mapping["properties"]
        vector = properties["passages"]["properties"].get("vector", {})
        names = sorted(properties["numbers"].get("properties", {}))
        present = {
            f"n{at}": {"filter": {"exists": {"field": f"numbers.{name}"}}} for at, name in enumerate(names)
        }
        answer = self._search(
            {
                "size": 0,
                "aggs": {
                    **present,
                    "passages": {"sum": {"field": "vectors"}},
                    "embedded": {"filter": {"range": {"vectors": {"gt": 0}}}},
                },
            }
        )
        counts = answer["aggregations"]
        return IndexShape(
            dim=int(vector.get("dimension", 0)),
            passages=int(counts["passages"]["value"]),
            embedded=int(counts["embedded"]["doc_count"]),
            numbers=tuple(name for at, name in enumerate(names) if counts[f"n{at}"]["doc_count"]),
            shards=int(found["settings"]["index"]["number_of_shards"]),
        )

    def _search(self, body: dict[str, Any], params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        def ask(client: OpenSearch) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = client.search(index=self._name, body=body, params=dict(params or {}))
            return answer

        return self._connection.call(ask)

    def _open(self) -> None:
        if self._closed:
            raise BackendUnavailable(f"the index {self._name} has been closed")
