"""A private PostgreSQL server for the tests, from the machine's binaries, and empty databases in it.

The server listens on a Unix socket in a temporary folder only. It runs as ``postgres`` or ``nobody``
when the tests run as root (it refuses root), and it dies with the test process.
"""

import atexit
import contextlib
import functools
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from machine_parts import require_or_skip

HOW = "apt-get install postgresql, and pip install 'psycopg[binary]'"
START_TIMEOUT = 60  # seconds


@dataclass(frozen=True)
class PostgresServer:
    folder: Path
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        return f"postgresql://kg@/{database}?host={self.folder}"

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(
            host=str(self.folder), user="kg", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def database(self, options: str | None = None) -> Iterator[str]:
        """Make an empty database, give its URL, and drop it.

        It sorts as Norwegians do where the server can (version 15 with ICU): nothing may depend on it.
        """
        if options is None:
            options = "LOCALE_PROVIDER icu ICU_LOCALE 'nb-NO'" if self._knows_icu() else ""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _knows_icu(self) -> bool:
        ((version, collations),) = self.execute(
            "SELECT current_setting('server_version_num')::int,"
            " (SELECT count(*) FROM pg_collation WHERE collprovider = 'i')"
        )
        return version >= 150000 and collations > 0


def postgres_or_skip() -> PostgresServer:
    """Return the session's server, started at the first call."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        require_or_skip("postgres", HOW)
    binaries = _binaries()
    if binaries is None:
        require_or_skip("postgres", HOW)
    return _start(binaries)


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    return postgres_or_skip()


def _binaries() -> Path | None:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: [int(part) for part in re.findall(r"\d+", path.parent.name)],
        reverse=True,
    )
    on_path = [Path(found).resolve().parent for name in ("initdb", "pg_ctl") if (found := shutil.which(name))]
    for folder in [*installed, *on_path, Path("/usr/local/bin"), Path("/usr/local/pgsql/bin")]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@functools.cache
def _start(binaries: Path) -> PostgresServer:
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="kg-pg-", dir=_short_folder()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    become = _unprivileged(folder)
    data = folder / "data"
    _checked(
        [*become, str(binaries / "initdb"), "--pgdata", str(data), "--username=kg", "--auth=trust"]
        + ["--encoding=UTF8", "--locale=C", "--no-sync"],
        folder,
    )
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(
        [*become, *_dies_with_us(), str(binaries / "postgres"), "-D", str(data), "-k", str(folder)]
        + ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=folder,
    )
    log.close()
    atexit.register(_stop, server)
    started = PostgresServer(folder, itertools.count(1))
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            started.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                output = (folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{output}") from None
            time.sleep(0.05)
        else:
            return started


def _short_folder() -> str:
    # The path of a Unix socket has at most 107 bytes.
    folder = tempfile.gettempdir()
    return folder if len(folder) < 70 else "/tmp"


def _unprivileged(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(folder, user.pw_uid, user.pw_gid)
            return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
    raise RuntimeError("PostgreSQL refuses root, and there is neither a user postgres nor nobody")


def _dies_with_us() -> list[str]:
    return ["setpriv", "--pdeathsig", "INT", "--"] if shutil.which("setpriv") else []


def _checked(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _stop(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)  # "fast shutdown"
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
