"""How does a request get to OpenSearch and back? In bounded time, as JSON, whole or not at all.

What opensearch-py leaves open is settled here: a timeout bounds the whole answer and not each read of it; a
read is tried once more when its connection breaks, never after a timeout, and a write never by itself;
an answer that lacks a shard is refused; a circuit breaker keeps callers from queueing for a dead server.
"""

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
import urllib3
from opensearchpy import Transport
from opensearchpy.connection import Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as NotReached
from opensearchpy.exceptions import ConnectionTimeout, SerializationError, SSLError, TransportError
from opensearchpy.serializer import Serializer
from urllib3.util.retry import Retry

from engine.adapters.circuit_breaker import CircuitBreaker, CircuitOpen

_READS = ("_search", "_msearch", "_count", "_mget", "_analyze", "_field_caps", "_validate", "_explain")
_PIECE = 1 << 18  # bytes read at a time
_KEEP_ALIVE = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]
"""Firewalls forget idle connections without a word; a heartbeat [s] keeps them, or shows that they are gone."""


class NotTried(NotReached):
    """The circuit breaker is open; `info` is the `CircuitOpen`."""


class Unencodable(SerializationError):
    """A text in the body is not valid Unicode (half a surrogate pair)."""


class IncompleteAnswer(TransportError):
    """The status was fine and the answer was not: a shard, a node's confirmation or time was missing."""


def encoded(data: object) -> bytes:
    """Return `data` as UTF-8 JSON; NumPy arrays and scalars are arrays and numbers.

    Raises
    ------
    Unencodable
        If a text holds a lone surrogate.
    TypeError
        If something in `data` has no JSON form.

    Examples
    --------
    >>> encoded({"vector": np.array([0.5, 1], np.float32)})
    b'{"vector":[0.5,1.0]}'
    """
    try:
        return orjson.dumps(data, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)
    except orjson.JSONEncodeError as error:
        if "surrogates" in str(error):
            raise Unencodable("a text is not valid Unicode: it holds half a surrogate pair") from error
        raise


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):  # what orjson leaves: not contiguous, odd types
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class OrjsonSerializer(Serializer):
    """JSON in opensearch-py by orjson. `dumps` gives text, as the client joins lines of it."""

    mimetype = "application/json"

    def loads(self, s: str | bytes) -> object:
        """Return the value of an answer."""
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            raise SerializationError("the answer is not JSON", error) from error

    def dumps(self, data: object) -> str | bytes:
        """Return a body as JSON; text and bytes are JSON already."""
        return data if isinstance(data, str | bytes) else encoded(data).decode()


def basic_auth(user: str, password: str) -> str:
    """Return the value of an ``Authorization`` header, in UTF-8 (RFC 7617).

    Examples
    --------
    >>> basic_auth("søk", "æ")
    'Basic c8O4azrDpg=='
    """
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class DeadlineConnection(Urllib3HttpConnection):
    """One server, its pool of connections, its deadline and its circuit breaker.

    Parameters
    ----------
    breaker : CircuitBreaker
        Counts what could not be reached.
    connect_timeout : float
        Seconds for the connection and the TLS handshake.
    **kwargs
        As for the connection of opensearch-py. `timeout` [s] bounds the wait for an answer, and the
        whole answer within a second such span.
    """

    def __init__(self, *, breaker: CircuitBreaker, connect_timeout: float, **kwargs: Any) -> None:  # noqa: ANN401
        self._breaker = breaker
        self._connect_timeout = connect_timeout
        self._has_answered = False
        super().__init__(**kwargs)

    def _create_urllib3_pool(self) -> None:
        super()._create_urllib3_pool()
        self.pool.conn_kw["socket_options"] = _KEEP_ALIVE

    def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes | str]:
        """Return (status, headers, body); raise an exception of opensearch-py, noted with the request."""
        try:
            return self._answer(method, url, params, body, timeout or self.timeout, ignore, headers)
        except TransportError as error:
            error.add_note(f"{method} {url if len(url) <= 100 else url[:99] + '…'}")
            raise

    def _answer(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: bytes | None,
        timeout: float,
        ignore: Collection[int],
        headers: Mapping[str, str] | None,
    ) -> tuple[int, Mapping[str, str], bytes | str]:
        if self.pool is None:
            self._create_urllib3_pool()
        sent = {**self.headers, **(headers or {})}
        if self.http_compress and body:
            body = self._gzip_compress(body)
            sent["content-encoding"] = "gzip"
        url = self.url_prefix + path + (f"?{urlencode(params)}" if params else "")
        began = time.monotonic()
        try:
            with self._breaker.attempt():
                try:
                    response, raw = self._exchange(method, url, body, sent, timeout)
                except NotReached as error:
                    if not _is_read(method, path) or isinstance(error, ConnectionTimeout | SSLError):
                        raise
                    response, raw = self._exchange(method, url, body, sent, timeout)
        except CircuitOpen as refused:
            raise NotTried("N/A", str(refused), refused) from None
        except NotReached:
            self.log_request_fail(method, self.host + path, path, None, time.monotonic() - began)
            raise
        self._has_answered = True
        took = time.monotonic() - began
        self._raise_warnings(response.headers.get_all("warning", ()))
        status = response.status
        if not 200 <= status < 300 and status not in ignore:
            said = raw.decode("utf-8", "replace")
            self.log_request_fail(method, self.host + path, path, None, took, status)
            self._raise_error(status, said, response.headers.get("content-type"))
        self.log_request_success(method, self.host + path, path, None, status, "", took)
        kind = response.headers.get("content-type", "")
        return status, response.headers, raw if "json" in kind else raw.decode("utf-8", "replace")

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[Any, bytes]:
        """Send, and read the whole answer."""
        deadline = time.monotonic() + timeout
        response: Any = None
        try:
            response = self.pool.urlopen(
                method,
                url,
                body,
                retries=Retry(False),
                headers=headers,
                timeout=urllib3.Timeout(connect=min(self._connect_timeout, timeout), read=timeout),
                preload_content=False,
            )
            pieces = []
            while piece := response.read1(_PIECE):
                pieces.append(piece)
                if time.monotonic() > deadline:
                    raise ConnectionTimeout(
                        "TIMEOUT", f"the answer was not complete after {timeout:g} s", None
                    )
        except NotReached:
            response.close()
            raise
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            if response is not None:
                response.close()
            raise self._reason(error, timeout) from error
        response.release_conn()
        return response, b"".join(pieces)

    def _reason(self, error: Exception, timeout: float) -> NotReached:
        if isinstance(error, urllib3.exceptions.NameResolutionError):
            return NotReached("N/A", "its name is not known to the name servers", error)
        if isinstance(error, urllib3.exceptions.NewConnectionError):
            return NotReached("N/A", _innermost(error), error)
        if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
            wait = min(self._connect_timeout, timeout)
            return ConnectionTimeout("TIMEOUT", f"no connection within {wait:g} s", error)
        if isinstance(error, urllib3.exceptions.ReadTimeoutError | TimeoutError):
            return ConnectionTimeout("TIMEOUT", f"no answer within {timeout:g} s", error)
        if isinstance(error, urllib3.exceptions.SSLError | ssl.SSLError):
            return SSLError("N/A", _tls_reason(error), error)
        if self.scheme == "http" and not self._has_answered and _speaks_tls(self.hostname, self.port):
            return SSLError("N/A", "it speaks TLS on this port, and the address says http", error)
        return NotReached("N/A", f"the connection broke: {_innermost(error)}", error)


def _is_read(method: str, path: str) -> bool:
    last = path.rstrip("/").rpartition("/")[2]
    return method in {"GET", "HEAD"} or (method == "POST" and last in _READS)


def _innermost(error: BaseException) -> str:
    """Return what the system said, without the layers around it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, urllib3.exceptions.IncompleteRead | http.client.IncompleteRead):
        return "in the middle of an answer"
    return str(error) or type(error).__name__


def _tls_reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = next((a for a in cause.args if isinstance(a, ssl.SSLError)), cause.__cause__)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message.rstrip('.')})"
    if cause is not None and cause.reason in {
        "WRONG_VERSION_NUMBER",
        "RECORD_LAYER_FAILURE",
        "HTTP_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "UNEXPECTED_MESSAGE",
    }:
        return "it does not speak TLS on this port, and the address says https"
    return f"TLS failed ({cause.reason or cause if cause is not None else error})"


def _speaks_tls(host: str, port: int | None) -> bool:
    """Tell whether a TLS handshake gets an answer there; nothing is sent through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port or 80), timeout=2) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False


class CompleteAnswers(Transport):
    """Asks for whole answers, and takes no other.

    The parts of a multi-search are the caller's to judge: one may fail where another is enough.
    """

    def perform_request(
        self,
        method: str,
        url: str,
        params: Any = None,  # noqa: ANN401 - as the client has it
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Send a request as opensearch-py does; raise `IncompleteAnswer` for half an answer."""
        params = dict(params or {})
        if url.endswith("/_search"):
            params.setdefault("allow_partial_search_results", "false")
        elif url.endswith("/_search/point_in_time") and method == "POST":
            params.setdefault("allow_partial_pit_creation", "false")
        answer = super().perform_request(method, url, params, *args, **kwargs)
        health = url.startswith("/_cluster/health")  # there it is an answer that time ran out
        if isinstance(answer, dict) and not health and (lacking := _lacking(answer)):
            error = IncompleteAnswer(200, lacking, answer)
            error.add_note(f"{method} {url}")
            raise error
        return answer


def _lacking(answer: Mapping[str, Any]) -> str:
    if answer.get("timed_out") is True:
        return "it ran out of time"
    shards = answer.get("_shards")
    if isinstance(shards, dict) and shards.get("failed"):
        return f"{shards['failed']} of {shards.get('total')} shards failed"
    if answer.get("acknowledged") is False:
        return "not all nodes confirmed the change in time"
    return ""
