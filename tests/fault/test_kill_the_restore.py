"""Killed with -9 at any moment, a restore leaves the old or the new catalogue, and never an index of the other."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.sql_catalogue import open_catalogue
from engine.bootstrap import load_settings, open_backups, open_builds
from engine.model import SearchRequest
from indexer.pipeline import index
from small_bank import RESOURCES, fill, open_bank

ROOT = Path(__file__).parents[2]
LATE = 16
OLD, NEW = "Gammel tittel", "Ny tittel"


class Worker:
    """Runs restores that may be killed."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "KG_EMBEDDER": "hashing",
            "OMP_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("restore_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def restore(self, folder: Path, backup: Path, moment: int = 0) -> tuple[int, int]:
        """Return exit code and number of moments."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{folder} {backup} {moment}\n")
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


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a used data folder, and the backup of another whose catalogue has come equally far."""
    folder = tmp_path_factory.mktemp("banks")
    for name, title in ((OLD, "old"), (NEW, "new")):
        fill(folder / title, indexed=False)
        engine = open_bank(folder / title)
        engine.write_resources([replace(r, title=name) for r in RESOURCES], by="test")
        index(engine)
        engine.close()
    open_backups(load_settings(data=folder / "new")).write(folder / "b.zip")
    return folder / "old", folder / "b.zip"


def state(folder: Path) -> tuple[str, str]:
    """Return the title in the catalogue and in the index, "" where there is none; each must be of one piece."""
    settings = load_settings(data=folder)
    catalogue = open_catalogue(settings.catalogue_url())
    titles = {r.title for r in catalogue.all()}
    catalogue.close()
    builds = open_builds(settings)
    current = builds.current()
    indexed = set()
    if current is not None:
        opened = builds.open(current.id)
        indexed = {r.title for r in opened.get(sorted(opened.ids())).values()}
        assert len(opened.ids()) == current.resources == 11
        opened.close()
    assert len(titles) <= 1
    assert len(indexed) <= 1
    return "".join(titles), "".join(indexed)


def make_index(folder: Path) -> bool:
    """Run the indexer; return whether there was something to do."""
    engine = open_bank(folder)
    report = index(engine)
    assert engine.search(SearchRequest("fall")).total > 0
    engine.close()
    return not report.skipped


@pytest.mark.parametrize("used", [True, False], ids=["over-a-used-folder", "into-an-empty-folder"])
def test_killed_at_any_moment_a_restore_is_finished_by_the_next(
    tmp_path: Path, banks: tuple[Path, Path], worker: Worker, used: bool
) -> None:
    old, backup = banks
    before = OLD if used else ""

    def target(name: str) -> Path:
        return shutil.copytree(old, tmp_path / name) if used else tmp_path / name

    code, moments = worker.restore(target("whole"), backup)
    assert code == 0
    assert moments > 100
    seen = set()
    chance = random.Random(20261121)
    # the end, where things are replaced, is looked at more closely
    late = [moments - k for k in range(0, 2 * LATE, 2)]
    for n in dict.fromkeys([*(chance.randint(1, moments) for _ in range(6)), *late]):
        folder = target(f"killed-{n}")
        assert worker.restore(folder, backup, n)[0] == -signal.SIGKILL
        left = state(folder)
        assert left in {(before, before), (before, ""), (NEW, ""), (NEW, NEW)}
        if left not in seen and left[0]:  # somebody indexes in place of restoring again
            aside = shutil.copytree(folder, tmp_path / "aside")
            make_index(aside)
            assert state(aside) == (left[0], left[0])
            shutil.rmtree(aside)
        seen.add(left)
        assert worker.restore(folder, backup)[0] == 0
        assert state(folder) == (NEW, NEW)
        names = {p.name for p in (folder / "builds").iterdir() if not p.name.endswith(".tmp")}
        assert len(names) == 3
        assert names > {".lock", "CURRENT"}
        last = folder
    assert seen >= {(before, before), (NEW, ""), (NEW, NEW)}
    assert not make_index(last)


def test_a_restore_killed_between_catalogue_and_index_is_finished_without_force(
    tmp_path: Path, banks: tuple[Path, Path], worker: Worker
) -> None:
    old, backup = banks
    _, moments = worker.restore(shutil.copytree(old, tmp_path / "whole"), backup)
    for n in range(moments, 0, -1):
        folder = shutil.copytree(old, tmp_path / "killed")
        worker.restore(folder, backup, n)
        if state(folder) == (NEW, ""):
            break
        shutil.rmtree(folder)
    else:
        pytest.fail("there was no such moment")
    report = open_backups(load_settings(data=folder)).restore(backup)
    assert report.finished
    assert report.saved is None
    assert state(folder) == (NEW, NEW)
