"""Rulings know until when they hold, and what the tagger had proposed: label, score, class of features.

`until` is a day in ISO 8601, empty when there is no end. There is no way down: a catalogue is brought back by
restoring its backup.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what was ruled before has none of it."""
    for name in ("until", "label", "features"):
        op.add_column("decision", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("decision", sa.Column("score", sa.Double(), nullable=True))
