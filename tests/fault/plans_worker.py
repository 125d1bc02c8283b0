"""Imports a file of plans, each time in a child that ends itself with -9 at a given statement to the database.

A line ``DATA FILE N`` on standard input starts a child that is killed at its N-th statement (0: never);
``exit CODE STATEMENTS`` is written when it has ended.
"""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine

import indexer.plan_files.workbook  # noqa: F401 (loaded once, not in every child)
from indexer.plans import import_plans
from small_bank import open_bank

READ, WRITE = os.pipe()


def child(data: str, file: str, wanted: int) -> None:
    engine = open_bank(Path(data))
    sent = 0

    @event.listens_for(SqlEngine, "after_cursor_execute")
    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    import_plans(engine, Path(file), by="test")
    os.write(WRITE, f"{sent}\n".encode())
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        folder, workbook, moment = line.split()
        pid = os.fork()
        if pid == 0:
            child(folder, workbook, int(moment))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        statements = os.read(READ, 100).decode().strip() if code == 0 else "0"
        os.write(1, f"exit {code} {statements}\n".encode())


if __name__ == "__main__":
    main()
