"""`graph export`, `graph query` and `graph impact` on a real data folder."""

import io
import json
import shutil
import sys

import pytest

from cli.main import main
from graph.open_graph import read_open_graph
from small_bank import fill, open_bank


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank") / "data"
    fill(folder)
    return folder


@pytest.fixture
def data(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    return shutil.copytree(filled, tmp_path / "data")


def run(capfdbinary, data, *words):
    code = main(["graph", *map(str, words), "--data", str(data)])
    out = capfdbinary.readouterr()
    return code, out.out.decode(), out.err.decode()


@pytest.mark.parametrize("ending", ["ttl", "jsonld", "nt"])
def test_the_exported_file_holds_the_whole_graph(capfdbinary, data, tmp_path, ending):
    file = tmp_path / f"out.{ending}"
    code, out, err = run(capfdbinary, data, "export", file)
    assert (code, out) == (0, "")
    engine = open_bank(data)
    graph = engine.graph()
    engine.close()
    assert read_open_graph(file).version == graph.version
    assert f"{len(graph)} nodes, {graph.edge_count} edges" in err
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_an_unknown_ending_is_wrong_usage_and_a_folder_that_is_not_there_an_error(
    capfdbinary, data, tmp_path
):
    assert run(capfdbinary, data, "export", tmp_path / "graph.txt")[0] == 2
    code, _, err = run(capfdbinary, data, "export", tmp_path / "none" / "graph.ttl")
    assert code == 1
    assert "cannot be written" in err


def test_a_query_from_a_file_and_from_stdin(capfdbinary, data, tmp_path, monkeypatch):
    query = "SELECT ?n { ?r kg:node 'role:sykepleier' ; skos:prefLabel ?n FILTER(LANG(?n) = 'en') }"
    file = tmp_path / "q.rq"
    file.write_text(query)
    assert run(capfdbinary, data, "query", file)[:2] == (0, "n\r\nnurse\r\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(query))
    code, out, _ = run(capfdbinary, data, "query", "-", "--format", "json")
    assert code == 0
    assert json.loads(out)["results"]["bindings"][0]["n"]["value"] == "nurse"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * {\n ?s ?p }", "line 2"),
        ("DROP ALL", "DROP is refused"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "stopped after 1 seconds"),
    ],
)
def test_a_query_that_is_wrong_or_too_much_is_one_line_and_exit_code_1(
    capfdbinary, data, tmp_path, monkeypatch, query, says
):
    monkeypatch.setenv("KG_SPARQL_SECONDS", "1")
    file = tmp_path / "q.rq"
    file.write_text(query)
    code, out, err = run(capfdbinary, data, "query", file)
    assert (code, out) == (1, "")
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_impact_for_people_and_for_programs(capfdbinary, data):
    code, out, _ = run(capfdbinary, data, "impact", "kb-6", "--lang", "en")
    assert code == 0
    assert "uncovered: 1\n  requirement:krav-news2  NEWS2\n" in out
    assert "editions: felles" in out
    found = json.loads(run(capfdbinary, data, "impact", "kb-6", "--json")[1])
    assert [r["id"] for r in found["roles"]] == ["role:sykepleier"]
    code, _, err = run(capfdbinary, data, "impact", "role:nobody")
    assert code == 1
    assert "role:nobody" in err
