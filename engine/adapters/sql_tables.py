"""Which tables hold the catalogue? One schema for SQLite and PostgreSQL; Alembic brings it about.

Resources, roles, requirements and plans are kept alike: a table of what is current (``plan``) and an
append-only table of versions (``plan_version``) with the record as JSON. ``seq`` numbers changes over
the whole of a counter: ``resource`` has its own, roles, requirements and plans share ``plan``,
and sources of authority have their own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

REVISION = "0003"
"""The Alembic revision that these tables stand for: the newest in ``migrations/versions``."""

Name = sa.String().with_variant(sa.String(collation="C"), "postgresql")
"""Text in code point order, as Python and SQLite sort it, whatever the server's locale."""

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit integer; SQLite counts rows in ``INTEGER`` columns only."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with microseconds, stored in UTC and given back in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any zone into UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


@dataclass(frozen=True)
class Versioned:
    """The two tables of one kind of record, and the counter that numbers its changes."""

    kind: str
    counter: str
    current: sa.Table
    versions: sa.Table


def _versioned(kind: str, counter: str, *columns: sa.Column[Any]) -> Versioned:
    current = sa.Table(
        kind,
        metadata,
        sa.Column("id", Name, primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("seq", Number, nullable=False, unique=True),
        *columns,
    )
    versions = sa.Table(
        f"{kind}_version",
        metadata,
        sa.Column("id", Name, sa.ForeignKey(f"{kind}.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("seq", Number, nullable=False, unique=True),
        sa.Column("recorded", UtcDateTime(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
    )
    return Versioned(kind, counter, current, versions)


RESOURCES = _versioned("resource", "resource", sa.Column("status", sa.String(16), nullable=False, index=True))
ROLES = _versioned("role", "plan")
REQUIREMENTS = _versioned("requirement", "plan")
PLANS = _versioned("plan", "plan")
AUTHORITIES = _versioned("authority", "authority")

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", Number, nullable=False),
)

source_revision = sa.Table(
    "source_revision",
    metadata,
    sa.Column("source", Name, primary_key=True),
    sa.Column("key", Name, primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
)

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("kind", Name, nullable=False),
    sa.Column("subject", Name, nullable=False),
    sa.Column("object", Name, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("made_by", sa.Text(), nullable=False),
    sa.Column("made_at", UtcDateTime(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("basis", sa.Text(), nullable=False),
    sa.Column("until", sa.Text(), nullable=False, server_default=""),
    sa.Column("label", sa.Text(), nullable=False, server_default=""),
    sa.Column("score", sa.Double(), nullable=True),
    sa.Column("features", sa.Text(), nullable=False, server_default=""),
    sa.Index(None, "kind", "subject", "object"),
    sqlite_autoincrement=True,
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("made_at", UtcDateTime(), nullable=False),
    sa.Column("made_by", sa.Text(), nullable=False),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("subject", Name, nullable=False, index=True),
    sa.Column("detail", sa.Text(), nullable=False),
    sqlite_autoincrement=True,
)
