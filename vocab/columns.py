"""How is a table kept so that it opens in no time? Columns of numbers and texts in one file.

A file is a magic line, a checksum of all that follows, the key of what it was made from, a directory in JSON,
and the columns one after the other. Nothing in it is run, so that a foreign file can do no harm; a damaged
one, or one of another key, is not opened.
"""

import json
import os
import sys
import tempfile
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path

_MAGIC = b"KGCOLUMNS1\n"
_DIGEST = 16
_LENGTH = 4
_NUMBER = 4

KEPT = 4
"""How many files of one name stay in a cache: an editor's changes leave one each."""


class Columns:
    """Named columns, of whole numbers from 0 to 2**32 - 1 or of bytes."""

    __slots__ = ("_bytes", "_numbers")

    def __init__(self, columns: Mapping[str, "array[int] | bytes"]) -> None:
        self._numbers = {name: c for name, c in columns.items() if isinstance(c, array)}
        self._bytes = {name: c for name, c in columns.items() if isinstance(c, bytes)}

    def numbers(self, name: str) -> "array[int]":
        """Return a column of numbers."""
        return self._numbers[name]

    def content(self, name: str) -> bytes:
        """Return a column of bytes."""
        return self._bytes[name]

    def words(self, name: str) -> list[str]:
        """Return the words that `joined` put into a column of bytes."""
        found: list[str] = json.loads(self._bytes[name])
        return found

    def packed(self, key: str) -> bytes:
        """Return the contents of a file with these columns."""
        columns = {name: ("I", _little(numbers)) for name, numbers in self._numbers.items()}
        columns |= {name: ("B", content) for name, content in self._bytes.items()}
        directory = json.dumps([[name, kind, len(content)] for name, (kind, content) in columns.items()])
        head = _told(key) + b"\n" + directory.encode()
        body = len(head).to_bytes(_LENGTH, "little") + head + b"".join(c for _, c in columns.values())
        return _MAGIC + blake2b(body, digest_size=_DIGEST).digest() + body


def unpacked(content: bytes, key: str) -> Columns | None:
    """Return the columns of a file, or None if it is none, is damaged or was made from something else.

    Examples
    --------
    >>> file = Columns({"age": counted([3, 5]), "name": joined(["Kari", "Ola"])}).packed("v1")
    >>> columns = unpacked(file, "v1")
    >>> columns.numbers("age").tolist(), columns.words("name")
    ([3, 5], ['Kari', 'Ola'])
    >>> unpacked(file, "v2") is None, unpacked(file[:-1], "v1") is None
    (True, True)
    """
    try:
        return _unpacked(content, key)
    except (ValueError, KeyError, TypeError):  # whole, but none of ours
        return None


def _unpacked(content: bytes, key: str) -> Columns | None:
    at = len(_MAGIC) + _DIGEST
    body = memoryview(content)[at:]
    if not content.startswith(_MAGIC) or blake2b(body, digest_size=_DIGEST).digest() != bytes(
        content[len(_MAGIC) : at]
    ):
        return None
    start = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    told, _, directory = bytes(body[_LENGTH:start]).partition(b"\n")
    if told != _told(key):
        return None
    columns: dict[str, array[int] | bytes] = {}
    for name, kind, length in json.loads(directory):
        part = body[start : start + length]
        columns[name] = _from_little(part) if kind == "I" else bytes(part)
        start += length
    return Columns(columns)


def read_columns(path: Path, key: str) -> Columns | None:
    """Return the columns of a file, None if there is none to be used."""
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
            file.seek(0)
            return unpacked(file.read(), key)
    except OSError:
        return None


def counted(numbers: Iterable[int]) -> "array[int]":
    """Return a column of numbers."""
    return array("I", numbers)


def joined(words: Iterable[str]) -> bytes:
    """Return words as a column; `Columns.words` gives them back."""
    return json.dumps(list(words), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def bounds(lengths: Iterable[int]) -> "array[int]":
    """Return where things of these lengths begin when they stand one after the other, and where the last ends.

    Examples
    --------
    >>> bounds([2, 0, 3]).tolist()
    [0, 2, 2, 5]
    """
    return array("I", accumulate(lengths, initial=0))


def grouped(of: Sequence[int | None], groups: int) -> tuple["array[int]", "array[int]"]:
    """Return row numbers by group, and where each group begins among them; rows of group None are left out.

    Examples
    --------
    >>> rows, begin = grouped([1, 0, None, 1], 3)
    >>> rows.tolist(), begin.tolist()
    ([1, 0, 3], [0, 1, 3, 3])
    """
    sizes = [0] * groups
    for group in of:
        if group is not None:
            sizes[group] += 1
    begin = bounds(sizes)
    free = list(begin)
    rows = array("I", bytes(_NUMBER * begin[-1]))
    for row, group in enumerate(of):
        if group is not None:
            rows[free[group]] = row
            free[group] += 1
    return rows, begin


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old or the new one, never half of it; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _told(key: str) -> bytes:
    return json.dumps({"key": key}).encode()


def keep(path: Path, content: bytes) -> None:
    """Write a file ``NAME-KEY.ENDING`` of a cache, and remove those of that name that were written long before.

    What cannot be written or removed is done without.
    """
    with suppress(OSError):
        write_atomically(path, content)
        alike = path.parent.glob(f"{path.name.split('-')[0]}-*{path.suffix}")
        for old in sorted(alike, key=lambda other: other.stat().st_mtime_ns, reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)


def _little(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _from_little(content: memoryview) -> "array[int]":
    numbers = array("I")
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
