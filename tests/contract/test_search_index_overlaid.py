"""A build with newer writings over it keeps the contract, and answers as the plain oracle does."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.overlaid_index import WrittenOver
from contract.search_index import SearchIndexContract, ask, axis, entry, fill, words
from contract.search_index_agreement import BATCH, QUERY, agree, compare
from engine.adapters.memory_search_index import MemorySearchIndex
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.errors import InvalidRequest
from engine.model import IndexQuery
from engine.overlay import OverlaidIndex
from engine.recent_entries import RecentEntries
from engine.recent_store import RecentStore, rounded_length


def half(id_: str) -> bool:
    return sum(map(ord, id_)) % 2 == 0


def everything(_: str) -> bool:
    return True


def nothing(_: str) -> bool:
    return False


class TestHalfOfItOverTheBuild(SearchIndexContract):
    """But for scores: those are of the build's statistics, and half of the resources are not in the build."""

    test_scores_are_bm25_times_weight = None
    test_scores_are_what_the_statistics_say = None

    @pytest.fixture
    def index(self, tmp_path):
        index = WrittenOver(TantivySearchIndex(tmp_path, analysis_version="1", create=True), half)
        yield index
        index.close()


class TestOnlyChangesOverTheBuild(SearchIndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = WrittenOver(TantivySearchIndex(tmp_path, analysis_version="1", create=True), nothing)
        yield index
        index.close()


class TestAllOfItOverAnEmptyBuild(SearchIndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = WrittenOver(TantivySearchIndex(tmp_path, analysis_version="1", create=True), everything)
        yield index
        index.close()


@pytest.mark.parametrize("over", [half, nothing, everything])
@settings(max_examples=25, deadline=None)
@given(st.lists(BATCH, min_size=1, max_size=2), st.lists(QUERY, min_size=1, max_size=6))
def test_an_overlaid_build_and_memory_agree(over, batches, queries):
    with tempfile.TemporaryDirectory() as folder:
        real = WrittenOver(TantivySearchIndex(Path(folder), analysis_version="1", create=True), over)
        oracle = MemorySearchIndex()
        try:
            compare(real, oracle, batches, queries, exact=over is everything)
        finally:
            real.close()
            oracle.close()


def test_a_changed_resource_scores_over_the_build_as_it_did_in_it(tmp_path):
    rng = np.random.default_rng(3)
    build = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    entries = [
        entry(f"r{n:02}", " ".join(rng.choice([f"w{n}" for n in range(30)], size=int(rng.integers(5, 300)))))
        for n in range(60)
    ]
    fill(build, *entries)
    store = RecentStore()
    recent = [store.put(one) for one in entries[::3]]
    over = OverlaidIndex(build, RecentEntries(store, recent))
    found, expected = ask(over, "w1", "w2"), ask(build, "w1", "w2")
    assert found.ids == expected.ids
    np.testing.assert_allclose(found.lexical, expected.lexical, rtol=1e-5)
    np.testing.assert_allclose(found.population, expected.population, rtol=1e-5)
    build.close()


def test_a_word_that_the_build_does_not_have_is_as_rare_as_among_the_new_ones(tmp_path):
    build = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    fill(build, *(entry(f"r{n}", "gammelt") for n in range(8)))
    store = RecentStore()
    recent = [store.put(entry("n1", "nytt")), store.put(entry("n2", "nytt"))]
    (score, other) = ask(OverlaidIndex(build, RecentEntries(store, recent)), "nytt").lexical
    assert score == other == pytest.approx(np.log(1 + (8 - 2 + 0.5) / (2 + 0.5)))
    build.close()


def test_lengths_are_rounded_as_tantivy_does(tmp_path):
    index = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    lengths = [1, 23, 24, 39, 40, 41, 42, 55, 56, 57, 100, 128, 129, 700, 1000, 5000]
    fill(index, *(entry(f"r{n:02}", "fall " + "x " * (length - 1)) for n, length in enumerate(lengths)))
    known = index.statistics("terms", ["fall"])
    scores = ask(index, "fall").lexical
    idf = np.log(1 + 0.5 / (len(lengths) + 0.5))
    long = (idf * 2.2 / scores - 1) / 1.2
    kept = (long - 0.25) / 0.75 * known.mean_length
    np.testing.assert_allclose(kept, [rounded_length(n) for n in lengths], rtol=1e-3)
    index.close()


def test_a_view_stays_as_it_was_while_more_is_written(tmp_path):
    build = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    store = RecentStore()
    first = store.put(entry("a", "fall"))
    view = OverlaidIndex(build, RecentEntries(store, [first]))
    later = [store.put(entry("a", "fall fall")), store.put(entry("b", "fall"))]
    assert ask(view, "fall").ids == ("a",)
    assert ask(OverlaidIndex(build, RecentEntries(store, later)), "fall").ids == ("a", "b")
    fresh, moved = store.kept(later)
    assert len(fresh) == 2
    assert ask(OverlaidIndex(build, RecentEntries(fresh, moved)), "fall").ids == ("a", "b")
    assert ask(view, "fall").ids == ("a",)
    build.close()


def test_it_is_read_and_not_written(tmp_path):
    build = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    over = OverlaidIndex(build, RecentEntries(RecentStore(), ()))
    for write in (lambda: over.add([entry("a")]), lambda: over.delete(["a"]), over.commit):
        with pytest.raises(InvalidRequest):
            write()
    assert over.search(IndexQuery()).ids == ()
    build.close()


def near(id_, first, second, terms, kind):
    """An entry with two passages whose cosines to `axis(0)` are given."""
    vectors = [np.array([c, np.sqrt(1 - c * c), 0, 0], dtype=np.float32) for c in (first, second)]
    return entry(id_, terms, facets={"t": (kind,)}, vectors=vectors)


CLOSE = [
    near("a", 0.9, 0.1, "fall", "x"),
    near("b", 0.8, 0.8, "sår", "y"),
    near("c", 0.2, 0.8, "sår", "x"),
    near("d", 0.7, 0.6, "sår fall", "y"),
    near("e", 0.8, 0.8, "kost", "y"),
    near("f", 0.6, 0.9, "kost", "x"),
    near("g", 0.5, 0.4, "fall", "y"),
    near("h", 0.1, 0.0, "sår", "x"),
    entry("i", "fall sår", facets={"t": ("y",)}),
]


@pytest.mark.parametrize("over", ["", "a", "bdfh", "aceg", "afbe", "abcdefghi"])
def test_the_nearest_are_those_of_both_together(tmp_path, over):
    oracle = MemorySearchIndex()
    fill(oracle, *CLOSE)
    build = TantivySearchIndex(tmp_path, analysis_version="1", create=True)
    # the build has older texts of what lies over it, and those are nearer
    fill(build, *(near(e.resource.id, 1.0, 1.0, "fall", "x") if e.resource.id in over else e for e in CLOSE))
    store = RecentStore()
    recent = [store.put(one) for one in CLOSE if one.resource.id in over]
    index = OverlaidIndex(build, RecentEntries(store, recent))
    for nearest in range(10):
        for floor in (-1.0, 0.55):
            for filters in ({}, {"t": ("x",)}, {"t": ("y",)}):
                for lexical in (None, words("fall")):
                    for facets in ((), ("t",)):
                        for exclude in (frozenset(), frozenset("ab")):
                            query = IndexQuery(
                                lexical, axis(0), floor, nearest, {}, filters, (), exclude, facets
                            )
                            agree(index.search(query), oracle.search(query), fresh=False)
    build.close()
