"""How does one machine use more than one core? Server processes side by side, and one that looks after them.

Each process has an engine of its own over the same files: what is mapped from the disk is in memory once. Each
looks at the catalogue, the current build and the vocabulary for itself, as servers on several machines do, so
what one writes the others see at their next request. What they count they tell each other (`api.telemetry`).

Each also has a socket of its own on the one address, and the kernel deals out the connections: of one socket the
process that wakes first takes all that wait.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from api.server import listen, serve
from api.telemetry import Metrics, configure_logging
from engine.service import Engine

GRACE = 10.0
"""How long a process may take to end [s]."""

PAUSE = 1.0
"""How long we wait before a process that has ended is replaced [s]."""

log = logging.getLogger("kompetansegraf.workers")

Open = Callable[[], Engine]


def listen_shared(host: str, port: int, count: int) -> list[socket.socket]:
    """Take an address for so many processes; port 0 takes a free one.

    Raises
    ------
    BackendUnavailable
        If the address is taken, also by processes like these, or is none of this machine's.
    """
    alone = listen(host, port)
    if not hasattr(socket, "SO_REUSEPORT"):
        return [alone, *(alone.dup() for _ in range(count - 1))]
    port = int(alone.getsockname()[1])
    alone.close()
    return [listen(host, port, shared=True) for _ in range(count)]


def serve_with_workers(open_: Open, listeners: Sequence[socket.socket], *, log_requests: bool = True) -> None:
    """Serve with one process a listener until interrupted or asked to end; one that dies is replaced.

    Parameters
    ----------
    open_ : callable
        Opens the engine in a new process; is sent there by pickle.
    listeners : sequence of socket
        From `listen_shared`; closed at the end.
    log_requests : bool
        Write a line a request on stderr.
    """
    configure_logging(logging.INFO if log_requests else logging.WARNING)
    context = get_context("spawn")
    asked_to_end = signal.signal(signal.SIGTERM, signal.default_int_handler)
    workers: dict[int, BaseProcess] = {}
    with TemporaryDirectory(prefix="kompetansegraf-") as folder:

        def start(number: int) -> None:
            arguments = (open_, listeners[number], Path(folder), number, log_requests)
            workers[number] = context.Process(target=_work, args=arguments, name=f"server-{number}")
            workers[number].start()

        try:
            for number in range(len(listeners)):
                start(number)
            while True:
                ended = connection.wait([worker.sentinel for worker in workers.values()])
                time.sleep(PAUSE)
                for number, worker in list(workers.items()):
                    if worker.sentinel in ended:
                        log.warning("server process %d ended (%s), another begins", number, worker.exitcode)
                        start(number)
        except KeyboardInterrupt:
            return
        finally:
            signal.signal(signal.SIGTERM, asked_to_end)
            _end(list(workers.values()))
            for listener in listeners:
                listener.close()


def _end(workers: Sequence[BaseProcess]) -> None:
    """Ask all to end, wait for them, and end those that do not."""
    for worker in workers:
        if worker.is_alive():
            worker.terminate()
    deadline = time.monotonic() + GRACE
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
        if worker.is_alive():
            worker.kill()
            worker.join()


def _work(open_: Open, listener: socket.socket, folder: Path, number: int, log_requests: bool) -> None:
    """Serve in this process until it is asked to end or nobody looks after it any more."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    metrics = Metrics(folder, number)
    try:
        engine = open_()
        try:
            serve(engine, listener, log_requests=log_requests, metrics=metrics)
        finally:
            engine.close()
    except KeyboardInterrupt:  # before the server had begun
        return
    finally:
        metrics.close()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
