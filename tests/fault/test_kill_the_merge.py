"""Killed with -9 at any statement, a merge is there with all that belongs to it, or not at all; an index run is not waited for."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contract.catalogue_values import BY, T, resource
from engine.adapters.sql_catalogue import open_catalogue

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).parent / "merge_worker.py"


@pytest.fixture
def run():
    """Return a function that merges in a child and returns its exit code and number of statements."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(
        [sys.executable, str(WORKER)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip

        def call(file, moment=0):
            process.stdin.write(f"sqlite:///{file} {moment}\n")
            process.stdin.flush()
            _, code, statements = process.stdout.readline().split()
            return int(code), int(statements)

        yield call
        process.stdin.close()


def state(file):
    catalogue = open_catalogue(f"sqlite:///{file}")
    contents = (
        [(r.id, r.status) for r in catalogue.all()],
        [(d.subject, d.object, d.verdict) for d in catalogue.decisions("merge")],
        catalogue.changes_since(0),
        [line.action for line in catalogue.audit_trail("kb-0001")],
    )
    catalogue.close()
    return contents


def test_a_merge_is_whole_or_not_there(tmp_path, run):
    catalogue = open_catalogue(f"sqlite:///{tmp_path / 'base'}")
    catalogue.upsert([resource(1), resource(2), resource(3)], by=BY, at=T)
    catalogue.close()
    code, statements = run(shutil.copy(tmp_path / "base", tmp_path / "whole"))
    assert (code, statements > 5) == (0, True)
    before, after = state(tmp_path / "base"), state(tmp_path / "whole")
    assert (before[0][0], after[0][0]) == (("kb-0001", "published"), ("kb-0001", "archived"))
    for moment in (*range(1, statements, 3), statements):
        file = shutil.copy(tmp_path / "base", tmp_path / f"killed-{moment}")
        assert run(file, moment)[0] == -signal.SIGKILL
        assert state(file) == before  # the last statement is before the commit
    assert run(file)[0] == 0
    assert state(file) == after
