"""A process that replaces the vocabulary when told to, each time in a child that ends itself with -9 at a given moment.

A line ``FOLDER FILES N`` on standard input starts a child that takes the vocabulary in the folder FILES into use
and is killed when it comes to its N-th moment (0: never); ``exit CODE MOMENTS`` is written when it has ended.
"""

import os
import signal
import sys
from pathlib import Path

import vocab.integrity  # noqa: F401 (loaded once, not in every child)
from engine.bootstrap import load_settings, open_vocabulary_store
from vocab.vocabulary import open_vocabulary

READ, WRITE = os.pipe()
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}


class Moments:
    """Counts what happens to files below the data folder."""

    def __init__(self, folder: str, wanted: int) -> None:
        self.folder = folder
        self.wanted = wanted
        self.count = 0

    def audit(self, event: str, args: tuple[object, ...]) -> None:
        if event in EVENTS and self.folder in str(args[0]):
            self.count += 1
            if self.count == self.wanted:
                os.kill(os.getpid(), signal.SIGKILL)


def child(folder: str, files: str, wanted: int) -> None:
    moments = Moments(folder, wanted)
    store = open_vocabulary_store(load_settings(data=Path(folder)))
    vocabulary = open_vocabulary([Path(files)], cache_dir=Path(files).parent / "cache")
    sys.addaudithook(moments.audit)
    try:
        store.replace(vocabulary, force=True)
    except BaseException as error:  # noqa: BLE001 (the test reads it)
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os.write(WRITE, f"{moments.count}\n".encode())
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        folder, files, wanted = line.split()
        pid = os.fork()
        if pid == 0:
            child(folder, files, int(wanted))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        moments = os.read(READ, 100).decode().strip() if code == 0 else "0"
        os.write(1, f"exit {code} {moments}\n".encode())


if __name__ == "__main__":
    main()
