"""The copy that SPARQL is asked of: made once, followed, and never waited for too long."""

import threading
from dataclasses import replace

import pytest

from engine import open_graph as module
from engine.errors import BackendUnavailable
from engine.open_graph import FOLDER, OpenQueries
from small_bank import fill, open_bank

COUNT = "SELECT (COUNT(*) AS ?n) { ?p a schema:DefinedTermSet }"


@pytest.fixture
def engine(tmp_path):
    fill(tmp_path / "data")
    opened = open_bank(tmp_path / "data", sparql_seconds=0.5)
    yield opened
    opened.close()


def number(queries):
    return int(queries.ask(COUNT, solutions="csv", patient=True).body.split()[1])


def test_two_processes_and_a_later_one_share_a_copy(engine):
    assert number(OpenQueries(engine)) == number(OpenQueries(engine)) == 2
    (folder,) = (engine.settings.data / FOLDER).iterdir()
    before = folder.stat().st_mtime_ns
    number(OpenQueries(engine))
    assert folder.stat().st_mtime_ns == before


def test_while_a_new_copy_is_made_the_one_before_answers(engine, monkeypatch):
    queries, go = OpenQueries(engine), threading.Event()
    assert number(queries) == 2
    real = module.make_store

    def slow(folder, text):
        go.wait(20)
        real(folder, text)

    monkeypatch.setattr(module, "make_store", slow)
    plan = engine.plans()["plan-sykepleier"]
    engine.catalogue.upsert_plans([replace(plan, id="ny")], by="test", at=engine.now())
    assert int(queries.ask(COUNT, solutions="csv").body.split()[1]) == 2
    go.set()
    assert number(queries) == 3
    assert len(list((engine.settings.data / FOLDER).iterdir())) == 1


def test_without_any_copy_yet_it_says_that_one_is_being_made(engine, monkeypatch):
    go = threading.Event()
    monkeypatch.setattr(module, "make_store", lambda folder, text: go.wait(20))
    with pytest.raises(BackendUnavailable, match="being made"):
        OpenQueries(engine).ask(COUNT)
    go.set()


def test_what_goes_wrong_in_the_making_is_told(engine, monkeypatch):
    def broken(*_):
        raise BackendUnavailable("the disk is full")

    monkeypatch.setattr(module, "make_store", broken)
    with pytest.raises(BackendUnavailable, match="the disk is full"):
        OpenQueries(engine).ask(COUNT)


def test_a_copy_that_somebody_else_replaced_is_made_again(engine):
    queries = OpenQueries(engine)
    assert number(queries) == 2
    (folder,) = (engine.settings.data / FOLDER).iterdir()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert number(queries) == 2
