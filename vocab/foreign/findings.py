"""What came of reading somebody else's vocabulary? Its concepts, and what could not be taken over."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from vocab.skos import SkosContent

ForeignKind = Literal["skos", "mesh", "esco", "los", "grep"]


@dataclass(frozen=True, slots=True)
class ForeignFinding:
    """A record, or a part of one, that was left out.

    Attributes
    ----------
    path
        The file.
    line
        Line number counted from 1, or None where the format has none.
    record
        What the record calls itself: a URI or code, or its place (``record 7``).
    field
        Name of the column, element or key in the file.
    message
        What is wrong, and what was done.
    """

    path: Path
    line: int | None
    record: str
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}, line {self.line}" if self.line else str(self.path)
        return f"{place}: {self.record}: {self.field}: {self.message}"


class ForeignContent(NamedTuple):
    """A vocabulary that was read: its kind, its schemes and concepts, and what was left out."""

    kind: ForeignKind
    content: SkosContent
    findings: tuple[ForeignFinding, ...] = ()
