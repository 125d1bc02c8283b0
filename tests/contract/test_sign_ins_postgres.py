import pytest

from contract.sign_ins import SignInsContract
from engine.adapters.sql_sign_ins import open_sign_ins
from postgres import postgres_or_skip


class TestPostgresSignIns(SignInsContract):
    @pytest.fixture(scope="class")
    def server(self):
        return postgres_or_skip()

    @pytest.fixture
    def open_one(self, server):
        with server.database() as url:
            yield lambda: open_sign_ins(url)
