"""A proxy that spoils what passes between a client and a real OpenSearch server, one fault at a time.

It speaks HTTP/1.1, keeps connections open as a server does, and passes everything on until `behave` is set.
"""

import http.client
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    number: int  # counts from 1, over all connections


@dataclass
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    cut_after: int | None = None  # bytes of the body, then the connection breaks
    pause: float = 0.0  # seconds between single bytes of the body
    headers: Mapping[str, str] = field(default_factory=dict)


_PASSED = {"content-type", "content-encoding", "accept", "accept-encoding"}

Forward = Callable[[], Answer]
Behaviour = Callable[[Asked, Forward], Answer]


def honest(_asked: Asked, forward: Forward) -> Answer:
    return forward()


class FaultProxy:
    """``with FaultProxy(server.url) as proxy:``; clients talk to `proxy.url`, or to `proxy.port`."""

    def __init__(self, upstream: str, *, tls: ssl.SSLContext | None = None) -> None:
        self.upstream = urlsplit(upstream)
        self.behave: Behaviour = honest
        self.asked: list[Asked] = []
        self.faults: list[BaseException] = []
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.tls = tls
        self._server.proxy = self
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self.drop_connections()
        self._server.server_close()
        self._thread.join()
        if error is None:
            assert not self.faults, self.faults

    def drop_connections(self) -> None:
        """Break all open connections, as a restarted server does."""
        with self.lock:
            open_ones = list(self._open)
        for connection in open_ones:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                with proxy.lock:
                    asked = Asked(self.command, self.path, dict(self.headers), body, len(proxy.asked) + 1)
                    proxy.asked.append(asked)
                self._send(proxy.behave(asked, lambda: proxy.forward(asked)))

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                self.send_header("content-type", answer.content_type)
                self.send_header("content-length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "HEAD":
                    return
                if answer.pause:
                    for n in range(len(answer.body)):
                        self.wfile.write(answer.body[n : n + 1])
                        time.sleep(answer.pause)
                else:
                    self.wfile.write(answer.body[: answer.cut_after])
                if answer.cut_after is not None:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def forward(self, asked: Asked) -> Answer:
        upstream = http.client.HTTPConnection(self.upstream.hostname or "", self.upstream.port, timeout=60)
        try:
            passed = {k: v for k, v in asked.headers.items() if k.lower() in _PASSED}
            upstream.request(asked.method, asked.path, asked.body or None, passed)
            reply = upstream.getresponse()
            packed = {k: v for k, v in reply.headers.items() if k.lower() == "content-encoding"}
            kind = reply.headers.get("content-type", "text/plain")
            return Answer(reply.status, reply.read(), kind, headers=packed)
        finally:
            upstream.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: FaultProxy
    tls: ssl.SSLContext | None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its own thread: a handshake that never ends holds up nobody."""
        if self.tls is not None:
            request.settimeout(10)
            request = self.tls.wrap_socket(request, server_side=True)
        with self.proxy.lock:
            self.proxy._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self.proxy.lock:
                self.proxy._open.discard(request)
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what is no broken connection; the test fails with it at the end."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.proxy.faults.append(error)
