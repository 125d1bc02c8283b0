"""What was reminded of already? A file of digests, one line an event, forced to the disk before and after sending.

reminders/sent.log     ``? DIGEST`` sending begins, ``+ DIGEST`` it was sent, ``- DIGEST`` it was not
reminders/.lock        held (flock) by the one process that reminds; a kill releases it
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from engine.adapters.durable_file import sync_folder
from engine.errors import BackendError, Conflict

_NAME, _LOCK = "sent.log", ".lock"


class ReminderLogFile:
    """Digests of what was sent (`engine.reports.reminders.SentLog`); a line cut off by a kill is passed over.

    Raises
    ------
    Conflict
        When another process is reminding.
    BackendError
        When the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._lock)
                raise Conflict("another process is sending reminders") from None
            path = folder / _NAME
            self._states: dict[str, str] = {}
            if path.exists():
                self._take(path.read_bytes())
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(self._file, b"\n")  # ends a line that was cut off
            sync_folder(folder)
        except OSError as e:
            raise BackendError(f"{folder} cannot be used: {e.strerror}") from e

    def known(self) -> frozenset[str]:
        return frozenset(digest for digest, state in self._states.items() if state != "-")

    def unsure(self) -> frozenset[str]:
        return frozenset(digest for digest, state in self._states.items() if state == "?")

    def begin(self, digests: Sequence[str]) -> None:
        self._add("?", digests)

    def end(self, digests: Sequence[str], *, sent: bool) -> None:
        self._add("+" if sent else "-", digests)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            os.close(self._lock)
            self._file = -1

    def _add(self, state: str, digests: Sequence[str]) -> None:
        data = "".join(f"{state} {digest}\n" for digest in digests).encode()
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as e:
            raise BackendError(f"what was sent cannot be kept: {e.strerror}") from e
        self._states |= dict.fromkeys(digests, state)

    def _take(self, data: bytes) -> None:
        for line in data.decode("ascii", "replace").split("\n"):
            state, _, digest = line.partition(" ")
            if state in {"?", "+", "-"} and len(digest) == 64:
                self._states[digest] = state
