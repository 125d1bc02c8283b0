"""Generated tables go between their markers, and nothing else of a document changes."""

import pytest

from report_blocks import EVALUATION, markdown_table, write_block

TEXT = "før\n<!-- a: begin -->\ngammelt\n<!-- a: end -->\nmellom\n<!-- b: begin -->\n<!-- b: end -->\netter\n"


def test_only_what_is_between_the_markers_changes(tmp_path):
    path = tmp_path / "x.md"
    path.write_text(TEXT, encoding="utf-8")
    write_block("b", "\nnytt\n", path)
    assert path.read_text(encoding="utf-8") == TEXT.replace("b: begin -->\n", "b: begin -->\nnytt\n")
    write_block("a", "nyere", path)
    write_block("b", "", path)
    assert path.read_text(encoding="utf-8") == TEXT.replace("gammelt", "nyere").replace(
        "b: begin -->\n", "b: begin -->\n\n"
    )


@pytest.mark.parametrize("text", ["ingen", TEXT.replace("<!-- b: end -->", ""), TEXT + TEXT])
def test_missing_or_double_markers_are_refused(tmp_path, text):
    path = tmp_path / "x.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="expected one"):
        write_block("b", "nytt", path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["golden", "variants", "open"])
def test_the_evaluation_page_has_the_blocks_that_the_scripts_write(name):
    text = EVALUATION.read_text(encoding="utf-8")
    inside = text.partition(f"<!-- {name}: begin -->")[2].partition(f"<!-- {name}: end -->")[0]
    assert inside.count("|---|") >= 1


def test_a_table_has_a_rule_under_its_heading():
    assert markdown_table(["a", "b"], [[1, "x"]]) == ["| a | b |", "|---|---|", "| 1 | x |"]
