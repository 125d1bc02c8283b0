"""How is it run? uvicorn with uvloop and httptools, JSON lines on stderr, a clean end on Ctrl-C."""

import logging
import sys

import uvicorn

from api.app import create_app
from api.telemetry import JsonLines
from engine.service import Engine


def serve(engine: Engine, host: str, port: int, *, log_requests: bool = True) -> None:
    """Serve the engine until interrupted; the engine stays open.

    Parameters
    ----------
    engine : Engine
        What is asked.
    host, port
        Where to listen; port 0 takes a free one.
    log_requests : bool
        Write a line a request on stderr.

    Raises
    ------
    SystemExit
        If the address is taken.
    """
    server = make_server(engine, host, port)
    configure_logging(logging.INFO if log_requests else logging.WARNING)
    try:
        server.run()
    except KeyboardInterrupt:  # uvicorn passes the signal on after it has shut down
        return


def make_server(engine: Engine, host: str, port: int) -> uvicorn.Server:
    """Return a server that is not running yet."""
    config = uvicorn.Config(
        create_app(engine),
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


def configure_logging(level: int = logging.INFO) -> None:
    """Send this program's log to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, at in (("kompetansegraf", level), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(at)
        logger.propagate = False
