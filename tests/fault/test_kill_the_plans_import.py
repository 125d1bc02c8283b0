"""Killed with -9 at any statement, an import of plans has written all of the file or nothing of it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.sql_catalogue import open_catalogue
from plan_workbooks import good, workbook
from small_bank import fill

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).parent / "plans_worker.py"


@pytest.fixture
def run():
    """Return a function that imports in a child and returns its exit code and number of statements."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(
        [sys.executable, str(WORKER)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip

        def call(data, file, moment=0):
            process.stdin.write(f"{data} {file} {moment}\n")
            process.stdin.flush()
            _, code, statements = process.stdout.readline().split()
            return int(code), int(statements)

        yield call
        process.stdin.close()


def state(data):
    catalogue = open_catalogue(f"sqlite:///{data / 'catalogue.db'}")
    contents = (
        list(catalogue.roles()),
        list(catalogue.requirements()),
        list(catalogue.plans()),
        len(catalogue.decisions("teaches")),
    )
    catalogue.close()
    return contents


def test_all_or_nothing_is_written(tmp_path, run):
    fill(tmp_path / "base", indexed=False)
    rows = [good(plan=f"Plan {n % 3}", krav_kode=f"K-{n}", krav_tittel=f"Krav nummer {n}", rolle="jordmor",
                 ressurs_url="https://example.invalid/kb-1") for n in range(9)]  # fmt: skip
    file = workbook(tmp_path / "p.xlsx", ("A", rows))
    code, statements = run(shutil.copytree(tmp_path / "base", tmp_path / "whole"), file)
    assert code == 0
    before, after = state(tmp_path / "base"), state(tmp_path / "whole")
    assert before != after
    seen = []
    for moment in (statements - 8, statements):
        data = shutil.copytree(tmp_path / "base", tmp_path / f"killed-{moment}")
        assert run(data, file, moment)[0] == -signal.SIGKILL
        seen.append(state(data))
    assert seen == [before] * 2  # the last statement is before the commit
    assert run(tmp_path / f"killed-{statements}", file)[0] == 0
    assert state(tmp_path / f"killed-{statements}") == after
