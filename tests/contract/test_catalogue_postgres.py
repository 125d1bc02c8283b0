import pytest

from contract.catalogue import CatalogueContract
from contract.catalogue_faults import CatalogueFaults, assert_refused_without
from contract.catalogue_values import BY, T, resource
from engine.adapters.sql_catalogue import open_catalogue
from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import metadata
from engine.errors import BackendUnavailable
from postgres import postgres_or_skip


@pytest.fixture(scope="module")
def server():
    return postgres_or_skip()


@pytest.fixture(scope="module")
def migrated(server):
    with server.database() as url:
        open_catalogue(url).close()
        yield url


class TestPostgresCatalogue(CatalogueContract):
    @pytest.fixture
    def open_one(self, migrated):
        # Emptied, not made anew: it takes a tenth of the time.
        database = Database(migrated)
        tables = [table.name for table in metadata.sorted_tables if table.name != "counter"]
        with database.write() as connection:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
            connection.exec_driver_sql("UPDATE counter SET value = 0")
        database.close()
        return lambda: open_catalogue(migrated)


class TestPostgresFaults(CatalogueFaults):
    @pytest.fixture
    def url(self, server):
        with server.database() as made:
            yield made


@pytest.fixture
def url(server):
    with server.database() as made:
        yield made


def test_a_lost_connection_is_replaced(server, url):
    opened = open_catalogue(url)
    opened.upsert([resource(1)], by=BY, at=T)
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'")
    assert opened.count() == 1
    assert opened.upsert([resource(2)], by=BY, at=T).added == ("kb-0002",)
    opened.close()


def test_a_server_that_does_not_answer_is_named_without_credentials():
    secret = "s3kr3t@/ø"
    message = assert_refused_without(
        secret, "postgresql://kg:s3kr3t%40%2F%C3%B8@127.0.0.1:1/kg", BackendUnavailable
    )
    assert "s3kr3t" not in message
    assert "127.0.0.1:1" in message
    message = assert_refused_without(
        "s3kr3t", "postgresql://127.0.0.1:1/kg?user=kg&password=s3kr3t", BackendUnavailable
    )
    assert "127.0.0.1:1" in message


def test_a_password_that_the_driver_repeats_is_blotted_out():
    with pytest.raises(BackendUnavailable, match=r"\*\*\*") as caught:
        open_catalogue("postgresql://kg:s3kr3t@127.0.0.1:1/kg?sslmode=s3kr3t")
    assert "s3kr3t" not in str(caught.value)


def test_a_database_that_does_not_exist_is_named(server):
    with pytest.raises(BackendUnavailable, match=r"nowhere.*does not exist"):
        open_catalogue(server.url("nowhere"))


def test_tables_are_not_made_unless_asked(url):
    with pytest.raises(BackendUnavailable, match="holds no catalogue"):
        open_catalogue(url, create=False)
    open_catalogue(url).close()
    open_catalogue(url, create=False).close()


def test_a_database_in_another_encoding_is_refused(server):
    with (
        server.database("ENCODING 'LATIN1' LOCALE 'C'") as url,
        pytest.raises(BackendUnavailable, match="LATIN1"),
    ):
        open_catalogue(url)


def test_a_commit_waits_for_the_disk_and_the_short_scheme_works(url):
    database = Database(url.replace("postgresql://", "postgres://"))
    with database.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"
    database.close()
