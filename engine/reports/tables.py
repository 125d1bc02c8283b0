"""How does a report leave as a table? CSV, a workbook with colours and words, and a page that reads without help."""

import base64
import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from graph.status import Colour, Language

Value = str | int | None

FILLS: Mapping[Colour, str] = {"red": "F8D0CC", "yellow": "FFF0B3", "green": "CFEBD3", "grey": "E6E6E6"}
"""Backgrounds on which black text has a contrast of at least 13 to 1."""

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:90rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:600;"
    "padding:.3rem 0}th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "min-width:5.5rem;overflow-wrap:break-word}div{overflow-x:auto}"
    + "".join(f".{colour}{{background:#{fill}}}" for colour, fill in FILLS.items())
)

PAGE_POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
"""Content-Security-Policy of a page: its own style sheet and nothing else."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A cell with a colour; the text has the colour's meaning in words."""

    text: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; a row's first cell is its heading."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value | Painted, ...], ...]


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Value | Painted]]) -> bytes:
    r"""Return a table as CSV: UTF-8, commas, lines that end with a line feed.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.

    Examples
    --------
    >>> csv_bytes(("a", "b"), [("=1+1", 2)])
    b"a,b\n'=1+1,2\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_unharmful(_plain(cell)) for cell in row])
    return out.getvalue().encode("utf-8", "replace")


def html_page(title: str, tables: Sequence[Table], *, lang: Language, lead: Sequence[str] = ()) -> bytes:
    """Return a page of its own, without scripts and without anything from elsewhere."""
    body = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(line)}</p>" for line in lead)]
    for table in tables:
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
        rows = "".join(f"<tr>{_row(row)}</tr>\n" for row in table.rows)
        body.append(
            f'<div role="region" tabindex="0" aria-label="{escape(table.caption)}"><table>'
            f"<caption>{escape(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{rows}</tbody></table></div>"
        )
    text = (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )
    return text.encode("utf-8", "replace")


def workbook_bytes(tables: Sequence[Table]) -> bytes:
    """Return a workbook (XLSX) with one sheet a table, headings frozen, colours beside their words."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    fills = {colour: PatternFill("solid", fgColor=fill) for colour, fill in FILLS.items()}
    for table in tables:
        sheet = book.create_sheet(_sheet_name(table.caption, {name.casefold() for name in book.sheetnames}))
        for place, row in enumerate((table.header, *table.rows), start=1):
            for column, cell in enumerate(row, start=1):
                value = _plain(cell)
                target = sheet.cell(place, column)
                target.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
                if isinstance(value, str):
                    target.data_type = "s"  # never a formula
                    target.alignment = Alignment(wrap_text=True, vertical="top")
                if isinstance(cell, Painted):
                    target.fill = fills[cell.colour]
                if place == 1:
                    target.font = Font(bold=True)
        for column in range(1, len(table.header) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 40 if column == 1 else 18
        sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(caption: str, taken: Collection[str]) -> str:
    """Return a caption as a sheet's name, with a number only when the name is taken already."""
    kept = "".join(c for c in caption if c not in r"[]:*?/\'")[:27].strip() or "Ark"
    name, number = kept, 1
    while name.casefold() in taken:
        number += 1
        name = f"{kept} {number}"
    return name


def _row(row: Sequence[Value | Painted]) -> str:
    return "".join(_cell(cell, "th" if place == 0 else "td") for place, cell in enumerate(row))


def _cell(cell: Value | Painted, tag: Literal["th", "td"]) -> str:
    colour = f' class="{cell.colour}"' if isinstance(cell, Painted) else ""
    scope = ' scope="row"' if tag == "th" else ""
    value = _plain(cell)
    return f"<{tag}{scope}{colour}>{escape('' if value is None else str(value))}</{tag}>"


def _plain(cell: Value | Painted) -> Value:
    return cell.text if isinstance(cell, Painted) else cell


def _unharmful(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
