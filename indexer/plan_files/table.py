"""Which plans are on the sheets of a workbook or in a CSV file? Rows joined into plans; what is at fault is left out.

A row with a fault is left out; the others go on. What the catalogue already has of a plan stays where
the file does not speak: a line whose row is left out, lines of editions that no row names, and what no
cell says of the plan. A plan none of whose rows can be read, or whose lines make no sense together, is
left out whole.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from indexer.plan_files.draft import Draft
from indexer.plan_files.headings import Table, column_of, find_table
from indexer.plan_files.known import Known
from indexer.plan_files.plan_rows import PlanRows
from indexer.plan_files.problem import Place, PlanProblem
from indexer.plan_files.requirements import RequirementRows
from indexer.plan_files.rows import Row, RowReader
from indexer.plan_files.sheet import Sheet
from indexer.sources.source import SourceProblem
from vocab.analysis import fold

NOTES_SHEETS = frozenset(["forklaring", "forklaringar", "lister", "explanation", "lists"])
"""Sheets of the template that are no plans."""

_GENERIC = re.compile(r"(ark|sheet|tabell|table)\s*\d*", re.IGNORECASE)


def read_table(path: Path, known: Known, lang: str, roles: Sequence[str] = ()) -> Draft:
    """Return what a spreadsheet would write.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.csv``.
    known : Known
        The catalogue.
    lang : str
        nb, nn or en, for what is at fault.
    roles : sequence of str
        Roles of the plans that name none.
    """
    draft = Draft(known.seq, ("roles", "requirements", "plans", "links"))
    reader = RowReader(known, lang, draft.note)
    rows = [row for table in _tables(path, lang, draft) for row in reader.rows(table)]
    for row in rows:
        if "plan" not in row.table.columns and "plan" not in row.values:
            row.values["plan"] = _name_of(row.table, path)
    requirements = RequirementRows(rows, known, lang, draft.note)
    PlanRows(rows, known, lang, draft, roles).prepare()
    draft.requirements = requirements.build()
    PlanRows(rows, known, lang, draft, roles).build()
    # What was left out with a group or a whole plan takes along a requirement that nobody else asks for.
    asked = {row.requirement for row in rows if not row.bad}
    draft.requirements = {name: q for name, q in draft.requirements.items() if name in asked}
    requirements.warn_of_differences()
    draft.roles = {
        r: known.new_roles[r] for p in draft.plans.values() for r in p.roles if r in known.new_roles
    }
    _link(rows, known, lang, draft)
    for row in rows:
        if row.bad:
            draft.skip("rows", str(row))
    sheets = list(dict.fromkeys(row.table.sheet.name for row in rows))
    for noted in (draft.problems, draft.warnings):
        noted.sort(key=lambda p: (_sheet_number(p, sheets), p.row or 0))
    return draft


def _sheet_number(problem: SourceProblem, sheets: Sequence[str | None]) -> int:
    name = problem.sheet if isinstance(problem, PlanProblem) else None
    return sheets.index(name) if name in sheets else -1


def _tables(path: Path, lang: str, draft: Draft) -> Iterable[Table]:
    for sheet in _sheets(path, draft):
        if fold(sheet.name or "") in NOTES_SHEETS or not any(True for _ in sheet.filled()):
            continue
        if sheet.hidden:
            draft.note(Place(sheet.file, sheet.name).doubt("hidden-sheet", lang))
            continue
        table, doubts = find_table(sheet, lang)
        for doubt in doubts:
            draft.note(doubt)
        if table is not None:
            yield table


def _sheets(path: Path, draft: Draft) -> Sequence[Sheet]:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        from indexer.plan_files.workbook import read_workbook  # openpyxl takes long to load

        return read_workbook(path)
    from indexer.plan_files.csv_sheet import read_csv

    sheet, doubts = read_csv(path, lambda text: column_of(text) is not None)
    for doubt in doubts:
        draft.note(doubt)
    return [sheet]


def _name_of(table: Table, path: Path) -> str:
    name = table.sheet.name or ""
    return path.stem if not name or _GENERIC.fullmatch(name.strip()) else name


def _link(rows: Iterable[Row], known: Known, lang: str, draft: Draft) -> None:
    for row in rows:
        if row.bad:
            continue
        for url in row.values.get("ressurs_url", ()):
            place = row.place("ressurs_url")
            found = known.resources(url)
            if not found:
                said = Place(place.file, place.sheet, place.row, place.column, place.field, url)
                draft.note(said.doubt("url-unknown", lang))
            for resource in found:
                ruled = known.links.get((resource, row.requirement))
                if ruled == "rejected":
                    draft.note(place.doubt("link-rejected", lang, resource=resource))
                elif ruled is not None:
                    draft.links_unchanged.append((resource, row.requirement))
                else:
                    draft.links.setdefault((resource, row.requirement), place)
