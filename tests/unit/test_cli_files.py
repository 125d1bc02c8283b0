"""Done-lists are read with errors that name file, line and field."""

from datetime import date

import pytest

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
        Evidence("krav-fall", "approved", date(2026, 2, 1), None, "course"),
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


def test_every_fault_of_a_file_is_named_with_line_and_field(tmp_path):
    bad = [
        '{"requirement": "krav-x", "state": "done"}',
        "{",
        '{"requirement": "krav-fall", "achieved": "1.2.26"}',
    ]
    with pytest.raises(InvalidRequest) as caught:
        done(tmp_path, "\n".join(['{"requirement": "krav-fall"}', *bad]))
    places = [line.partition(", ")[2].partition(": ")[0] for line in str(caught.value).splitlines()]
    assert places == ["line 2, field requirement", "line 2, field state", "line 3", "line 4, field achieved"]
    with pytest.raises(InvalidRequest, match="and 10 more"):
        done(tmp_path, '{"requirement": "krav-x"}\n' * 60)
