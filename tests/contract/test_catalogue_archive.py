import contextlib
import itertools
import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.catalogue_archive import (
    ENTRY,
    CatalogueArchiveContract,
    CatalogueExchange,
    dump,
    filled,
    replace_with,
)
from contract.catalogue_values import BY, T, resource, ruling
from engine.adapters import sql_archive, sql_catalogue
from engine.adapters.sql_archive import SqlCatalogueArchive
from engine.adapters.sql_catalogue import MIGRATIONS, open_catalogue
from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import metadata
from engine.errors import BackendUnavailable, IndexIncompatible
from postgres import postgres_or_skip


def place(url: str):
    return (lambda: open_catalogue(url)), SqlCatalogueArchive(url)


def alternating(*kinds):
    turns = itertools.cycle(kinds)

    def new():
        return next(turns)()

    return new


@pytest.fixture
def new_sqlite(tmp_path):
    numbers = itertools.count()
    return lambda: place(f"sqlite:///{tmp_path}/{next(numbers)}/catalogue.db")


@pytest.fixture
def new_postgres():
    server = postgres_or_skip()
    with contextlib.ExitStack() as stack:
        yield lambda: place(stack.enter_context(server.database()))


class TestSqlite(CatalogueArchiveContract):
    @pytest.fixture
    def new_place(self, new_sqlite):
        return new_sqlite


class TestPostgres(CatalogueArchiveContract):
    @pytest.fixture
    def new_place(self, new_postgres):
        return new_postgres


class TestSqliteToPostgres(CatalogueExchange):
    """Places are SQLite and PostgreSQL by turns: what goes from one to the next crosses over."""

    @pytest.fixture
    def new_place(self, new_sqlite, new_postgres):
        return alternating(new_sqlite, new_postgres)


class TestPostgresToSqlite(CatalogueExchange):
    @pytest.fixture
    def new_place(self, new_sqlite, new_postgres):
        return alternating(new_postgres, new_sqlite)


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request):
    return request.getfixturevalue(f"new_{request.param}")


def test_all_tables_of_the_schema_are_taken(new_place):
    open_one, archive = new_place()
    open_one().close()
    assert set(dump(archive)) == set(metadata.tables)


def test_a_copy_of_an_older_schema_is_brought_up_to_date(new_place, tmp_path, monkeypatch):
    open_one, source = new_place()
    catalogue = open_one()
    filled(catalogue)
    catalogue.close()
    whole = dump(source)
    later = shutil.copytree(MIGRATIONS, tmp_path / "later")
    (later / "versions" / "v0004_mark.py").write_text(
        '"""Adds a column, and fills it from another."""\n'
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0004', '0003'\n"
        "def upgrade():\n"
        "    op.add_column('role', sa.Column('mark', sa.Text()))\n"
        "    op.execute(\"UPDATE role SET mark = id || '!'\")\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sql_catalogue, "MIGRATIONS", Path(later))
    monkeypatch.setattr(sql_catalogue, "REVISION", "0004")
    monkeypatch.setattr(sql_archive, "REVISION", "0004")
    assert dump(source) == whole  # an old catalogue is copied as it is
    open_other, target = new_place()
    catalogue = open_other()
    catalogue.upsert([resource(50)], by=BY, at=T)
    catalogue.close()
    replace_with(target, whole, schema="0003")
    after = dump(target)
    assert after["role"] == [{**row, "mark": f"{row['id']}!"} for row in whole["role"]]
    assert {name: rows for name, rows in after.items() if name not in {"role", "audit"}} == {
        name: rows for name, rows in whole.items() if name not in {"role", "audit"}
    }
    with target.copied() as copy:
        assert copy.schema == "0004"
    open_other().close()


def test_rulings_of_the_first_schema_come_in_as_they_were(new_place):
    open_one, source = new_place()
    open_one().close()
    whole = {name: rows for name, rows in dump(source).items() if not name.startswith("authority")}
    whole["counter"] = [row for row in whole["counter"] if row["name"] != "authority"]
    old = {
        "kind": "tag",
        "subject": "kb-1",
        "object": "tema/fall",
        "verdict": "rejected",
        "made_by": "redaktør",
    }
    old |= {"seq": 1, "made_at": T.isoformat(), "reason": "", "basis": "5e1f"}
    replace_with(source, {**whole, "decision": [old]}, schema="0001")
    catalogue = open_one()
    assert list(catalogue.decisions("tag")) == [ruling("kb-1", verdict="rejected", basis="5e1f")]
    catalogue.record(ruling("kb-1", verdict="pinned", score=0.5, until=date(2027, 1, 31)))
    assert catalogue.decisions("tag")[0].score == 0.5
    catalogue.close()


def test_a_catalogue_of_a_newer_program_is_neither_copied_nor_replaced(new_sqlite, tmp_path):
    open_one, archive = new_sqlite()
    open_one().close()
    database = Database(f"sqlite:///{tmp_path}/0/catalogue.db")
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(IndexIncompatible, match="newer"), archive.copied():
        pass
    with pytest.raises(IndexIncompatible, match="newer"), archive.replacing("0002", ENTRY):
        pass


def test_a_damaged_file_is_told_from_other_trouble_and_set_aside(new_sqlite, tmp_path):
    _, archive = new_sqlite()
    path = tmp_path / "0" / "catalogue.db"
    path.parent.mkdir()
    path.write_bytes(b"no database at all " * 300)
    with pytest.raises(BackendUnavailable) as caught:
        archive.contents()
    assert archive.is_damage(caught.value)
    assert archive.set_aside(".aside") == f"{path}.aside"
    assert not path.exists()
    assert archive.contents() == {}
    elsewhere = SqlCatalogueArchive("postgresql://127.0.0.1:1/kg")
    with pytest.raises(BackendUnavailable) as caught:
        elsewhere.contents()
    assert not elsewhere.is_damage(caught.value)


def test_other_tables_of_a_shared_database_are_left_alone(new_postgres):
    open_one, archive = new_postgres()
    open_one().close()
    database = Database(archive._url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (n integer)")
        connection.exec_driver_sql("INSERT INTO theirs VALUES (7)")
    replace_with(archive, dump(archive))
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT n FROM theirs").scalar() == 7
    database.close()
    assert "theirs" not in dump(archive)
