"""How does one machine serve and index at once? A server, and a thread that indexes what is written."""

import logging
import threading

from api.server import serve
from cli.output import console
from engine.errors import KompetansegrafError
from engine.service import Engine
from indexer.pipeline import index as run_index

POLL_SECONDS = 2.0
log = logging.getLogger(__name__)


def announce(host: str, port: int) -> None:
    """Say where the page will be."""
    console().print(f"Kompetansegraf: [bold]http://{host}:{port}[/bold]  (Ctrl-C ends it)", highlight=False)


def serve_with_indexer(engine: Engine, host: str, port: int) -> None:
    """Serve until interrupted; meanwhile index what is written to the catalogue."""
    stop = threading.Event()
    worker = threading.Thread(target=_index_changes, args=(engine, stop), name="indexer", daemon=True)
    worker.start()
    try:
        serve(engine, host, port)
    finally:
        stop.set()
        worker.join(timeout=5)


def _index_changes(engine: Engine, stop: threading.Event) -> None:
    while True:
        try:
            if engine.status().pending or engine.builds.current() is None:
                run_index(engine)
        except KompetansegrafError as e:
            log.warning("background indexing waits: %s", e)
        if stop.wait(POLL_SECONDS):
            return
