"""How is a file of one JSON record a line read? Line by line; a broken line costs only itself."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from indexer.sources.source import SourceEvent, SourceItem, SourceProblem, SourceUnchanged, clean_key

MAX_LINE = 5_000_000
"""Longest line [bytes]; a longer one is a problem and is skipped without being kept in memory."""

_BOM = b"\xef\xbb\xbf"


class JsonlSource:
    """JSON Lines: UTF-8, one object a line, blank lines ignored.

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
        """Yield the records; see `Source.items`. The key is the record's id, else its url or line."""
        place = self._path.name
        seen: dict[str, int] = {}
        try:
            file = self._path.open("rb")
        except OSError as error:
            yield SourceProblem(place, f"cannot be opened: {error.strerror}")
            return
        with file:
            for row, line in read_lines(file):
                if line is None:
                    yield SourceProblem(place, f"the line is longer than {MAX_LINE:,} bytes", row)
                    continue
                if not line.strip():
                    continue
                record = parse_line(line, place, row)
                if isinstance(record, SourceProblem):
                    yield record
                    continue
                yield from offer(record, place, row, revisions, seen)


def offer(
    record: Mapping[str, object], place: str, row: int, revisions: Mapping[str, str], seen: dict[str, int]
) -> Iterator[SourceEvent]:
    """Yield one row of a file as an item, as unchanged, or as a problem when its id stands twice.

    Parameters
    ----------
    seen : dict of key to row
        Keys of the rows before; the new one is added.
    """
    key = row_key(record, row)
    if key in seen:
        yield SourceProblem(place, f"{key!r} stands in row {seen[key]} already", row, "id")
        return
    seen[key] = row
    revision = record_hash(record)
    if revisions.get(key) == revision:
        yield SourceUnchanged(key)
    else:
        yield SourceItem(key, record, revision, place, row)


def row_key(record: Mapping[str, object], row: int) -> str:
    """Return what names a record inside its file: its id, else its url, else its row."""
    for field in ("id", "url"):
        value = record.get(field)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return clean_key(str(value).strip())
    return f"row {row}"


def record_hash(record: Mapping[str, object]) -> str:
    """Return the SHA-256 [64 hex digits] of a record, whatever the order of its fields."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def parse_line(line: bytes, place: str, row: int) -> dict[str, Any] | SourceProblem:
    """Return the object on a line, or the problem with it.

    Examples
    --------
    >>> print(parse_line(b'{"id": "kb-1",}', "bank.jsonl", 3))
    bank.jsonl, row 3: not JSON: Expecting property name enclosed in double quotes at character 15
    >>> print(parse_line(b'{"id": "kb-1", "id": "kb-2"}', "bank.jsonl", 3))
    bank.jsonl, row 3, id: stands twice in the record
    """
    twice: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            twice.extend(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        return record

    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=members, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        return SourceProblem(place, f"not UTF-8 at byte {error.start + 1} of the line", row)
    except json.JSONDecodeError as error:
        return SourceProblem(place, f"not JSON: {error.msg} at character {error.pos + 1}", row)
    except RecursionError:
        return SourceProblem(place, "not a record: nested too deep", row)
    except ValueError as error:
        return SourceProblem(place, f"not JSON: {error}", row)
    if twice:
        return SourceProblem(place, "stands twice in the record", row, twice[0])
    if not isinstance(value, dict):
        return SourceProblem(place, f"a JSON object is needed, got {type(value).__name__}", row)
    return value


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def read_lines(file: Any) -> Iterator[tuple[int, bytes | None]]:  # noqa: ANN401 (a binary file of any kind)
    """Yield (row, line), None in place of a line that is too long."""
    row = 0
    while line := file.readline(MAX_LINE + 1):
        row += 1
        if row == 1:
            line = line.removeprefix(_BOM)
        if len(line) <= MAX_LINE or line.endswith(b"\n"):
            yield row, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield row, None
