"""What is written is found at once over a build on a cluster, too, on each machine that has the catalogue."""

from dataclasses import replace

import pytest

from engine.model import Resource, SearchRequest
from indexer.pipeline import index
from small_bank import RESOURCES, fill, open_bank

NEW = Resource("n1", "Vaklometri i praksis", body="Vaklometri måler ustøhet.", resource_type="film")


@pytest.fixture
def cluster(opensearch_server, opensearch_prefix):
    return {"search_url": opensearch_server.url, "search_index": opensearch_prefix}


def found(engine, text):
    result = engine.search(SearchRequest(text, mode="lexical"))
    counts = {v.value: v.count for f in result.facets if f.name == "resource_type" for v in f.values}
    return {hit.resource.id for hit in result.hits}, counts.get("film", 0)


def test_a_written_resource_is_found_at_once_by_all(tmp_path, cluster):
    fill(tmp_path, **cluster)
    engines = [open_bank(tmp_path, **cluster) for _ in range(2)]
    films = found(engines[0], "")[1]
    changed = replace(RESOURCES[7], title="Spritvask", body="Gni den inn.", resource_type="quiz")
    engines[0].write_resources([NEW, changed], by="t")
    for engine in engines:
        assert found(engine, "vaklometri") == ({"n1"}, 1)
        assert found(engine, "spritvask") == ({"kb-8"}, 0)
        assert found(engine, "håndhygiene")[0] == set()
        assert found(engine, "")[1] == films
        assert engine.similar("n1") == ()
        assert [s.id for s in engine.suggest("vaklo")] == ["n1"]
        assert engine.search(SearchRequest("vaklometri")).hits[0].resource.id == "n1"
    engines[0].withdraw("n1", by="t")
    for engine in engines:
        assert found(engine, "vaklometri") == (set(), 0)
    index(engines[0])
    assert found(engines[0], "spritvask") == ({"kb-8"}, 0)
    for engine in engines:
        engine.close()
