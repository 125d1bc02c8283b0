"""SPARQL on a copy: only reading, only here, and stopped when it is too much."""

import http.server
import threading
import time
from urllib.parse import quote

import pytest

from vocab import sparql
from vocab.sparql import Limits, QueryError, QueryStopped, StoreGone, check_query, make_store, query_store

EVERYTHING = "SELECT * { ?s ?p ?o }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sparql") / "store"
    make_store(folder, (f'<http://x.test/{i}> <http://x.test/p> "tekst {i} æ"@nb .\n' for i in range(4000)))
    return folder


def ask(store, text, **rest):
    return query_store(store, text, **rest)


def test_what_was_put_in_is_found(store):
    assert ask(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", solutions="csv").body.split() == [b"n", b"4000"]
    found = ask(store, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(?s = <http://x.test/7>) }", graphs="nt")
    assert found.kind == "graph"
    assert found.body.decode() == '<http://x.test/7> <http://x.test/p> "tekst 7 æ"@nb .\n'
    assert ask(store, "ASK { ?s ?p 'x' }").body == b'{"head":{},"boolean":false}'
    assert ask(store, "ASK { x:1 x:p ?o }", prefixes={"x": "http://x.test/"}).kind == "boolean"


REFUSED = [
    "INSERT DATA { <a:a> <a:b> <a:c> }",
    "DELETE WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "LOAD <http://x.test/data>",
    "CLEAR ALL",
    "drop default",
    "PREFIX x: <http://x.test/> COPY x:a TO x:b",
    "SELECT * FROM <http://x.test/other> { ?s ?p ?o }",
    "SELECT * FROM NAMED <http://x.test/other> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { SERVICE <http://x.test/sparql> { ?s ?p ?o } }",
    "SELECT * { service silent <http://x.test/sparql> { ?s ?p ?o } }",
    r"SELECT * { \u0053ERVICE <http://x.test/sparql> { ?s ?p ?o } }",
    r"PREFIX x: <a:a> SELECT * { ?s x:a\#b ?o . SERVICE <http://x.test/sparql> { ?s ?p ?o } }",
    r"PREFIX x: <a:a> SELECT * { ?s x:a\'b ?o . SERVICE <http://x.test/sparql> { ?s ?p 'o' } }",
    "SELECT * { ?s ?p ?o FILTER(?o<5)SERVICE?x{ ?s ?p ?q } }",
    "SELECT * { ?s ?p '''it's ''' . SERVICE <http://x.test/sparql> { ?s ?p ?o } }",
    "SELECT * { ?s ?p 'a#' . SERVICE <http://x.test/sparql> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_change_something_or_ask_elsewhere_is_refused(text):
    with pytest.raises(QueryError, match="is refused"):
        check_query(text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT ?service ?from { ?service ?from "SERVICE", \'LOAD\', """INSERT\nDATA""" } # FROM here',
        "PREFIX service: <http://x.test/service#> SELECT * { ?s service:from <http://x.test/DELETE> }",
        "SELECT * { ?s ?p ?o FILTER(?o < 5 && ?o > 2) }",
        "SELECT * { ?s ?p 'it\\'s SERVICE' }",
    ],
)
def test_words_that_only_look_like_it_are_not_refused(store, text):
    check_query(text)
    ask(store, text)


def test_the_fence_holds_where_the_check_does_not(store, monkeypatch):
    """A query for another server that slipped through cannot open a connection."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)

        do_POST = do_GET

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(sparql, "check_query", lambda text: None)
        address = f"http://127.0.0.1:{server.server_port}/{quote('sparql')}"
        with pytest.raises(QueryError):
            ask(store, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
        server.shutdown()
    assert asked == []
    with pytest.raises(QueryError):  # and there is no way to change the store
        ask(store, "INSERT DATA { <a:a> <a:b> <a:c> }")


def test_a_runaway_is_stopped_and_the_next_query_is_answered(store):
    began = time.monotonic()
    with pytest.raises(QueryStopped, match="after 1 seconds") as stopped:
        ask(store, CROSS, limits=Limits(seconds=1))
    assert stopped.value.what == "time"
    assert time.monotonic() - began < 4
    assert ask(store, EVERYTHING).kind == "solutions"


def test_memory_is_bounded(store):
    with pytest.raises(QueryStopped, match="400 MiB") as stopped:
        ask(store, SORTED, limits=Limits(seconds=60, memory=400 << 20))
    assert stopped.value.what == "memory"


def test_the_size_of_the_answer_is_bounded_and_no_half_answer_is_given(store):
    with pytest.raises(QueryStopped, match="LIMIT") as stopped:
        ask(store, EVERYTHING, limits=Limits(size=10_000))
    assert stopped.value.what == "size"
    assert len(ask(store, EVERYTHING + " LIMIT 5", limits=Limits(size=10_000)).body) < 10_000


@pytest.mark.parametrize(
    ("text", "line"), [("SELECT * {\n ?s ?p }", 2), ("", 1), ("SELECT ?x\nWHERE\n{ ?x ", 3), ("x" * 500, 1)]
)
def test_a_malformed_query_says_where(store, text, line):
    with pytest.raises(QueryError) as wrong:
        ask(store, text)
    assert wrong.value.line == line
    assert f"line {line}" in str(wrong.value)


def test_a_store_is_made_whole_or_not_at_all(tmp_path):
    with pytest.raises(StoreGone, match="line 1"):
        make_store(tmp_path / "store", ["<a:a> <a:b> .\n"])

    def broken():
        yield "<a:a> <a:b> <a:c> .\n"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        make_store(tmp_path / "store", broken())
    assert list(tmp_path.iterdir()) == []
    make_store(tmp_path / "store", ["<a:a> <a:b> <a:c> .\n"])
    make_store(tmp_path / "store", ["this is not even read"])
    assert b"a:c" in ask(tmp_path / "store", EVERYTHING).body


def test_a_store_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(StoreGone):
        ask(tmp_path / "none", EVERYTHING)
    (tmp_path / "broken").mkdir()
    with pytest.raises(StoreGone):
        ask(tmp_path / "broken", EVERYTHING)


def test_a_process_that_cannot_start_is_not_taken_for_one_without_memory(store, monkeypatch, tmp_path):
    broken = tmp_path / "worker.py"
    broken.write_text("raise ImportError('no such package')")
    monkeypatch.setattr(sparql, "_WORKER", broken)
    with pytest.raises(StoreGone, match="could not start"):
        ask(store, EVERYTHING)


def test_no_secret_of_the_server_reaches_the_process(store, monkeypatch, tmp_path):
    monkeypatch.setenv("KG_DATABASE_URL", "postgresql://user:secret@host/name")
    spy = tmp_path / "worker.py"
    spy.write_text("import json, os; print(json.dumps({'kind': 'graph'})); print(sorted(os.environ))")
    monkeypatch.setattr(sparql, "_WORKER", spy)
    assert b"KG_" not in ask(store, EVERYTHING).body
