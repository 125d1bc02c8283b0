"""Where is counted what people search for? The QueryStatistics port over SQL: SQLite by default, PostgreSQL by URL.

The tables stand apart from the catalogue's: they are in no backup, so that what is too old is nowhere, and counting
never waits for an editor's write. On SQLite they are a file of their own; on PostgreSQL tables of the same database.
"""

import hashlib
import hmac
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import Name
from engine.errors import NotFound
from engine.statistics_ports import SHOWN_FROM, ClickCount, Pruned, SearchCount, Wish, WishState

metadata = sa.MetaData()

_DIGEST = 32
_AT_ONCE = 400
_NO_WISH = "there is no such wish; it may have been removed by age"

# without row numbers: their order would tell in which order things were first asked

_secret = sa.Table(
    "statistics_secret",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
    sqlite_with_rowid=False,
)
_query = sa.Table(
    "statistics_query",
    metadata,
    sa.Column("query", sa.String(_DIGEST), primary_key=True),
    sa.Column("text", sa.Text(), nullable=False),
    sqlite_with_rowid=False,
)
_search = sa.Table(
    "statistics_search",
    metadata,
    sa.Column("query", sa.String(_DIGEST), primary_key=True),
    sa.Column("day", sa.Date(), primary_key=True),
    sa.Column("edition", Name, primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("hits", sa.SmallInteger(), primary_key=True, autoincrement=False),
    sa.Column("searches", sa.Integer(), nullable=False),
    sqlite_with_rowid=False,
)
_click = sa.Table(
    "statistics_click",
    metadata,
    sa.Column("query", sa.String(_DIGEST), primary_key=True),
    sa.Column("resource", Name, primary_key=True),
    sa.Column("position", sa.SmallInteger(), primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date(), primary_key=True),
    sa.Column("clicks", sa.Integer(), nullable=False),
    sqlite_with_rowid=False,
)
_wish = sa.Table(
    "statistics_wish",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("edition", Name, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("query", sa.Text(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("made_by", sa.Text(), nullable=False),
    sa.Column("handled", sa.Date(), nullable=True),
    sqlite_with_rowid=False,
)


class SqlQueryStatistics:
    """Counts and wishes in SQL tables (`engine.statistics_ports.QueryStatistics`); opened when first used.

    Parameters
    ----------
    url : str
        As for the catalogue.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._opening = threading.Lock()
        self._opened: Database | None = None

    def add(self, searches: Sequence[SearchCount], clicks: Sequence[ClickCount], *, since: date) -> None:
        if not searches and not clicks:
            return
        database = self._database()
        with database.write() as connection:
            key = self._key(connection)
            texts = {s.text for s in searches} | {c.text for c in clicks}
            digests = {text: _digest(key, text) for text in texts}
            asked: Counter[tuple[Any, ...]] = Counter()
            for s in searches:
                asked[digests[s.text], s.day, s.edition, s.language, s.hits] += s.searches
            opened: Counter[tuple[Any, ...]] = Counter()
            for c in clicks:
                opened[digests[c.text], c.resource, c.position, c.day] += c.clicks
            _count(database, connection, _search, asked)
            _count(database, connection, _click, opened)
            self._keep_texts(
                database, connection, {digests[s.text]: s.text for s in searches if s.text}, since
            )

    def searches(self, *, since: date) -> Sequence[SearchCount]:
        text = sa.func.coalesce(_query.c.text, "").label("text")
        kept = sa.select(
            text, _search.c.edition, _search.c.language, _search.c.hits, sa.func.sum(_search.c.searches)
        ).select_from(_search.outerjoin(_query, _search.c.query == _query.c.query))
        statement = kept.where(_search.c.day >= since).group_by(
            text, _search.c.edition, _search.c.language, _search.c.hits
        )
        rows = self._read(statement)
        return sorted(
            (
                SearchCount(t, since, edition, language, hits, int(n))
                for t, edition, language, hits, n in rows
            ),
            key=lambda s: (s.text, s.edition, s.language, s.hits),
        )

    def clicks(self, *, since: date, until: date) -> Sequence[ClickCount]:
        text = sa.func.coalesce(_query.c.text, "").label("text")
        statement = (
            sa.select(text, _click.c.resource, _click.c.position, sa.func.sum(_click.c.clicks))
            .select_from(_click.outerjoin(_query, _click.c.query == _query.c.query))
            .where(_click.c.day >= since, _click.c.day <= until)
            .group_by(text, _click.c.resource, _click.c.position)
        )
        rows = self._read(statement)
        return sorted(
            (ClickCount(t, resource, position, since, int(n)) for t, resource, position, n in rows),
            key=lambda c: (c.text, c.resource, c.position),
        )

    def prune(self, *, before: date) -> Pruned:
        database = self._existing()
        if database is None:
            return Pruned()
        with database.write() as connection:
            removed = [
                connection.execute(table.delete().where(table.c.day < before)).rowcount
                for table in (_search, _click, _wish)
            ]
            often = (
                sa.select(_search.c.query)
                .group_by(_search.c.query)
                .having(sa.func.sum(_search.c.searches) >= SHOWN_FROM)
            )
            few = connection.execute(_query.delete().where(_query.c.query.not_in(often))).rowcount
        if any(removed) or few:
            database.empty_log()
        return Pruned(*removed)

    def erase(self) -> None:
        database = self._existing()
        if database is None:
            return
        with database.write() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
        database.empty_log()

    def add_wish(self, wish: Wish) -> None:
        with self._database().write() as connection:
            connection.execute(_wish.insert(), _wish_row(wish))

    def wishes(self, *, since: date) -> Sequence[Wish]:
        statement = sa.select(_wish).where(_wish.c.day >= since).order_by(_wish.c.day.desc(), _wish.c.id)
        return [_wish_of(row) for row in self._read(statement)]

    def settle(self, wish: str, *, state: WishState, by: str, on: date) -> Wish:
        handled = on if state == "handled" else None
        values = {"state": state, "made_by": by if handled else "", "handled": handled}
        database = self._existing()
        if database is None:
            raise NotFound(_NO_WISH)
        with database.write() as connection:
            connection.execute(_wish.update().where(_wish.c.id == wish).values(values))
            row = connection.execute(sa.select(_wish).where(_wish.c.id == wish)).first()
        if row is None:
            raise NotFound(_NO_WISH)
        return _wish_of(row)

    def close(self) -> None:
        with self._opening:
            if self._opened is not None:
                self._opened.close()

    def _read(self, statement: sa.Select[Any]) -> Sequence[Any]:
        database = self._existing()
        if database is None:
            return []
        with database.read() as connection:
            return connection.execute(statement).all()

    def _database(self) -> Database:
        """Return the opened database; its tables are made if need be."""
        with self._opening:
            if self._opened is None:
                self._open(create=True)
            assert self._opened is not None
            return self._opened

    def _existing(self) -> Database | None:
        """Return the opened database if there is one: who only looks writes nothing."""
        with self._opening:
            if self._opened is None and self._there():
                self._open(create=False)
            return self._opened

    def _there(self) -> bool:
        url = sa.make_url(self._url)
        return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()

    def _open(self, *, create: bool) -> None:
        database = Database(self._url, create=create, overwrite=True)
        try:
            with database.read() as connection:
                made = sa.inspect(connection).has_table(_wish.name)
            if not made and create:
                with database.write() as connection:
                    metadata.create_all(connection)
                made = True
        except BaseException:
            database.close()
            raise
        if made:
            self._opened = database
        else:
            database.close()

    def _key(self, connection: Connection) -> bytes:
        found = connection.execute(sa.select(_secret.c.value).where(_secret.c.name == "digest")).scalar()
        if found is None:
            found = secrets.token_hex(32)
            connection.execute(_secret.insert(), {"name": "digest", "value": found})
        return bytes.fromhex(found)

    def _keep_texts(
        self, database: Database, connection: Connection, texts: Mapping[str, str], since: date
    ) -> None:
        """Write the texts of queries that have been asked often enough by now."""
        for part in _parts(sorted(texts)):
            often = connection.scalars(
                sa.select(_search.c.query)
                .where(_search.c.query.in_(part), _search.c.day >= since)
                .group_by(_search.c.query)
                .having(sa.func.sum(_search.c.searches) >= SHOWN_FROM)
            ).all()
            rows = [{"query": digest, "text": texts[digest]} for digest in often]
            if rows:
                connection.execute(_insert(database, _query).on_conflict_do_nothing(), rows)


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_DIGEST] if text else ""


def _insert(database: Database, table: sa.Table) -> Any:  # noqa: ANN401
    return sqlite.insert(table) if database.is_sqlite else postgresql.insert(table)


def _count(
    database: Database, connection: Connection, table: sa.Table, counts: Mapping[tuple[Any, ...], int]
) -> None:
    """Add to the last column of a table; the others are its key."""
    if not counts:
        return
    *keys, number = table.columns.keys()
    statement = _insert(database, table)
    statement = statement.on_conflict_do_update(
        index_elements=keys, set_={number: table.c[number] + statement.excluded[number]}
    )
    rows = [dict(zip((*keys, number), (*key, n), strict=True)) for key, n in sorted(counts.items())]
    connection.execute(statement, rows)


def _parts(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _wish_row(wish: Wish) -> dict[str, Any]:
    return {
        "id": wish.id,
        "day": wish.day,
        "edition": wish.edition,
        "language": wish.language,
        "query": wish.query,
        "text": wish.text,
        "state": wish.state,
        "made_by": wish.by,
        "handled": wish.handled,
    }


def _wish_of(row: Any) -> Wish:  # noqa: ANN401
    return Wish(
        row.id,
        row.day,
        row.edition,
        row.language,
        row.query,
        row.text,
        row.state,
        row.made_by,
        row.handled,
    )
