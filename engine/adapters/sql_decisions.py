"""What have editors ruled, and who did what? The DecisionLog port over SQL; rows are only ever added."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args, get_type_hints

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import RESOURCES, audit, decision
from engine.adapters.sql_versions import audit_line, author, moment, take
from engine.errors import InvalidRequest
from engine.model import AuditEntry, Decision
from engine.records import check_id, check_text, is_storable

_KINDS: tuple[str, ...] = get_args(get_type_hints(Decision)["kind"])
_VERDICTS: Mapping[str, tuple[str, ...]] = {
    "tag": ("accepted", "rejected", "pinned", "withdrawn"),
    "concept": ("blocked", "withdrawn"),
}
_OF_A_LINK = ("accepted", "rejected", "withdrawn")
_LAST_RULING = str(
    sa.select(sa.func.coalesce(sa.func.max(decision.c.seq), 0)).compile(
        compile_kwargs={"literal_binds": True}
    )
)
_LIMIT_MAX = 2**31 - 1


class SqlDecisions:
    """Rulings and the audit trail (`engine.ports.DecisionLog`).

    The newest ruling is the one that was recorded last, whatever its `at` says: a clock that was set
    back takes no ruling away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, decision_: Decision) -> None:
        row = decision_row(decision_)
        with self._database.write() as connection:
            insert_ruling(connection, decision_, row)

    def ruling_seq(self) -> int:
        return self._database.number(_LAST_RULING)

    def decisions(self, kind: str, subject: str | None = None) -> Sequence[Decision]:
        if not is_storable(kind + (subject or "")):
            return []
        last = sa.select(sa.func.max(decision.c.seq)).where(decision.c.kind == kind)
        if subject is not None:
            last = last.where(decision.c.subject == subject)
        query = (
            sa.select(decision)
            .where(
                decision.c.seq.in_(last.group_by(decision.c.subject, decision.c.object)),
                decision.c.verdict != "withdrawn",
            )
            .order_by(decision.c.subject, decision.c.object)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            Decision(
                kind=row.kind,
                subject=row.subject,
                object=row.object,
                verdict=row.verdict,
                by=row.made_by,
                at=row.made_at,
                reason=row.reason,
                basis=row.basis,
                until=date.fromisoformat(row.until) if row.until else None,
                label=row.label,
                score=row.score,
                features=row.features,
            )
            for row in rows
        ]

    def audit(self, entry: AuditEntry) -> None:
        for name in ("action", "detail"):
            check_text(getattr(entry, name), name)
        subject = check_id(entry.subject, "subject")
        line = audit_line(moment(entry.at), author(entry.by), entry.action, subject, entry.detail)
        with self._database.write() as connection:
            connection.execute(audit.insert(), line)

    def audit_trail(self, subject: str | None = None, limit: int = 100) -> Sequence[AuditEntry]:
        if limit < 0:
            raise InvalidRequest(f"limit: a number from 0 is needed, got {limit}")
        if subject is not None and not is_storable(subject):
            return []
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(min(limit, _LIMIT_MAX))
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [AuditEntry(row.made_at, row.made_by, row.action, row.subject, row.detail) for row in rows]


def insert_ruling(connection: Connection, ruling: Decision, row: Mapping[str, Any]) -> None:
    """Write a ruling and its audit line in the caller's transaction; `row` is its `decision_row`."""
    detail = ruling.object + (f": {ruling.reason}" if ruling.reason else "")
    line = audit_line(
        row["made_at"], row["made_by"], f"{ruling.verdict} {ruling.kind}", ruling.subject, detail
    )
    if ruling.kind != "duplicate":
        _renumber(connection, ruling)
    connection.execute(decision.insert(), dict(row))
    connection.execute(audit.insert(), line)


def decision_row(ruling: Decision) -> dict[str, Any]:
    """Return a ruling as a row; raise InvalidRequest naming what will not do."""
    verdicts = _VERDICTS.get(ruling.kind, _OF_A_LINK)
    for name, value, choices in (("kind", ruling.kind, _KINDS), ("verdict", ruling.verdict, verdicts)):
        if value not in choices:
            raise InvalidRequest(f"{name}: one of {', '.join(choices)} is needed, got {value!r}")
    for name in ("reason", "basis", "label", "features"):
        check_text(getattr(ruling, name), name)
    if ruling.until is not None and (
        not isinstance(ruling.until, date) or isinstance(ruling.until, datetime)
    ):
        raise InvalidRequest(f"until: a day is needed, got {ruling.until!r}")
    if ruling.score is not None and not math.isfinite(ruling.score):
        raise InvalidRequest(f"score: a number is needed, got {ruling.score!r}")
    return {
        "kind": ruling.kind,
        "subject": check_id(ruling.subject, "subject"),
        "object": check_id(ruling.object, "object"),
        "verdict": ruling.verdict,
        "made_by": author(ruling.by),
        "made_at": moment(ruling.at),
        "reason": ruling.reason,
        "basis": ruling.basis,
        "until": ruling.until.isoformat() if ruling.until else "",
        "label": ruling.label,
        "score": ruling.score,
        "features": ruling.features,
    }


def _renumber(connection: Connection, ruling: Decision) -> None:
    """Raise the counter of the change log, and give the resource of a ruling on a tag or a link the new number."""
    seq = take(connection, RESOURCES.counter, 1)
    if ruling.kind in {"tag", "teaches"}:
        now = RESOURCES.current
        connection.execute(now.update().where(now.c.id == ruling.subject).values(seq=seq))
