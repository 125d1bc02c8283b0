"""How does a catalogue get from one database into another? As rows of its tables, in one transaction each way.

The rows are neutral: a backup of SQLite goes into PostgreSQL and back. Tables are taken as the
database describes them, so that one written by an older version of this program can be copied, and
is brought up to date after it has been loaded.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from engine.adapters.sql_catalogue import open_catalogue, revision_of, revisions, upgrade
from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import REVISION, audit, counter, metadata
from engine.adapters.sql_versions import audit_line
from engine.errors import BackendError, BackendUnavailable, IndexIncompatible, InvalidRequest
from engine.model import AuditEntry

BATCH = 500
"""Rows read or written at a time."""


class SqlCatalogueCopy:
    """The tables of a catalogue, seen from inside one read transaction (`engine.backup_ports.CatalogueCopy`)."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self.schema = schema
        self._connection = connection.execution_options(yield_per=BATCH)
        self._tables = _described(connection)

    def tables(self) -> Mapping[str, int]:
        return {name: _count(self._connection, table) for name, table in self._tables.items()}

    def rows(self, table: str) -> Iterator[Mapping[str, object]]:
        described = self._tables[table]
        names = [
            str(column.name) for column in described.columns
        ]  # SQLAlchemy's own names are more than text
        query = sa.select(described).order_by(*described.primary_key)
        for row in self._connection.execute(query):
            yield {name: _neutral(value) for name, value in zip(names, row, strict=True)}


class SqlCatalogueReplacement:
    """A catalogue whose tables have been emptied (`engine.backup_ports.CatalogueReplacement`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables = _described(connection)
        for table in reversed(self._tables.values()):
            connection.execute(table.delete())

    def load(self, table: str, rows: Iterable[Mapping[str, object]]) -> int:
        described = self._tables.get(table)
        if described is None:
            raise InvalidRequest(f"the catalogue has no table {table!r}")
        names = {c.name for c in described.columns}
        moments = {c.name for c in described.columns if isinstance(c.type, sa.DateTime)}
        keeps_zone = self._connection.dialect.name != "sqlite"
        count, source = 0, iter(rows)
        while batch := list(islice(source, BATCH)):
            values = [
                {k: _moment(v, keeps_zone) if k in moments else v for k, v in row.items()} for row in batch
            ]
            if any(row.keys() != names for row in values):
                raise InvalidRequest(f"a row of table {table!r} has not the columns of the table")
            self._connection.execute(described.insert(), values)
            count += len(batch)
        return count

    def renumber(self) -> None:
        """Let the next row that the database numbers come after those loaded."""
        for table in self._tables.values():
            name = table.name
            column = next(
                (c.name for c in metadata.tables[name].primary_key if c.autoincrement is True), None
            )
            if column is None:
                continue
            if self._connection.dialect.name == "sqlite":
                self._connection.execute(
                    sa.text(
                        f"UPDATE sqlite_sequence SET seq = (SELECT coalesce(max({column}), 0) FROM {name})"
                        " WHERE name = :name"
                    ),
                    {"name": name},
                )
            else:
                self._connection.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence(:name, :column),"
                        f" coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {name}"
                    ),
                    {"name": name, "column": column},
                )


class SqlCatalogueArchive:
    """A catalogue by its URL, opened when needed (`engine.backup_ports.CatalogueArchive`)."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def copied(self) -> Iterator[SqlCatalogueCopy]:
        with self._opened() as database, _still(database) as connection:
            schema = revision_of(connection)
            if schema is None:
                raise BackendUnavailable(f"{database.name} holds no catalogue")
            if not self.knows(schema):
                raise IndexIncompatible(
                    f"{database.name} was written by a newer version of this program (schema {schema})"
                )
            yield SqlCatalogueCopy(connection, schema)

    def contents(self) -> Mapping[str, int]:
        path = self._file()
        if path is not None and not path.exists():
            return {}
        with self._opened() as database, _still(database) as connection:
            if revision_of(connection) is None:
                return {}
            found = {
                name: _count(connection, table)
                for name, table in _described(connection).items()
                if name != counter.name
            }
            return {name: rows for name, rows in found.items() if rows}

    def knows(self, schema: str) -> bool:
        return schema == REVISION or schema in revisions()

    @contextmanager
    def replacing(self, schema: str, entry: AuditEntry) -> Iterator[SqlCatalogueReplacement]:
        open_catalogue(
            self._url
        ).close()  # makes an empty one where there is none, and brings an old one up to date
        with self._opened() as database, database.write() as connection:
            if schema != REVISION:
                metadata.drop_all(connection)
                connection.exec_driver_sql("DROP TABLE alembic_version")
                upgrade(connection, schema)
            replacement = SqlCatalogueReplacement(connection)
            yield replacement
            if schema != REVISION:
                upgrade(connection)
            replacement.renumber()
            line = audit_line(entry.at, entry.by, entry.action, entry.subject, entry.detail)
            connection.execute(audit.insert(), line)

    def has_entry(self, entry: AuditEntry) -> bool:
        path = self._file()
        if path is not None and not path.exists():
            return False
        query = sa.select(audit.c.seq).where(audit.c.action == entry.action, audit.c.detail == entry.detail)
        with self._opened() as database, database.read() as connection:
            if not sa.inspect(connection).has_table(audit.name):
                return False
            return connection.execute(query).first() is not None

    def is_damage(self, error: BackendError) -> bool:
        reason = getattr(getattr(error.__cause__, "orig", None), "sqlite_errorname", "")
        return self._file() is not None and reason.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))

    def set_aside(self, suffix: str) -> str:
        path = self._file()
        if path is None:
            raise BackendError("only a database in a file can be set aside")
        aside = path.with_name(path.name + suffix)
        for end in ("-wal", "-shm", ""):  # the file itself last: while it is there, this can be done again
            part = path.with_name(path.name + end)
            if part.exists():
                part.replace(aside.with_name(aside.name + end))
        return str(aside)

    def _file(self) -> Path | None:
        """Return the file of a SQLite catalogue."""
        url = make_url(self._url) if self._url.startswith("sqlite") else None
        return Path(url.database) if url is not None and url.database else None

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        database = Database(self._url, create=False)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def _still(database: Database) -> Iterator[Connection]:
    """Begin a transaction that sees the same state to its end."""
    with database.read() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


def _described(connection: Connection) -> dict[str, sa.Table]:
    """Return the catalogue's tables as they are in the database, a table after those that it refers to."""
    there = sa.inspect(connection).get_table_names()
    found = sa.MetaData()
    found.reflect(connection, only=[name for name in metadata.tables if name in there])
    return {str(table.name): table for table in found.sorted_tables}


def _count(connection: Connection, table: sa.Table) -> int:
    counted: int = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return counted


def _neutral(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()


def _moment(value: object, keeps_zone: bool) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(str(value)).astimezone(UTC)
    return moment if keeps_zone else moment.replace(tzinfo=None)
