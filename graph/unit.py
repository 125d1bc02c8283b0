"""How does a unit stand? Requirement by pseudonym, coverage of each requirement, and what is due when."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from graph.plans import Obligation
from graph.status import StatusLine, status_line


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One requirement in a unit: `cells` by pseudonym, only of those of whom it is asked."""

    requirement: str
    cells: Mapping[str, StatusLine]

    @property
    def asked(self) -> int:
        """Of how many it is asked."""
        return len(self.cells)

    @property
    def fulfilled(self) -> int:
        """How many of them meet it today, or need not since a group of requirements is satisfied without it."""
        return sum(not cell.obligation.gap for cell in self.cells.values())

    @property
    def overdue(self) -> int:
        """How many of them had it once and are past the day."""
        return sum(cell.overdue for cell in self.cells.values())

    @property
    def missing(self) -> int:
        """How many of them lack it."""
        return self.asked - self.fulfilled


@dataclass(frozen=True, slots=True)
class UnitReport:
    """A unit on a day: rows with most overdue first, then most missing; pseudonyms in order."""

    on: date
    pseudonyms: tuple[str, ...]
    rows: tuple[UnitRow, ...]

    @property
    def asked(self) -> int:
        """All cells."""
        return sum(row.asked for row in self.rows)

    @property
    def fulfilled(self) -> int:
        """Cells in which nothing is missing."""
        return sum(row.fulfilled for row in self.rows)

    @property
    def due(self) -> tuple[tuple[str, date], ...]:
        """Requirement and last day of every approval that still holds, and of those past it and needed."""
        return tuple(
            (row.requirement, cell.obligation.due)
            for row in self.rows
            for cell in row.cells.values()
            if cell.obligation.due is not None and (cell.overdue or cell.obligation.fulfilled)
        )

    @property
    def by_month(self) -> Mapping[date, Mapping[str, int]]:
        """How many approvals of each requirement run out in each month (its first day), in order; overdue left out."""
        counts: defaultdict[date, Counter[str]] = defaultdict(Counter)
        for requirement, day in self.due:
            if day >= self.on:
                counts[day.replace(day=1)][requirement] += 1
        return {month: dict(sorted(counts[month].items())) for month in sorted(counts)}


def unit_report(found: Mapping[str, Sequence[Obligation]], *, on: date) -> UnitReport:
    """Lay the obligations of each pseudonym beside each other."""
    cells: defaultdict[str, dict[str, StatusLine]] = defaultdict(dict)
    for pseudonym in sorted(found):
        for obligation in found[pseudonym]:
            cells[obligation.requirement][pseudonym] = status_line(obligation, on)
    rows = [UnitRow(requirement, cells[requirement]) for requirement in cells]
    rows.sort(key=lambda row: (-row.overdue, -row.missing, row.requirement))
    return UnitReport(on, tuple(sorted(found)), tuple(rows))
