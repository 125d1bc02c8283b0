"""Done-lists and test collections are read with errors that name file, line and field."""

from datetime import date

import pytest

from cli.collection import read_beir
from cli.done_list import read_done_list
from engine.errors import InvalidRequest
from graph.model import Evidence, Requirement

KNOWN = {"krav-fall": Requirement("krav-fall", {"nb": "fallforebygging"})}


def done(tmp_path, text):
    path = tmp_path / "done.jsonl"
    path.write_text(text, encoding="utf-8")
    return read_done_list(path, KNOWN)


def test_a_done_list_is_read(tmp_path):
    line = '{"requirement": "krav-fall", "state": "approved", "achieved": "2026-02-01", "expires": null, "evidence": "kurs"}'
    assert done(tmp_path, f"\n{line}\n") == (
        Evidence("krav-fall", "approved", date(2026, 2, 1), None, "kurs"),
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: expected an object"),
        ('{"requirement": "krav-x"}', "line 2, field requirement: no requirement has the id 'krav-x'"),
        ('{"requirement": "krav-fall", "state": "done"}', "line 2, field state: 'done' is none of"),
        (
            '{"requirement": "krav-fall", "achieved": "1.2.2026"}',
            "line 2, field achieved: '1.2.2026' is no date",
        ),
        ('{"requirement": "krav-fall", "name": "K"}', "line 2, field name: there is no such field"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, says):
    with pytest.raises(InvalidRequest, match=r"done\.jsonl") as caught:
        done(tmp_path, '{"requirement": "krav-fall"}\n' + line)
    assert says in str(caught.value)


def test_a_missing_done_list_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match=r"nowhere\.jsonl: cannot be read"):
        read_done_list(tmp_path / "nowhere.jsonl", KNOWN)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "title": "T", "text": "fall"}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "fall"}\n{"_id": "q2", "text": "ikke vurdert"}\n', encoding="utf-8"
    )
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n", encoding="utf-8")
    return tmp_path


def test_a_beir_folder_is_read_and_unjudged_queries_are_left_out(folder):
    found = read_beir(folder)
    assert found.queries == {"q1": "fall"}
    assert found.qrels == {"q1": {"d1": 2}}
    assert found.split == "dev"


def test_qrels_of_trec_with_four_columns_are_read(folder):
    (folder / "qrels" / "test.tsv").write_text("q1\t0\td1\t1\n", encoding="utf-8")
    assert read_beir(folder).qrels == {"q1": {"d1": 1}}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("corpus.jsonl", '{"_id": 7, "text": "x"}', r"corpus\.jsonl, line 1, field _id"),
        ("corpus.jsonl", "{", r"corpus\.jsonl, line 1: not JSON"),
        ("queries.jsonl", '{"_id": "q1"}', r"queries\.jsonl, line 1, field text"),
        ("qrels/dev.tsv", "a\tb\tc\nq1\td1\tmange\n", r"dev\.tsv, line 2"),
        ("qrels/dev.tsv", "q9\td1\t1\n", r"no query of queries\.jsonl is judged"),
    ],
)
def test_a_broken_collection_is_named(folder, name, text, says):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match=says):
        read_beir(folder)


def test_a_missing_corpus_is_named(folder):
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(InvalidRequest, match=r"corpus\.jsonl: cannot be read"):
        read_beir(folder)
