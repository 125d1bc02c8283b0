"""What does every source of resources promise? The port that connectors keep.

A source is read again and again. Of each item it is told what it said last time (`revisions`), and it
answers with what is new, what is as before, what is gone and what could not be read. It never raises
because of what it reads: a thing that will not do becomes a `SourceProblem` and the rest goes on.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

GONE = "gone"
"""The revision of an item that its source has withdrawn: it is not asked for again."""

LONGEST_KEY = 1_000
"""Longest key [bytes of UTF-8]."""


def clean_key(text: str) -> str:
    r"""Return a text as a key: nothing that a store would refuse, cut and hashed when too long.

    Examples
    --------
    >>> clean_key("kb-1"), clean_key("kb\0")
    ('kb-1', 'kb\\x00')
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    data = text.encode()
    if len(data) <= LONGEST_KEY:
        return text
    return f"{data[: LONGEST_KEY - 70].decode(errors='ignore')}~{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A record as the source has it, new or changed since last time.

    `key` names the item inside its source (record id, address, file) and `revision` is what is
    remembered of it: a validator or a hash. `place` is for people (``bank.jsonl, line 12``). With
    `strict` false the record was read off a page that nobody wrote as data: a field that will not do
    is then left out with a warning, and the record kept.
    """

    key: str
    record: Mapping[str, object]
    revision: str
    place: str
    row: int | None = None
    strict: bool = True


@dataclass(frozen=True, slots=True)
class SourceUnchanged:
    """An item that is as it was; `revision` is given when what to remember of it has changed."""

    key: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class SourceGone:
    """An item that the source has withdrawn for certain."""

    key: str


@dataclass(frozen=True, slots=True)
class SourceRead:
    """The whole source has been read; `revision` is remembered under `key` when nothing went wrong.

    It lets a source that has not changed at all be skipped next time.
    """

    key: str
    revision: str


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something that could not be read, or a doubt about something that was.

    `place` is the file or address, `row` the line or row in it (from 1), `field` the field by the
    name it has there.
    """

    place: str
    reason: str
    row: int | None = None
    field: str | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """Return one line, for instance ``bank.csv, row 7, varighet: a duration is needed …``."""
        parts = [self.place]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.field:
            parts.append(self.field)
        return f"{', '.join(parts)}: {self.reason}"


SourceEvent = SourceItem | SourceUnchanged | SourceGone | SourceRead | SourceProblem


class Source(Protocol):
    """Somewhere that resources come from."""

    @property
    def name(self) -> str:
        """Under which name revisions are remembered; the same location gives the same name."""
        ...

    def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
        """Yield what is there, in a fixed order.

        Parameters
        ----------
        revisions : mapping of key to revision
            What this source gave last time, of the items that were stored; empty the first time.

        Yields
        ------
        SourceItem
            New or changed, at most one a key.
        SourceUnchanged
            As before.
        SourceGone
            Withdrawn for certain, never merely out of reach.
        SourceProblem
            What could not be read, with file or address, row, field and reason.
        SourceRead
            At most one, last, when everything was read.
        """
        ...
