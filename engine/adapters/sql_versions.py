"""What happens when a record is written? Unchanged ones nothing; others a new version, a number, an audit line.

Resources, roles, requirements and plans are all written here, inside the caller's transaction.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.adapters.sql_tables import Versioned, audit, counter
from engine.errors import InvalidRequest
from engine.model import UpsertReport
from engine.records import canonical_hash, check_text

CHUNK = 500
"""Ids in one statement; every SQLite takes 999 parameters."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record about to be written; `columns` are columns of the current table besides the common ones."""

    id: str
    content_hash: str
    record: Mapping[str, Any]
    columns: Mapping[str, Any] = field(default_factory=dict)


def write_items(
    connection: Connection, table: Versioned, items: Iterable[Item], *, by: str, at: datetime
) -> UpsertReport:
    """Write the items that differ from their current versions, numbered in the order given.

    Of several items with one id the last counts. A version is never recorded before the one that it
    follows: when the clock has been set back, both get the earlier version's time and the later
    number wins.
    """
    wanted = {item.id: item for item in items}
    known = _known(connection, table, wanted)
    changed = [
        item for item in wanted.values() if item.id not in known or known[item.id][1] != item.content_hash
    ]
    seq = take(connection, table.counter, len(changed))
    current, versions, lines = [], [], []
    for n, item in enumerate(changed, start=seq):
        number, _, last = known.get(item.id, (0, "", at))
        row = {"number": number + 1, "content_hash": item.content_hash, "seq": n}
        current.append({"id": item.id, **row, **item.columns})
        record = json.dumps(item.record, ensure_ascii=False, separators=(",", ":"))
        versions.append({"id": item.id, **row, "recorded": max(at, last), "record": record})
        action = f"{'update' if number else 'add'} {table.kind}"
        lines.append(audit_line(at, by, action, item.id, f"version {number + 1}"))
    report = UpsertReport(
        added=tuple(item.id for item in changed if item.id not in known),
        updated=tuple(item.id for item in changed if item.id in known),
        unchanged=tuple(id_ for id_ in wanted if id_ in known and known[id_][1] == wanted[id_].content_hash),
    )
    if wanted:
        summary = (
            f"{len(report.added)} added, {len(report.updated)} updated, {len(report.unchanged)} unchanged"
        )
        lines.append(audit_line(at, by, f"upsert {table.kind}", f"{table.kind}s", summary))
    _insert(connection, table.current, [row for row in current if row["number"] == 1])
    _update(connection, table.current, [row for row in current if row["number"] > 1])
    _insert(connection, table.versions, versions)
    _insert(connection, audit, lines)
    return report


def hashed(id_: str, record: Mapping[str, Any]) -> Item:
    """Return an item whose hash is that of its whole record."""
    return Item(id_, canonical_hash(record), record)


def current_records(table: Versioned) -> sa.Select[Any]:
    """Select id and record of the current versions."""
    now, then = table.current, table.versions
    return sa.select(now.c.id, then.c.record).join(
        then, sa.and_(then.c.id == now.c.id, then.c.number == now.c.number)
    )


def writers(table: Versioned) -> sa.Select[Any]:
    """Select id, time and author (``recorded``, ``made_by``) of the current versions."""
    now, then = table.current, table.versions
    last = (
        sa.select(audit.c.subject, sa.func.max(audit.c.seq).label("seq"))
        .where(audit.c.action.in_([f"add {table.kind}", f"update {table.kind}"]))
        .group_by(audit.c.subject)
        .subquery()
    )
    return (
        sa.select(now.c.id, then.c.recorded, audit.c.made_by)
        .join(then, sa.and_(then.c.id == now.c.id, then.c.number == now.c.number))
        .outerjoin(last, last.c.subject == now.c.id)
        .outerjoin(audit, audit.c.seq == last.c.seq)
    )


def records_at(table: Versioned, at: datetime) -> sa.Select[Any]:
    """Select id and record of the versions that were current at a moment."""
    then = table.versions
    last = (
        sa.select(then.c.id, sa.func.max(then.c.number).label("number"))
        .where(then.c.recorded <= at)
        .group_by(then.c.id)
        .subquery()
    )
    return sa.select(then.c.id, then.c.record).join(
        last, sa.and_(then.c.id == last.c.id, then.c.number == last.c.number)
    )


def counter_value(connection: Connection, name: str) -> int:
    """Return the last number that was given out, 0 if none."""
    value: int = connection.execute(sa.select(counter.c.value).where(counter.c.name == name)).scalar_one()
    return value


def counter_query(name: str) -> str:
    """Return the statement for the last number that was given out."""
    query = sa.select(counter.c.value).where(counter.c.name == name)
    return str(query.compile(compile_kwargs={"literal_binds": True}))


def moment(value: datetime, place: str = "at") -> datetime:
    """Return a moment in UTC; raise InvalidRequest when it has no time zone.

    Examples
    --------
    >>> moment(datetime.fromisoformat("2026-11-21T01:00:00+01:00")).isoformat()
    '2026-11-21T00:00:00+00:00'
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidRequest(f"{place}: a time with its zone is needed, got {value!r}")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidRequest(f"{place}: {value!r} is outside the calendar in UTC") from None


def author(by: str) -> str:
    """Return the function or key behind a write; raise InvalidRequest when there is none."""
    check_text(by, "by")
    if not by.strip():
        raise InvalidRequest(f"by: a function or a key name is needed, got {by!r}")
    return by


def audit_line(at: datetime, by: str, action: str, subject: str, detail: str) -> dict[str, Any]:
    """Return a row of the audit table."""
    return {"made_at": at, "made_by": by, "action": action, "subject": subject, "detail": detail}


def in_chunks(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    """Cut ids, each once, into pieces for one statement."""
    unique = list(dict.fromkeys(ids))
    return (unique[start : start + CHUNK] for start in range(0, len(unique), CHUNK))


def _known(
    connection: Connection, table: Versioned, ids: Iterable[str]
) -> dict[str, tuple[int, str, datetime]]:
    now, then = table.current, table.versions
    query = sa.select(now.c.id, now.c.number, now.c.content_hash, then.c.recorded).join(
        then, sa.and_(then.c.id == now.c.id, then.c.number == now.c.number)
    )
    return {
        row.id: (row.number, row.content_hash, row.recorded)
        for chunk in in_chunks(ids)
        for row in connection.execute(query.where(now.c.id.in_(chunk)))
    }


def take(connection: Connection, name: str, count: int) -> int:
    """Take numbers of a counter and return the first of them; others wait until the transaction ends."""
    if count:
        connection.execute(
            counter.update().where(counter.c.name == name).values(value=counter.c.value + count)
        )
    return counter_value(connection, name) - count + 1


def _insert(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _update(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "id"]
        statement = (
            table.update()
            .where(table.c.id == sa.bindparam("row_id"))
            .values({name: sa.bindparam(f"new_{name}") for name in names})
        )
        connection.execute(
            statement, [{"row_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        )
