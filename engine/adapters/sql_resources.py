"""Which resources are there, and which were there then? The ResourceStore port over SQL."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.adapters.sql_connections import Database
from engine.adapters.sql_decisions import decision_row, insert_ruling
from engine.adapters.sql_merges import keep_merged, standing_merges
from engine.adapters.sql_tables import RESOURCES, source_revision
from engine.adapters.sql_versions import (
    CHUNK,
    Item,
    author,
    counter_query,
    current_records,
    in_chunks,
    moment,
    write_items,
)
from engine.errors import BackendError, InvalidRequest
from engine.model import Change, Decision, Resource, ResourceVersion, UpsertReport
from engine.records import (
    check_text,
    content_hash,
    is_storable,
    resource_from_record,
    resource_from_stored,
    resource_to_record,
)

SOURCE_BYTES = 512
"""Longest name of a source [bytes of UTF-8]."""

KEY_BYTES = 1800
"""Longest key of a source's item [bytes of UTF-8]; with the source it fits into a PostgreSQL index row."""

_SEQ_MAX = 2**63 - 1
_LAST_SEQ = counter_query(RESOURCES.counter)
_CURRENT = current_records(RESOURCES).add_columns(RESOURCES.current.c.status)


class SqlResources:
    """Resources with all their versions (`engine.ports.ResourceStore`).

    Of several records with one id in one `upsert` the last counts. `all` reads in pages, so that
    other processes, and the loop's own body, may write meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert(
        self, resources: Iterable[Resource], *, by: str, at: datetime, rulings: Iterable[Decision] = ()
    ) -> UpsertReport:
        by, at = author(by), moment(at)
        # Everything is read and checked before the write begins: a slow source holds up no other writer.
        items = [_item(resource) for resource in resources]
        ruled = [(ruling, decision_row(ruling)) for ruling in rulings]
        with self._database.write() as connection:
            report = write_items(connection, RESOURCES, items, by=by, at=at)
            keep_merged(connection, standing_merges(connection).keys() & set(report.updated))
            for ruling, row in ruled:
                insert_ruling(connection, ruling, row)
            return report

    def get(self, resource_id: str, at: datetime | None = None) -> Resource | None:
        if at is None:
            return self.get_many([resource_id]).get(resource_id)
        if not is_storable(resource_id):
            return None
        then = RESOURCES.versions
        query = (
            sa.select(then.c.record)
            .where(then.c.id == resource_id, then.c.recorded <= moment(at))
            .order_by(then.c.number.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            record = connection.execute(query).scalar()
        return None if record is None else _loaded(resource_id, record)

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        wanted = [id_ for id_ in ids if is_storable(id_)]
        query = _CURRENT
        with self._database.read() as connection:
            found = {
                row.id: (row.record, row.status)
                for chunk in in_chunks(wanted)
                for row in connection.execute(query.where(RESOURCES.current.c.id.in_(chunk)))
            }
        return {id_: _loaded(id_, *found[id_]) for id_ in dict.fromkeys(wanted) if id_ in found}

    def versions(self, resource_id: str) -> Sequence[ResourceVersion]:
        if not is_storable(resource_id):
            return []
        then = RESOURCES.versions
        query = sa.select(then).where(then.c.id == resource_id).order_by(then.c.number)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            ResourceVersion(row.number, row.recorded, _loaded(row.id, row.record), row.content_hash)
            for row in rows
        ]

    def all(self, *, status: str | None = None) -> Iterator[Resource]:
        now = RESOURCES.current
        query = _CURRENT.order_by(now.c.id).limit(CHUNK)
        if status is not None:
            query = query.where(now.c.status == status)
        page = query
        while True:
            with self._database.read() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                yield _loaded(row.id, row.record, row.status)
            if len(rows) < CHUNK:
                return
            page = query.where(now.c.id > rows[-1].id)

    def count(self, *, status: str | None = None) -> int:
        query = sa.select(sa.func.count()).select_from(RESOURCES.current)
        if status is not None:
            query = query.where(RESOURCES.current.c.status == status)
        with self._database.read() as connection:
            counted: int = connection.execute(query).scalar_one()
        return counted

    def changes_since(self, seq: int) -> Sequence[Change]:
        now = RESOURCES.current
        query = (
            sa.select(now.c.seq, now.c.id).where(now.c.seq > min(max(seq, 0), _SEQ_MAX)).order_by(now.c.seq)
        )
        with self._database.read() as connection:
            return [Change(row.seq, row.id) for row in connection.execute(query)]

    def last_seq(self) -> int:
        return self._database.number(_LAST_SEQ)

    def revision_of(self, source: str) -> Mapping[str, str]:
        if not is_storable(source):
            return {}
        query = (
            sa.select(source_revision.c.key, source_revision.c.value)
            .where(source_revision.c.source == source)
            .order_by(source_revision.c.key)
        )
        with self._database.read() as connection:
            return {row.key: row.value for row in connection.execute(query)}

    def record_revisions(self, source: str, revisions: Mapping[str, str]) -> None:
        _check_size(source, "source", SOURCE_BYTES)
        for key, value in revisions.items():
            _check_size(key, "key", KEY_BYTES)
            check_text(value, f"revision of {key!r}")
        rows = [{"source": source, "key": key, "value": value} for key, value in revisions.items()]
        if rows:
            with self._database.write() as connection:
                _replace_revisions(connection, rows)


def _item(resource: Resource) -> Item:
    try:
        record = resource_to_record(resource)
        record.pop("about", None)
        checked = resource_from_record(record)
    except InvalidRequest as error:
        raise InvalidRequest(f"resource {str(resource.id)[:100]!r}: {error}") from None
    return Item(
        checked.id, content_hash(checked), resource_to_record(checked), columns={"status": checked.status}
    )


def _loaded(resource_id: str, record: str, status: str | None = None) -> Resource:
    """Return the resource in a record; `status` is how it is read, which is not as written while it is merged."""
    try:
        found = resource_from_stored(json.loads(record))
        return found if status in {None, found.status} else replace(found, status="archived")
    except (ValueError, TypeError, AttributeError) as error:
        raise BackendError(
            f"the catalogue's record of resource {resource_id!r} cannot be read: {error}"
        ) from error


def _check_size(text: str, place: str, limit: int) -> None:
    check_text(text, place)
    if not text or len(text.encode()) > limit:
        raise InvalidRequest(
            f"{place}: 1 to {limit} bytes are needed, got {len(text.encode())}: {text[:60]!r}"
        )


def _replace_revisions(connection: Connection, rows: list[dict[str, str]]) -> None:
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = module.insert(source_revision)
    statement = insert.on_conflict_do_update(
        index_elements=[source_revision.c.source, source_revision.c.key],
        set_={"value": insert.excluded.value},
    )
    connection.execute(statement, rows)
