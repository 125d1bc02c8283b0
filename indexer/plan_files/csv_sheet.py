"""What is in a table saved as CSV, with titles above its headings or not? One sheet without a name."""

import csv
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

from engine.errors import InvalidRequest
from indexer.plan_files.problem import PlanProblem
from indexer.plan_files.sheet import Cell, Sheet, cell_of
from indexer.sources.csv_table import DELIMITERS, MAX_CELL, MAX_FILE, decode


def read_csv(path: Path, known: Callable[[str], bool]) -> tuple[Sheet, list[PlanProblem]]:
    """Return the table, its rows numbered as lines of the file, and what was doubtful about it.

    Parameters
    ----------
    path : Path
        Delimiter and encoding are found out as `indexer.sources.csv_table` does.
    known : callable
        Tells whether a text is a heading: the delimiter is the one that gives most of them.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise InvalidRequest(f"{path}: is larger than {MAX_FILE:,} bytes")
        text, doubt = decode(path.read_bytes())
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be read: {error.strerror}") from error
    doubts = [PlanProblem(path.name, doubt, severity="warning", code="encoding")] if doubt else []
    text = text.replace("\0", "\ufffd")
    csv.field_size_limit(MAX_CELL)
    tables = [_rows(text, delimiter) for delimiter in DELIMITERS]

    def headings(rows: Mapping[int, tuple[Cell, ...]]) -> int:
        return max((sum(known(c.text) for c in cells) for cells in list(rows.values())[:50]), default=0)

    return Sheet(path.name, None, max(tables, key=headings)), doubts


def _rows(text: str, delimiter: str) -> dict[int, tuple[Cell, ...]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    rows: dict[int, tuple[Cell, ...]] = {}
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            raise InvalidRequest(f"not CSV: {error} in row {number}") from error
        found = [cell_of(cell) for cell in cells]
        while found and found[-1].empty:
            found.pop()
        if found:
            rows[number] = tuple(found)
