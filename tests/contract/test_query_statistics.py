"""The store of query statistics over SQLite and over PostgreSQL, and what SQLite leaves on the disk."""

import pytest
import sqlalchemy as sa

from contract.query_statistics import DAY, OLD, SINCE, QueryStatisticsContract, asked, opened, shown, wish
from engine.adapters.sql_connections import Database
from engine.adapters.sql_query_statistics import SqlQueryStatistics
from engine.statistics_ports import SHOWN_FROM
from postgres import postgres_or_skip

KINDS = {sa.String: "text", sa.Date: "date", sa.Integer: "int"}


def columns_of(url):
    database = Database(url)
    with database.read() as connection:
        inspector = sa.inspect(connection)
        found = {
            table: {
                c["name"]: next(kind for type_, kind in KINDS.items() if isinstance(c["type"], type_))
                for c in inspector.get_columns(table)
            }
            for table in inspector.get_table_names()
            if table.startswith("statistics_")
        }
    database.close()
    return found


class TestSqlite(QueryStatisticsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path}/statistics.db"

    @pytest.fixture
    def open_one(self, url):
        return lambda: SqlQueryStatistics(url)

    @pytest.fixture
    def columns(self, store, url):
        store.add_wish(wish())
        return columns_of(url)

    def test_who_only_looks_writes_nothing(self, store, tmp_path):
        self.test_an_empty_store_answers(store)
        assert list(tmp_path.iterdir()) == []

    def test_no_byte_of_a_query_is_on_the_disk_before_the_fifth(self, store, tmp_path):
        def on_disk():
            return [p.name for p in tmp_path.iterdir() if b"sjelden" in p.read_bytes()]

        for _ in range(SHOWN_FROM - 1):
            store.add([asked("sjelden tilstand")], [opened("sjelden tilstand")], since=SINCE)
            assert on_disk() == []
        store.add([asked("sjelden tilstand")], [], since=SINCE)
        assert on_disk() != []

    @pytest.mark.parametrize("how", ["prune", "erase"])
    def test_what_is_removed_is_overwritten(self, store, tmp_path, how):
        store.add([asked("sjelden tilstand", 9, day=OLD)], [], since=OLD)
        store.add_wish(wish(day=OLD))
        store.prune(before=DAY) if how == "prune" else store.erase()
        left = b"".join(p.read_bytes() for p in tmp_path.iterdir())
        assert b"sjelden" not in left
        assert b"nynorsk" not in left

    def test_a_digest_cannot_be_computed_without_the_key_of_this_store(self, tmp_path):
        def digests(name):
            url = f"sqlite:///{tmp_path}/{name}.db"
            store = SqlQueryStatistics(url)
            store.add([asked("delir")], [], since=SINCE)
            store.close()
            database = Database(url)
            with database.read() as connection:
                found = connection.exec_driver_sql("SELECT query FROM statistics_search").scalars().all()
            database.close()
            return found

        assert digests("one") != digests("other")


@pytest.fixture(scope="module")
def server():
    return postgres_or_skip()


@pytest.fixture(scope="module")
def shared(server):
    with server.database() as url:
        yield url


class TestPostgres(QueryStatisticsContract):
    @pytest.fixture
    def open_one(self, shared):
        store = SqlQueryStatistics(shared)
        store.erase()
        store.close()
        return lambda: SqlQueryStatistics(shared)

    @pytest.fixture
    def columns(self, store, shared):
        store.add_wish(wish())
        return columns_of(shared)


def test_the_key_is_made_anew_when_all_is_erased(tmp_path):
    store = SqlQueryStatistics(f"sqlite:///{tmp_path}/statistics.db")
    store.add([asked("delir", 4)], [], since=SINCE)
    store.erase()
    store.add([asked("delir", 4)], [], since=SINCE)
    assert shown(store) == {("", "felles", "nb", 0): 4}
    store.close()
