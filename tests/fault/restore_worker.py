"""A process that restores when told to, each time in a child that ends itself with -9 at a given moment.

A line ``FOLDER BACKUP N`` on standard input starts a child that is killed when it comes to its N-th moment
(0: never); ``exit CODE MOMENTS`` is written when it has ended, MOMENTS being 0 for a killed one.
"""

import os
import signal
import sys
from pathlib import Path

from engine.bootstrap import load_settings, open_backups

READ, WRITE = os.pipe()


class Moments:
    """Counts what happens: progress, files opened, renamed and removed in the data folder."""

    def __init__(self, folder: str, wanted: int) -> None:
        self.folder = folder
        self.wanted = wanted
        self.count = 0

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, args: tuple[object, ...]) -> None:
        if event in {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"} and (
            self.folder in str(args[0])
        ):
            self()

    def begin(self, stage: str, total: int | None = None) -> None:
        self()

    def advance(self, steps: int = 1) -> None:
        self()

    def end(self) -> None:
        self()


def child(folder: str, backup: str, wanted: int) -> None:
    moments = Moments(folder, wanted)
    backups = open_backups(load_settings(data=Path(folder)))
    sys.addaudithook(moments.audit)
    try:
        backups.restore(Path(backup), force=True, progress=moments)
    except BaseException as error:  # noqa: BLE001 (the test reads it)
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os.write(WRITE, f"{moments.count}\n".encode())
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        folder, backup, wanted = line.split()
        pid = os.fork()
        if pid == 0:
            child(folder, backup, int(wanted))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        moments = os.read(READ, 100).decode().strip() if code == 0 else "0"
        os.write(1, f"exit {code} {moments}\n".encode())


if __name__ == "__main__":
    main()
