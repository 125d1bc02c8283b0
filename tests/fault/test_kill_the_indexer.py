"""Killed with -9 at any moment, the indexer leaves what was; run again, it ends where it would have ended."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from engine.adapters.sql_catalogue import open_catalogue
from engine.bootstrap import load_settings, open_builds
from engine.service import Engine
from indexing import open_small_engine

WORKER = Path(__file__).with_name("index_worker.py")
ROOT = Path(__file__).parents[2]
KILLS = 10
OLD, NEW = 20, 40


class Worker:
    """A worker process, and what its child says."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "KG_EMBEDDER": "hashing",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
            "OMP_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.pid = 0

    def start(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Return the next line of the child, having noted its pid."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline().strip()
            assert line, "the worker has ended"
            if line.startswith("pid "):
                self.pid = int(line.split()[1])
            else:
                return line

    def whole_run(self, folder: Path, bank: Path) -> int:
        """Import and index without being killed; return how many moments there were."""
        self.start("run", folder, bank, 0)
        lines = [self.line(), self.line()]
        assert lines[1] == "exit 0", lines
        return int(lines[0].removeprefix("moments "))

    def killed_run(self, folder: Path, bank: Path, moment: int, later: float) -> int:
        """Kill the run `later` seconds after a moment; return the exit code."""
        self.start("run", folder, bank, moment)
        while (line := self.line()) != "event":
            if line.startswith("exit "):
                return int(line.split()[1])
            assert not line.startswith("error"), line
        time.sleep(later)
        with suppress(ProcessLookupError):  # the run may have ended by itself meanwhile
            os.kill(self.pid, signal.SIGKILL)
        while not (line := self.line()).startswith("exit "):
            assert not line.startswith("error"), line
        return int(line.split()[1])

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@contextmanager
def worker() -> Iterator[Worker]:
    made = Worker()
    try:
        yield made
    finally:
        made.close()


class Searching:
    """Searches from a process of its own as long as the block lasts."""

    def __init__(self, folder: Path) -> None:
        self.answers: list[str] = []
        self.worker = Worker()
        self.worker.start("search", folder)
        self.answers.append(self.worker.line())
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        while not (line := self.worker.line()).startswith("exit "):
            self.answers.append(line)

    def stop(self) -> None:
        os.kill(self.worker.pid, signal.SIGKILL)
        self.thread.join(20)
        self.worker.close()


def write_bank(path: Path, count: int, text: str) -> Path:
    records = [
        {
            "id": f"r-{i:02d}",
            "title": f"Fall nummer {i}",
            "language": "nb",
            "body": f"{text} {i} om fall hos eldre på sykehjem. Observer, varsle og skriv det i journalen. "
            * (2 + i % 9),
        }
        for i in range(count)
    ]
    path.write_text("\n".join(json.dumps(r) for r in records) + "\n")
    return path


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("banks")
    # every resource of the old bank is changed by the new one, which has twice as many
    (folder / "new").mkdir()
    old = write_bank(folder / "bank.jsonl", OLD, "Gammel tekst")
    return old, write_bank(folder / "new" / "bank.jsonl", NEW, "Ny tekst")


def contents(engine: Engine) -> list[object]:
    return [(r, [v.content_hash for v in engine.catalogue.versions(r.id)]) for r in engine.catalogue.all()]


@pytest.mark.parametrize("first", [False, True], ids=["over-an-old-build", "the-first-build"])
def test_killed_at_ten_moments_the_indexer_ends_where_an_uninterrupted_run_does(
    tmp_path: Path, banks: tuple[Path, Path], first: bool
) -> None:
    old, new = banks
    with worker() as work:
        for name in ("whole", "killed"):
            if not first:
                work.whole_run(tmp_path / name, old)
        moments = work.whole_run(tmp_path / "whole", new)
        assert moments > 100
        searching = None if first else Searching(tmp_path / "killed")
        chance = random.Random(20261121)
        killed = 0
        for _ in range(KILLS):
            code = work.killed_run(
                tmp_path / "killed", new, chance.randint(1, moments), chance.choice([0.0, 0.002, 0.02])
            )
            assert code in {-signal.SIGKILL, 0}
            killed += code == -signal.SIGKILL
            check_nothing_is_broken(tmp_path / "killed", first)
        assert killed >= KILLS // 2
        work.whole_run(tmp_path / "killed", new)
        if searching is not None:
            searching.stop()
            check_answers(searching.answers)
    whole, after = open_small_engine(tmp_path / "whole"), open_small_engine(tmp_path / "killed")
    try:
        assert contents(after) == contents(whole)
        builds = [engine.builds.current() for engine in (whole, after)]
        assert builds[0] is not None
        assert builds[1] is not None
        assert builds[1].signature == builds[0].signature
        assert builds[1].resources == NEW
        folders = [p for p in (tmp_path / "killed" / "builds").iterdir() if p.is_dir()]
        assert len(folders) <= 2
        assert all((folder / "manifest.json").exists() for folder in folders)
    finally:
        whole.close()
        after.close()


def check_nothing_is_broken(folder: Path, first: bool) -> None:
    """Look at what a kill has left: all that was stored is whole, and the current build can be opened."""
    settings = load_settings(data=folder)
    catalogue = open_catalogue(settings.catalogue_url())
    builds = open_builds(load_settings(data=folder))
    try:
        stored = list(catalogue.all())
        assert first or len(stored) >= OLD
        assert len(stored) <= NEW
        for resource in stored:
            assert 1 <= len(catalogue.versions(resource.id)) <= 2
        current = builds.current()
        if current is None:
            assert first
        else:
            opened = builds.open(current.id)
            assert len(opened.ids()) == current.resources
            assert current.resources in {OLD, NEW}
            opened.close()
    finally:
        catalogue.close()


def check_answers(answers: list[str]) -> None:
    """Look at every answer given meanwhile: that of the old build with none, some or all of what was written since, or of a new one.

    Some only: taking in what was written is bounded in time, and the answer says that changes are pending.
    """
    totals: dict[str, set[int]] = {}
    for answer in answers:
        assert not answer.startswith("error"), answer
        build, total = answer.split()
        totals.setdefault(build, set()).add(int(total))
    assert len(answers) > 10
    oldest = min(totals)
    assert all(OLD <= total <= NEW for total in totals[oldest])
    for build in totals.keys() - {oldest}:
        assert totals[build] == {NEW}
