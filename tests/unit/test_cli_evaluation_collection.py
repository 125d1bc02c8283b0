"""Test collections are read with errors that name file, line and field; a digest tells them apart."""

import pytest

from cli.collection import read_beir, read_judgements
from engine.errors import InvalidRequest


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "title": "T", "text": "fall"}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "fall"}\n{"_id": "q2", "text": "ikke vurdert"}\n', encoding="utf-8"
    )
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n", encoding="utf-8")
    return tmp_path


def test_a_beir_folder_is_read_and_unjudged_queries_are_left_out_and_counted(folder):
    found = read_beir(folder)
    assert found.judgements.queries == {"q1": "fall"}
    assert found.judgements.qrels == {"q1": {"d1": 2}}
    assert found.judgements.split == "dev"
    assert found.judgements.unjudged == 1
    assert found.unknown_documents() == 0


def test_qrels_of_trec_with_four_columns_are_read(folder):
    (folder / "qrels" / "test.tsv").write_text("q1\t0\td1\t1\n", encoding="utf-8")
    assert read_beir(folder).judgements.qrels == {"q1": {"d1": 1}}


def test_a_query_without_a_relevant_document_is_kept_apart(folder):
    (folder / "qrels" / "dev.tsv").write_text("q1\td1\t1\nq2\td1\t0\n", encoding="utf-8")
    found = read_beir(folder).judgements
    assert found.queries == {"q1": "fall"}
    assert found.unanswerable == {"q2": "ikke vurdert"}


def test_relevant_documents_that_are_not_there_are_counted(folder):
    (folder / "qrels" / "dev.tsv").write_text("q1\td1\t1\nq1\td2\t1\nq1\td3\t0\n", encoding="utf-8")
    assert read_beir(folder).unknown_documents() == 1


def test_types_come_from_the_queries_or_from_a_table_that_wins(folder):
    (folder / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "fall", "type": "ord"}\n{"_id": "q2", "text": "hvorfor"}\n', encoding="utf-8"
    )
    (folder / "qrels" / "dev.tsv").write_text("q1\td1\t1\nq2\td1\t1\n", encoding="utf-8")
    assert read_judgements(folder).types == {"q1": "ord", "q2": "(none)"}
    table = folder / "types.tsv"
    table.write_text("query-id\ttype\nq2\tspørsmål\n", encoding="utf-8")
    assert read_judgements(folder, types=table).types == {"q1": "ord", "q2": "spørsmål"}
    table.write_text("q9\tspørsmål\n", encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r"types\.tsv, line 1: queries\.jsonl has no query 'q9'"):
        read_judgements(folder, types=table)
    table.write_text("q2\n", encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r"types\.tsv, line 1: expected query-id, type"):
        read_judgements(folder, types=table)


def test_without_types_there_are_none(folder):
    assert read_beir(folder).judgements.types == {}


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ('\ufeff{"_id": "d1", "title": "T", "text": "fall"}', "T", "fall"),
        ('{"_id": "d1", "text": "fall"}', "", "fall"),
        ('{"_id": "d1", "title": null, "text": ""}', "", ""),
        ('{"_id": "d1", "text": "a\\u0000b \\ud83d"}', "", "a b ?"),
    ],
)
def test_odd_documents_are_read(folder, text, title, body):
    (folder / "corpus.jsonl").write_text(text, encoding="utf-8")
    (document,) = read_beir(folder).documents
    assert (document.title, document.text) == (title, body)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("corpus.jsonl", '{"_id": [7], "text": "x"}', r"corpus\.jsonl, line 1, field _id"),
        ("corpus.jsonl", "{", r"corpus\.jsonl, line 1: not JSON"),
        ("corpus.jsonl", "[]", r"corpus\.jsonl, line 1: expected an object"),
        ("corpus.jsonl", "\n", r"corpus\.jsonl: no document"),
        ("corpus.jsonl", '{"_id": "a", "text": ""}\n' * 2, r"corpus\.jsonl, line 2, field _id: 'a' .*twice"),
        ("queries.jsonl", '{"_id": "q1"}', r"queries\.jsonl, line 1, field text"),
        ("queries.jsonl", '{"_id": "q1", "text": "", "type": 3}', r"queries\.jsonl, line 1, field type"),
        ("queries.jsonl", '{"_id": "a", "text": ""}\n' * 2, r"queries\.jsonl, line 2, field _id: 'a'"),
        ("qrels/dev.tsv", "a\tb\tc\nq1\td1\tmange\n", r"dev\.tsv, line 2"),
        ("qrels/dev.tsv", "q1 d1 1\n", r"dev\.tsv, line 1: expected query-id"),
        ("qrels/dev.tsv", "q9\td1\t1\n", r"no query of queries\.jsonl has a relevant document"),
        ("qrels/dev.tsv", "q1\td1\t0\n", r"no query of queries\.jsonl has a relevant document"),
    ],
)
def test_a_broken_collection_is_named(folder, name, text, says):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match=says):
        read_beir(folder)


def test_text_that_is_not_utf8_is_named(folder):
    (folder / "qrels" / "dev.tsv").write_bytes("q1\tblå\t1\n".encode("latin-1"))
    with pytest.raises(InvalidRequest, match=r"dev\.tsv: cannot be read"):
        read_beir(folder)


def test_a_missing_corpus_is_named(folder):
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(InvalidRequest, match=r"corpus\.jsonl: cannot be read"):
        read_beir(folder)


def test_the_digest_is_of_the_content_not_of_its_order(folder):
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d1", "text": "fall"}\n{"_id": "d2", "text": "hygiene"}\n', encoding="utf-8"
    )
    before = read_beir(folder).digest()
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d2", "text": "hygiene"}\n{"text": "fall", "_id": "d1"}\n', encoding="utf-8"
    )
    assert read_beir(folder).digest() == before
    for name, text in (
        ("corpus.jsonl", '{"_id": "d1", "text": "fall"}\n{"_id": "d2", "text": "hygiene!"}\n'),
        ("queries.jsonl", '{"_id": "q1", "text": "et fall"}\n'),
        ("qrels/dev.tsv", "q1\td1\t1\n"),
    ):
        kept = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
        assert read_beir(folder).digest() != before, name
        (folder / name).write_text(kept, encoding="utf-8")
    assert read_beir(folder).digest() == before
