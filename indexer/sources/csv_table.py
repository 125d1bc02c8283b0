"""How is a table saved as CSV read? As spreadsheets save it here: semicolons, Windows letters and all."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from indexer.sources.jsonl import offer
from indexer.sources.source import SourceEvent, SourceProblem

MAX_FILE = 200_000_000
"""Largest file [bytes]."""

MAX_CELL = 2_000_000
"""Longest cell [characters]."""

DELIMITERS = ";,\t"


class CsvTableSource:
    """CSV with a header row; ``;``, ``,`` or tab is found out; UTF-8, or else Windows-1252.

    Every cell is text; empty cells are absent fields. Fields that hold several values have ``|``
    between them.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        Under which name revisions are remembered; default: the whole path.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self._path = path
        self.name = name or path.resolve().as_posix()

    def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
        """Yield the rows; see `Source.items`. Rows are counted as lines of the file, header first."""
        place = self._path.name
        try:
            if self._path.stat().st_size > MAX_FILE:
                yield SourceProblem(place, f"is larger than {MAX_FILE:,} bytes")
                return
            data = self._path.read_bytes()
        except OSError as error:
            yield SourceProblem(place, f"cannot be opened: {error.strerror}")
            return
        text, warning = decode(data)
        if warning:
            yield SourceProblem(place, warning, severity="warning")
        yield from _rows(text, place, revisions)


def decode(data: bytes) -> tuple[str, str | None]:
    """Return the text of a table and a warning when its encoding had to be guessed.

    Examples
    --------
    >>> decode("språk".encode("cp1252"))
    ('språk', 'is not UTF-8; read as Windows-1252')
    """
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "is not UTF-8; read as Windows-1252"


def find_delimiter(header: str) -> str:
    """Return the delimiter that stands most often outside quotes in the header row, ``;`` on a tie.

    Examples
    --------
    >>> find_delimiter('id;"tittel, kort";varighet')
    ';'
    """
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda d: (outside.count(d), -DELIMITERS.index(d)))


def _rows(text: str, place: str, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
    header_line = next((line for line in StringIO(text, newline="") if line.strip()), "")
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(
        _without_nul(StringIO(text, newline="")), delimiter=find_delimiter(header_line), strict=True
    )
    header: list[str] | None = None
    seen: dict[str, int] = {}
    while True:
        row = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield SourceProblem(place, f"not CSV: {error}; rows {row} to {reader.line_num} are left out", row)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            twice = [name for name, n in Counter(header).items() if n > 1 and name]
            if twice:
                yield SourceProblem(place, "stands twice in the header", row, twice[0])
                return
            continue
        extra = [cell for cell in cells[len(header) :] if cell.strip()]
        if extra:
            reason = (
                f"{len(cells)} cells where the header has {len(header)}: a delimiter in an unquoted text?"
            )
            yield SourceProblem(place, reason, row, header[-1])
            continue
        unnamed = [
            i
            for i, (name, cell) in enumerate(zip(header, cells, strict=False), 1)
            if cell.strip() and not name
        ]
        if unnamed:
            yield SourceProblem(place, f"column {unnamed[0]} has no name in the header", row)
            continue
        record = {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
        yield from offer(record, place, row, revisions, seen)
    if header is None:
        yield SourceProblem(place, "has no header row")


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that the reader takes: before Python 3.12 it stops at NUL."""
    for line in lines:
        yield line.replace("\0", "\ufffd")
