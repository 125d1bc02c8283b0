"""Which sources of authority are there, and what did they say before? The AuthorityStore port over SQL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import AUTHORITIES, REQUIREMENTS
from engine.adapters.sql_versions import Item, author, counter_query, hashed, moment, write_items
from engine.authority import Authority, AuthorityVersion
from engine.errors import BackendError, InvalidRequest
from engine.model import PlanVersion, UpsertReport
from engine.records import check_id, check_text
from graph.model import Requirement
from graph.records import requirement_from_record

_LAST = counter_query(AUTHORITIES.counter)


class SqlAuthorities:
    """Sources of authority with all their versions (`engine.ports.AuthorityStore`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert_authorities(self, authorities: Iterable[Authority], *, by: str, at: datetime) -> UpsertReport:
        by, at = author(by), moment(at)
        items = [_item(authority) for authority in authorities]
        with self._database.write() as connection:
            return write_items(connection, AUTHORITIES, items, by=by, at=at)

    def authorities(self) -> Sequence[Authority]:
        return [versions[-1].value for versions in self.authority_versions().values()]

    def authority_versions(self) -> Mapping[str, Sequence[AuthorityVersion]]:
        then = AUTHORITIES.versions
        with self._database.read() as connection:
            rows = connection.execute(sa.select(then).order_by(then.c.id, then.c.number)).all()
        found: dict[str, list[AuthorityVersion]] = {}
        for row in rows:
            version = AuthorityVersion(row.number, row.recorded, _loaded(row.id, row.record))
            found.setdefault(row.id, []).append(version)
        return found

    def authority_seq(self) -> int:
        return self._database.number(_LAST)

    def changed_requirements(self) -> Mapping[str, Sequence[PlanVersion[Requirement]]]:
        now, then = REQUIREMENTS.current, REQUIREMENTS.versions
        query = (
            sa.select(then)
            .join(now, now.c.id == then.c.id)
            .where(now.c.number > 1)
            .order_by(then.c.id, then.c.number)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found: dict[str, list[PlanVersion[Requirement]]] = {}
        for row in rows:
            try:
                value = requirement_from_record(json.loads(row.record))
            except ValueError as error:
                raise BackendError(
                    f"the catalogue's record of requirement {row.id!r} cannot be read: {error}"
                ) from error
            found.setdefault(row.id, []).append(PlanVersion(row.number, row.recorded, value))
        return found


def _item(authority: Authority) -> Item:
    try:
        check_id(authority.id)
        record: dict[str, Any] = asdict(authority)
        for name, part in record.items():
            check_text(part, name)
        if not authority.title.strip():
            raise InvalidRequest("title: a title is needed")
    except InvalidRequest as error:
        raise InvalidRequest(f"authority {authority.id[:100]!r}: {error}") from None
    return hashed(authority.id, record)


def _loaded(authority_id: str, record: str) -> Authority:
    try:
        values: dict[str, Any] = json.loads(record)
        fields: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return Authority(**fields)
    except (ValueError, TypeError) as error:
        raise BackendError(
            f"the catalogue's record of authority {authority_id!r} cannot be read: {error}"
        ) from error
