"""The first schema: versioned resources, roles, requirements and plans; decisions, audit, sources.

There is no way down: a catalogue is brought back by restoring its backup.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables, with the two counters at zero."""
    _versioned("resource", sa.Column("status", sa.String(16), nullable=False))
    op.create_index("ix_resource_status", "resource", ["status"])
    for kind in ("role", "requirement", "plan"):
        _versioned(kind)

    counter = op.create_table(
        "counter",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.bulk_insert(counter, [{"name": "resource", "value": 0}, {"name": "plan", "value": 0}])

    op.create_table(
        "source_revision",
        sa.Column("source", _NAME, nullable=False),
        sa.Column("key", _NAME, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="pk_source_revision"),
    )

    op.create_table(
        "decision",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("subject", _NAME, nullable=False),
        sa.Column("object", _NAME, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decision_kind_subject_object", "decision", ["kind", "subject", "object"])

    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", _NAME, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])


def _versioned(kind: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        kind,
        sa.Column("id", _NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{kind}"),
        sa.UniqueConstraint("seq", name=f"uq_{kind}_seq"),
    )
    op.create_table(
        f"{kind}_version",
        sa.Column("id", _NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("recorded", _MOMENT, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "number", name=f"pk_{kind}_version"),
        sa.ForeignKeyConstraint(["id"], [f"{kind}.id"], name=f"fk_{kind}_version_id"),
        sa.UniqueConstraint("seq", name=f"uq_{kind}_version_seq"),
    )
