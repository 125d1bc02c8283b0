import pytest

from contract.sign_ins import SignInsContract
from engine.adapters.sql_connections import Database
from engine.adapters.sql_sign_ins import open_sign_ins
from postgres import postgres_or_skip


@pytest.fixture(scope="module")
def url():
    with postgres_or_skip().database() as made:
        yield made


class TestPostgresSignIns(SignInsContract):
    @pytest.fixture
    def open_one(self, url):
        database = Database(url)
        with database.write() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS sign_in_key, sign_in_spent")
        database.close()
        return lambda: open_sign_ins(url)
