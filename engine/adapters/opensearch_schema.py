"""How does a resource lie in an OpenSearch index, and come back equal? Mapping, document, entry.

Text is analysed by us and never by the server, so both engines see the same terms: the server splits
at spaces and nothing else. The passages are nested documents, each with its vector; what is returned
to readers lies whole in ``entry``, the only field that the server stores.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson

from engine.adapters.resource_json import entry_to_json, resource_from_fields
from engine.adapters.term_tokens import encode_term, join_terms
from engine.errors import InvalidRequest
from engine.model import IndexEntry, Resource, Vectors

SCHEMA_VERSION: Final = 2
META: Final = "kompetansegraf"
"""Key of our own part of a mapping's ``_meta``."""

PAGE: Final = 50_000
"""Hits that are asked for at a time; the index allows no more."""

HNSW: Final[Mapping[str, int]] = {"m": 16, "ef_construction": 100}
"""Parameters of the vector graph (Lucene's HNSW)."""

_LONGEST_ID = 512
"""Bytes that the server allows in ``_id``."""


def index_body(
    *, analysis_version: str, shards: int = 1, replicas: str = "0-1", major: int = 2
) -> dict[str, Any]:
    """Return settings and mapping of an empty index.

    Parameters
    ----------
    analysis_version : str
        Version of the text analysis that makes entries and queries.
    shards : int
        Primary shards; answers are the same whatever their number.
    replicas : str
        Range of replicas, as many as the cluster has room for.
    major : int
        Major version of the server; from 3 on, BM25 leaves out the factor k1 + 1 unless told.
    """
    return {
        "settings": {
            "index": {
                "knn": True,
                "number_of_shards": shards,
                "auto_expand_replicas": replicas,
                "refresh_interval": "-1",
                "max_result_window": PAGE,
                "max_rescore_window": PAGE,
                "max_inner_result_window": 10_000,
                "similarity": {
                    "default": {"type": "BM25" if major < 3 else "LegacyBM25", "k1": 1.2, "b": 0.75}
                },
                "analysis": {
                    "tokenizer": {
                        "at_spaces": {
                            "type": "char_group",
                            "tokenize_on_chars": [" "],
                            "max_token_length": 32_766,
                        }
                    },
                    "analyzer": {"analysed": {"type": "custom", "tokenizer": "at_spaces"}},
                },
            }
        },
        "mappings": {
            "_meta": {META: {"schema": SCHEMA_VERSION, "analysis_version": analysis_version}},
            "_source": {"includes": ["entry"]},
            "dynamic": "strict",
            "dynamic_templates": [
                {"facets": {"path_match": "facets.*", "mapping": {"type": "keyword"}}},
                {"numbers": {"path_match": "numbers.*", "mapping": {"type": "double"}}},
            ],
            "properties": {
                "id": {"type": "keyword"},
                "terms": {"type": "text", "analyzer": "analysed", "index_options": "freqs"},
                "grams": {"type": "text", "analyzer": "analysed", "index_options": "freqs"},
                "surface": {"type": "keyword"},
                "written": {"type": "text", "analyzer": "analysed", "norms": False},
                "title_words": {"type": "keyword"},
                "title_length": {"type": "integer"},
                "facets": {"type": "object", "dynamic": True},
                "numbers": {"type": "object", "dynamic": True},
                "embedded": {"type": "boolean"},
                "vectors": {"type": "integer"},
                "sample": {"type": "integer"},
                "passages": {"type": "nested", "properties": {"n": {"type": "integer"}}},
                "entry": {"type": "object", "enabled": False},
            },
        },
    }


def vector_mapping(dim: int) -> dict[str, Any]:
    """Return what is added to the mapping when the length of a vector is known."""
    return {
        "properties": {
            "passages": {
                "type": "nested",
                "properties": {
                    "vector": {
                        "type": "knn_vector",
                        "dimension": dim,
                        "method": {
                            "name": "hnsw",
                            "engine": "lucene",
                            "space_type": "cosinesimil",
                            "parameters": dict(HNSW),
                        },
                    }
                },
            }
        }
    }


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """What is read back of one resource; `vectors` has shape ``(n, dim)``, n = 0 when not embedded."""

    resource: Resource
    spans: tuple[tuple[int, int], ...]
    vectors: Vectors


def document_id(resource_id: str) -> str:
    """Return the server's name for a resource: its id, or a hash of one that is too long or not Unicode."""
    data = resource_id.encode("utf-8", "surrogatepass")
    if len(data) <= _LONGEST_ID and data.decode("utf-8", "replace") == resource_id:
        return resource_id
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def document(entry: IndexEntry, vectors: Vectors | None) -> dict[str, Any]:
    """Return the document of an entry.

    Parameters
    ----------
    entry : IndexEntry
        Made ready for an index.
    vectors : float32 array of shape ``(n, dim)`` or None
        Its vectors, checked.

    Raises
    ------
    InvalidRequest
        If the resource holds text that is not Unicode.
    """
    stored = orjson.loads(entry_to_json(entry))
    stored["vectors"] = None if vectors is None else base64.b64encode(vectors.tobytes()).decode()
    resource_id = entry.resource.id
    return {
        "id": resource_id,
        "terms": join_terms(entry.terms),
        "grams": join_terms(entry.grams),
        "surface": sorted({encode_term(word) for word in entry.surface}),
        "written": join_terms(entry.surface),
        "title_words": sorted({encode_term(word) for word in entry.title_surface}),
        "title_length": len(entry.resource.title),
        "facets": {name: _unique(values, resource_id) for name, values in entry.facets.items()},
        "numbers": {name: float(value) for name, value in entry.numbers.items()},
        "embedded": vectors is not None,
        "vectors": 0 if vectors is None else len(vectors),
        "sample": _sample(resource_id),
        "passages": [{"n": n, "vector": vector} for n, vector in enumerate(vectors)]
        if vectors is not None
        else [],
        "entry": stored,
    }


def stored_entry(source: Mapping[str, Any], dim: int) -> StoredEntry:
    """Return what `document` stored in ``entry``."""
    stored = source["entry"]
    packed = stored["vectors"]
    vectors = np.frombuffer(base64.b64decode(packed), dtype=np.float32) if packed else np.empty(0, np.float32)
    return StoredEntry(
        resource=resource_from_fields(stored["resource"]),
        spans=tuple((start, end) for start, end in stored["passages"]),
        vectors=vectors.reshape(-1, dim) if dim else np.empty((0, 0), np.float32),
    )


SAMPLE_PARTS: Final = 10_000


def _sample(resource_id: str) -> int:
    """Return a number in [0, `SAMPLE_PARTS`) that has nothing to do with what the resource says."""
    digest = hashlib.sha256(resource_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % SAMPLE_PARTS


def _unique(values: tuple[str, ...], resource_id: str) -> list[str]:
    for value in values:
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidRequest(f"resource {resource_id!r} has a value that is not Unicode") from error
    return list(dict.fromkeys(values))
