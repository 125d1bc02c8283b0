"""What is remembered of editors' signing in, beside the catalogue? The SignIns port over SQL.

Two tables of their own in the catalogue's database, made when they are first needed. They are no part of the
catalogue's schema and so of no backup: what was spent runs out within a day, and a key to sign with is better not
copied.
"""

import hashlib
import secrets
import threading
from datetime import datetime

import sqlalchemy as sa

from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import UtcDateTime
from engine.adapters.sql_versions import moment

_metadata = sa.MetaData()
_key = sa.Table(
    "sign_in_key",
    _metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("value", sa.LargeBinary(), nullable=False),
)
_spent = sa.Table(
    "sign_in_spent",
    _metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("until", UtcDateTime(), nullable=False, index=True),
)


class SqlSignIns:
    """A key and digests in two tables (`engine.sign_ins.SignIns`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._secret = b""

    def secret(self) -> bytes:
        with self._lock:
            if not self._secret:
                with self._database.write() as connection:
                    _metadata.create_all(connection)
                    found = connection.execute(sa.select(_key.c.value)).scalar()
                    if found is None:
                        found = secrets.token_bytes(32)
                        connection.execute(_key.insert(), {"id": 1, "value": found})
                self._secret = bytes(found)
            return self._secret

    def spend(self, token: str, *, until: datetime, now: datetime) -> bool:
        self.secret()  # makes the tables
        row = {"digest": _digest(token), "until": moment(until, "until")}
        with self._database.write() as connection:
            connection.execute(_spent.delete().where(_spent.c.until < moment(now, "now")))
            if connection.execute(_known(row["digest"])).first():
                return False
            connection.execute(_spent.insert(), row)
        return True

    def is_spent(self, token: str) -> bool:
        self.secret()
        with self._database.read() as connection:
            return connection.execute(_known(_digest(token))).first() is not None

    def close(self) -> None:
        self._database.close()


def open_sign_ins(url: str) -> SqlSignIns:
    """Return what is kept in a catalogue's database; nothing is made or asked before it is needed."""
    return SqlSignIns(Database(url))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _known(digest: object) -> sa.Select[tuple[str]]:
    return sa.select(_spent.c.digest).where(_spent.c.digest == digest)
