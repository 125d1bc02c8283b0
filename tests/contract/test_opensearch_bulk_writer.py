"""Several requests on their way at once: each document once, in order, within bounds, and no thread left."""

import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.opensearch_trouble import broken, count, documents, ping, refused, reject
from contract.search_index import axis, entry
from engine.adapters.opensearch_bulk_writer import BulkWriter
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_search_index import OpenSearchSearchIndex
from engine.errors import BackendError, BackendUnavailable, IndexMissing, InvalidRequest
from opensearch_proxy import Answer, Asked, FaultProxy, Forward
from search_cluster import OpenSearchServer

Connect = Callable[..., OpenSearchConnection]


def writing() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "opensearch-bulk"]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    assert writing() == []


class Watch:
    """Behaves honestly and notes what is on its way together; holds requests while `held`."""

    def __init__(self, seed: int = 0, delay: float = 0.0) -> None:
        self.lock = threading.Lock()
        self.go = threading.Event()
        self.go.set()
        self.random = random.Random(seed)
        self.delay = delay
        self.now: Counter[str] = Counter()
        self.requests = self.most_requests = self.most_of_one = 0

    def __call__(self, asked: Asked, forward: Forward) -> Answer:
        if asked.path != "/_bulk":
            return forward()
        ids = ids_of(asked)
        with self.lock:
            self.now.update(ids)
            self.requests += 1
            self.most_requests = max(self.most_requests, self.requests)
            self.most_of_one = max(self.most_of_one, *self.now.values())
            wait = self.random.random() * self.delay
        time.sleep(wait)
        assert self.go.wait(20)
        try:
            return forward()
        finally:
            with self.lock:
                self.now.subtract(ids)
                self.requests -= 1


def ids_of(asked: Asked) -> list[str]:
    heads = (orjson.loads(line) for line in asked.body.splitlines())
    return [
        about["_id"]
        for head in heads
        for about in head.values()
        if isinstance(about, dict) and "_id" in about
    ]


def until(reached: Callable[[], bool], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def put_all(writer: BulkWriter, actions: Iterator[dict[str, Any]]) -> None:
    for action in actions:
        writer.put(action)


def stored(server: OpenSearchServer, index: str) -> dict[str, Any]:
    server.ask("POST", f"{index}/_refresh")
    hits = server.ask("POST", f"{index}/_search", {"size": 1000})["hits"]["hits"]
    return {hit["_id"]: hit["_source"].get("n") for hit in hits}


def test_several_requests_are_on_their_way_and_each_document_is_written_once(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    proxy.behave = watch = Watch(delay=0.05)
    writer = connect(proxy).bulk_writer(parallel=3, chunk_actions=20)
    put_all(writer, documents(500, index))
    assert writer.flush() == 500
    assert writing() == []
    assert watch.most_requests == 3
    assert stored(opensearch_server, index) == {f"r{i}": i for i in range(500)}
    sent = [asked for asked in proxy.asked if asked.path == "/_bulk"]
    assert sorted(len(ids_of(asked)) for asked in sent) == [20] * 25
    assert writer.flush() == 0


def test_requests_are_bounded_in_bytes(proxy: FaultProxy, connect: Connect, index: str) -> None:
    writer = connect(proxy).bulk_writer(index=index, chunk_bytes=5000)
    put_all(writer, ({"_id": f"r{i}", "t": "å" * 100} for i in range(100)))
    writer.put({"_id": "wide", "t": "x" * 9000})
    writer.put({"_id": "narrow", "t": "x"})
    assert writer.flush() == 102
    sent = [asked for asked in proxy.asked if asked.path == "/_bulk"]
    assert [ids_of(asked) for asked in sent if len(asked.body) > 5000] == [["wide"]]


def test_writes_of_one_document_keep_their_order_over_requests(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    proxy.behave = watch = Watch(delay=0.03)
    writer = connect(proxy).bulk_writer(index=index, parallel=4, chunk_actions=3)
    for n in range(60):
        writer.put({"_id": f"other{n}", "n": n})
        writer.put({"_id": "same", "n": n})
        if n % 3 == 1:
            writer.put({"_op_type": "delete", "_id": "same"})
    writer.flush()
    assert watch.most_of_one == 1
    assert stored(opensearch_server, index) == {f"other{n}": n for n in range(60)} | {"same": 59}


OPERATION = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["index", "index", "delete", "flush"]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operations=st.lists(OPERATION, max_size=25),
    parallel=st.integers(1, 4),
    most=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_whatever_happens_on_the_way_what_stands_is_what_was_written_last(
    proxy: FaultProxy,
    opensearch_server: OpenSearchServer,
    connect: Connect,
    index: str,
    operations: list[tuple[str, str]],
    parallel: int,
    most: int,
    seed: int,
) -> None:
    """One request in eight is turned away whole, one in eight is done and its answer lost."""
    watch, chance, lock = Watch(seed), random.Random(seed), threading.Lock()
    overloaded = orjson.dumps(
        {"error": {"type": "rejected_execution_exception", "reason": ""}, "status": 429}
    )

    def behave(asked: Asked, forward: Forward) -> Answer:
        if asked.path != "/_bulk":
            return forward()
        with lock:
            fate = chance.randrange(8)
        if fate == 0:
            return Answer(429, overloaded)
        answer = watch(asked, forward)
        if fate == 1:
            answer.cut_after = 10
        return answer

    opensearch_server.ask("POST", f"{index}/_delete_by_query?refresh=true", {"query": {"match_all": {}}})
    proxy.behave = behave
    expected: dict[str, int] = {}
    taken = flushed = 0
    with connect(proxy, failures=1000).bulk_writer(
        index=index, parallel=parallel, chunk_actions=most
    ) as writer:
        for n, (id_, operation) in enumerate(operations):
            if operation == "flush":
                flushed += writer.flush()
                assert flushed == taken
                continue
            taken += 1
            if operation == "delete":
                writer.put({"_op_type": "delete", "_id": id_})
                expected.pop(id_, None)
            else:
                writer.put({"_id": id_, "n": n})
                expected[id_] = n
    assert stored(opensearch_server, index) == expected
    assert watch.most_of_one <= 1
    assert watch.most_requests <= parallel


def test_put_waits_when_the_server_is_behind(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    proxy.behave = watch = Watch()
    connection = connect(proxy)
    ping(connection)
    watch.go.clear()
    writer = connection.bulk_writer(parallel=2, chunk_actions=10)
    taken = []

    def feed() -> None:
        for action in documents(200, index):
            writer.put(action)
            taken.append(action)

    feeder = threading.Thread(target=feed)
    feeder.start()
    until(lambda: len(taken) == 40)  # two requests on their way, two that wait
    time.sleep(0.3)
    assert len(taken) == 40
    assert watch.requests == len(writing()) == 2
    watch.go.set()
    feeder.join(10)
    assert writer.flush() == 200
    assert count(opensearch_server, index) == 200


def test_what_is_refused_is_named_once_and_the_rest_is_written(
    opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    bad = [{"_id": f"bad{i}", "n": "tall"} for i in range(5)]
    writer = connect(opensearch_server.url).bulk_writer(index=index, parallel=2, chunk_actions=100)
    put_all(writer, iter([*documents(50, index), *bad]))
    with refused(
        BackendError,
        "5 refused ('bad0': failed to parse field [n]",
        "'bad1'",
        "'bad2'",
        "and 2 more), 50 written",
    ):
        writer.flush()
    put_all(writer, documents(60, index))
    assert writer.flush() == 50 + 60
    assert count(opensearch_server, index) == 60


def test_the_next_put_tells_what_was_refused_and_is_not_taken(
    opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    writer = connect(opensearch_server.url).bulk_writer(index=index, parallel=2, chunk_actions=1)
    writer.put({"_id": "bad", "n": "tall"})
    until(lambda: not writing())
    with refused(BackendError, "1 refused ('bad'", "0 written"):
        writer.put({"_id": "a", "n": 1})
    writer.put({"_id": "b", "n": 2})
    assert writer.flush() == 1
    assert stored(opensearch_server, index) == {"b": 2}


def test_refused_in_several_requests_at_once_is_told_in_one_error(
    opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    opensearch_server.ask("PUT", f"{index}/_settings", {"index.blocks.write": True})
    connection = connect(opensearch_server.url)
    ping(connection)
    writer = connection.bulk_writer(parallel=4, chunk_actions=10)
    with refused(BackendError, "read-only", "refused"):
        put_all(writer, documents(500, index))
    writer.discard()
    opensearch_server.ask("PUT", f"{index}/_settings", {"index.blocks.write": None})
    assert writer.flush() == 0
    put_all(writer, documents(30, index))
    assert writer.flush() == 30


def test_into_nothing(opensearch_server: OpenSearchServer, connect: Connect, opensearch_prefix: str) -> None:
    writer = connect(opensearch_server.url).bulk_writer(index=f"{opensearch_prefix}-none")
    writer.put({"_op_type": "update", "_id": "1", "doc": {"n": 1}})
    with refused(IndexMissing, f"{opensearch_prefix}-none"):
        writer.flush()
    assert writer.flush() == 0


def test_what_could_not_be_delivered_is_said_once_and_sent_by_the_next_flush(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    connection = connect(proxy, failures=1000)
    ping(connection)
    for behave in (reject(10**6), broken(10**6)):
        writer = connection.bulk_writer(parallel=3, chunk_actions=20, patience=0.5)
        proxy.behave = behave
        with refused(BackendUnavailable, "given up after"):
            put_all(writer, documents(300, index))
            writer.flush()
        assert writing() == []
        proxy.behave = lambda asked, forward: forward()
        before = len(stored(opensearch_server, index))
        written = writer.flush()
        assert 20 <= written <= 300
        assert before <= len(stored(opensearch_server, index)) == max(before, written)
        put_all(writer, documents(300, index))
        assert writer.flush() == 300
        assert stored(opensearch_server, index) == {f"r{i}": i for i in range(300)}
        opensearch_server.ask("POST", f"{index}/_delete_by_query", {"query": {"match_all": {}}})


def test_a_later_write_waits_for_an_earlier_one_that_could_not_be_delivered(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    connection = connect(proxy, failures=1000)
    ping(connection)
    proxy.behave = reject(10**6)
    writer = connection.bulk_writer(index=index, chunk_actions=1, patience=0.3)
    with refused(BackendUnavailable, "overloaded"):
        writer.put({"_id": "same", "n": 1})
        writer.flush()
    proxy.behave = watch = Watch(delay=0.1)
    for n in (2, 3):
        writer.put({"_id": "same", "n": n})
    assert writer.flush() == 3
    assert watch.most_of_one == 1
    assert stored(opensearch_server, index) == {"same": 3}


def test_discarding_drops_what_waits_and_waits_for_what_is_on_its_way(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    proxy.behave = watch = Watch()
    connection = connect(proxy)
    ping(connection)
    watch.go.clear()
    writer = connection.bulk_writer(parallel=2, chunk_actions=10)
    put_all(writer, documents(35, index))
    until(lambda: watch.requests == 2)
    opener = threading.Timer(0.3, watch.go.set)
    opener.start()
    writer.discard()
    opener.join()
    assert writing() == []
    assert len(stored(opensearch_server, index)) == 20
    assert writer.flush() == 0
    put_all(writer, documents(40, index))
    assert writer.flush() == 40


def test_discarding_does_not_try_again(
    proxy: FaultProxy, opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    connection = connect(proxy)
    ping(connection)
    proxy.behave = reject(10**6)
    writer = connection.bulk_writer(parallel=2, chunk_actions=10)
    put_all(writer, documents(30, index))
    until(lambda: len(proxy.asked) > 4)
    began = time.monotonic()
    writer.discard()
    assert time.monotonic() - began < 2
    assert writing() == []
    proxy.behave = lambda asked, forward: forward()
    assert writer.flush() == 0
    assert count(opensearch_server, index) == 0


def test_a_block_that_ends_in_an_error_writes_no_more(
    opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    connection = connect(opensearch_server.url)
    writer = connection.bulk_writer()

    def broken_off() -> None:
        with writer:
            put_all(writer, documents(30, index))
            raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    assert writer.flush() == 0
    with connection.bulk_writer() as writer:
        put_all(writer, documents(20, index))
    assert count(opensearch_server, index) == 20


def test_an_action_that_cannot_be_sent_is_refused_at_once(
    opensearch_server: OpenSearchServer, connect: Connect, index: str
) -> None:
    with connect(opensearch_server.url).bulk_writer(index=index) as writer:
        writer.put({"_id": "a", "n": 1})
        with refused(InvalidRequest, "'half'", "not valid Unicode"):
            writer.put({"_id": "half", "t": "\ud83d"})
        with pytest.raises(ValueError, match="_id"):
            writer.put({"n": 1})
        with pytest.raises(TypeError):
            writer.put({"_id": "odd", "n": object()})
        writer.put({"_id": "b", "n": 2})
    assert stored(opensearch_server, index) == {"a": 1, "b": 2}


def test_a_server_killed_with_four_requests_on_their_way_and_restarted(
    start_opensearch: Callable[[], OpenSearchServer], connect: Connect
) -> None:
    server = start_opensearch()
    server.ask(
        "PUT",
        "docs",
        {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {"n": {"type": "integer"}}}},
    )
    killed_with: list[int] = []

    def kill_and_start() -> None:
        until(lambda: len(writing()) == 4)
        time.sleep(random.random() / 10)  # at some moment of the requests
        killed_with.append(len(writing()))
        server.kill()
        server.start()

    crash = threading.Thread(target=kill_and_start)
    with connect(server.url).bulk_writer(parallel=4, chunk_actions=500) as writer:
        for action in documents(20_000, "docs"):
            if action["n"] == 5_500:
                crash.start()
            writer.put(action)
        assert writer.flush() == 20_000
    crash.join()
    assert killed_with[0] > 1
    assert count(server, "docs") == 20_000
    sums = server.ask("POST", "docs/_search", {"size": 0, "aggs": {"n": {"stats": {"field": "n"}}}})
    assert sums["aggregations"]["n"]["sum"] == sum(range(20_000))


PROGRAM = """
import sys
from engine.adapters.opensearch_connection import OpenSearchConnection
writer = OpenSearchConnection(sys.argv[1]).bulk_writer(index="any", chunk_actions=1)
for n in range(5):
    writer.put({"_id": str(n)})
"""


def test_a_program_that_ends_is_not_kept_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, url], check=False, timeout=8, capture_output=True, text=True
        )
    assert (ended.returncode, ended.stderr) == (0, "")


# the index that writes with it


def test_what_the_server_refuses_of_an_index_is_told_by_commit(
    opensearch_server: OpenSearchServer, connect: Connect, opensearch_prefix: str
) -> None:
    index = OpenSearchSearchIndex(
        connect(opensearch_server.url), f"{opensearch_prefix}-index", analysis_version="1", create=True
    )
    wide = entry("wide", "fall", facets={"t": ("x" * 40_000,)})  # longer than a keyword may be
    assert index.add([entry("a", "fall", vectors=[axis(0)]), wide, entry("b", "fall")]) == 3
    with refused(BackendError, "1 refused ('wide'", "2 written"):
        index.commit()
    assert index.ids() == frozenset()
    index.commit()
    assert index.ids() == {"a", "b"}
    index.close()


def test_an_index_that_is_closed_discards_what_was_not_committed(
    opensearch_server: OpenSearchServer, connect: Connect, opensearch_prefix: str
) -> None:
    name = f"{opensearch_prefix}-index"
    connection = connect(opensearch_server.url)

    def opened() -> OpenSearchSearchIndex:
        return OpenSearchSearchIndex(connection, name, analysis_version="1", create=True)

    first = opened()
    first.add([entry("a", "fall")])
    first.close()
    first.close()
    second = opened()
    second.add([entry("b", "fall")])
    second.commit()
    assert second.ids() == {"b"}
    second.close()


def test_a_commit_that_did_not_reach_the_server_is_done_by_the_next(
    proxy: FaultProxy, connect: Connect, opensearch_prefix: str
) -> None:
    connection = connect(proxy)
    index = OpenSearchSearchIndex(connection, f"{opensearch_prefix}-index", analysis_version="1", create=True)
    index.add([entry("a", "fall"), entry("b", "fall")])
    index.delete(["b"])
    proxy.behave = lambda asked, forward: Answer(401, b"Unauthorized", "text/plain")
    with refused(BackendError, "KG_SEARCH_URL"):
        index.commit()
    proxy.behave = lambda asked, forward: forward()
    index.commit()
    assert index.ids() == {"a"}
    index.close()
