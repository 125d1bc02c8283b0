"""Which roles, requirements and plans are there, and which were there then? The PlanStore port over SQL."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from engine.adapters.sql_connections import Database
from engine.adapters.sql_decisions import decision_row, insert_ruling
from engine.adapters.sql_tables import PLANS, REQUIREMENTS, ROLES, Versioned
from engine.adapters.sql_versions import (
    Item,
    author,
    counter_query,
    counter_value,
    current_records,
    hashed,
    moment,
    records_at,
    write_items,
    writers,
)
from engine.errors import BackendError, Conflict, InvalidRequest
from engine.model import Decision, PlansWritten, UpsertReport
from engine.records import check_id, check_text
from graph.model import Plan, Requirement, Role
from graph.records import (
    plan_from_record,
    plan_to_record,
    requirement_from_record,
    requirement_to_record,
    role_from_record,
    role_to_record,
)

_PLAN_SEQ = counter_query(PLANS.counter)

V = TypeVar("V", Role, Requirement, Plan)


@dataclass(frozen=True)
class _Kind(Generic[V]):
    table: Versioned
    to_record: Callable[[V], dict[str, Any]]
    from_record: Callable[[Mapping[str, Any]], V]

    def item(self, value: V) -> Item:
        """Return the checked record; raise InvalidRequest naming what will not do."""
        try:
            record = self.to_record(self.from_record(self.to_record(value)))
            check_id(record["id"])
            for name, part in record.items():
                check_text(part, name)
        except (ValueError, InvalidRequest) as error:
            raise InvalidRequest(f"{self.table.kind} {str(value.id)[:100]!r}: {error}") from None
        return hashed(value.id, record)

    def loaded(self, id_: str, record: str) -> V:
        """Return the value of a stored record."""
        try:
            return self.from_record(json.loads(record))
        except ValueError as error:
            raise BackendError(
                f"the catalogue's record of {self.table.kind} {id_!r} cannot be read: {error}"
            ) from error


_ROLE = _Kind(ROLES, role_to_record, role_from_record)
_REQUIREMENT = _Kind(REQUIREMENTS, requirement_to_record, requirement_from_record)
_PLAN = _Kind(PLANS, plan_to_record, plan_from_record)


class SqlPlans:
    """Roles, requirements and plans with all their versions (`engine.ports.PlanStore`).

    Beyond the port, `roles`, `requirements` and `plans` take a moment `at` and then return what was
    current at that moment.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert_roles(self, roles: Iterable[Role], *, by: str, at: datetime) -> UpsertReport:
        return self._write(_ROLE, roles, by, at)

    def upsert_requirements(
        self, requirements: Iterable[Requirement], *, by: str, at: datetime
    ) -> UpsertReport:
        return self._write(_REQUIREMENT, requirements, by, at)

    def upsert_plans(self, plans: Iterable[Plan], *, by: str, at: datetime) -> UpsertReport:
        return self._write(_PLAN, plans, by, at)

    def write_plans(
        self,
        *,
        roles: Iterable[Role] = (),
        requirements: Iterable[Requirement] = (),
        plans: Iterable[Plan] = (),
        rulings: Iterable[Decision] = (),
        by: str,
        at: datetime,
        expected: int | None = None,
    ) -> PlansWritten:
        by, at = author(by), moment(at)
        of_roles = [_ROLE.item(value) for value in roles]
        of_requirements = [_REQUIREMENT.item(value) for value in requirements]
        of_plans = [_PLAN.item(value) for value in plans]
        ruled = [(ruling, decision_row(ruling)) for ruling in rulings]
        with self._database.write() as connection:
            if expected is not None and counter_value(connection, PLANS.counter) != expected:
                raise Conflict("the plans have been changed by somebody else meanwhile: nothing is written")
            written = PlansWritten(
                write_items(connection, ROLES, of_roles, by=by, at=at),
                write_items(connection, REQUIREMENTS, of_requirements, by=by, at=at),
                write_items(connection, PLANS, of_plans, by=by, at=at),
            )
            for ruling, row in ruled:
                insert_ruling(connection, ruling, row)
        return written

    def roles(self, at: datetime | None = None) -> Sequence[Role]:
        return self._read(_ROLE, at)

    def requirements(self, at: datetime | None = None) -> Sequence[Requirement]:
        return self._read(_REQUIREMENT, at)

    def plans(self, at: datetime | None = None) -> Sequence[Plan]:
        return self._read(_PLAN, at)

    def plan_seq(self) -> int:
        return self._database.number(_PLAN_SEQ)

    def written(self) -> Mapping[str, tuple[str, datetime]]:
        with self._database.read() as connection:
            return {
                f"{table.kind}:{row.id}": (row.made_by or "", row.recorded)
                for table in (REQUIREMENTS, PLANS)
                for row in connection.execute(writers(table))
            }

    def _write(self, kind: _Kind[V], values: Iterable[V], by: str, at: datetime) -> UpsertReport:
        by, at = author(by), moment(at)
        items = [kind.item(value) for value in values]
        with self._database.write() as connection:
            return write_items(connection, kind.table, items, by=by, at=at)

    def _read(self, kind: _Kind[V], at: datetime | None) -> Sequence[V]:
        if at is None:
            query = current_records(kind.table).order_by(kind.table.current.c.id)
        else:
            query = records_at(kind.table, moment(at)).order_by(kind.table.versions.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [kind.loaded(row.id, row.record) for row in rows]
