"""What is on the sheets of a workbook (XLSX)? Values as calculated, merged cells and errors told apart."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell

from engine.errors import InvalidRequest
from indexer.plan_files.sheet import BLANK, Cell, Sheet, cell_of

Places = Mapping[tuple[int, int], str]

MAX_UNPACKED = 500_000_000
"""Most that a workbook may hold once unpacked [bytes]; plans are some hundred kilobytes."""

MAX_ROWS, MAX_COLUMNS = 100_000, 200
"""Rows and columns of a sheet that are looked at; a stray cell far away makes a sheet seem huge."""


def read_workbook(path: Path) -> list[Sheet]:
    """Return the sheets in their order.

    Raises
    ------
    InvalidRequest
        If the file is no workbook, is locked by a password, or unpacks to more than `MAX_UNPACKED`.
    """
    _check(path)
    try:
        calculated = load_workbook(path, data_only=True)
        written = load_workbook(path)
    except Exception as error:  # openpyxl fails in many ways on broken parts
        raise InvalidRequest(f"{path}: is no workbook that can be read: {error}") from error
    try:
        return [
            _sheet(path.name, values, written[values.title])
            for values in calculated.worksheets  # charts have no cells
        ]
    finally:
        calculated.close()
        written.close()


def _check(path: Path) -> None:
    try:
        with path.open("rb") as file:
            beginning = file.read(8)
        if beginning == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise InvalidRequest(
                f"{path}: is locked by a password or in the old format; save it as .xlsx without a password"
            )
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise InvalidRequest(f"{path}: is no workbook (.xlsx)") from error
    if size > MAX_UNPACKED:
        raise InvalidRequest(f"{path}: unpacks to more than {MAX_UNPACKED:,} bytes")


def _sheet(file: str, values: Any, written: Any) -> Sheet:  # noqa: ANN401 (openpyxl's classes)
    formulas: Places = {
        place: str(cell.value)
        for place, cell in written._cells.items()  # the filled ones; iter_rows would make all the others
        if getattr(cell, "data_type", "") == "f"
    }
    covered = {
        (row, column): Cell(fault="merged", merged=area.coord, top=area.min_row, left=area.min_col)
        for area in values.merged_cells.ranges
        for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1)
        for column in range(area.min_col, min(area.max_col, MAX_COLUMNS) + 1)
    }
    rows: dict[int, list[Cell]] = {}
    for row, column in sorted(values._cells):
        if row > MAX_ROWS or column > MAX_COLUMNS:
            continue
        cell = _cell(values._cells[row, column], formulas, covered)
        if cell is not BLANK:
            cells = rows.setdefault(row, [])
            cells += [BLANK] * (column - 1 - len(cells)) + [cell]
    filled = {number: tuple(cells) for number, cells in rows.items()}
    return Sheet(file, values.title, filled, hidden=values.sheet_state != "visible")


def _cell(cell: Any, formulas: Places, covered: Mapping[tuple[int, int], Cell]) -> Cell:  # noqa: ANN401
    place = (cell.row, cell.column)
    if isinstance(cell, MergedCell):
        return covered.get(place, BLANK)
    if cell.value is None and place in formulas:
        return Cell(formulas[place], "uncalculated")
    if cell.data_type == "e":
        return Cell(str(cell.value), "error")
    return cell_of(cell.value, cell.number_format or "General")
