"""What the tests of a cluster in trouble share: what is expected of an error, and what the proxy does."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import (
    KompetansegrafError,
)
from opensearch_proxy import Answer, Asked, Forward
from search_cluster import OpenSearchServer

SECRET = "hemmelig-æ/ø"
SECRET_IN_URL = "hemmelig-%C3%A6%2F%C3%B8"
QUICK: dict[str, Any] = {"timeout": 0.5, "connect_timeout": 0.5}


@contextmanager
def refused(kind: type[KompetansegrafError], *said: str, within: float = 3.0) -> Iterator[None]:
    """Expect just this class of error, these words in its message, no secret, and an end in time."""
    began = time.monotonic()
    with pytest.raises(KompetansegrafError) as caught:
        yield
    took = time.monotonic() - began
    assert took < within, f"took {took:.1f} s"
    assert type(caught.value) is kind, repr(caught.value)
    for words in said:
        assert words in str(caught.value)
    assert_no_secret("".join(_chain(caught.value)))


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{error!r} {error} {getattr(error, '__notes__', '')}"
        error = error.__cause__ or error.__context__


def assert_no_secret(text: str) -> None:
    for form in (SECRET, SECRET_IN_URL, "hemmelig", "indexer:", "aW5kZXhlcjp"):  # the last in base 64
        assert form not in text


def count(server: OpenSearchServer, index: str) -> int:
    server.ask("POST", f"{index}/_refresh")
    return int(server.ask("GET", f"{index}/_count")["count"])


def documents(n: int, index: str) -> Iterator[dict[str, Any]]:
    return ({"_index": index, "_id": f"r{i}", "n": i} for i in range(n))


def ping(connection: OpenSearchConnection) -> Any:
    return connection.call(lambda client: client.cluster.health())


def count_all(client: Any) -> Any:
    """Search among indices of our own, of which there are none: those of other tests come and go."""
    return client.search(index="nobodys-*", body={"size": 0})


def after(seconds: float) -> Callable[[Asked, Forward], Answer]:
    def behave(_asked: Asked, forward: Forward) -> Answer:
        time.sleep(seconds)
        return forward()

    return behave


def guarded(user: str, password: str) -> Callable[[Asked, Forward], Answer]:
    """Check the user as the security plugin does, and answer as it does."""
    right = base64.b64encode(f"{user}:{password}".encode()).decode()

    def behave(asked: Asked, forward: Forward) -> Answer:
        given = {name.lower(): value for name, value in asked.headers.items()}.get("authorization")
        return forward() if given == f"Basic {right}" else Answer(401, b"Unauthorized", "text/plain")

    return behave


def _bulk_times(times: int, spoil: Callable[[Forward], Answer]) -> Callable[[Asked, Forward], Answer]:
    left = [times]

    def behave(asked: Asked, forward: Forward) -> Answer:
        if asked.path == "/_bulk" and left[0]:
            left[0] -= 1
            return spoil(forward)
        return forward()

    return behave


def reject(times: int) -> Callable[[Asked, Forward], Answer]:
    """Refuse whole requests."""
    error = {"type": "rejected_execution_exception", "reason": "rejected execution of coordinating operation"}
    body = orjson.dumps({"error": {"root_cause": [error], **error}, "status": 429})
    return _bulk_times(times, lambda forward: Answer(429, body))


def broken(times: int) -> Callable[[Asked, Forward], Answer]:
    """Write, and let nobody know."""

    def spoil(forward: Forward) -> Answer:
        answer = forward()
        answer.cut_after = 10
        return answer

    return _bulk_times(times, spoil)


def item_429(first: int) -> Callable[[Asked, Forward], Answer]:
    """Turn away the first items: they do not reach the server, and the answer says 429 for each."""
    left = [first]
    error = {"type": "rejected_execution_exception", "reason": "rejected execution of primary operation"}

    def behave(asked: Asked, forward: Forward) -> Answer:
        if asked.path != "/_bulk" or not left[0]:
            return forward()
        lines = asked.body.splitlines()
        away = min(left[0], len(lines) // 2)
        left[0] -= away
        head = [orjson.loads(line)["index"] for line in lines[: 2 * away : 2]]
        items = [{"index": {**meta, "status": 429, "error": error}} for meta in head]
        rest = b"".join(line + b"\n" for line in lines[2 * away :])
        if not rest:
            return Answer(200, orjson.dumps({"took": 1, "errors": True, "items": items}))
        asked.body = rest
        answer = forward()
        asked.body = b"".join(line + b"\n" for line in lines)
        written = orjson.loads(answer.body)
        answer.body = orjson.dumps(written | {"errors": True, "items": [*items, *written["items"]]})
        return answer

    return behave
