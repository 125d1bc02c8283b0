"""A portal that moves to a cluster gets the answers that it had: the same hits, counts and quality."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_search_index import OpenSearchSearchIndex
from engine.bootstrap import load_settings, open_engine
from engine.entry import FACETS
from engine.model import IndexQuery, SearchRequest
from engine.search import scope_of
from golden import collection
from golden.collection import ndcg, qrels, queries
from indexer import pipeline
from indexer.sample import load_sample
from search_cluster import sweep
from vocab.analysis import ANALYSIS_VERSION, surface_words

GROUPS = sorted({q.group for q in queries()} - {"no_answer"})
GENERATED = 500


@pytest.fixture(scope="module")
def prefix(opensearch_server):
    yield "golden"
    sweep(opensearch_server, "golden")


@pytest.fixture(scope="module")
def cluster_engine(opensearch_server, prefix, tmp_path_factory):
    """The sample bank in the production path, its index on the cluster, on the day of `sample_engine`."""
    engine = open_engine(
        load_settings(
            data=tmp_path_factory.mktemp("cluster"), search_url=opensearch_server.url, search_index=prefix
        ),
        now=lambda: datetime(2026, 11, 21, 12, tzinfo=UTC),
    )
    load_sample(engine)
    pipeline.index(engine)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def on_cluster(cluster_engine):
    results = {}
    for q in queries():
        request = SearchRequest(text=q.text, edition="alle", k=collection.DEPTH, facets=())
        results[q.id] = cluster_engine.search(request)
    return results


@pytest.mark.parametrize("half", ["dev", "test"])
@pytest.mark.parametrize("group", GROUPS)
def test_ndcg_of_every_group_is_that_of_the_embedded_engine(run, on_cluster, group, half):
    asked = [q for q in queries() if q.group == group and q.half == half]
    embedded = [ndcg(run.engine[q.id], qrels()[q.id]) for q in asked]
    cluster = [ndcg([h.resource.id for h in on_cluster[q.id].hits], qrels()[q.id]) for q in asked]
    assert np.mean(cluster) == pytest.approx(np.mean(embedded), abs=0.01)


def test_every_golden_query_has_the_same_hits(run, on_cluster):
    differing = [
        q.text
        for q in queries()
        if on_cluster[q.id].total != run.totals[q.id]
        or {h.resource.id for h in on_cluster[q.id].hits} != set(run.engine[q.id])
    ]
    assert not differing


def test_nearly_every_golden_query_has_the_same_first_ten_in_the_same_order(run, on_cluster):
    same = [[h.resource.id for h in on_cluster[q.id].hits[:10]] == run.engine[q.id][:10] for q in queries()]
    assert np.mean(same) > 0.97  # scores are equal to six digits: only ties may change places


def test_nothing_is_degraded_and_scores_are_explained(on_cluster):
    for result in on_cluster.values():
        assert result.degraded == ()
        for hit in result.hits:
            assert hit.explanation.total == pytest.approx(hit.score, abs=1e-9)


def test_generated_queries_have_the_same_counts_to_the_digit(sample_engine, cluster_engine):
    """Words of the bank, some misspelt, with filters, bounds, editions and modes as they may be chosen."""
    chance = random.Random(20261122)
    resources = list(sample_engine.catalogue.all(status="published"))
    embedded_facets = 0
    for number in range(GENERATED):
        request = generated(chance, resources)
        embedded, cluster = sample_engine.search(request), cluster_engine.search(request)
        assert cluster.total == embedded.total, (number, request)
        assert counts(cluster) == counts(embedded), (number, request)
        assert [h.resource.id for h in cluster.hits[:1]] == [h.resource.id for h in embedded.hits[:1]], (
            request
        )
        scores = [h.score for h in cluster.hits], [h.score for h in embedded.hits]
        np.testing.assert_allclose(*scores, atol=2e-4, err_msg=str(request))
        embedded_facets += sum(len(facet.values) for facet in embedded.facets)
    assert embedded_facets > 10_000  # the counts that were compared


def counts(result):
    return {facet.name: {value.value: value.count for value in facet.values} for facet in result.facets}


def generated(chance, resources):
    resource = chance.choice(resources)
    words = surface_words(f"{resource.title} {resource.summary}")
    text = " ".join(chance.sample(words, min(len(words), chance.randint(0, 4))))
    if text and chance.random() < 0.15:
        at = chance.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    other = chance.choice(resources)
    choices = {
        "resource_type": (other.resource_type,),
        "audience": other.audience[:2] or ("none",),
        "arena": other.arena[:1] or ("none",),
        "language": ("nb", other.language),
        "theme": other.themes[:1] or ("none",),
        "level": (other.level or "none",),
        "duration": ("0-15", "none"),
        "requirement": other.teaches[:1] or ("none",),
    }
    chosen = chance.sample(sorted(choices), chance.choice([0, 0, 1, 1, 2, 3]))
    return SearchRequest(
        text=text,
        mode=chance.choice(["hybrid", "hybrid", "lexical", "semantic"]),
        filters={name: choices[name] for name in chosen},
        edition=chance.choice(["alle", None, "ahus", "innlandet"]),
        max_duration=chance.choice([None, None, None, 30]),
        sort=chance.choice(["relevance", "relevance", "updated", "duration"]),
        k=20,
        facets=FACETS,
    )


def test_short_pages_and_the_vector_graph_give_the_same_result_sets(cluster_engine, opensearch_server):
    """Hits read on under a point in time are the same; the graph finds nearly what comparing finds."""
    connection = OpenSearchConnection(opensearch_server.url)
    whole, paged, walked = (
        OpenSearchSearchIndex(connection, "golden", analysis_version=ANALYSIS_VERSION, **how)
        for how in ({}, {"page": 25}, {"exact_vectors": 0})
    )
    asked = [q.text for q in queries()[::4]]
    vectors = cluster_engine.embedder.encode(asked, "query")
    recall, cosines = [], []
    for vector in vectors:
        query = IndexQuery(vector=vector, floor=0.2, scope=scope_of("alle"), facets=("theme",))
        exact, near = whole.search(query), walked.search(query)
        if exact.ids:
            recall.append(len(set(exact.ids) & set(near.ids)) / len(exact.ids))
        cosines += [
            abs(a - b)
            for id_, a in zip(near.ids, near.cosine, strict=True)
            for other, b in zip(exact.ids, exact.cosine, strict=True)
            if id_ == other
        ]
    assert len(recall) > len(asked) / 2
    assert np.mean(recall) > 0.97
    assert max(cosines) < 1e-5
    everything = IndexQuery(facets=("theme", "language"))
    assert paged.search(everything).ids == whole.search(everything).ids
    assert len(whole.ids()) == len(paged.ids()) > 300
    assert paged.ids() == whole.ids()
    connection.close()


def test_similar_resources_suggestions_and_recommendations_are_the_same(sample_engine, cluster_engine):
    for resource in list(sample_engine.catalogue.all(status="published"))[::40]:
        embedded = sample_engine.similar(resource.id, edition="alle")
        cluster = cluster_engine.similar(resource.id, edition="alle")
        assert [s.resource.id for s in cluster] == [s.resource.id for s in embedded]
    for prefix in ("fall", "legem", "hånd", "demens i"):
        assert cluster_engine.suggest(prefix) == sample_engine.suggest(prefix)
    assert cluster_engine.builds.current().signature == sample_engine.builds.current().signature


def test_drafts_and_other_editions_never_leave_the_cluster(cluster_engine, opensearch_server):
    stored = opensearch_server.ask("GET", "golden/_search?size=1000")["hits"]["hits"]
    resources = [hit["_source"]["entry"]["resource"] for hit in stored]
    assert len(resources) == cluster_engine.builds.current().resources
    assert {r["status"] for r in resources} == {"published"}
    for edition in (None, "ahus", "innlandet"):
        for text in ("", "fall", "legemidler demens"):
            found = cluster_engine.search(SearchRequest(text, edition=edition, k=100))
            assert {h.resource.edition for h in found.hits} <= {"felles", edition}
            shown = {v.value for f in found.facets if f.name == "edition" for v in f.values if v.count}
            assert shown <= {"felles", edition}
