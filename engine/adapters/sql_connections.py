"""How do we talk to SQLite and PostgreSQL, durably and with our own errors? Transactions by URL.

Both databases behave alike: one writer at a time, readers never wait, a commit is on disk when it
returns, and a process that dies in a transaction leaves nothing of it.

* SQLite: write-ahead log, ``synchronous=FULL``, foreign keys checked; a write begins with
  ``BEGIN IMMEDIATE``, so that it waits for the other writer instead of failing half-way.
* PostgreSQL: a write begins with a transaction-level advisory lock, so that numbers taken in it are
  in commit order: a reader that has seen change 7 will never later meet a change 6.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from engine.errors import BackendUnavailable, Conflict, InvalidRequest

WAIT = 30.0
"""How long a writer waits for another writer [s]."""

CONNECT_TIMEOUT = 10
"""How long we wait for a PostgreSQL server to answer [s]."""

ADVISORY_LOCK = 0x6B_6F_6D_70_67_72_61_66
"""The key of our write lock in a PostgreSQL database: the ASCII codes of ``kompgraf``."""

_WRITES = "kompetansegraf_writes"


class Database:
    """A pool of connections with read and write transactions.

    Parameters
    ----------
    url : str or sqlalchemy.URL
        ``sqlite:///relative/path.db``, ``sqlite:////absolute/path.db`` or
        ``postgresql://user:password@host:5432/name``.
    create : bool
        Make a missing SQLite file, with its folder.
    overwrite : bool
        Let SQLite write zeros over what is removed.

    Raises
    ------
    InvalidRequest
        When the URL is none of these.
    BackendUnavailable
        When the database cannot be reached or is not there. No message has credentials in it.
    """

    def __init__(self, url: str | URL, *, create: bool = True, overwrite: bool = False) -> None:
        self._url = _parsed(url)
        self._secrets = _secrets(self._url)
        self._closed = False
        self.name = _name(self._url)
        """What messages call it: kind, place and name, never user or password."""
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        with self._translated():
            self._engine = self._sqlite(create) if self.is_sqlite else self._postgres()
            if self.is_sqlite and overwrite:
                event.listen(self._engine, "connect", _overwrite_what_is_removed)
            self._driver_error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        self._writer = self._engine.execution_options(**{_WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Run statements that see one consistent state on SQLite and committed states on PostgreSQL."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Run statements that happen all or not at all, alone; durable when the block is left."""
        with self._translated(), self._writer.begin() as connection:
            yield connection

    def number(self, statement: str) -> int:
        """Return the one number of a statement that is sent as it is: a tenth of what `read` costs."""
        with self._translated():
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(statement)
                (value,) = cursor.fetchone() or (0,)
                cursor.close()
            except self._driver_error as error:
                raise BackendUnavailable(f"{self.name}: {self._reason(error)}") from error
            finally:
                connection.close()
            return int(value)

    def empty_log(self) -> None:
        """Move the log of an SQLite database into its file and leave it empty; PostgreSQL looks after its own.

        Readers of other processes may hold the log a while longer: it is emptied the next time.
        """
        if self.is_sqlite:
            with self._translated():
                connection = self._engine.raw_connection()
                try:
                    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    connection.close()

    def close(self) -> None:
        """Close all connections. A second call does nothing."""
        self._closed = True
        self._engine.dispose()

    def _sqlite(self, create: bool) -> Engine:
        path = Path(self._url.database or "")
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.is_file():
            raise BackendUnavailable(f"{self.name} does not exist")
        engine = sa.create_engine(self._url, hide_parameters=True, connect_args={"timeout": WAIT})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgres(self) -> Engine:
        engine = sa.create_engine(
            self._url,
            hide_parameters=True,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",  # a statement after the lock sees what the last writer wrote
            connect_args={"client_encoding": "utf8"}
            | ({} if "connect_timeout" in self._url.query else {"connect_timeout": CONNECT_TIMEOUT}),
        )
        event.listen(engine, "connect", _prepare_postgres)
        event.listen(engine, "begin", _begin_postgres)
        return engine

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            raise BackendUnavailable(f"{self.name} has been closed")
        try:
            yield
        except exc.DataError as error:
            raise InvalidRequest(f"{self.name} cannot hold a value: {self._reason(error)}") from error
        except exc.IntegrityError as error:
            raise Conflict(f"{self.name}: another write came first: {self._reason(error)}") from error
        except (exc.SQLAlchemyError, OSError) as error:
            raise BackendUnavailable(f"{self.name}: {self._reason(error)}") from error
        except ModuleNotFoundError as error:
            raise BackendUnavailable(
                f"{self.name} needs the Python package {error.name}: install the extra 'postgres'"
            ) from error

    def _reason(self, error: Exception) -> str:
        original = getattr(error, "orig", None) or error
        lines = str(original).strip().splitlines() or [type(original).__name__]
        reason = lines[0]
        for secret in self._secrets:
            reason = reason.replace(secret, "***")
        return reason


def _parsed(given: str | URL) -> URL:
    if isinstance(given, str) and given.startswith("postgres:"):
        given = given.replace("postgres:", "postgresql:", 1)
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise InvalidRequest(
            "this is no database URL; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise InvalidRequest(f"{backend}: no database that we know; choose sqlite or postgresql")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise InvalidRequest("a catalogue in SQLite needs a file: sqlite:///FILE")
    return url.set(drivername="sqlite+pysqlite")


def _name(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"SQLite database {url.database}"
    host = url.host or url.query.get("host") or "the local socket"
    place = f"{host}:{url.port}" if url.port else str(host)
    return f"PostgreSQL database {url.database or 'of the user'} at {place}"


def _secrets(url: URL) -> tuple[str, ...]:
    found: set[str] = set()
    for password in (url.password, url.query.get("password")):
        if isinstance(password, str) and password:
            found |= {password, quote(password), quote_plus(password)}
    return tuple(sorted(found, key=len, reverse=True))


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would open transactions by itself, later than we want them: `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {int(WAIT * 1000)}")
        _use_write_ahead_log(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _use_write_ahead_log(cursor: sa.engine.interfaces.DBAPICursor) -> None:
    # SQLite does not wait here when two processes meet in a new file: the change needs the whole file.
    deadline = time.monotonic() + WAIT
    while True:
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() == ("wal",):
            return
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _overwrite_what_is_removed(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgres(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"SET lock_timeout = {int(WAIT * 1000)}")
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        cursor.execute("SET TIME ZONE 'UTC'")
    finally:
        cursor.close()
    connection.commit()


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
