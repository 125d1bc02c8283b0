"""How do we talk to a cluster? One connection: checked address, bounded time, errors in our words.

Nothing is asked when the object is made, so a program can start while its cluster is down. The first
call asks for the version once.
"""

import logging
import re
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as NotReached

from engine.adapters.circuit_breaker import CircuitBreaker, State
from engine.adapters.opensearch_bulk import send_all
from engine.adapters.opensearch_bulk_writer import BulkWriter
from engine.adapters.opensearch_errors import FAILURES, engine_error
from engine.adapters.opensearch_transport import (
    CompleteAnswers,
    DeadlineConnection,
    OrjsonSerializer,
    basic_auth,
)
from engine.errors import BackendUnavailable, IndexIncompatible, InvalidRequest

T = TypeVar("T")

OLDEST_VERSION = (2, 19, 0)
"""The first release of OpenSearch that the index is made for."""

_logger = logging.getLogger("kompetansegraf.engine")
logging.getLogger("opensearch").setLevel(logging.ERROR)  # it warns of every 404 that is expected
_FORM = (
    "the address of the search cluster (KG_SEARCH_URL) is not of the form http(s)://user:password@host:port;"
    " characters such as / ? # @ : in a user name or password are written as %2F %3F %23 %40 %3A"
)


class OpenSearchConnection:
    """A connection to a cluster, safe to share between threads.

    Parameters
    ----------
    url : str
        ``http(s)://user:password@host:port/path``; all but scheme and host may be left out. The port is then
        9200 for http and 443 for https.
    ca_file : Path, optional
        Certificates (PEM) of the authorities to trust for https, in place of the system's. The host name
        is always checked.
    timeout : float
        Seconds to wait for an answer; a call may pass ``request_timeout`` to the client for longer ones.
    connect_timeout : float
        Seconds to wait for a connection.
    http_compress : bool
        Compress bodies, for a slow network.
    pool_size : int
        Connections kept open; more threads than that get new ones.
    failures, pause : int, float
        After so many failures in a row to reach the cluster, calls fail at once for `pause` seconds.
    clock : callable
        Monotonic time [s], for the pause.

    Raises
    ------
    InvalidRequest
        If `url` or `ca_file` cannot be used; the message does not repeat them.
    """

    def __init__(
        self,
        url: str,
        *,
        ca_file: Path | None = None,
        timeout: float = 10.0,
        connect_timeout: float = 3.0,
        http_compress: bool = False,
        pool_size: int = 40,
        failures: int = 5,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        scheme, host, port, path, authorization = _address(url)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{scheme}://{shown}:{port}{path}"
        self._breaker = CircuitBreaker((NotReached,), threshold=failures, pause=pause, clock=clock)
        self._version: tuple[int, int, int] | None = None
        self._closed = False
        self.client = OpenSearch(
            hosts=[{"host": host, "port": port, "scheme": scheme, "url_prefix": path}],
            transport_class=CompleteAnswers,
            connection_class=DeadlineConnection,
            serializer=OrjsonSerializer(),
            max_retries=0,
            retry_on_status=(),
            timeout=timeout,
            connect_timeout=connect_timeout,
            breaker=self._breaker,
            pool_maxsize=pool_size,
            http_compress=http_compress,
            headers={"authorization": authorization} if authorization else {},
            ssl_context=_trust(ca_file) if scheme == "https" else None,
        )
        if authorization and scheme == "http" and not re.fullmatch(r"localhost|127\.[\d.]+|::1", host):
            _logger.warning("the password for %s travels unencrypted; use https", self.url)

    def __repr__(self) -> str:
        return f"OpenSearchConnection({self.url!r})"

    @property
    def state(self) -> State:
        """State of the circuit breaker; ``open`` when the cluster has not been reached for a while."""
        return self._breaker.state

    @property
    def version(self) -> tuple[int, int, int]:
        """The server's version, asked once.

        Raises
        ------
        IndexIncompatible
            If it is older than `OLDEST_VERSION`, or not OpenSearch.
        BackendError
            As `call` does.
        """
        if self._version is None:
            self._version = self._checked_version(self._ask(lambda client: client.info()))
        return self._version

    def call(self, ask: Callable[[OpenSearch], T]) -> T:
        """Return what `ask` returns when it is given the client.

        Raises
        ------
        BackendUnavailable
            If the cluster is not reached, answers too late, only in part, or that it is too busy.
        IndexMissing
            If the index is not there.
        IndexIncompatible
            If the cluster is no OpenSearch of a version that will do.
        Conflict
            If another write came first, or the thing to make is there.
        InvalidRequest
            If a text that was to be sent is not valid Unicode.
        BackendError
            If the cluster refuses for another reason: credentials, a full disk, a mapping.
        """
        _ = self.version
        return self._ask(ask)

    def bulk(
        self,
        actions: Iterable[Mapping[str, Any]],
        *,
        index: str | None = None,
        patience: float = 60.0,
        request_timeout: float = 60.0,
        chunk_bytes: int = 5_000_000,
        chunk_actions: int = 1000,
    ) -> int:
        """Write many documents and return how many were written.

        Parameters
        ----------
        actions : iterable of mapping
            As for the helpers of opensearch-py: ``_id``, ``_index`` (or `index`), ``_op_type`` (index, the
            default, update or delete) and ``_source`` (or the other keys). Deleting what is not there counts as done.
        patience : float
            Seconds without any progress after which it gives up. Overload, lost connections and restarts are
            waited out until then.
        request_timeout : float
            Seconds for one request.
        chunk_bytes, chunk_actions : int
            Bounds of one request; a larger document goes alone.

        Raises
        ------
        BackendError
            If documents were refused: all others have been written, and the message counts the refused
            and names the first three with reasons. Also, at once, if the index is read-only.
        BackendUnavailable
            If patience ended. Running it again with the same actions is safe.
        InvalidRequest
            If all that was refused is text that is not valid Unicode.
        IndexMissing
            If the index is not there and the cluster makes none.
        ValueError
            If an action has no ``_id``: sent twice, it would be there twice.
        """
        return send_all(
            self.call,
            self.url,
            actions,
            index=index,
            patience=patience,
            request_timeout=request_timeout,
            chunk_bytes=chunk_bytes,
            chunk_actions=chunk_actions,
        )

    def bulk_writer(
        self,
        *,
        index: str | None = None,
        parallel: int = 4,
        patience: float = 60.0,
        request_timeout: float = 60.0,
        chunk_bytes: int = 1_000_000,
        chunk_actions: int = 500,
    ) -> BulkWriter:
        """Return a writer that sends several requests at a time, while the caller makes the next documents.

        It holds at most `parallel` + 2 requests in memory. Writes of one document are done in their order.

        Parameters
        ----------
        parallel : int
            Requests on their way at a time; the server works on each with one thread a shard.
        index, patience, request_timeout, chunk_bytes, chunk_actions
            As for `bulk`, of each request.
        """
        return BulkWriter(
            self.call,
            self.url,
            index=index,
            parallel=parallel,
            patience=patience,
            request_timeout=request_timeout,
            chunk_bytes=chunk_bytes,
            chunk_actions=chunk_actions,
        )

    def close(self) -> None:
        """Close the connections. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self.client.close()

    def _ask(self, ask: Callable[[OpenSearch], T]) -> T:
        if self._closed:
            raise BackendUnavailable(f"the connection to OpenSearch at {self.url} has been closed")
        try:
            return ask(self.client)
        except FAILURES as error:
            raise engine_error(error, self.url) from error

    def _checked_version(self, info: object) -> tuple[int, int, int]:
        about = info.get("version") if isinstance(info, Mapping) else None
        number = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", str(about.get("number"))) if about else None
        needed = ".".join(map(str, OLDEST_VERSION[:2]))
        if about is None or number is None:
            raise IndexIncompatible(
                f"{self.url} does not answer as OpenSearch does; {needed} or later is needed"
            )
        if about.get("distribution") != "opensearch":
            raise IndexIncompatible(
                f"{self.url} is {about.get('distribution') or 'Elasticsearch'} {number[0]}, not OpenSearch;"
                f" OpenSearch {needed} or later is needed"
            )
        version = (int(number[1]), int(number[2]), int(number[3] or 0))
        if version < OLDEST_VERSION:
            raise IndexIncompatible(
                f"OpenSearch at {self.url} has version {number[0]}; {needed} or later is needed"
            )
        return version


def _address(url: str) -> tuple[str, str, int, str, str]:
    """Return scheme, host, port, path and ``Authorization`` of an address; say nothing of it when it is wrong."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        sound = (
            parts.scheme in {"http", "https"}
            and host
            and port != 0
            and not parts.query
            and not parts.fragment
            and "@" not in parts.path  # a slash in a password
            and parts.netloc.count("@") <= 1
            and re.fullmatch(r"[\w.:%-]+", host)
        )
    except ValueError:
        sound = False
    if not sound:
        raise InvalidRequest(_FORM) from None
    assert host is not None
    default = 443 if parts.scheme == "https" else 9200
    authorization = basic_auth(user, password) if user or password else ""
    return parts.scheme, host, port or default, parts.path.rstrip("/"), authorization


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except FileNotFoundError:
        raise InvalidRequest(f"the file of certificates {ca_file} (KG_SEARCH_CA) does not exist") from None
    except (ssl.SSLError, OSError) as error:
        raise InvalidRequest(
            f"the file of certificates {ca_file} (KG_SEARCH_CA) cannot be read: {error}"
        ) from None
