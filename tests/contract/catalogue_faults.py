"""What a catalogue in SQL does beyond the port: when processes die or meet, and for plans as of a moment.

The subclass gives `url`, a catalogue's address, at first empty. Children are real processes; those
that die are killed with SIGKILL at a chosen statement.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event
from sqlalchemy.engine import Engine

from contract.catalogue_values import BY, SECOND, T, plan, resource, ruling
from engine.adapters.sql_catalogue import open_catalogue
from engine.adapters.sql_connections import Database
from engine.adapters.sql_tables import metadata
from engine.errors import BackendError, IndexIncompatible, KompetansegrafError

ROOT = Path(__file__).parents[2]

START = """
import os, signal, sys
from datetime import UTC, datetime
from sqlalchemy import event
from sqlalchemy.engine import Engine
from engine.adapters.sql_catalogue import open_catalogue
from engine.model import Resource
url, *arguments = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
catalogue = open_catalogue(url)
T = datetime(2026, 3, 2, tzinfo=UTC)
def batch(numbers, title):
    return [Resource(f"kb-{n:04}", title, body="Fallforebygging. " * 50) for n in numbers]
"""

DIES_AT = (
    START
    + """
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def watch(connection, cursor, statement, *rest):
    if statement.startswith(arguments[0]):
        die()
if arguments[0] == "COMMIT":
    event.listen(Engine, "commit", die)  # just before the database is told
else:
    event.listen(Engine, "after_cursor_execute", watch)
catalogue.upsert(batch(range(300), "Nytt"), by="importer", at=T)
die()
"""
)

DIES_MIGRATING = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from engine.adapters.sql_catalogue import open_catalogue
def watch(connection, cursor, statement, *rest):
    if "CREATE TABLE decision" in statement:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "after_cursor_execute", watch)
print("ready", flush=True)
sys.stdin.readline()
open_catalogue(sys.argv[1])
"""

WRITES_ON = (
    START
    + """
first, rounds, shared = (int(argument) for argument in arguments)
for n in range(rounds):
    catalogue.upsert(batch(range(first + 5 * n, first + 5 * n + 5), "Nytt"), by="importer", at=T)
    if shared:
        catalogue.upsert([Resource("shared", f"{first}.{n}")], by="importer", at=T)
    print(n, flush=True)
"""
)


def start(script: str, url: str, *arguments: object) -> "subprocess.Popen[str]":
    (child,) = start_together(script, url, arguments)
    return child


def start_together(script: str, url: str, *calls: tuple[object, ...]) -> "list[subprocess.Popen[str]]":
    """Start a process for each tuple of arguments; all go on at once when the last is ready."""
    children = [spawn(script, url, *arguments) for arguments in calls]
    for child in children:
        assert child.stdout.readline() == "ready\n", child.communicate()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    return children


def spawn(script: str, url: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, url, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def state(catalogue):
    """Everything that can be seen from outside."""
    return (
        list(catalogue.all()),
        [catalogue.versions(found.id) for found in catalogue.all()],
        catalogue.changes_since(0),
        catalogue.last_seq(),
        catalogue.audit_trail(limit=10_000),
    )


@contextlib.contextmanager
def slowed(moment: str, here: Callable[..., bool]) -> Iterator[Callable[..., Future]]:
    """Give a function that runs a write in a thread and returns when it has come to `here`, where it dawdles."""
    reached = threading.Event()

    def dawdle(*arguments) -> None:
        if threading.current_thread().name.startswith("slow") and here(*arguments):
            reached.set()
            time.sleep(0.3)

    event.listen(Engine, moment, dawdle)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="slow") as pool:

            def run(write: Callable[[], object]) -> Future:
                future = pool.submit(write)
                assert reached.wait(10)
                return future

            yield run
    finally:
        event.remove(Engine, moment, dawdle)


class CatalogueFaults:
    @pytest.fixture
    def url(self):
        raise NotImplementedError("override me")

    @pytest.fixture
    def catalogue(self, url):
        opened = open_catalogue(url)
        yield opened
        opened.close()

    @pytest.mark.parametrize(
        ("moment", "written"),
        [
            ("INSERT INTO resource ", False),
            ("UPDATE resource ", False),
            ("INSERT INTO audit", False),
            ("COMMIT", False),
            ("never", True),
        ],
    )
    def test_a_process_killed_in_an_upsert_leaves_all_or_nothing(self, catalogue, url, moment, written):
        catalogue.upsert([resource(n, "Gammelt") for n in range(3)], by=BY, at=T)
        before = state(catalogue)
        child = start(DIES_AT, url, moment)
        output = child.communicate(timeout=60)
        assert child.returncode == -9, output
        if written:
            assert {found.title for found in catalogue.all()} == {"Nytt"}
            assert (catalogue.count(), catalogue.last_seq()) == (300, 303)
        else:
            assert state(catalogue) == before
        # and the next writer neither waits nor stumbles
        begun = time.monotonic()
        report = catalogue.upsert([resource(1, "Etter")], by=BY, at=T + 86_400 * 2 * SECOND)
        assert report.updated == ("kb-0001",)
        assert time.monotonic() - begun < 10

    def test_a_writer_killed_at_any_moment_leaves_whole_batches(self, catalogue, url):
        child = start(WRITES_ON, url, 0, 2000, 0)
        assert child.stdout.readline()
        time.sleep(0.15)
        child.kill()
        acknowledged = 1 + len(child.stdout.read().splitlines())
        child.communicate(timeout=60)
        count = catalogue.count()
        assert count % 5 == 0
        assert acknowledged <= count // 5 <= acknowledged + 1  # what was acknowledged is there
        assert catalogue.last_seq() == len(catalogue.changes_since(0)) == count
        assert [found.id for found in catalogue.all()] == [f"kb-{n:04}" for n in range(count)]
        assert len(catalogue.audit_trail(limit=10_000)) == count + count // 5

    def test_two_writers_lose_nothing_and_a_reader_misses_no_change(self, catalogue, url):
        children = start_together(WRITES_ON, url, (0, 15, 1), (1000, 15, 1))
        seen: list[tuple[int, str]] = []
        while True:
            alive = any(child.poll() is None for child in children)
            fresh = catalogue.changes_since(seen[-1][0] if seen else 0)
            seen += [(change.seq, change.resource_id) for change in fresh]
            if not alive and not fresh:
                break
            time.sleep(0.005)
        for child in children:
            output = child.communicate(timeout=60)
            assert child.returncode == 0, output
        expected = {f"kb-{first + n:04}" for first in (0, 1000) for n in range(75)} | {"shared"}
        assert {id_ for _, id_ in seen} == expected
        assert [seq for seq, _ in seen] == sorted({seq for seq, _ in seen})
        assert catalogue.last_seq() == 150 + 30
        versions = catalogue.versions("shared")
        assert [version.number for version in versions] == list(range(1, 31))
        assert {version.resource.title for version in versions} == {
            f"{f}.{n}" for f in (0, 1000) for n in range(15)
        }

    def test_a_change_is_never_seen_before_one_with_a_smaller_number(self, catalogue, url):
        with slowed("commit", lambda *_: True) as slow:
            writer = slow(lambda: catalogue.upsert([resource(1)], by=BY, at=T))
            other = open_catalogue(url)
            assert list(other.changes_since(0)) == []  # a reader does not wait
            other.upsert([resource(2)], by=BY, at=T)
            seen = other.changes_since(0)
            other.close()
            assert writer.result().added == ("kb-0001",)
        assert [(change.seq, change.resource_id) for change in seen] == [(1, "kb-0001"), (2, "kb-0002")]

    def test_two_writers_of_one_record_follow_each_other(self, catalogue, url):
        def has_read(_connection, _cursor, statement, *_) -> bool:
            return statement.startswith("UPDATE counter")

        with slowed("before_cursor_execute", has_read) as slow:
            writer = slow(lambda: catalogue.upsert([resource(1, "A")], by=BY, at=T))
            other = open_catalogue(url)
            assert other.upsert([resource(1, "B")], by=BY, at=T + SECOND).updated == ("kb-0001",)
            other.close()
            assert writer.result().added == ("kb-0001",)
        assert [version.resource.title for version in catalogue.versions("kb-0001")] == ["A", "B"]

    def test_several_processes_may_open_a_new_catalogue_at_once(self, url):
        children = start_together(WRITES_ON, url, (0, 1, 0), (100, 1, 0), (200, 1, 0))
        for child in children:
            output = child.communicate(timeout=60)
            assert child.returncode == 0, output
        opened = open_catalogue(url, create=False)
        assert opened.count() == 15
        opened.close()

    def test_a_process_killed_in_a_migration_leaves_no_table(self, url):
        child = start(DIES_MIGRATING, url)
        output = child.communicate(timeout=60)
        assert child.returncode == -9, output
        database = Database(url)
        with database.read() as connection:
            assert sa.inspect(connection).get_table_names() == []
        database.close()
        opened = open_catalogue(url)
        assert opened.upsert([resource(1)], by=BY, at=T).added == ("kb-0001",)
        opened.close()

    def test_a_ruling_without_its_audit_line_is_not_kept(self, catalogue):
        def fail(_connection, _cursor, statement, *_) -> None:
            if statement.startswith("INSERT INTO audit"):
                raise RuntimeError("the machine stumbled")

        event.listen(Engine, "before_cursor_execute", fail)
        try:
            with pytest.raises(RuntimeError):
                catalogue.record(ruling())
        finally:
            event.remove(Engine, "before_cursor_execute", fail)
        assert (list(catalogue.decisions("tag")), list(catalogue.audit_trail())) == ([], [])

    def test_a_thousand_records_need_few_statements(self, catalogue):
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            catalogue.upsert([resource(n) for n in range(1000)], by=BY, at=T)
            added = len(statements)
            catalogue.upsert([resource(n, "Nytt") for n in range(1000)], by=BY, at=T)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert added <= 10, statements
        assert len(statements) - added <= 10, statements[added:]

    def test_a_catalogue_of_a_newer_program_is_refused(self, url):
        open_catalogue(url).close()
        database = Database(url)
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        database.close()
        with pytest.raises(IndexIncompatible, match=r"newer version.*9999"):
            open_catalogue(url)

    def test_migrations_make_exactly_the_tables_that_are_used(self, url):
        open_catalogue(url).close()
        database = Database(url)
        with database.read() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        database.close()

    def test_plans_as_of_a_moment_are_those_that_were_current_then(self, catalogue):
        catalogue.upsert_plans([plan("b", "B1"), plan("a", "A1")], by=BY, at=T)
        catalogue.upsert_plans([plan("b", "B2"), plan("c", "C1")], by=BY, at=T + 10 * SECOND)
        labels = {
            seconds: [found.labels["nb"] for found in catalogue.plans(T + seconds * SECOND)]
            for seconds in (-1, 0, 9, 10, 99)
        }
        assert labels == {
            -1: [],
            0: ["A1", "B1"],
            9: ["A1", "B1"],
            10: ["A1", "B2", "C1"],
            99: ["A1", "B2", "C1"],
        }
        assert catalogue.roles(T) == catalogue.requirements(T) == []

    def test_a_damaged_record_is_named(self, catalogue, url):
        catalogue.upsert([resource(1)], by=BY, at=T)
        for damage in ("not json", '{"id": "kb-0001"}', "[]", '{"id": "x", "title": "t", "updated": "x"}'):
            database = Database(url)
            with database.write() as connection:
                connection.exec_driver_sql(f"UPDATE resource_version SET record = '{damage}'")
            database.close()
            with pytest.raises(BackendError, match="resource 'kb-0001'"):
                catalogue.get("kb-0001")


def shown(error: BaseException) -> str:
    """All text that a log could show of an error and its causes."""
    parts = []
    found: BaseException | None = error
    while found is not None:
        parts += [str(found), repr(found)]
        found = found.__cause__ or found.__context__
    return "\n".join(parts)


def assert_refused_without(secret: str, url: str, kind: type[KompetansegrafError]) -> str:
    with pytest.raises(kind) as caught:
        open_catalogue(url)
    assert secret not in shown(caught.value)
    return str(caught.value)
