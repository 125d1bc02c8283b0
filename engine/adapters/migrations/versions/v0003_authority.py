"""Sources of authority with their versions, and the counter that numbers their changes.

There is no way down: a catalogue is brought back by restoring its backup.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the two tables; there are no sources yet."""
    op.create_table(
        "authority",
        sa.Column("id", _NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_authority"),
        sa.UniqueConstraint("seq", name="uq_authority_seq"),
    )
    op.create_table(
        "authority_version",
        sa.Column("id", _NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "number", name="pk_authority_version"),
        sa.ForeignKeyConstraint(["id"], ["authority.id"], name="fk_authority_version_id"),
        sa.UniqueConstraint("seq", name="uq_authority_version_seq"),
    )
    counter = sa.table("counter", sa.column("name", sa.String), sa.column("value", sa.Integer))
    op.bulk_insert(counter, [{"name": "authority", "value": 0}])
