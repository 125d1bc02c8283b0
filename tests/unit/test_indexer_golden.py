"""A new build that answers the portal's own golden queries worse than the current one is not published."""

from contextlib import closing
from dataclasses import replace

import pytest

from engine.errors import InvalidRequest
from indexer.golden import read_judgements
from indexer.pipeline import index
from indexer.verification import UnsoundBuild
from small_bank import NOW, RESOURCES, fill, open_bank

ROWS = "query\tresource\tgrade\nfall\tkb-1\t2\nfall\tkb-2\t1\nhåndhygiene\tkb-8\t2\nsepsis\tkb-99\t2\n"


@pytest.fixture
def golden(tmp_path):
    path = tmp_path / "golden.tsv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_a_build_that_answers_as_well_is_published_with_what_was_measured(tmp_path, golden):
    fill(tmp_path / "bank", golden=golden)
    with closing(open_bank(tmp_path / "bank", golden=golden)) as engine:
        first = engine.builds.current()
        assert float(first.extra["golden_ndcg"]) > 0.7
        assert index(engine, rebuild=True).build.extra["golden_ndcg"] == first.extra["golden_ndcg"]


def test_a_build_that_answers_worse_is_not(tmp_path, golden):
    fill(tmp_path / "bank", golden=golden)
    with closing(open_bank(tmp_path / "bank", golden=golden)) as engine:
        first = engine.builds.current()
        emptied = [
            replace(r, title="Tom", summary="", body="") for r in RESOURCES if r.id in {"kb-1", "kb-8"}
        ]
        engine.catalogue.upsert(emptied, by="test", at=NOW)
        with pytest.raises(UnsoundBuild, match=r"2 golden queries .* the current one 0\.\d+"):
            index(engine)
        assert engine.builds.current() == first
    with closing(open_bank(tmp_path / "bank")) as engine:  # whoever means it leaves the queries out once
        assert index(engine).build.id > first.id


def test_content_that_is_withdrawn_is_no_fault_of_the_build(tmp_path, golden):
    fill(tmp_path / "bank", golden=golden)
    with closing(open_bank(tmp_path / "bank", golden=golden)) as engine:
        engine.withdraw("kb-8", by="test")
        assert index(engine).removed == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("query\tresource\nfall\tkb-1\n", "row 1: the column 'grade'"),
        ("query\tresource\tgrade\nfall\tkb-1\tgood\n", "row 2: grade is no whole number: 'good'"),
        ("query\tresource\tgrade\nfall\tkb-1\t1\n\tkb-2\t1\n", "row 3: query is empty"),
        ("query\tresource\tgrade\nfall\tkb-1\n", "row 2: grade is empty"),
    ],
)
def test_a_bad_row_is_named(golden, text, said):
    golden.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest) as refused:
        read_judgements(golden)
    assert said in str(refused.value)
    assert str(golden) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_judgements(tmp_path / "none.tsv")
