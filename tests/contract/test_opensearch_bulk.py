"""Many documents into a cluster in trouble: each written once, or named, or the whole told undone."""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.opensearch_trouble import (
    broken,
    count,
    documents,
    item_429,
    ping,
    refused,
    reject,
)
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import (
    BackendError,
    BackendUnavailable,
    IndexMissing,
)
from opensearch_proxy import FaultProxy
from search_cluster import OpenSearchServer


def test_bulk_refuses_some_and_writes_the_rest(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    bad = [{"_index": index, "_id": f"bad{i}", "n": "tall"} for i in range(5)]
    odd = {"_index": index, "_id": "odd", "other": 1}
    with refused(
        BackendError,
        "6 refused ('bad0': failed to parse field [n] of type [integer]",
        "'bad1'",
        "'bad2'",
        "and 3 more), 300 written",
    ):
        connect(opensearch_server.url).bulk([*bad, *documents(300, index), odd], chunk_actions=100)
    assert count(opensearch_server, index) == 300


def test_bulk_counts_what_it_wrote_and_splits_by_bytes(
    proxy: FaultProxy,
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
) -> None:
    connection = connect(proxy)
    many = ({"_index": index, "_id": f"r{i}", "t": "å" * 100} for i in range(100))
    assert connection.bulk(many, chunk_bytes=5000) == 100
    sizes = [len(asked.body) for asked in proxy.asked if asked.path == "/_bulk"]
    assert max(sizes) <= 5000
    assert sum(sizes) / len(sizes) > 4000
    assert connection.bulk([{"_index": index, "_id": "wide", "t": "x" * 9000}], chunk_bytes=5000) == 1
    assert connection.bulk([]) == 0
    gone = [{"_op_type": "delete", "_index": index, "_id": i} for i in ("r1", "unknown")]
    assert connection.bulk(gone) == 2
    assert count(opensearch_server, index) == 100


def test_the_last_of_two_writes_of_a_document_stands(
    proxy: FaultProxy,
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
) -> None:
    """The first one is turned away for a moment; sent again, it must not undo the second."""
    proxy.behave = item_429(first=1)
    writes = [{"_index": index, "_id": "r", "n": n} for n in (1, 2)]
    assert connect(proxy).bulk(writes) == 2
    assert opensearch_server.ask("GET", f"{index}/_doc/r")["_source"] == {"n": 2}


@pytest.mark.parametrize(
    "action",
    [{"n": 1}, {"_id": None, "n": 1}, {"_id": "1", "_op_type": "create", "n": 1}],
)
def test_an_action_that_cannot_be_sent_twice_is_a_mistake(
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
    action: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match="_id"):
        connect(opensearch_server.url).bulk([action], index=index)


def test_bulk_into_nothing(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], opensearch_prefix: str
) -> None:
    with refused(IndexMissing, f"{opensearch_prefix}-none"):
        connect(opensearch_server.url).bulk(
            [{"_op_type": "update", "_index": f"{opensearch_prefix}-none", "_id": "1", "doc": {"n": 1}}]
        )


def test_bulk_waits_while_the_server_is_overloaded_and_writes_each_once(
    proxy: FaultProxy,
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
) -> None:
    for behave in (reject(3), item_429(first=150), broken(3)):
        proxy.asked.clear()
        proxy.behave = behave
        assert connect(proxy).bulk(documents(200, index), chunk_actions=100) == 200
        assert len([asked for asked in proxy.asked if asked.path == "/_bulk"]) > 2
    assert count(opensearch_server, index) == 200
    hits = opensearch_server.ask("POST", f"{index}/_search", {"size": 300, "version": True})["hits"]["hits"]
    assert {hit["_id"]: hit["_source"]["n"] for hit in hits} == {f"r{i}": i for i in range(200)}


def test_only_what_was_turned_away_is_sent_again(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    proxy.behave = item_429(first=5)
    assert connect(proxy).bulk(documents(100, index)) == 100
    sent = [re.findall(rb'"_id":"(\w+)"', asked.body) for asked in proxy.asked if asked.path == "/_bulk"]
    assert [len(ids) for ids in sent] == [100, 5]
    assert sent[1] == sent[0][:5]


def test_the_patience_of_bulk_ends(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(proxy)
    ping(connection)
    for behave, said in (
        (reject(10**6), "overloaded"),
        (item_429(first=10**6), "overloaded"),
        (broken(10**6), ""),
    ):
        proxy.behave = behave
        with refused(BackendUnavailable, said, "given up after", "0 written", "3 of the last 3 left"):
            connection.bulk(documents(3, index), patience=0.8)


def test_bulk_outlives_an_open_circuit(
    proxy: FaultProxy,
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
) -> None:
    connection = connect(proxy, failures=2, pause=0.5)
    proxy.behave = broken(4)
    assert connection.bulk(documents(10, index)) == 10
    assert connection.state == "closed"
    assert count(opensearch_server, index) == 10


def test_a_server_killed_in_the_middle_of_a_bulk_and_restarted(
    start_opensearch: Callable[[], OpenSearchServer], connect: Callable[..., OpenSearchConnection]
) -> None:
    server = start_opensearch()
    server.ask(
        "PUT",
        "docs",
        {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {"n": {"type": "integer"}}}},
    )
    connection = connect(server.url)

    def actions() -> Iterator[dict[str, Any]]:
        for action in documents(20_000, "docs"):
            if action["n"] == 5_500:
                crash.start()
            yield action

    def kill_and_start() -> None:
        time.sleep(random.random() / 10)  # at some moment of a request
        server.kill()
        server.start()

    crash = threading.Thread(target=kill_and_start)
    assert connection.bulk(actions(), chunk_actions=500) == 20_000
    crash.join()
    assert count(server, "docs") == 20_000


def test_bulk_does_not_wait_for_a_certificate_to_change(
    tls_proxy: tuple[FaultProxy, Path], connect: Callable[..., OpenSearchConnection]
) -> None:
    with refused(BackendUnavailable, "certificate is not trusted"):
        connect(tls_proxy[0]).bulk(documents(3, "any"), patience=30)
