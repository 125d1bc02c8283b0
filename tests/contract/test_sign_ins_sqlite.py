import pytest

from contract.catalogue_values import BY, T, resource
from contract.sign_ins import HOUR, SignInsContract
from engine.adapters.sql_archive import SqlCatalogueArchive
from engine.adapters.sql_catalogue import open_catalogue
from engine.adapters.sql_sign_ins import open_sign_ins
from engine.model import AuditEntry


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/catalogue.db"


class TestSqliteSignIns(SignInsContract):
    @pytest.fixture
    def open_one(self, url):
        return lambda: open_sign_ins(url)


def test_it_is_no_part_of_a_backup_and_a_restore_leaves_it(url):
    catalogue, sign_ins = open_catalogue(url), open_sign_ins(url)
    catalogue.upsert([resource(1)], by=BY, at=T)
    secret = sign_ins.secret()
    sign_ins.spend("session", until=T + HOUR, now=T)
    archive = SqlCatalogueArchive(url)
    with archive.copied() as copy:
        assert [name for name in copy.tables() if "sign_in" in name] == []
        tables = {name: list(copy.rows(name)) for name in copy.tables()}
        schema = copy.schema
    with archive.replacing(schema, AuditEntry(T, BY, "restore backup", "catalogue")) as new:
        for name, rows in tables.items():
            new.load(name, rows)
    assert sign_ins.is_spent("session")
    again = open_sign_ins(url)
    assert again.secret() == secret
    for opened in (again, sign_ins, catalogue):
        opened.close()
