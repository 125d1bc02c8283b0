"""Merges two resources, each time in a child that ends itself with -9 at a given statement to the database.

A line ``URL N`` on standard input starts a child that is killed at its N-th statement (0: never); ``exit CODE
STATEMENTS`` is written when it has ended.
"""

import os
import signal
import sys

from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine

from contract.catalogue_values import ruling
from engine.adapters.sql_catalogue import open_catalogue

READ, WRITE = os.pipe()


def child(url: str, wanted: int) -> None:
    catalogue, sent = open_catalogue(url), 0

    @event.listens_for(SqlEngine, "after_cursor_execute")
    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    catalogue.record(ruling("kb-0001", "kb-0002", kind="merge"))
    os.write(WRITE, f"{sent}\n".encode())
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        url, moment = line.split()
        pid = os.fork()
        if pid == 0:
            child(url, int(moment))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        statements = os.read(READ, 100).decode().strip() if code == 0 else "0"
        os.write(1, f"exit {code} {statements}\n".encode())


if __name__ == "__main__":
    main()
