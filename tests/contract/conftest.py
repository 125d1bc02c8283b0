"""Fixtures of the tests of a cluster in trouble."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from contract.opensearch_trouble import (
    SECRET_IN_URL,
)
from engine.adapters.opensearch_connection import OpenSearchConnection
from opensearch_proxy import FaultProxy
from search_cluster import OpenSearchServer


@pytest.fixture
def proxy(opensearch_server: OpenSearchServer) -> Iterator[FaultProxy]:
    with FaultProxy(opensearch_server.url) as proxy:
        yield proxy


@pytest.fixture
def connect() -> Iterator[Callable[..., OpenSearchConnection]]:
    opened = []

    def make(target: str | FaultProxy, **options: Any) -> OpenSearchConnection:
        url = target if isinstance(target, str) else target.url
        url = url.replace("://", f"://indexer:{SECRET_IN_URL}@")
        opened.append(OpenSearchConnection(url, **options))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def index(opensearch_server: OpenSearchServer, opensearch_prefix: str) -> str:
    name = f"{opensearch_prefix}-docs"
    made = opensearch_server.ask(
        "PUT",
        name,
        {
            "settings": {"number_of_replicas": 0},
            "mappings": {
                "dynamic": "strict",
                "properties": {"n": {"type": "integer"}, "t": {"type": "keyword"}},
            },
        },
    )
    assert made["acknowledged"]
    return name


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_proxy(
    opensearch_server: OpenSearchServer, authority: trustme.CA, tmp_path: Path
) -> Iterator[tuple[FaultProxy, Path]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with FaultProxy(opensearch_server.url, tls=context) as proxy:
        yield proxy, tmp_path / "ca.pem"
