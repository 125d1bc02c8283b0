"""What stands in the cells of a table, whatever kind of file it was? Sheets, rows and cells with their places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

CellFault = Literal["", "merged", "error", "uncalculated"]

FORMULA_ERRORS = frozenset([
    "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA",
    "#I/T", "#VERDI!", "#NAVN?", "#TALL!", "#NULL!", "#SPILL!",
])  # fmt: skip
"""What a spreadsheet shows where a formula has failed, in English and Norwegian."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the file has it.

    `fault` tells that there is none: the cell is covered by a merged one (`merged` is the range, `top` and
    `left` its first row and column, from 1), holds an error, or a formula that was never calculated.
    `number` marks a text that was a number.
    """

    value: str | date | None = None
    fault: CellFault = ""
    merged: str = ""
    number: bool = False
    top: int = 0
    left: int = 0

    @property
    def text(self) -> str:
        """The value as one line of text, empty for none."""
        if isinstance(self.value, date):
            return self.value.isoformat()
        return " ".join((self.value or "").split())

    @property
    def empty(self) -> bool:
        """Whether nothing was written here."""
        return not self.text and self.fault in {"", "merged"}


BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows by number, from 1; a row is its cells from column A on, a table of text may be without a name."""

    file: str
    name: str | None
    rows: Mapping[int, tuple[Cell, ...]] = field(default_factory=dict)
    hidden: bool = False

    def filled(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Yield the rows that are not blank."""
        return ((n, cells) for n, cells in self.rows.items() if any(not c.empty for c in cells))


def column_letter(index: int) -> str:
    """Return the letters of a column, counted from 0.

    Examples
    --------
    >>> [column_letter(n) for n in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_of(value: object, number_format: str = "General") -> Cell:
    """Return a cell for a value of a spreadsheet.

    Examples
    --------
    >>> cell_of(7, "000").text, cell_of(12.0).text, cell_of(True).text
    ('007', '12', 'ja')
    """
    if value is None:
        return BLANK
    if isinstance(value, datetime):
        return Cell(value.date())
    if isinstance(value, date):
        return Cell(value)
    if isinstance(value, bool):
        return Cell("ja" if value else "nei")
    if isinstance(value, (int, float)):
        whole = isinstance(value, int) or value.is_integer()
        text = str(int(value)) if whole else repr(value)
        digits = number_format.strip()
        padded = whole and len(digits) > 1 and set(digits) == {"0"}
        return Cell(text.zfill(len(digits)) if padded else text, number=not padded)
    text = str(value)
    if text.strip().upper() in FORMULA_ERRORS:
        return Cell(text.strip(), "error")
    return Cell(text) if text.strip() else BLANK
