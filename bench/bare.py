"""What does the same cost without us? Tantivy by itself, and comparing vectors by themselves, several ways.

These are the baselines of `bench.search`: the least that a hybrid search with facets has to do.
"""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import numkong
import numpy as np
import tantivy
from numpy.typing import NDArray

from engine.adapters.tantivy_terms import TOKENIZER, lexical_query, register_tokenizer, term_query
from engine.adapters.term_tokens import join_terms
from engine.model import IndexEntry, LexicalQuery, Vectors

MOST_VALUES = 1000
"""Values of a facet that Tantivy returns at most, more than there are."""

_HEAP = 200_000_000


class BareTantivy:
    """An index of the same terms, with facets as Tantivy has them: multi-valued columns of raw words.

    Parameters
    ----------
    folder : Path
        Where it lies; empty for `write`.
    facets : sequence of str
        Columns that are counted.
    """

    def __init__(self, folder: Path, facets: Sequence[str]) -> None:
        self._folder, self._facets = folder, tuple(facets)
        builder = tantivy.SchemaBuilder()
        for field in ("terms", "grams"):
            builder.add_text_field(field, tokenizer_name=TOKENIZER, index_option="freq")
        for field in (*self._facets, "edition"):
            builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder))
        register_tokenizer(self._index)
        self._index.reload()
        self._searcher = self._index.searcher()
        self._writer: tantivy.IndexWriter | None = None

    def add(self, entries: Sequence[IndexEntry]) -> None:
        """Write entries; `finish` makes them visible."""
        self._writer = self._writer or self._index.writer(heap_size=_HEAP, num_threads=1)
        for entry in entries:
            document = tantivy.Document()
            document.add_text("terms", join_terms(entry.terms))
            document.add_text("grams", join_terms(entry.grams))
            for field in (*self._facets, "edition"):
                for value in entry.facets.get(field, ()):
                    document.add_text(field, value)
            document.add_text("id", entry.resource.id)
            self._writer.add_document(document)

    def finish(self) -> None:
        """Make what was written visible, and wait for merges."""
        if self._writer is not None:
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
        self._index.reload()
        self._searcher = self._index.searcher()

    def query(self, lexical: LexicalQuery, edition: str, *, selective: bool) -> tantivy.Query:
        """Return the query for the terms, weighted, in an edition.

        It matches what has any of them, or, if `selective`, what the engine takes for a match.
        """
        terms = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(term_query(self._schema, c.field, c.term), c.weight),
            )
            for c in lexical.clauses
        ]
        inside = tantivy.Query.const_score_query(
            tantivy.Query.term_query(self._schema, "edition", edition, index_option="basic"), 0.0
        )
        least = lexical_query(self._schema, lexical) if selective else tantivy.Query.boolean_query(terms)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, inside), (tantivy.Occur.Must, least)])

    def search(self, query: tantivy.Query) -> tuple[list[str], dict[str, object]]:
        """Return the ids of the ten best and the counts of all facets."""
        hits = self._searcher.search(query, 10).hits
        counts = self._searcher.aggregate(
            query, {field: {"terms": {"field": field, "size": MOST_VALUES}} for field in self._facets}
        )
        return [self._searcher.doc(address)["id"][0] for _, address in hits], counts


def scans(vectors: Vectors) -> dict[str, Callable[[Vectors], NDArray[np.int64]]]:
    """Return ways to find the ten nearest of `vectors` ``(m, dim)`` on one thread, by name.

    Those of libraries that are not installed are left out. Eight bits: one scale for all.
    """
    scale = 127 / float(np.abs(vectors).max())
    coded = np.rint(vectors * scale).astype(np.int8)
    packed = numkong.dots_pack(coded)

    def ten(scores: NDArray[np.generic]) -> NDArray[np.int64]:
        return np.argpartition(scores, len(scores) - 10)[-10:]

    def code(query: Vectors) -> NDArray[np.int8]:
        return np.rint(query * (127 / float(np.abs(query).max()))).astype(np.int8)

    found: dict[str, Callable[[Vectors], NDArray[np.int64]]] = {
        "numpy, float32": lambda q: ten(vectors @ q),
        "numkong, int8": lambda q: ten(np.asarray(numkong.cdist(code(q)[None], coded, metric="dot"))[0]),
        "numkong, int8, packed": lambda q: ten(np.asarray(numkong.dots_packed(code(q)[None], packed))[0]),
    }
    if importlib.util.find_spec("simsimd"):
        import simsimd

        found["simsimd, int8"] = lambda q: ten(np.asarray(simsimd.cdist(code(q)[None], coded, "dot"))[0])
    if importlib.util.find_spec("faiss"):
        import faiss

        faiss.omp_set_num_threads(1)
        kind = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexScalarQuantizer(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        found["faiss, SQ8"] = lambda q: index.search(q[None], 10)[1][0]
    return found
