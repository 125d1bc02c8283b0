"""What have editors ruled, and who did what? The DecisionLog port over SQL; rows are only ever added."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args, get_type_hints

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.adapters.sql_connections import Database
from engine.adapters.sql_merges import keep_merged, standing_merges
from engine.adapters.sql_tables import RESOURCES, audit, decision
from engine.adapters.sql_versions import audit_line, author, moment, take
from engine.errors import Conflict, InvalidRequest
from engine.merges import circle, end_of
from engine.model import AuditEntry, Decision
from engine.records import check_id, check_text, is_storable

_KINDS: tuple[str, ...] = get_args(get_type_hints(Decision)["kind"])
_VERDICTS: Mapping[str, tuple[str, ...]] = {
    "tag": ("accepted", "rejected", "pinned", "withdrawn"),
    "concept": ("blocked", "withdrawn"),
    "merge": ("accepted", "withdrawn"),
    "duplicate": ("accepted", "rejected", "supplement", "translation", "withdrawn"),
}
_RENUMBERED = ("tag", "concept", "merge")
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

    def audit_trail(
        self, subject: str | None = None, limit: int = 100, *, action: str = ""
    ) -> Sequence[AuditEntry]:
        if limit < 0:
            raise InvalidRequest(f"limit: a number from 0 is needed, got {limit}")
        if (subject is not None and not is_storable(subject)) or not is_storable(action):
            return []
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(min(limit, _LIMIT_MAX))
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        if action:
            query = query.where(sa.func.substr(audit.c.action, 1, len(action)) == action)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [AuditEntry(row.made_at, row.made_by, row.action, row.subject, row.detail) for row in rows]


def insert_ruling(connection: Connection, ruling: Decision, row: Mapping[str, Any]) -> None:
    """Write a ruling and its audit line in the caller's transaction; `row` is its `decision_row`."""
    detail = ruling.object + (f": {ruling.reason}" if ruling.reason else "")
    line = audit_line(
        row["made_at"], row["made_by"], f"{ruling.verdict} {ruling.kind}", ruling.subject, detail
    )
    changed = _renumber(connection, ruling) if ruling.kind in _RENUMBERED else ()
    connection.execute(decision.insert(), dict(row))
    connection.execute(audit.insert(), line)
    if ruling.kind == "merge":
        keep_merged(connection, changed)


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


def _renumber(connection: Connection, ruling: Decision) -> Sequence[str]:
    """Raise the counter of the change log, and give the resources that a ruling changes the new numbers; return them."""
    seq = take(connection, RESOURCES.counter, 1)  # others who rule wait from here on
    changed = [ruling.subject] if ruling.kind == "tag" else []
    if ruling.kind == "merge":
        changed = _changed_by(ruling, standing_merges(connection))
        seq = take(connection, RESOURCES.counter, len(changed) - 1) - 1
    now = RESOURCES.current
    for n, id_ in enumerate(changed):
        connection.execute(now.update().where(now.c.id == id_).values(seq=seq + n))
    return changed


def _changed_by(ruling: Decision, into: Mapping[str, str]) -> list[str]:
    """Return the resources that a merge changes, the old one first; raise Conflict when it cannot be."""
    old, new = ruling.subject, ruling.object
    if ruling.verdict == "accepted":
        if into.get(old, new) != new:
            raise Conflict(f"the resource {old!r} has been merged into {into[old]!r} already")
        if round_ := circle(old, new, {o: n for o, n in into.items() if o != old}):
            raise Conflict(f"the merge would lead in a circle: {' → '.join((*round_, old))}")
    return list(dict.fromkeys([old, new, end_of(new, into)]))
