"""Who may build on a cluster that several machines share? The one whose name stands in a lock document.

The document is written only under the condition that nobody has written it since it was read
(``if_seq_no``, ``if_primary_term``). A thread renews it while its owner works. Whoever finds that it has
not been renewed for a whole lease takes it over; of an owner on the same machine it is known at once
whether it still runs. The time is the cluster's, not that of the machines. A clock that jumps can only make
a lock change hands too early, and then the first owner is told so before it publishes: `HeldLock.confirm`
fails for all but the one whose name stands there.
"""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from engine.adapters.opensearch_build_indices import create_index
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import BackendError, Conflict, IndexMissing

log = logging.getLogger("kompetansegraf.engine")

_ID: Final = "writer"
_SETTINGS: Final = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
_RENEWALS: Final = 4
"""Renewals in the time of one lease."""

_living: set[str] = set()
"""Tokens of the locks that this process holds."""


class OpenSearchWriterLock:
    """A lock document in an index of its own, made when first needed.

    Parameters
    ----------
    connection
        The cluster.
    index
        Name of the index.
    lease
        How long a lock holds that nobody renews.
    now
        The time as seconds since 1970, the same on all machines.
    """

    def __init__(
        self, connection: OpenSearchConnection, index: str, *, lease: timedelta, now: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._index = index
        self._lease = lease.total_seconds()
        self._now = now

    @contextmanager
    def held(self) -> Iterator["HeldLock"]:
        """Hold the lock for a block.

        Raises
        ------
        Conflict
            If another has it; the message says who.
        """
        token = uuid4().hex
        _living.add(token)  # before it can stand in the document, which another thread may read
        try:
            lock = self._acquire(token)
            stop = threading.Event()
            keeper = threading.Thread(
                target=lock.keep,
                args=(stop, self._lease / _RENEWALS),
                name=f"{self._index}-lock",
                daemon=True,
            )
            keeper.start()
            try:
                yield lock
            finally:
                stop.set()
                keeper.join()
                lock.release()
        finally:
            _living.discard(token)

    def _acquire(self, token: str) -> "HeldLock":
        found = read_lock(self._connection, self._index)
        if found is None:
            create_index(self._connection, self._index, _SETTINGS, {"enabled": False})
            number = 0
            condition: Mapping[str, Any] = {"op_type": "create"}
        else:
            document = found["_source"]
            if document.get("owner") and self._is_alive(document):
                raise Conflict(
                    f"another process is building an index: process {document.get('pid')} on "
                    f"{document.get('host')}, last heard of {document.get('renewed')}"
                )
            number, condition = int(document.get("number", 0)), _unchanged(found)
        lock = HeldLock(self._connection, self._index, token, self._lease, self._now, number)
        if not lock.write(condition):
            raise Conflict("another process has just begun to build an index")
        return lock

    def _is_alive(self, document: Mapping[str, Any]) -> bool:
        if document.get("machine") and document["machine"] == _machine():
            if document.get("pid") == os.getpid():
                running = document["owner"] in _living
            else:
                running = _started(int(document.get("pid", 0))) == document.get("started")
            if not running:
                return False
        return self._now() - float(document.get("renewed", 0)) < float(document.get("lease", self._lease))


class HeldLock:
    """The lock in the hands of its owner."""

    def __init__(
        self,
        connection: OpenSearchConnection,
        index: str,
        token: str,
        lease: float,
        now: Callable[[], float],
        number: int,
    ) -> None:
        self._connection = connection
        self._index = index
        self._token = token
        self._lease = lease
        self._now = now
        self._number = number
        self._condition: Mapping[str, Any] = {}
        self._lost = False
        self._mutex = threading.Lock()

    def confirm(self) -> None:
        """Renew the lock; raises Conflict if it has gone to another."""
        with self._mutex:
            self._renew()

    def next_number(self, beyond: int) -> int:
        """Return a number greater than `beyond` and than any returned before, on whichever machine.

        Raises
        ------
        Conflict
            If the lock has gone to another.
        """
        with self._mutex:
            self._number = max(self._number, beyond) + 1
            self._renew()
            return self._number

    def keep(self, stop: threading.Event, every: float) -> None:
        """Renew the lock every `every` seconds until `stop`, or until it has gone to another."""
        while not stop.wait(every):
            try:
                self.confirm()
            except Conflict as error:
                log.warning("%s", error)
                return
            except BackendError as error:  # the next time may succeed; what counts is `confirm` at the end
                log.warning("the lock of the index builds could not be renewed: %s", error)

    def release(self) -> None:
        """Give the lock up; if the cluster cannot be reached, others find by themselves that we are gone."""
        with self._mutex:
            if not self._lost:
                try:
                    self._renew(owner=None)
                except (BackendError, Conflict) as error:
                    log.warning("the lock of the index builds could not be released: %s", error)

    def write(self, condition: Mapping[str, Any], *, owner: str | None = "") -> bool:
        """Write the document if `condition` holds; return whether it did. `owner` "" is this one."""
        document = {
            "owner": self._token if owner == "" else owner,
            "host": socket.gethostname(),
            "machine": _machine(),
            "pid": os.getpid(),
            "started": _started(os.getpid()),
            "renewed": self._now(),
            "lease": self._lease,
            "number": self._number,
        }
        try:
            answer = self._connection.call(
                lambda client: client.index(index=self._index, id=_ID, body=document, **condition)
            )
        except (Conflict, IndexMissing):
            return False
        self._condition = _unchanged(answer)
        return True

    def _renew(self, owner: str | None = "") -> None:
        if not self._lost and self.write(self._condition, owner=owner):
            return
        found = None if self._lost else read_lock(self._connection, self._index)
        if found is not None and found["_source"].get("owner") == self._token:
            # an earlier write arrived although its answer did not
            self._lost = not self.write(_unchanged(found), owner=owner)
        else:
            self._lost = True
        if self._lost:
            raise Conflict("another process has begun to build an index, since this one was not heard of")


def read_lock(connection: OpenSearchConnection, index: str) -> Mapping[str, Any] | None:
    """Return the lock document with its sequence number, or None if there is none."""
    try:
        answer: Mapping[str, Any] = connection.call(
            lambda client: client.get(index=index, id=_ID, ignore=404)
        )
    except IndexMissing:
        return None
    return answer if answer.get("found") else None


def _unchanged(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}


def _machine() -> str:
    """Return what tells whether process numbers of two owners mean the same; empty where that is not known.

    A running kernel and a space of process numbers in it: containers of one host name have different ones.
    """
    with contextlib.suppress(OSError):
        kernel = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{kernel} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def _started(pid: int) -> str | None:
    """Return when a process began, in ticks of the kernel, or None if it does not run (any more).

    Examples
    --------
    >>> import os
    >>> _started(os.getpid()) == _started(os.getpid())
    True
    >>> _started(0) is None
    True
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else fields[19]  # a zombie writes nothing any more
