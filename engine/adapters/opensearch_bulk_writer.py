"""How is a cluster kept busy while documents are still being made? Several bulk requests are on their way at once.

The server works on a request with one thread a shard, and builds the vector graph there; so one request after
the other leaves its other cores idle. A few threads send what is full while the caller makes the next documents.
"""

import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from engine.adapters.opensearch_bulk import (
    Account,
    Action,
    Call,
    Key,
    identified,
    request_lines,
    send_chunk,
)
from engine.adapters.opensearch_transport import Unencodable
from engine.errors import BackendError, BackendUnavailable, InvalidRequest, KompetansegrafError

_AHEAD: Final = 1
"""Full requests that may wait while as many as allowed are on their way."""


class BulkWriter:
    """Writes documents in the background; see `OpenSearchConnection.bulk_writer`.

    To be used by one thread at a time. Threads run only while something is on its way: after `flush` and
    `discard` there is none, and none keeps a program alive.

    Used as a context, it flushes at the end, or discards after an error.
    """

    def __init__(
        self,
        call: Call[Any],
        server: str,
        *,
        index: str | None,
        parallel: int,
        patience: float,
        request_timeout: float,
        chunk_bytes: int,
        chunk_actions: int,
    ) -> None:
        self._call = call
        self._server = server
        self._index = index
        self._parallel = parallel
        self._patience = patience
        self._request_timeout = request_timeout
        self._most_bytes = chunk_bytes
        self._most = chunk_actions
        self._state = threading.Condition()  # guards all that follows
        self._chunk: dict[Key, Action] = {}
        self._size = 0
        self._waiting: deque[list[Action]] = deque()
        self._sending: dict[threading.Thread, frozenset[Key]] = {}
        self._threads: list[threading.Thread] = []
        self._account = Account()
        self._failure: BaseException | None = None
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self.discard()

    def put(self, action: Mapping[str, Any]) -> None:
        """Take an action as `OpenSearchConnection.bulk` does, to be sent when a request of them is full.

        Waits while the server is behind. If this raises, the action has not been taken; those before it are
        written by and by, but for the refused ones that the message tells of.

        Raises
        ------
        InvalidRequest
            If a text of this action is not valid Unicode.
        BackendError, BackendUnavailable, IndexMissing
            If something went wrong with earlier actions; said once. See `flush`.
        ValueError
            If the action has no ``_id``.
        """
        key, given = identified(action, self._index)
        try:
            taken = Action(key, request_lines(given))
        except Unencodable as error:
            raise InvalidRequest(f"OpenSearch at {self._server}: {key[1]!r}: {error}") from error
        with self._state:
            if self._chunk and not self._has_room(taken):
                self._close_chunk()
            self._start()
            while len(self._waiting) > _AHEAD and self._failure is None:
                self._state.wait()
                self._start()
            if self._failure is not None or self._account.refused:
                self._settle()
            self._chunk[taken.key] = taken
            self._size += len(taken.lines)
            if self._size >= self._most_bytes or len(self._chunk) >= self._most:
                self._close_chunk()
                self._start()

    def flush(self) -> int:
        """Send what is left, wait for all of it, and return how many were written.

        That counts from the last flush that returned.

        Raises
        ------
        BackendError
            If documents were refused: all others have been written, and the message counts the refused
            and names the first three. They are dropped, and said once.
        BackendUnavailable
            If patience ended. What was not written is kept, and sent again by the next put or flush.
        IndexMissing, BackendError
            If the index is not there, or is read-only: what was not yet sent is kept.
        """
        with self._state:
            if self._chunk:
                self._close_chunk()
            self._settle()
            written, self._account = self._account.written, Account()
            return written

    def discard(self) -> None:
        """Drop what has not been sent, and its errors; wait for requests on their way, which are not repeated."""
        with self._state:
            self._stopping.set()
            self._chunk, self._size = {}, 0
            self._waiting.clear()
            try:
                self._state.wait_for(lambda: not self._sending)
            finally:
                self._waiting.clear()
                if not self._sending:  # else the wait was interrupted
                    self._failure = None
                    self._account = Account()
                    self._stopping.clear()
                    self._join()

    # --- inside; whoever calls these holds the lock ----------------------------------------------

    def _has_room(self, action: Action) -> bool:
        fits = self._size + len(action.lines) <= self._most_bytes and len(self._chunk) < self._most
        return fits and action.key not in self._chunk

    def _close_chunk(self) -> None:
        self._waiting.append(list(self._chunk.values()))
        self._chunk, self._size = {}, 0

    def _start(self) -> None:
        """Begin to send what may be sent now: in order, no document twice at a time, nothing after a failure."""
        while self._waiting and self._failure is None and len(self._sending) < self._parallel:
            keys = frozenset(action.key for action in self._waiting[0])
            if any(not keys.isdisjoint(others) for others in self._sending.values()):
                return
            thread = threading.Thread(
                target=self._work, args=(self._waiting[0],), name="opensearch-bulk", daemon=True
            )
            thread.start()
            self._waiting.popleft()
            self._sending[thread] = keys
            self._threads = [*(other for other in self._threads if other.is_alive()), thread]

    def _settle(self) -> None:
        """Wait until all is sent that can be, and raise what went wrong."""
        self._start()
        while self._sending:
            self._state.wait()
            self._start()
        self._join()
        failure, self._failure = self._failure, None
        if failure is not None and not isinstance(failure, KompetansegrafError):
            raise failure
        if self._account.refused:
            said = self._account.sentence()
            self._account = Account(written=self._account.written)
            if failure is None:
                raise BackendError(f"OpenSearch at {self._server}: {said}")
            raise type(failure)(f"{failure}; in other requests {said}") from failure
        if failure is not None:
            raise failure

    def _join(self) -> None:
        for thread in self._threads:  # they have nothing left to do
            thread.join()
        self._threads = []

    # --- in a thread of its own ------------------------------------------------------------------

    def _work(self, chunk: list[Action]) -> None:
        account = Account()
        failure: BaseException | None = None
        try:
            send_chunk(
                self._call,
                self._server,
                chunk,
                account,
                self._patience,
                self._request_timeout,
                self._pause,
            )
        except BaseException as error:  # noqa: BLE001 - raised where the caller is
            failure = error
        with self._state:
            del self._sending[threading.current_thread()]
            if failure is not None:
                if chunk:
                    self._waiting.appendleft(chunk)
                if self._failure is None:
                    self._failure = failure
                    account = Account(written=account.written)  # the failure tells of the refused
            self._account.include(account)
            with suppress(RuntimeError):  # no more threads: the caller starts the next, and is told
                self._start()
            self._state.notify_all()

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise BackendUnavailable(f"OpenSearch at {self._server}: given up, as the rest is discarded")
