"""Killed with -9 at any moment, replacing the vocabulary leaves the old one or the new one, whole."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from small_vocabulary import changed, keep, small_vocabulary, store_of
from vocab.merging import skos_files

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).parent / "vocabulary_worker.py"
FEW = ("tema/fallforebygging", "tilstand/trykksar")


class Worker:
    """The process that replaces."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            text=True,
        )

    def replace(self, data: Path, files: Path, moment: int = 0) -> tuple[int, int]:
        """Return exit code and number of moments."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{data} {files} {moment}\n")
        self.process.stdin.flush()
        _, code, moments = self.process.stdout.readline().split()
        return int(code), int(moments)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def test_the_old_or_the_new_vocabulary_is_left_whole(tmp_path: Path, worker: Worker) -> None:
    earlier = small_vocabulary(FEW)
    old = changed(earlier, replace(earlier[FEW[0]], note="old"))
    new = changed(earlier, replace(earlier[FEW[0]], note="new"))
    base = tmp_path / "base"
    keep(base, earlier)
    keep(base, old)  # so that there is something to prune
    files = tmp_path / "files"
    files.mkdir()
    for name, text in skos_files(new).items():
        (files / name).write_text(text, encoding="utf-8")
    code, moments = worker.replace(shutil.copytree(base, tmp_path / "whole"), files)
    assert code == 0
    assert moments > 10
    seen = []
    for moment in range(1, moments + 1):
        data = shutil.copytree(base, tmp_path / f"killed-{moment}")
        assert worker.replace(data, files, moment)[0] == -signal.SIGKILL
        left = store_of(data).open().version
        assert left in {old.version, new.version}
        seen.append(left)
        if moment % 5 == 0 or left != seen[max(0, len(seen) - 2)]:  # the next one clears up
            store_of(data).replace(new, force=True)
            assert store_of(data).open().version == new.version
            names = {p.name for p in (data / "vocabulary").iterdir() if not p.name.endswith(".tmp")}
            assert names >= {"CURRENT", ".lock"}
            assert len(names) <= 4
    assert set(seen) == {old.version, new.version}
    assert seen == sorted(seen, key=lambda version: version == new.version)  # never back again
