"""A cluster that refuses, or answers in part, or is another: each fault is named for what it is.

The faults come from the real server where it can have them, and else from a proxy before it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import trustme

from contract.opensearch_trouble import (
    SECRET,
    count_all,
    documents,
    guarded,
    ping,
    refused,
)
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    IndexIncompatible,
    IndexMissing,
)
from opensearch_proxy import Answer, Asked, FaultProxy, Forward
from search_cluster import OpenSearchServer

# credentials and TLS


def test_wrong_password(proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]) -> None:
    proxy.behave = guarded("indexer", "another")
    with refused(BackendError, "refuses the user name or the password", "401", "KG_SEARCH_URL"):
        ping(connect(proxy))


def test_the_right_password_is_sent_in_utf_8(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    proxy.behave = guarded("indexer", SECRET)
    assert ping(connect(proxy))["cluster_name"]


def test_a_user_who_may_not(proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]) -> None:
    connection = connect(proxy)
    ping(connection)
    reason = "no permissions for [indices:data/write/bulk] and User [name=indexer]"
    error = {"type": "security_exception", "reason": reason}
    body = {"error": {"root_cause": [error], **error}, "status": 403}
    proxy.behave = lambda asked, forward: Answer(403, orjson.dumps(body))  # as the security plugin answers
    with refused(BackendError, "may not do this", "indices:data/write/bulk"):
        connection.bulk(documents(3, "any"))


def test_tls_with_an_authority_of_ones_own(
    tls_proxy: tuple[FaultProxy, Path], connect: Callable[..., OpenSearchConnection]
) -> None:
    proxy, ca_file = tls_proxy
    proxy.behave = guarded("indexer", SECRET)
    assert connect(proxy, ca_file=ca_file).version >= (2, 19, 0)


def test_a_certificate_that_nobody_vouches_for(
    tls_proxy: tuple[FaultProxy, Path], connect: Callable[..., OpenSearchConnection], tmp_path: Path
) -> None:
    proxy, _ = tls_proxy
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    for options in ({}, {"ca_file": tmp_path / "other.pem"}):
        with refused(BackendUnavailable, "certificate is not trusted", "KG_SEARCH_CA"):
            ping(connect(proxy, **options))
    assert proxy.asked == []


def test_a_certificate_for_another_host(
    tls_proxy: tuple[FaultProxy, Path], connect: Callable[..., OpenSearchConnection]
) -> None:
    proxy, ca_file = tls_proxy
    with refused(BackendUnavailable, "certificate is not trusted", "localhost"):
        ping(connect(f"https://localhost:{proxy.port}", ca_file=ca_file))


def test_http_where_https_is_spoken(
    tls_proxy: tuple[FaultProxy, Path], connect: Callable[..., OpenSearchConnection]
) -> None:
    proxy, _ = tls_proxy
    with refused(BackendUnavailable, "it speaks TLS on this port, and the address says http"):
        ping(connect(f"http://127.0.0.1:{proxy.port}"))


def test_https_where_http_is_spoken(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection]
) -> None:
    with refused(BackendUnavailable, "does not speak TLS on this port, and the address says https"):
        ping(connect(opensearch_server.url.replace("http:", "https:")))


# versions


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "2.18.0"}, "has version 2.18.0; 2.19 or later"),
        ({"number": "1.3.20"}, "has version 1.3.20"),
        (
            {"number": "8.15.0", "distribution": None, "build_flavor": "default"},
            "Elasticsearch 8.15.0, not OpenSearch",
        ),
        ({"number": None}, "does not answer as OpenSearch does"),
    ],
)
def test_a_server_that_will_not_do(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection], change: dict[str, Any], said: str
) -> None:
    # The answer of the root is rewritten: other versions and products are no part of the test machine, and
    # nothing else of theirs is asked for before the connection gives up.
    def pose(asked: Asked, forward: Forward) -> Answer:
        answer = forward()
        if asked.path == "/":
            about = orjson.loads(answer.body)
            about["version"] = {k: v for k, v in (about["version"] | change).items() if v is not None}
            answer.body = orjson.dumps(about)
        return answer

    proxy.behave = pose
    connection = connect(proxy)
    with refused(IndexIncompatible, said):
        ping(connection)
    with refused(IndexIncompatible, said):
        connection.bulk(documents(3, "any"))
    assert set(proxy.paths()) == {"/"}


def test_the_version_is_asked_for_once(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]
) -> None:
    connection = connect(proxy)
    for _ in range(3):
        ping(connection)
    assert connection.version[0] >= 2
    assert proxy.paths().count("/") == 1


def test_something_else_answers(proxy: FaultProxy, connect: Callable[..., OpenSearchConnection]) -> None:
    proxy.behave = lambda asked, forward: Answer(200, b"<html>Sign in</html>", "text/html")
    with refused(BackendError, "does not answer as OpenSearch does", "KG_SEARCH_URL"):
        ping(connect(proxy))
    proxy.behave = lambda asked, forward: Answer(302, b"", "text/html", headers={"location": "/login"})
    with refused(BackendError, "sends us elsewhere", "302"):
        ping(connect(proxy))


# answers that are none


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            429,
            {"type": "rejected_execution_exception", "reason": "queue full"},
            BackendUnavailable,
            "overloaded",
        ),
        (
            500,
            {"type": "circuit_breaking_exception", "reason": "Data too large"},
            BackendUnavailable,
            "overloaded",
        ),
        (
            503,
            {
                "type": "search_phase_execution_exception",
                "reason": "all shards failed",
                "root_cause": [{"type": "no_shard_available_action_exception", "reason": None}],
            },
            BackendUnavailable,
            "cannot answer now",
        ),
        (
            503,
            {
                "type": "cluster_block_exception",
                "reason": "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];",
            },
            BackendUnavailable,
            "starting or has no cluster manager",
        ),
        (503, {"type": "cluster_manager_not_discovered_exception"}, BackendUnavailable, "cannot answer now"),
        (502, None, BackendUnavailable, "status 502"),
        (504, None, BackendUnavailable, "status 504"),
    ],
)
def test_a_server_that_cannot_answer_now(
    proxy: FaultProxy,
    connect: Callable[..., OpenSearchConnection],
    status: int,
    body: dict[str, Any] | None,
    kind: type[BackendError],
    said: str,
) -> None:
    connection = connect(proxy)
    ping(connection)
    proxy.behave = lambda asked, forward: (
        Answer(status, orjson.dumps({"error": body, "status": status}))
        if body
        else Answer(status, b"<html>Bad Gateway</html>", "text/html")
    )
    with refused(kind, said, "try again"):
        connection.call(count_all)


@pytest.mark.parametrize(
    "spoilt", [{"timed_out": True}, {"_shards": {"total": 3, "successful": 2, "skipped": 0, "failed": 1}}]
)
def test_half_an_answer_is_none(
    proxy: FaultProxy, connect: Callable[..., OpenSearchConnection], spoilt: dict[str, Any]
) -> None:
    connection = connect(proxy)

    def behave(asked: Asked, forward: Forward) -> Answer:
        answer = forward()
        if "_search" in asked.path:
            assert "allow_partial_search_results=false" in asked.path
            answer.body = orjson.dumps(orjson.loads(answer.body) | spoilt)
        return answer

    proxy.behave = behave
    with refused(BackendUnavailable, "not complete", "(POST /nobodys-*/_search)"):
        connection.call(count_all)


def test_a_search_that_a_shard_cannot_finish_fails_as_a_whole(
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
    opensearch_prefix: str,
) -> None:
    """One of two indices cannot sort by the field: by default OpenSearch answers with the other's hits."""
    opensearch_server.ask(
        "PUT", f"{opensearch_prefix}-text", {"mappings": {"properties": {"n": {"type": "text"}}}}
    )
    connection = connect(opensearch_server.url)
    connection.bulk([*documents(2, index), {"_index": f"{opensearch_prefix}-text", "_id": "x", "n": "ord"}])
    connection.call(lambda client: client.indices.refresh(index=f"{opensearch_prefix}*"))
    body = {"sort": ["n"]}
    partial = opensearch_server.ask("POST", f"{opensearch_prefix}*/_search", body)
    assert partial["_shards"]["failed"] == 1
    with refused(BackendError, "Text fields are not optimised"):
        connection.call(lambda client: client.search(index=f"{opensearch_prefix}*", body=body))


def test_an_index_that_is_not_there(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], opensearch_prefix: str
) -> None:
    connection = connect(opensearch_server.url)
    with refused(
        IndexMissing, f"no such index [{opensearch_prefix}-none]", f"(POST /{opensearch_prefix}-none/_search)"
    ):
        connection.call(lambda client: client.search(index=f"{opensearch_prefix}-none", body={}))
    assert connection.call(lambda client: client.indices.exists(index=f"{opensearch_prefix}-none")) is False


def test_a_thing_that_is_there_already(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(opensearch_server.url)
    with refused(Conflict, index, "already exists"):
        connection.call(lambda client: client.indices.create(index=index))
    connection.bulk(documents(1, index))
    with refused(Conflict, "version conflict"):
        connection.call(lambda client: client.create(index=index, id="r0", body={"n": 1}))


def test_a_mapping_conflict_names_the_field(
    opensearch_server: OpenSearchServer, connect: Callable[..., OpenSearchConnection], index: str
) -> None:
    connection = connect(opensearch_server.url)
    mapping = {"properties": {"n": {"type": "keyword"}}}
    with refused(BackendError, "mapper [n] cannot be changed from type [integer] to [keyword]"):
        connection.call(lambda client: client.indices.put_mapping(index=index, body=mapping))


@pytest.mark.parametrize(
    ("block", "said"),
    [("read_only", "read-only"), ("write", "read-only"), ("read_only_allow_delete", "disk is full")],
)
def test_a_read_only_index(
    opensearch_server: OpenSearchServer,
    connect: Callable[..., OpenSearchConnection],
    index: str,
    block: str,
    said: str,
) -> None:
    opensearch_server.ask("PUT", f"{index}/_settings", {f"index.blocks.{block}": True})
    connection = connect(opensearch_server.url)
    with refused(BackendError, said, index):
        connection.call(lambda client: client.index(index=index, id="1", body={"n": 1}))
    with refused(BackendError, said, "100 refused", "0 written"):  # at once: waiting makes no room
        connection.bulk(documents(5000, index), chunk_actions=100)
    with refused(BackendError, said):
        connection.bulk([{"_op_type": "update", "_index": index, "_id": "1", "doc": {"n": 2}}])
    opensearch_server.ask("PUT", f"{index}/_settings", {f"index.blocks.{block}": None})
    assert connection.bulk(documents(5, index)) == 5
