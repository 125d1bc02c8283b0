"""What did the catalogue hold at a moment? The History port over SQL."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from engine.adapters.sql_connections import Database
from engine.adapters.sql_merges import standing_merges
from engine.adapters.sql_tables import PLANS, REQUIREMENTS, RESOURCES, ROLES, Versioned
from engine.adapters.sql_versions import CHUNK, moment
from engine.errors import BackendError
from engine.model import PlansThen, PlanVersion, ResourceVersion
from engine.records import resource_from_stored
from graph.model import Plan, Requirement, Role
from graph.records import plan_from_record, requirement_from_record, role_from_record

V = TypeVar("V", Role, Requirement, Plan)


class SqlHistory:
    """The versions that were current at a moment (`engine.ports.History`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resources_then(self, at: datetime) -> Iterator[ResourceVersion]:
        at, last = moment(at), ""
        with self._database.read() as connection:
            merged = standing_merges(connection, at)
        while True:
            with self._database.read() as connection:
                rows = connection.execute(_versions_at(RESOURCES, at, after=last, limit=CHUNK)).all()
            for row in rows:
                resource = _loaded("resource", row.id, row.record, resource_from_stored)
                if row.id in merged:
                    resource = replace(resource, status="archived")
                yield ResourceVersion(row.number, row.recorded, resource, row.content_hash)
            if len(rows) < CHUNK:
                return
            last = rows[-1].id

    def plans_then(self, at: datetime) -> PlansThen:
        at = moment(at)
        return PlansThen(
            self._then(ROLES, at, role_from_record),
            self._then(REQUIREMENTS, at, requirement_from_record),
            self._then(PLANS, at, plan_from_record),
        )

    def _then(
        self, table: Versioned, at: datetime, load: Callable[[Mapping[str, Any]], V]
    ) -> dict[str, PlanVersion[V]]:
        with self._database.read() as connection:
            rows = connection.execute(_versions_at(table, at)).all()
        return {
            row.id: PlanVersion(row.number, row.recorded, _loaded(table.kind, row.id, row.record, load))
            for row in rows
        }


def _versions_at(
    table: Versioned, at: datetime, *, after: str = "", limit: int | None = None
) -> sa.Select[Any]:
    """Select the last version of each id recorded by `at`, or its first where all came later; in id order.

    Only of ids after `after`, and of so many of them.
    """
    then = table.versions
    by_then = sa.func.max(sa.case((then.c.recorded <= at, then.c.number)))
    wanted = (
        sa.select(then.c.id, sa.func.coalesce(by_then, sa.func.min(then.c.number)).label("number"))
        .where(then.c.id > after)
        .group_by(then.c.id)
        .order_by(then.c.id)
        .limit(limit)
        .subquery()
    )
    return (
        sa.select(then.c.id, then.c.number, then.c.recorded, then.c.content_hash, then.c.record)
        .join(wanted, sa.and_(then.c.id == wanted.c.id, then.c.number == wanted.c.number))
        .order_by(then.c.id)
    )


T = TypeVar("T")


def _loaded(kind: str, id_: str, record: str, load: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        return load(json.loads(record))
    except ValueError as error:
        raise BackendError(f"the catalogue's record of {kind} {id_!r} cannot be read: {error}") from error
