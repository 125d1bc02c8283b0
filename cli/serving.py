"""How does one machine serve and index at once? A server, and a thread that indexes what is written."""

import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from api.server import listen, serve
from api.workers import listen_shared, serve_with_workers
from cli.output import console
from engine.bootstrap import open_engine
from engine.service import Engine
from indexer.pipeline import index as run_index

POLL_SECONDS = 2.0
LONGEST_PAUSE = 300.0
log = logging.getLogger("kompetansegraf.indexing")


@contextmanager
def listening(host: str, port: int, workers: int = 1) -> Iterator[Sequence[socket.socket]]:
    """Take the address before anything else is done; raises BackendUnavailable when it is taken."""
    listeners = [listen(host, port)] if workers == 1 else listen_shared(host, port, workers)
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.close()


def port_of(listeners: Sequence[socket.socket]) -> int:
    """Return the port that listeners have, also when a free one was asked for."""
    return int(listeners[0].getsockname()[1])


def serve_with_indexer(engine: Engine, listeners: Sequence[socket.socket], host: str) -> None:
    """Say where the page is and serve until interrupted; meanwhile index what is written to the catalogue.

    Of several listeners each has a server process of its own, and this one only indexes.
    """
    port = port_of(listeners)
    console().print(f"Kompetansegraf: [bold]http://{host}:{port}[/bold]  (Ctrl-C ends it)", highlight=False)
    stop = threading.Event()
    worker = threading.Thread(target=_index_changes, args=(engine, stop), name="indexer", daemon=True)
    if engine.settings.index_in_background:
        worker.start()
    try:
        if len(listeners) == 1:
            serve(engine, listeners[0])
        else:
            serve_with_workers(partial(open_engine, engine.settings), listeners)
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
