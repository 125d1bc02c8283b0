"""Files: each kind of broken record is named by file, row and field, and the rest goes on."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidRequest, NotFound
from indexer.sources import Source, SourceItem, SourceProblem, SourceUnchanged, open_source
from indexer.sources import jsonl as jsonl_module
from indexer.sources.csv_table import CsvTableSource, find_delimiter
from indexer.sources.jsonl import JsonlSource, parse_line


def read(
    source: Source, revisions: dict[str, str] | None = None
) -> tuple[list[SourceItem], list[SourceProblem]]:
    events = list(source.items(revisions or {}))
    items = [e for e in events if isinstance(e, SourceItem)]
    return items, [e for e in events if isinstance(e, SourceProblem)]


def jsonl(folder: Path, *lines: object, name: str = "bank.jsonl") -> JsonlSource:
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    (folder / name).write_bytes(data + b"\n")
    return JsonlSource(folder / name)


def table(folder: Path, text: str | bytes) -> CsvTableSource:
    (folder / "bank.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return CsvTableSource(folder / "bank.csv")


BROKEN = [
    (b'{"id": "kb-1", ', "not JSON: Expecting property name"),
    (b'{"id": "kb-1"} {"id": "kb-2"}', "not JSON: Extra data"),
    (b'["kb-1"]', "a JSON object is needed, got list"),
    (b"12", "a JSON object is needed, got int"),
    (b'{"id": "kb-\xff"}', "not UTF-8 at byte 12 of the line"),
    (b'{"duration": NaN}', "NaN is no JSON number"),
    (b"[" * 100_000, "nested too deep"),
    (b'{"n": ' + b"9" * 5000 + b"}", "not JSON"),
]


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_a_broken_line_is_named_and_the_rest_goes_on(tmp_path: Path, line: bytes, reason: str) -> None:
    items, problems = read(jsonl(tmp_path, {"id": "kb-0"}, line, {"id": "kb-9"}))
    assert [i.record["id"] for i in items] == ["kb-0", "kb-9"]
    assert [(p.place, p.row) for p in problems] == [("bank.jsonl", 2)]
    assert reason in problems[0].reason


def test_a_field_that_stands_twice_in_a_record_is_named(tmp_path: Path) -> None:
    _, problems = read(jsonl(tmp_path, b'{"id": "kb-1", "title": "a", "title": "b"}'))
    assert (problems[0].row, problems[0].field) == (1, "title")


def test_a_line_that_is_too_long_is_skipped_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_module, "MAX_LINE", 100)
    items, problems = read(jsonl(tmp_path, {"id": "a"}, {"id": "x" * 350}, {"id": "b"}))
    assert [(i.record["id"], i.row) for i in items] == [("a", 1), ("b", 3)]
    assert problems[0].row == 2
    assert "longer than 100 bytes" in problems[0].reason


def test_an_id_that_stands_twice_is_a_problem_of_the_second(tmp_path: Path) -> None:
    items, problems = read(jsonl(tmp_path, {"id": "a", "title": "1"}, b"", {"id": "a", "title": "2"}))
    assert [i.record["title"] for i in items] == ["1"]
    assert str(problems[0]) == "bank.jsonl, row 3, id: 'a' stands in row 1 already"


def test_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(b'\xef\xbb\xbf{"id": "a"}\r\n\r\n  \n{"id": "b"}')
    items, problems = read(JsonlSource(tmp_path / "b.jsonl"))
    assert [i.key for i in items] == ["a", "b"]
    assert not problems


def test_only_what_has_changed_comes_again(tmp_path: Path) -> None:
    items, _ = read(jsonl(tmp_path, {"id": "a", "title": "1"}, {"id": "b", "title": "2"}))
    revisions = {i.key: i.revision for i in items}
    changed = jsonl(tmp_path, {"title": "1", "id": "a"}, {"id": "b", "title": "3"})
    events = list(changed.items(revisions))
    assert events[0] == SourceUnchanged("a")
    assert isinstance(events[1], SourceItem)


@given(st.binary(max_size=200))
def test_no_line_whatever_raises(line: bytes) -> None:
    found = parse_line(line, "x.jsonl", 1)
    assert isinstance(found, (dict, SourceProblem))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.text("abcøå-19", min_size=1, max_size=8),
                "title": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
                    str.strip
                ),
            }
        ),
        unique_by=lambda r: r["id"],
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(";,\t"),
)
def test_a_table_gives_back_what_a_spreadsheet_wrote(tmp_path_factory, records, delimiter: str) -> None:
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "title"])
    writer.writerows([[r["id"], r["title"]] for r in records])
    folder = tmp_path_factory.mktemp("csv")
    items, problems = read(table(folder, out.getvalue()))
    assert [dict(i.record) for i in items] == records
    assert not problems


def test_semicolons_windows_letters_and_empty_cells(tmp_path: Path) -> None:
    source = table(
        tmp_path, "id;tittel;språk;målgruppe\r\nk-1;Sår på føttene;nb;\r\n;;;\r\n".encode("cp1252")
    )
    items, problems = read(source)
    assert dict(items[0].record) == {"id": "k-1", "tittel": "Sår på føttene", "språk": "nb"}
    assert [p.severity for p in problems] == ["warning"]
    assert "Windows-1252" in problems[0].reason


def test_row_numbers_are_lines_of_the_file_also_after_a_cell_of_several_lines(tmp_path: Path) -> None:
    items, problems = read(table(tmp_path, 'id,tekst\nk-1,"en\nto\ntre"\nk-2,a,b\nk-3,c\n'))
    assert [(i.key, i.row) for i in items] == [("k-1", 2), ("k-3", 6)]
    assert problems[0].row == 5
    assert "3 cells where the header has 2" in problems[0].reason


@pytest.mark.parametrize(
    ("text", "reason", "field"),
    [
        ("", "has no header row", None),
        ("id;id\n1;2\n", "stands twice in the header", "id"),
        ("id;\n1;x\n", "column 2 has no name in the header", None),
        ('id;t\n1;"a"b\n', "not CSV", None),
        ('id;t\n1;"a\n2;b\n', "not CSV", None),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, text: str, reason: str, field: str | None) -> None:
    _, problems = read(table(tmp_path, text))
    assert reason in problems[0].reason
    assert problems[0].field == field
    assert problems[0].place == "bank.csv"


def test_rows_after_a_broken_one_are_read(tmp_path: Path) -> None:
    items, problems = read(table(tmp_path, 'id;t\n1;"a"b\n2;c\n'))
    assert [i.key for i in items] == ["2"]
    assert problems[0].row == 2


def test_the_delimiter_is_not_sought_inside_quotes() -> None:
    assert find_delimiter('"a,b,c,d";e') == ";"
    assert find_delimiter("id,tittel") == ","
    assert find_delimiter("id") == ";"


def test_a_folder_reads_each_file_by_its_kind_and_names_those_it_does_not_read(tmp_path: Path) -> None:
    jsonl(tmp_path, {"id": "a"}, name="1.jsonl")
    (tmp_path / "under").mkdir()
    jsonl(tmp_path / "under", {"id": "b"}, b"{", name="2.ndjson")
    (tmp_path / "bilde.png").write_bytes(b"x")
    (tmp_path / ".skjult.jsonl").write_text("{")
    source = open_source(str(tmp_path))
    items, problems = read(source)
    assert [i.record["id"] for i in items] == ["a", "b"]
    assert [(p.place, p.row, p.severity) for p in problems] == [
        ("bilde.png", None, "warning"),
        ("under/2.ndjson", 2, "error"),
    ]
    again, _ = read(source, {i.key: i.revision for i in items})
    assert again == []


def test_a_file_that_vanishes_is_a_problem(tmp_path: Path) -> None:
    source = jsonl(tmp_path, {"id": "a"})
    (tmp_path / "bank.jsonl").unlink()
    _, problems = read(source)
    assert "cannot be opened" in problems[0].reason


def test_locations_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(NotFound):
        open_source(str(tmp_path / "none.jsonl"))
    with pytest.raises(InvalidRequest, match=r"a\.png"):
        open_source(str(tmp_path / "a.png"))
    for location in (
        "ftp://eksempel.no/x",
        "file:///etc/passwd",
        "http://",
        "sitemap:/etc/passwd",
        "feed:gopher://a",
    ):
        with pytest.raises(InvalidRequest):
            open_source(location)


def test_a_location_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidRequest) as refused:
        open_source("https://navn:hemmelig@eksempel.no/feed")
    assert "hemmelig" not in str(refused.value)


def test_a_record_of_very_many_fields_is_checked_for_doubles_at_once() -> None:
    fields = ", ".join(f'"k{n}": 1' for n in range(100_000))
    began = time.process_time()
    found = parse_line(f'{{{fields}, "k7": 2}}'.encode(), "bank.jsonl", 1)
    assert isinstance(found, SourceProblem)
    assert (found.field, found.reason) == ("k7", "stands twice in the record")
    assert time.process_time() - began < 5
