"""When the cluster cannot compare vectors, the words alone answer and say so."""

import pytest

from contract.search_index import axis, entry, fill, words
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_search_index import OpenSearchSearchIndex
from engine.errors import BackendError
from engine.model import IndexQuery


def test_a_server_that_compiles_no_more_scripts_answers_by_words(start_opensearch):
    """A real limit of real clusters: scripts compiled in a minute; comparing vectors is a script."""
    server = start_opensearch()
    limit = {
        "script.max_compilations_rate": "use-context",
        "script.context.score.max_compilations_rate": "0/1m",
    }
    assert server.ask("PUT", "_cluster/settings", {"persistent": limit})["acknowledged"]
    connection = OpenSearchConnection(server.url)
    index = OpenSearchSearchIndex(connection, "bank", analysis_version="1", create=True)
    fill(
        index,
        entry("a", "fall", vectors=[axis(0)], facets={"t": ("x",)}),
        entry("b", "fall", vectors=[axis(1)], facets={"t": ("y",)}),
        entry("c", "kost", vectors=[axis(0)], facets={"t": ("x",)}),
    )
    query = IndexQuery(lexical=words("fall"), vector=axis(0), floor=0.5, facets=("t",))
    found = index.search(query)
    assert found.degraded == ("similarity_failed",)
    assert found.ids == ("a", "b")
    assert found.facets == {"t": {"x": 1, "y": 1}}
    assert found.similarity_population == (0, 0.0, 0.0)
    with pytest.raises(BackendError, match="compil"):
        index.search(IndexQuery(vector=axis(0)))

    freed = dict.fromkeys(limit)
    server.ask("PUT", "_cluster/settings", {"persistent": freed})
    found = index.search(query)
    assert found.degraded == ()
    assert found.ids == ("a", "b", "c")
    connection.close()
