"""A cluster that cannot be reached, or not as we are told: named for what it is, in time, and no secret told."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from contract.opensearch_trouble import (
    QUICK,
    SECRET,
    SECRET_IN_URL,
    after,
    assert_no_secret,
    count,
    count_all,
    documents,
    ping,
    refused,
)
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import (
    BackendError,
    BackendUnavailable,
    IndexMissing,
    InvalidRequest,
)
from opensearch_proxy import Answer, Asked, FaultProxy, Forward
from search_cluster import OpenSearchServer

# what is given


@pytest.mark.parametrize(
    "url",
    [
        f"http://indexer:{SECRET}@127.0.0.1:9200",
        "http://indexer:hemmelig#1@127.0.0.1:9200",
        "http://indexer:hemmelig?1@127.0.0.1:9200",
        "http://indexer:1/hemmelig@127.0.0.1:9200",
        "http://indexer:hemm@elig@127.0.0.1:9200",
        "http://indexer:hemmelig@[127.0.0.1:9200",
        "http://indexer:hemmelig@127.0.0.1:port",
        "http://indexer:hemmelig@127.0.0.1:99999",
        "http://indexer:hemmelig@",
        "indexer:hemmelig@127.0.0.1:9200",
        "ftp://indexer:hemmelig@127.0.0.1",
        "",
    ],
)
def test_an_address_that_cannot_be_is_refused_without_being_repeated(url: str) -> None:
    with refused(InvalidRequest, "KG_SEARCH_URL", "%2F"):
        OpenSearchConnection(url)


def test_a_missing_or_empty_file_of_certificates_is_named(tmp_path: Path) -> None:
    with refused(InvalidRequest, "KG_SEARCH_CA", "missing.pem", "does not exist"):
        OpenSearchConnection("https://127.0.0.1:9200", ca_file=tmp_path / "missing.pem")
    (tmp_path / "empty.pem").write_text("no certificate")
    with refused(InvalidRequest, "KG_SEARCH_CA", "empty.pem"):
        OpenSearchConnection("https://127.0.0.1:9200", ca_file=tmp_path / "empty.pem")


def test_neither_repr_nor_log_tells_the_password(
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    connection = connect(opensearch_server.url)
    ping(connection)
    with pytest.raises(IndexMissing):
        connection.call(lambda client: client.search(index="there-is-none"))
    assert_no_secret(f"{connection!r} {connection.client!r} {connection.url} {vars(connection)!r}")
    assert caplog.text
    assert_no_secret(caplog.text)


def test_a_password_over_plain_http_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    for host, warned in (("127.0.0.1", 0), ("localhost", 0), ("search.example", 1)):
        caplog.clear()
        OpenSearchConnection(f"http://indexer:{SECRET_IN_URL}@{host}:9200").close()
        assert caplog.text.count("travels unencrypted") == warned
        assert_no_secret(caplog.text)


def test_bodies_are_compressed_on_request(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(proxy, http_compress=True)
    assert connection.bulk(documents(100, index)) == 100
    connection.call(lambda client: client.indices.refresh(index=index))
    proxy.asked.clear()
    answer = connection.call(lambda client: client.search(index=index, body={"size": 100}))
    assert len(answer["hits"]["hits"]) == 100
    assert proxy.asked[0].body.startswith(b"\x1f\x8b")
    assert "gzip" in proxy.asked[0].headers["accept-encoding"]


def test_half_a_surrogate_pair_is_the_callers_fault(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(opensearch_server.url)
    with refused(InvalidRequest, "not valid Unicode"):
        connection.call(lambda client: client.search(index=index, body={"query": {"term": {"t": "\ud83d"}}}))
    with refused(InvalidRequest, "not valid Unicode"):
        connection.call(lambda client: client.get(index=index, id="\ud83d"))
    bad = {"_index": index, "_id": "bad", "t": "\ud83d"}
    with refused(InvalidRequest, "'bad'", "not valid Unicode", "3 written"):
        connection.bulk([bad, *documents(3, index)])
    assert count(opensearch_server, index) == 3


def test_arrays_are_sent_as_numbers(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(opensearch_server.url)
    values = np.arange(6, dtype=np.int32)
    assert connection.bulk([{"_id": "a", "n": values[::2]}], index=index) == 1  # not contiguous
    assert opensearch_server.ask("GET", f"{index}/_doc/a")["_source"] == {"n": [0, 2, 4]}


# not reached


def test_nobody_listens(connect: Callable[..., OpenSearchConnection]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else gets it
        connection = connect(f"http://127.0.0.1:{taken.getsockname()[1]}", **QUICK)
        with refused(BackendUnavailable, connection.url, "connection refused", "KG_SEARCH_URL"):
            ping(connection)


def test_a_name_that_nobody_knows(connect: Callable[..., OpenSearchConnection]) -> None:
    with refused(BackendUnavailable, "search.invalid", "name", within=30):  # as long as the resolver takes
        ping(connect("http://search.invalid:9200", **QUICK))


def test_a_server_that_takes_connections_and_says_nothing(
    connect: Callable[..., OpenSearchConnection],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with refused(BackendUnavailable, "no answer within 0.5 s", "(GET /)"):
            ping(connect(f"http://127.0.0.1:{port}", **QUICK))
        with refused(BackendUnavailable, "within 0.5 s"):  # the handshake
            ping(connect(f"https://127.0.0.1:{port}", **QUICK))


def test_a_slow_answer_is_asked_for_once_only(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(proxy, **QUICK)
    ping(connection)
    proxy.asked.clear()
    proxy.behave = after(1.0)
    with refused(BackendUnavailable, "no answer within 0.5 s", "(POST /nobodys-*/_search)"):
        connection.call(count_all)
    assert len(proxy.asked) == 1


def test_a_call_may_take_longer_if_it_says_so(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    proxy.behave = after(0.8)
    connection = connect(proxy, **QUICK | {"timeout": 2.0})
    ping(connection)
    with refused(BackendUnavailable, "no answer within 0.2 s"):
        connection.call(lambda client: client.cluster.health(request_timeout=0.2))


def test_an_answer_that_trickles_ends_in_time(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(proxy, **QUICK)
    ping(connection)

    def trickle(_: Asked, forward: Forward) -> Answer:
        answer = forward()
        answer.pause = 0.1  # each byte comes in time
        return answer

    proxy.behave = trickle
    with refused(BackendUnavailable, "not complete after 0.5 s", within=1.5):
        ping(connection)


def test_an_answer_cut_in_the_middle_is_read_once_more(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(proxy, **QUICK)
    ping(connection)

    def cut(times: int) -> Callable[[Asked, Forward], Answer]:
        left = [times]

        def behave(_asked: Asked, forward: Forward) -> Answer:
            answer = forward()
            if left[0]:
                left[0] -= 1
                answer.cut_after = len(answer.body) // 2
            return answer

        return behave

    proxy.behave = cut(1)
    assert connection.call(count_all)["timed_out"] is False
    proxy.asked.clear()
    proxy.behave = cut(2)
    with refused(BackendUnavailable, "the connection broke", "in the middle of an answer"):
        connection.call(count_all)
    assert len(proxy.asked) == 2


def test_a_write_is_not_repeated_on_its_own(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(proxy, **QUICK)
    ping(connection)
    proxy.asked.clear()
    proxy.behave = lambda asked, forward: Answer(200, b"{}", cut_after=0, headers={"x": "y"})
    with refused(BackendUnavailable, "the connection broke"):
        connection.call(lambda client: client.index(index=index, body={"n": 1}))
    assert len(proxy.asked) == 1


def test_connections_that_a_restart_broke_are_not_noticed(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(proxy, **QUICK)
    for _ in range(3):
        ping(connection)
        proxy.drop_connections()


def test_a_closed_connection_says_so(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(opensearch_server.url)
    ping(connection)
    connection.close()
    connection.close()
    with refused(BackendUnavailable, "has been closed"):
        ping(connection)


# the circuit breaker


def test_after_failures_in_a_row_calls_fail_at_once_until_a_trial_succeeds(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    now = [100.0]
    connection = connect(proxy, **QUICK, failures=3, pause=7, clock=lambda: now[0])
    ping(connection)
    proxy.behave = after(0.4)
    for _ in range(3):
        assert connection.state == "closed"
        with refused(BackendUnavailable, "no answer"):
            connection.call(lambda client: client.cluster.health(request_timeout=0.1))
    assert connection.state == "open"
    asked = len(proxy.asked)
    proxy.behave = lambda asked, forward: forward()
    now[0] += 3
    with refused(BackendUnavailable, "not tried: 3 failures in a row; next try in 4 s", within=0.3):
        ping(connection)
    assert len(proxy.asked) == asked
    now[0] += 4
    ping(connection)
    assert connection.state == "closed"


def test_an_error_that_the_server_gives_opens_no_circuit(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(opensearch_server.url, failures=1)
    for _ in range(3):
        with refused(BackendError, "unknown query [no_such]"):
            connection.call(lambda client: client.search(body={"query": {"no_such": {}}}))
    assert connection.state == "closed"


def test_threads_do_not_wait_for_each_other(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(proxy, timeout=5)
    ping(connection)
    proxy.behave = after(0.4)
    threads = [threading.Thread(target=ping, args=(connection,)) for _ in range(20)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 4  # one after the other: 8 s
