"""How does one machine serve and index at once? A server, and a thread that indexes what is written."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from api.server import listen, serve
from cli.output import console
from engine.service import Engine
from indexer.pipeline import index as run_index

POLL_SECONDS = 2.0
LONGEST_PAUSE = 300.0
log = logging.getLogger("kompetansegraf.indexing")


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take the address before anything else is done; raises BackendUnavailable when it is taken."""
    listener = listen(host, port)
    try:
        yield listener
    finally:
        listener.close()


def port_of(listener: socket.socket) -> int:
    """Return the port that a listener has, also when a free one was asked for."""
    return int(listener.getsockname()[1])


def serve_with_indexer(engine: Engine, listener: socket.socket, host: str) -> None:
    """Say where the page is and serve until interrupted; meanwhile index what is written to the catalogue."""
    port = port_of(listener)
    console().print(f"Kompetansegraf: [bold]http://{host}:{port}[/bold]  (Ctrl-C ends it)", highlight=False)
    stop = threading.Event()
    worker = threading.Thread(target=_index_changes, args=(engine, stop), name="indexer", daemon=True)
    if engine.settings.index_in_background:
        worker.start()
    try:
        serve(engine, listener)
    finally:
        stop.set()
        if worker.is_alive():
            worker.join(timeout=5)


def _index_changes(engine: Engine, stop: threading.Event) -> None:
    pause = POLL_SECONDS
    while True:
        try:
            run_index(engine)  # looks first whether anything has changed: resources, plans, rulings, rules
            pause = POLL_SECONDS
        except Exception as e:  # noqa: BLE001  # the server goes on with the build it has, and tries again
            pause = min(2 * pause, LONGEST_PAUSE)
            log.warning("background indexing waits %.0f s: %s: %s", pause, type(e).__name__, e)
        if stop.wait(pause):
            return
