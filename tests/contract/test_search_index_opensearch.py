"""The cluster's index keeps the contract, and answers as the plain oracle does."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.overlaid_index import WrittenOver
from contract.search_index import HALF, SearchIndexContract, axis, entry, fill, words
from contract.search_index_agreement import BATCH, QUERY, compare
from engine.adapters import opensearch_queries as dsl
from engine.adapters.memory_search_index import MemorySearchIndex
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_search_index import OpenSearchSearchIndex
from engine.errors import BackendError, IndexIncompatible, IndexMissing, InvalidRequest
from engine.model import Clause, IndexEntry, IndexQuery, LexicalQuery, Resource
from engine.overlay import OverlaidIndex
from engine.recent_entries import RecentEntries
from engine.recent_store import RecentStore


@pytest.fixture(scope="module")
def connection(opensearch_server):
    connection = OpenSearchConnection(opensearch_server.url)
    yield connection
    connection.close()


@pytest.fixture
def make(connection, opensearch_prefix):
    numbers = itertools.count()

    def make(name=None, **how):
        name = name or f"{opensearch_prefix}-{next(numbers)}"
        return OpenSearchSearchIndex(connection, name, analysis_version="1", create=True, **how)

    return make


class TestOpenSearchSearchIndex(SearchIndexContract):
    @pytest.fixture
    def index(self, make):
        index = make()
        yield index
        index.close()


class TestOpenSearchSearchIndexOfThreeShards(SearchIndexContract):
    """Scores are of the whole index, wherever its parts lie."""

    @pytest.fixture
    def index(self, make):
        index = make(shards=3, page=3)
        yield index
        index.close()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BATCH, min_size=1, max_size=2), st.lists(QUERY, min_size=1, max_size=8))
def test_opensearch_and_memory_agree(make, batches, queries):
    real, oracle = make(), MemorySearchIndex()
    compare(real, oracle, batches, queries)


def test_an_index_is_opened_again_with_all_that_it_holds(make, connection):
    first = make()
    fill(first, entry("a", "fall", vectors=[axis(0)], numbers={"duration": 5}), entry("b", "fall"))
    again = OpenSearchSearchIndex(connection, first._name, analysis_version="1")
    found = again.search(IndexQuery(lexical=words("fall"), vector=axis(0)))
    assert found.ids == ("a", "b")
    assert found.numbers["duration"].tolist()[:1] == [5.0]
    with pytest.raises(IndexIncompatible, match="analysis"):
        OpenSearchSearchIndex(connection, first._name, analysis_version="2")
    with pytest.raises(IndexMissing):
        OpenSearchSearchIndex(connection, f"{first._name}-none", analysis_version="1")


def test_a_foreign_index_is_refused(connection, opensearch_server, opensearch_prefix):
    opensearch_server.ask("PUT", f"{opensearch_prefix}-foreign", {})
    with pytest.raises(IndexIncompatible, match="not one of ours"):
        OpenSearchSearchIndex(connection, f"{opensearch_prefix}-foreign", analysis_version="1", create=True)


def test_what_stands_before_a_bad_entry_is_written(make):
    index = make()
    with pytest.raises(InvalidRequest, match="odd"):
        index.add(
            [entry("a", "fall"), entry("odd", "fall", vectors=[axis(0)], passages=2), entry("b", "fall")]
        )
    index.commit()
    assert index.ids() == {"a"}
    surrogate = IndexEntry(Resource("s", "\ud800"), (), (), (), (), {}, {})
    with pytest.raises(InvalidRequest, match="'s'"):
        index.add([surrogate])
    column = IndexEntry(Resource("v", "v"), (), (), (), (), {"t": ("\ud800",)}, {})
    with pytest.raises(InvalidRequest, match="'v'"):
        index.add([column])


def test_ids_of_any_length_are_kept_apart(make):
    index = make()
    long = "æ" * 600
    fill(index, entry(long, "fall"), entry(f"{long}b", "fall"))
    assert index.ids() == {long, f"{long}b"}
    assert index.get([long])[long].id == long
    index.delete([long])
    index.commit()
    assert index.ids() == {f"{long}b"}


def test_a_query_of_more_clauses_than_a_server_takes_is_answered(make):
    index = make()
    fill(index, entry("a", "w0"), entry("b", "w39"), entry("c", "other"))
    labels = [tuple((f"x{n}a{m}", f"x{n}b{m}") for m in range(60)) for n in range(40)]
    query = LexicalQuery(
        clauses=tuple(Clause("terms", f"w{n}") for n in range(2000)),
        groups=tuple((((f"w{n}",), *labels[n])) for n in range(40)),
        minimum=1.0,
        weights=(1.0,) * 40,
    )
    assert sum(len(terms) for group in query.groups for terms in group) > 4000
    assert index.search(IndexQuery(lexical=query)).ids == ("a", "b")
    cut = dsl.fitted(query)
    assert all(group[0] == (f"w{n}",) for n, group in enumerate(cut.groups))
    small = words("a", "b")
    assert dsl.fitted(small) == small


def test_beyond_the_limit_of_comparing_the_vector_graph_is_walked(make):
    """400 resources of two passages: the graph finds what comparing finds, similarity and spread are near."""
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((800, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    entries = [
        entry(
            f"r{n:03}",
            "fall" if n % 3 else "kost",
            vectors=list(rows[2 * n : 2 * n + 2]),
            facets={"t": (str(n % 7),), "tenth": (str(n % 10),)},
        )
        for n in range(400)
    ] + [entry("none", "fall", facets={"t": ("none",)})]
    exact = make()
    fill(exact, *entries)
    walked = make(exact._name, exact_vectors=0)
    for scope, floor in (({}, 0.9), ({"tenth": ("3",)}, 0.7), ({"tenth": ("3",), "t": ("1", "2")}, -1.0)):
        for vector in rows[:5]:
            query = IndexQuery(
                lexical=words("fall"), vector=vector, floor=floor, nearest=20, scope=scope, facets=("t",)
            )
            expected, found = exact.search(query), walked.search(query)
            assert len(set(expected.ids) & set(found.ids)) >= 0.98 * len(expected.ids)
            assert sum(found.facets["t"].values()) == len(found.ids)
            similarity = dict(zip(expected.ids, expected.similarity, strict=True))
            for id_, cosine in zip(found.ids, found.similarity, strict=True):
                if id_ in similarity:
                    np.testing.assert_allclose(cosine, similarity[id_], atol=1e-6)
            n, total, _ = found.similarity_population
            m, all_, _ = expected.similarity_population
            assert total / n == pytest.approx(all_ / m, abs=0.05)
            assert found.population[0] == expected.population[0]
            assert found.population[1:] == pytest.approx(expected.population[1:])
            assert found.vectors_missing == expected.vectors_missing


def test_of_more_lexical_matches_than_are_rescored_the_best_have_a_similarity(make):
    entries = [entry(f"r{n:03}", "fall " * (1 + n % 9), vectors=[axis(n % 4)]) for n in range(120)]
    index = make(exact_vectors=0, page=50)
    fill(index, *entries)
    found = index.search(IndexQuery(lexical=words("fall"), vector=axis(0), floor=0.5, nearest=10))
    assert len(found.ids) == 120
    compared = ~np.isnan(found.similarity)
    assert 50 <= compared.sum() <= 60
    assert found.lexical[compared].mean() > found.lexical[~compared].mean()
    expected = [float(int(id_[1:]) % 4 == 0) for id_ in found.ids]
    np.testing.assert_allclose(found.similarity[compared], np.array(expected)[compared], atol=1e-6)


def test_words_that_nothing_has_leave_the_near_ones_whichever_way_they_are_found(make):
    exact = make()
    fill(exact, entry("a", "fall", vectors=[axis(0)]), entry("b", "kost", vectors=[axis(1)]))
    for index in (exact, make(exact._name, exact_vectors=0)):
        found = index.search(IndexQuery(lexical=words("unknown"), vector=axis(0), floor=0.5, facets=("t",)))
        assert found.ids == ("a",)
        assert np.isnan(found.lexical).all()
        assert found.similarity.tolist() == [1.0]
        assert index.search(IndexQuery(lexical=words("unknown"), vector=HALF, floor=0.9)).ids == ()


def test_a_facet_with_more_values_than_are_counted_is_an_error_and_no_wrong_count(make, monkeypatch):
    index = make()
    fill(index, *(entry(name, "fall", facets={"t": (name,)}) for name in "abc"))
    for most in (3, 2):
        monkeypatch.setattr("engine.adapters.opensearch_searches.FACET_VALUES", most)
        if most == 3:
            assert index.search(IndexQuery(facets=("t",))).facets == {"t": {"a": 1, "b": 1, "c": 1}}
        else:
            with pytest.raises(BackendError, match="facet 't' has more values"):
                index.search(IndexQuery(facets=("t",)))


def test_deleting_what_cannot_be_an_id_is_no_error(make):
    index = make()
    fill(index, entry("a", "fall"))
    index.delete(["\ud800", "b"])
    index.commit()
    assert index.ids() == {"a"}


class TestHalfOfItOverABuildOnACluster(SearchIndexContract):
    """But for scores, which are of the build's statistics: half of the resources are not in the build."""

    test_scores_are_bm25_times_weight = None
    test_scores_are_what_the_statistics_say = None

    @pytest.fixture
    def index(self, make):
        index = WrittenOver(make(), lambda id_: sum(map(ord, id_)) % 2 == 0)
        yield index
        index.close()


def test_a_changed_resource_scores_over_a_build_of_several_shards_as_it_did_in_it(make):
    rng = np.random.default_rng(3)
    build = make(shards=3)
    entries = [
        entry(f"r{n:02}", " ".join(rng.choice([f"w{n}" for n in range(30)], size=int(rng.integers(5, 300)))))
        for n in range(40)
    ]
    fill(build, *entries)
    store = RecentStore()
    over = OverlaidIndex(build, RecentEntries(store, [store.put(one) for one in entries[::3]]))
    query = IndexQuery(lexical=words("w1", "w2"))
    found, expected = over.search(query), build.search(query)
    assert found.ids == expected.ids
    np.testing.assert_allclose(found.lexical, expected.lexical, rtol=1e-5)
