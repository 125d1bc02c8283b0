"""How is it run? uvicorn with uvloop and httptools, JSON lines on stderr, a clean end on Ctrl-C."""

import errno
import gc
import logging
import socket

import uvicorn

from api.app import create_app
from api.telemetry import Metrics, configure_logging
from engine.errors import BackendUnavailable
from engine.service import Engine

COLLECT = (50_000, 20, 100)
"""Objects made since the last collection, and collections of one generation before one of the next."""

BACKLOG = 2048
"""Connections that may wait to be accepted."""


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Take an address, so that nobody else can; port 0 takes a free one.

    `shared` lets others that share take it too; each connection goes to one of them.

    Raises
    ------
    BackendUnavailable
        If the address is taken, or is none of this machine's.
    """
    shown = f"http://{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as e:
        raise BackendUnavailable(f"the address {shown} cannot be used: {e.strerror}") from e
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as e:
        listener.close()
        if e.errno == errno.EADDRINUSE:
            raise BackendUnavailable(f"the address {shown} is taken") from e
        raise BackendUnavailable(f"the address {shown} cannot be used: {e.strerror}") from e
    return listener


def serve(
    engine: Engine, listener: socket.socket, *, log_requests: bool = True, metrics: Metrics | None = None
) -> None:
    """Serve the engine until interrupted; the engine stays open.

    Parameters
    ----------
    engine : Engine
        What is asked.
    listener : socket
        Where to listen, from `listen`; closed at the end.
    log_requests : bool
        Write a line a request on stderr.
    metrics : Metrics, optional
        What is counted; by default by this process alone.
    """
    host, port = listener.getsockname()[:2]
    server = make_server(engine, host, port, metrics)
    _collect_seldom()
    configure_logging(logging.INFO if log_requests else logging.WARNING)
    try:
        engine.warm_up()
        server.run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn passes the signal on after it has shut down
        return
    finally:
        listener.close()


def _collect_seldom() -> None:
    """Let the collector of cycles look at what was made since, and less often: it took a fifth of a search's time.

    A search makes some thousand objects, next to none of them in cycles; the interpreter's own limits
    have it look through them at each 700, and now and then through the whole vocabulary and lexicon.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT)


def make_server(engine: Engine, host: str, port: int, metrics: Metrics | None = None) -> uvicorn.Server:
    """Return a server that is not running yet."""
    config = uvicorn.Config(
        create_app(engine, metrics),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)
