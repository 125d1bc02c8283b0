"""The embedded index answers as the plain oracle does, whatever is written and asked."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.search_index_agreement import BATCH, QUERY, compare
from engine.adapters.memory_search_index import MemorySearchIndex
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.model import Clause, IndexEntry, IndexQuery, LexicalQuery, Resource


@settings(max_examples=60, deadline=None)
@given(st.lists(BATCH, min_size=1, max_size=2), st.lists(QUERY, min_size=1, max_size=6))
def test_tantivy_and_memory_agree(batches, queries):
    with tempfile.TemporaryDirectory() as folder:
        real = TantivySearchIndex(Path(folder), analysis_version="1", create=True)
        oracle = MemorySearchIndex()
        try:
            compare(real, oracle, batches, queries)
        finally:
            real.close()
            oracle.close()


def test_scores_and_ranks_are_close_where_tantivy_rounds_the_lengths(tmp_path):
    rng = np.random.default_rng(3)
    vocabulary = [f"w{n}" for n in range(60)]
    real = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    oracle = MemorySearchIndex()
    for start in range(0, 300, 100):
        batch = [
            IndexEntry(
                Resource(f"r{n:03}", "t"),
                tuple(rng.choice(vocabulary, size=int(rng.integers(30, 400)))),
                (),
                (),
                (),
                {},
                {},
            )
            for n in range(start, start + 100)
        ]
        for index in (real, oracle):
            index.add(batch)
            index.commit()
    query = IndexQuery(
        lexical=LexicalQuery(tuple(Clause("terms", f"w{n}") for n in range(4)), ((("w0",),), (("w1",),)))
    )
    found, expected = real.search(query), oracle.search(query)
    real.close()
    assert found.ids == expected.ids
    assert len(found.ids) > 200
    np.testing.assert_allclose(found.lexical, expected.lexical, rtol=0.06)
    ranks = [np.argsort(np.argsort(-answer.lexical)) for answer in (found, expected)]
    assert np.corrcoef(*ranks)[0, 1] > 0.99
