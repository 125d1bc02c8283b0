"""Where is the truth kept? The Catalogue port over SQL: SQLite by default, PostgreSQL by URL."""

import threading
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.adapters.sql_authorities import SqlAuthorities
from engine.adapters.sql_connections import Database
from engine.adapters.sql_decisions import SqlDecisions
from engine.adapters.sql_history import SqlHistory
from engine.adapters.sql_plans import SqlPlans
from engine.adapters.sql_resources import SqlResources
from engine.adapters.sql_tables import REVISION
from engine.errors import BackendUnavailable, IndexIncompatible

MIGRATIONS = Path(__file__).parent / "migrations"

_alembic = threading.Lock()  # Alembic keeps the running migration in module globals


class SqlCatalogue(SqlResources, SqlPlans, SqlDecisions, SqlHistory, SqlAuthorities):
    """Resources, plans and decisions in one transactional store (`engine.ports.Catalogue`)."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def close(self) -> None:
        self._database.close()


def open_catalogue(url: str, *, create: bool = True) -> SqlCatalogue:
    """Open a catalogue and bring its schema up to date.

    Several processes may open the same catalogue, also a new one, at the same time.

    Parameters
    ----------
    url : str
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME`` (extra ``postgres``).
    create : bool
        Make the file or the tables when there are none.

    Raises
    ------
    InvalidRequest
        When the URL is of no known database.
    BackendUnavailable
        When the database cannot be reached, or holds no catalogue and `create` is false.
    IndexIncompatible
        When a newer version of this program has changed the schema.
    """
    database = Database(url, create=create)
    try:
        _prepare(database, create)
    except BaseException:
        database.close()
        raise
    return SqlCatalogue(database)


def _prepare(database: Database, create: bool) -> None:
    with database.read() as connection:
        if not database.is_sqlite:
            _check_encoding(database, connection)
        revision = revision_of(connection)
    if revision == REVISION:
        return
    if revision is None and not create:
        raise BackendUnavailable(f"{database.name} holds no catalogue")
    with database.write() as connection:
        revision = revision_of(connection)  # another process may have been faster
        if revision != REVISION:
            _migrate(database, connection, revision)


def revision_of(connection: Connection) -> str | None:
    """Return the schema's revision, or None where there is no catalogue."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def revisions() -> frozenset[str]:
    """Return all revisions of the schema that this program knows."""
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory(MIGRATIONS).walk_revisions())


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a later revision, in the connection's transaction."""
    # Imported here because only a migration needs it, and it takes 0.2 s.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _alembic:
        command.upgrade(config, revision)


def _migrate(database: Database, connection: Connection, revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise IndexIncompatible(
            f"{database.name} was written by a newer version of this program (schema {revision}, ours is {REVISION})"
        )
    upgrade(connection)


def _check_encoding(database: Database, connection: Connection) -> None:
    encoding = connection.execute(sa.text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise BackendUnavailable(f"{database.name} has encoding {encoding}; create it with ENCODING 'UTF8'")
