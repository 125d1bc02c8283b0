"""Which resources does the catalogue show as archived because they were merged? The column ``status``, kept in step.

The column tells how a resource is read; its record is what was written. They differ while a merge stands.
"""

import json
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.adapters.sql_tables import RESOURCES, decision
from engine.adapters.sql_versions import current_records, in_chunks

ARCHIVED = "archived"


def standing_merges(connection: Connection, at: datetime | None = None) -> dict[str, str]:
    """Return old id -> new id of the merges that stand, now or by what was ruled up to a moment."""
    last = sa.select(sa.func.max(decision.c.seq)).where(decision.c.kind == "merge")
    if at is not None:
        last = last.where(decision.c.made_at <= at)
    query = sa.select(decision.c.subject, decision.c.object).where(
        decision.c.seq.in_(last.group_by(decision.c.subject, decision.c.object)),
        decision.c.verdict == "accepted",
    )
    return {row.subject: row.object for row in connection.execute(query)}


def keep_merged(connection: Connection, ids: Iterable[str]) -> None:
    """Let some resources be read as their record says, or as archived where they are merged."""
    merged = standing_merges(connection)
    now = RESOURCES.current
    for chunk in in_chunks(ids):
        for row in connection.execute(current_records(RESOURCES).where(now.c.id.in_(chunk))).all():
            status = ARCHIVED if row.id in merged else json.loads(row.record).get("status", "published")
            connection.execute(now.update().where(now.c.id == row.id).values(status=status))
