"""What does each row of a table say, and which of its cells are at fault? One row at a time, nothing looked at twice."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import InvalidRequest
from engine.records import check_text
from indexer.plan_files import values
from indexer.plan_files.headings import Table
from indexer.plan_files.known import Known
from indexer.plan_files.problem import Place, PlanProblem
from indexer.plan_files.sheet import BLANK, Cell
from indexer.plan_files.values import Unfit
from vocab.analysis import fold

OF_PLAN = (
    "plan_tittel", "plan_tittel_nn", "plan_tittel_en", "rolle", "arena", "plantype", "eier", "plan_utgaver",
    "gyldig_fra", "gyldig_til", "erstatter",
)  # fmt: skip
"""Columns that say something of the plan as a whole; one row that says it is enough."""

OF_REQUIREMENT = (
    "krav_tittel", "krav_tittel_nn", "krav_tittel_en", "beskrivelse", "beskrivelse_nn", "beskrivelse_en",
    "kravart", "nivå", "begrep", "verifikasjon", "hjemmel", "forkunnskap",
)  # fmt: skip
"""Columns that say something of the requirement, whichever plan asks for it."""

EXAMPLE_WORDS = ("eksempel:", "døme:", "example:")
"""How the plan of a row begins that only shows how rows are written."""

_WANTED = {
    "plan": {"nb": "planens navn", "nn": "namnet på planen", "en": "the plan's name"},
    "krav_kode": {"nb": "kravets kode", "nn": "koden til kravet", "en": "the requirement's code"},
    "krav_tittel": {"nb": "kravets navn", "nn": "namnet på kravet", "en": "the requirement's name"},
}


@dataclass(slots=True)
class Row:
    """One row: its values by column; `bad` when something in it keeps it out, `bad_plan` if that is of the plan."""

    table: Table
    number: int
    values: dict[str, Any] = field(default_factory=dict)
    bad: bool = False
    bad_plan: bool = False
    faulted: set[str] = field(default_factory=set)
    requirement: str = ""
    plan: str = ""

    def place(self, column: str | None = None) -> Place:
        """Return where the row, or one of its cells, is."""
        return self.table.place(self.number, column)

    def __str__(self) -> str:
        """Return sheet and number, as in ``Plan!7``."""
        return f"{self.table.sheet.name}!{self.number}" if self.table.sheet.name else str(self.number)


class RowReader:
    """Reads rows with what is known, and tells every fault to `note`."""

    def __init__(self, known: Known, lang: str, note: Callable[[PlanProblem], None]) -> None:
        self._known = known
        self._lang = lang
        self._note = note
        self._readers: Mapping[str, Callable[[Cell], Any]] = {
            "plan": values.line,
            "rolle": lambda cell: tuple(known.role(name) for name in self._roles(cell)),
            "arena": lambda cell: known.arena(cell.text),
            "plantype": values.plan_kind,
            "plan_utgaver": lambda cell: tuple(known.edition(e) for e in values.codes(cell)),
            "gyldig_fra": values.day,
            "gyldig_til": values.day,
            "erstatter": values.line,
            "krav_kode": values.code,
            "versjon": values.code,
            "kravtype": values.necessity,
            "kravart": values.requirement_kind,
            "nivå": values.level,
            "begrep": lambda cell: tuple(known.concept(c) for c in values.several(cell)),
            "intervall_mnd": values.months,
            "ressurs_url": values.addresses,
            "gruppe_minimum": values.minimum,
            "forkunnskap": values.codes,
            "utgave": lambda cell: known.edition(cell.text),
            "rekkefølge": values.whole,
        }

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows below the headings that are not blank and no examples, in order."""
        titles = {name: self._value(table, table.row, name, cell) for name, cell in table.titles.items()}
        above = ""
        for number, cells in table.sheet.filled():
            if number <= table.row:
                continue
            row = Row(table, number, {name: value for name, value in titles.items() if value is not None})
            if self._is_example(table, cells):
                continue
            beyond = [cell for cell in cells[len(table.sheet.rows[table.row]) :] if not cell.empty]
            if beyond and table.sheet.name is None:
                columns = len(table.sheet.rows[table.row])
                self._fault(row, row.place(), "cells-beyond", cells=len(cells), columns=columns)
            for name, index in table.columns.items():
                self._read(row, name, cells[index] if index < len(cells) else BLANK)
            self._require(row, above)
            above = row.values.get("plan") or above
            yield row

    def _read(self, row: Row, name: str, cell: Cell) -> None:
        place = row.place(name)
        if cell.fault == "merged":
            cell = self._covered(row, name, cell)
        if cell.fault in {"error", "uncalculated"}:
            code = "formula-error" if cell.fault == "error" else "formula-uncalculated"
            self._fault(row, place, code, name)
        elif not cell.empty:
            if name == "krav_kode" and cell.number:
                self._note(place.doubt("code-number", self._lang))
            value = self._value(row.table, row.number, name, cell, row)
            if value is not None or name == "intervall_mnd":
                row.values[name] = value

    def _covered(self, row: Row, name: str, cell: Cell) -> Cell:
        """Return what holds for a cell below the first of a merged range; nothing for one beside it."""
        if cell.left - 1 != row.table.columns[name]:
            return BLANK
        place = row.place(name)
        if name.startswith(("krav_kode", "krav_tittel")):
            self._fault(row, place, "merged-cell", name, range=cell.merged)
            return BLANK
        source = row.table.sheet.rows.get(cell.top, ())
        found = source[cell.left - 1] if cell.left <= len(source) else BLANK
        if not found.empty:
            said = Place(place.file, place.sheet, place.row, place.column, place.field, found.text)
            self._note(said.doubt("merged-filled", self._lang, range=cell.merged))
        return found

    def _value(self, table: Table, number: int, name: str, cell: Cell, row: Row | None = None) -> Any:  # noqa: ANN401
        try:
            check_text(cell.text, name)
            return self._readers.get(name, values.line)(cell)
        except InvalidRequest as error:
            fault = Unfit("text-unfit", why=str(error).partition(": ")[2])
        except Unfit as error:
            fault = error
        place = table.place(number, name if row else None)
        if row is None:
            self._note(
                Place(place.file, place.sheet, None, None, name, cell.text).problem(
                    fault.code, self._lang, **fault.values
                )
            )
        else:
            self._fault(row, place, fault.code, name, **fault.values)
        return None

    def _require(self, row: Row, above: str) -> None:
        columns = row.table.columns
        for name in ("plan", "krav_kode", "krav_tittel"):
            if name not in columns or row.values.get(name) or name in row.faulted:
                continue
            if name == "krav_tittel" and row.values.get("krav_kode"):
                continue  # another row or the catalogue may know it
            said = {
                "nb": "Raden over har «{}».",
                "nn": "Rada over har «{}».",
                "en": "The row above has «{}».",
            }
            more = " " + said[self._lang].format(above) if name == "plan" and above else ""
            self._fault(
                row, row.place(name), "required-blank", name, wanted=_WANTED[name][self._lang], hint=more
            )

    def _fault(self, row: Row, place: Place, code: str, name: str | None = None, **said: object) -> None:
        row.bad = True
        row.bad_plan = row.bad_plan or name in OF_PLAN
        row.faulted.add(name or "")
        self._note(place.problem(code, self._lang, **said))

    def _roles(self, cell: Cell) -> tuple[str, ...]:
        """Return the roles in a cell; a comma parts them unless a role's own name has it."""
        found: list[str] = []
        for text in values.several(cell):
            try:
                self._known.role(text)
            except Unfit:
                found += [part.strip() for part in text.split(",") if part.strip()]
            else:
                found.append(text)
        return tuple(found)

    @staticmethod
    def _is_example(table: Table, cells: tuple[Cell, ...]) -> bool:
        index = table.columns.get("plan", table.columns.get("krav_tittel", 0))
        return index < len(cells) and fold(cells[index].text).startswith(EXAMPLE_WORDS)
