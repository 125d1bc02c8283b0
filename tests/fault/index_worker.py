"""A process that imports and indexes when told to, each time in a child that may be killed.

Lines on standard input: ``run FOLDER BANK EVENT`` starts a child, answers ``pid N``, writes ``event`` when
the child comes to its EVENT-th moment (0: never) and ``exit CODE EVENTS`` when it has ended. ``search FOLDER``
starts one that searches until killed and writes ``BUILD TOTAL`` for each answer.
"""

import os
import sys
import threading
import time
from pathlib import Path

from engine import bootstrap
from engine.bootstrap import load_settings, open_engine
from engine.model import SearchRequest
from indexer import building, importing, pipeline
from indexer.pipeline import index
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


class Moments:
    """Counts what happens: progress, files opened and renamed in the data folder."""

    def __init__(self, folder: str, wanted: int) -> None:
        self.folder = folder
        self.wanted = wanted
        self.count = 0
        self.lock = threading.Lock()

    def __call__(self) -> None:
        with self.lock:
            self.count += 1
            reached = self.count == self.wanted
        if reached:
            say("event")

    def audit(self, event: str, args: tuple[object, ...]) -> None:
        if event in {"open", "os.rename", "os.remove", "os.mkdir", "os.link"} and self.folder in str(args[0]):
            self()

    def begin(self, stage: str, total: int | None = None) -> None:
        self()

    def advance(self, steps: int = 1) -> None:
        self()

    def end(self) -> None:
        self()


def run(folder: str, bank: str, wanted: int) -> None:
    moments = Moments(folder, wanted)
    engine = open_engine(load_settings(data=Path(folder)))
    sys.addaudithook(moments.audit)
    importing.import_sources(engine, [bank], by="test", progress=moments)
    index(engine, progress=moments)
    say(f"moments {moments.count}")


def search(folder: str) -> None:
    engine = open_engine(load_settings(data=Path(folder)))
    while True:
        found = engine.search(SearchRequest("fall", k=100, mode="lexical"))
        say(f"{found.build} {found.total}")
        time.sleep(0.05)


def child(words: list[str]) -> None:
    try:
        if words[0] == "run":
            run(words[1], words[2], int(words[3]))
        else:
            search(words[1])
    except BaseException as error:  # noqa: BLE001 (the child says so and ends)
        say(f"error {type(error).__name__}: {error}")
        os._exit(1)
    os._exit(0)


def prepare() -> None:
    """Make small steps and read the vocabulary once, for all children; of this process only."""
    vocabulary = open_vocabulary()
    matcher = LabelMatcher(vocabulary)
    bootstrap.open_vocabulary = lambda *_, **__: vocabulary
    bootstrap.LabelMatcher = lambda _: matcher  # type: ignore[assignment, misc]
    importing.BATCH = 7  # type: ignore[misc]
    building._CHUNK = 5  # type: ignore[misc]
    pipeline.EARLY = 10  # type: ignore[misc]


def main() -> None:
    prepare()
    for line in sys.stdin:
        words = line.split()
        pid = os.fork()
        if pid == 0:
            child(words)
        say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        say(f"exit {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
