import os
import subprocess
import sys

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from contract.catalogue import CatalogueContract
from contract.catalogue_faults import ROOT, CatalogueFaults, assert_refused_without
from contract.catalogue_values import BY, T, resource
from engine.adapters.sql_catalogue import MIGRATIONS, open_catalogue
from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import REVISION
from engine.errors import BackendUnavailable, InvalidRequest


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/catalogue.db"


class TestSqliteCatalogue(CatalogueContract):
    @pytest.fixture
    def open_one(self, url):
        return lambda: open_catalogue(url)


class TestSqliteFaults(CatalogueFaults):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path}/catalogue.db"


def test_a_commit_is_on_disk_and_foreign_keys_are_checked(url):
    database = Database(url)
    for transaction in (database.read, database.write):
        with transaction() as connection:
            wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
            for name, value in wanted.items():
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
    database.close()


def test_a_full_disk_leaves_nothing_and_says_so(url):
    opened = open_catalogue(url)
    opened.upsert([resource(1)], by=BY, at=T)
    opened.close()

    def fill(connection, _record) -> None:
        cursor = connection.cursor()
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
        cursor.close()

    event.listen(Engine, "connect", fill)
    try:
        opened = open_catalogue(url)
        with pytest.raises(BackendUnavailable, match="full"):
            opened.upsert([resource(n, body="x" * 1000) for n in range(100)], by=BY, at=T)
        assert (opened.count(), opened.last_seq(), len(opened.audit_trail())) == (1, 1, 2)
        opened.close()
    finally:
        event.remove(Engine, "connect", fill)


def test_the_folder_is_made_and_may_have_any_name(tmp_path):
    folder = tmp_path / "50 % Ås" / "#2"
    opened = open_catalogue(f"sqlite:///{folder}/k.db")
    opened.upsert([resource(1)], by=BY, at=T)
    opened.close()
    assert (folder / "k.db").is_file()


def test_a_missing_catalogue_is_not_made_unless_asked(tmp_path):
    path = tmp_path / "none" / "k.db"
    with pytest.raises(BackendUnavailable, match="does not exist"):
        open_catalogue(f"sqlite:///{path}", create=False)
    assert not path.parent.exists()
    (tmp_path / "empty.db").touch()
    with pytest.raises(BackendUnavailable, match="holds no catalogue"):
        open_catalogue(f"sqlite:///{tmp_path}/empty.db", create=False)


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Viktige notater. " * 100)
    with pytest.raises(BackendUnavailable, match="not a database"):
        open_catalogue(f"sqlite:///{path}")
    assert path.read_text() == "Viktige notater. " * 100


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BackendUnavailable, match=r"file/k\.db"):
        open_catalogue(f"sqlite:///{tmp_path}/file/k.db")
    with pytest.raises(BackendUnavailable, match="unable to open"):
        open_catalogue(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "catalogue.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
        "mysql://kg:hemmelig@localhost/kg",
        "postgresql+nonsense",
        "postgresql://kg:hemmelig@localhost:port/kg",
        "://kg:hemmelig@localhost",
    ],
)
def test_an_address_that_is_no_database_is_refused_without_its_password(url):
    assert_refused_without("hemmelig", url, InvalidRequest)


def test_opening_a_catalogue_that_is_up_to_date_needs_no_migration_machinery(url):
    open_catalogue(url).close()
    script = (
        "import sys\nfrom engine.adapters.sql_catalogue import open_catalogue\n"
        "open_catalogue(sys.argv[1]).close()\nassert 'alembic' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script, url], check=True, env=environment, cwd=ROOT)


def test_the_tables_are_those_of_the_newest_migration():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(MIGRATIONS).get_current_head() == REVISION
