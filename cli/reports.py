"""What is told of the whole? `kompetansegraf report coverage|forecast|inspection|unit`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from cli.editor_words import EDITOR_WORDS
from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.status import STYLES, Edition, Lang, On, day_of, language_of
from engine.errors import BackendError, InvalidRequest

if TYPE_CHECKING:
    from engine.reports.tables import Table
    from engine.service import Engine
    from graph.done_list import Member

app = typer.Typer(help="Reports for leaders, editors and inspections.", no_args_is_help=True)

SUFFIXES = (".csv", ".xlsx", ".json", ".html")
Out = Annotated[
    Path | None, typer.Option(help="File to write instead: .csv, .xlsx, .json or .html by its name.")
]
UnitFile = Annotated[
    Path,
    typer.Option("--done", help="Done-lists of a unit, JSON Lines: pseudonym, role, plan, edition, done."),
]


def members_of(engine: "Engine", path: Path) -> "tuple[Member, ...]":
    """Return the done-lists in a unit's file; raises InvalidRequest with line and field."""
    from cli.done_list import read_unit_list
    from engine.service import role_id

    roles = engine.roles()
    return read_unit_list(path, engine.requirements(), lambda text: role_id(text, roles))


@app.command()
def unit(
    done: UnitFile,
    data: Data = None,
    edition: Edition = None,
    on: On = None,
    out: Out = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Lay out a unit: requirement by pseudonym, colour and word, overdue first, what fills each gap. Nothing is stored."""
    from engine.reports.unit import unit_document, unit_lead, unit_of, unit_rows, unit_tables

    language = language_of(lang)
    check_name(out)
    with opened(data) as engine:
        members = members_of(engine, done)
        found = unit_of(engine, members, on=day_of(on), edition=edition)
        document = unit_document(engine, found, members, lang=language, edition=edition)
    title, lead = unit_lead(document, language)
    tables = unit_tables(document, language)
    if written(out, document, unit_rows(document), tables, title, lead, language, json):
        return
    _print_table(tables[0])
    _print_table(tables[1])
    _print_table(tables[2])
    console(stderr=False).print(lead, highlight=False)


@app.command()
def coverage(
    data: Data = None,
    edition: Annotated[
        str | None, typer.Option(help="This edition alone; default all that there are.")
    ] = None,
    role: Annotated[list[str] | None, typer.Option(help="These roles alone; may be repeated.")] = None,
    by_type: Annotated[
        bool, typer.Option("--by-type", help="Empty cells by resource type too, not only by language.")
    ] = False,
    on: On = None,
    out: Out = None,
    limit: Annotated[int, typer.Option(min=1, help="Requirements to print.")] = 20,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Count valid resources by requirement, role, edition, language and type; what is missing, most affected first."""
    from engine.reports.coverage import (
        CAPTIONS,
        coverage_document,
        coverage_lead,
        coverage_of,
        coverage_tables,
    )
    from engine.reports.tables import Table
    from engine.service import role_id

    language = language_of(lang)
    check_name(out)
    with opened(data) as engine:
        roles = [role_id(text, engine.roles()) for text in role] if role else None
        found = coverage_of(engine, on=day_of(on), edition=edition, roles=roles)
        document = coverage_document(engine, found, lang=language, by_type=by_type)
    # a file that programs read keeps the names of fields
    plain = out is not None and out.suffix.lower() == ".csv"
    asked, cells, empty = coverage_tables(document, None if plain else language)
    lead = coverage_lead(document, language)
    title = CAPTIONS["title"][language]
    if written(out, document, cells, (asked, cells, empty), title, lead, language, json):
        return
    _print_table(Table(asked.caption, asked.header, asked.rows[:limit]))
    console(stderr=False).print(lead, highlight=False)


@app.command()
def forecast(
    data: Data = None,
    done: Annotated[
        Path | None, typer.Option(help="Done-lists of a unit: their due dates are counted too.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to look ahead.")] = 12,
    edition: Edition = None,
    on: On = None,
    out: Out = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Tell what is renewed in the months to come and which resources will have passed their review date."""
    from engine.reports.coverage import forecast_document, forecast_of, forecast_table
    from engine.reports.unit import unit_of

    language = language_of(lang)
    check_name(out)
    with opened(data) as engine:
        day = day_of(on) or engine.today()
        due: Sequence[Any] = ()
        if done:
            due = unit_of(engine, members_of(engine, done), on=day, edition=edition).due
        rows = forecast_of(engine, on=day, months=months, edition=edition, due=due)
        document = forecast_document(engine, rows, on=day, lang=language, edition=edition)
    table = forecast_table(document)
    if written(out, document, table, (table,), "Forecast", document["on"], language, json):
        return
    for row in document["rows"]:
        only = "[yellow]?[/yellow] " if row["proposed_then"] else "[red]![/red] "
        mark = only if row["uncovered"] else "  "
        console(stderr=False).print(f"{mark}{escape(row['sentence'])}", highlight=False)
    without = [row for row in document["rows"] if row["uncovered"]]
    proposed = sum(bool(row["proposed_then"]) for row in without)
    told = EDITOR_WORDS[language]["forecast"].format(
        rows=len(document["rows"]), without=len(without) - proposed, proposed=proposed
    )
    console(stderr=False).print(told, highlight=False)


@app.command()
def inspection(
    role: Annotated[str, typer.Option("--role", help="Role id (hjemmesykepleier) or HPR code.")],
    day: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Day to tell of.")],
    data: Data = None,
    edition: Edition = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write the bundle to: JSON-LD, CSV, a page and checksums."),
    ] = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Bundle what was asked of a role on a day and what there was to learn it from; no person is in it."""
    from engine.reports.inspection import inspection as bundle
    from engine.reports.inspection_files import bundle_files, checksum, write_bundle
    from engine.service import role_id

    language = language_of(lang)
    with opened(data) as engine:
        document = bundle(engine.catalogue, role_id(role, engine.roles()), on=day.date(), edition=edition)
        files = bundle_files(document, base_uri=engine.settings.base_uri, lang=language)
    total = checksum(files)
    if out is not None:
        write_bundle(files, out)
    if json:
        print_json({**document, "checksum": total})
        return
    told = EDITOR_WORDS[language]["inspected"].format(
        requirements=len(document["requirements"]),
        resources=len(document["resources"]),
        without=len(document["without_resource"]),
    )
    console(stderr=False).print(f"{told}\n{total}", highlight=False)


def check_name(out: Path | None) -> None:
    """Refuse a name of a file that says no form; raises InvalidRequest."""
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise InvalidRequest(
            f"--out: a name that ends with {', '.join(SUFFIXES)} is needed, got {out.name!r}"
        )


def written(
    out: Path | None,
    document: dict[str, Any],
    flat: "Table",
    tables: "Sequence[Table]",
    title: str,
    lead: str,
    lang: Literal["nb", "nn", "en"],
    json: bool,
) -> bool:
    """Write or print what a program reads; tell whether that was all that was wanted."""
    from engine.reports.tables import csv_bytes, html_page, workbook_bytes

    if json:
        print_json(document)
    if out is None:
        return json
    match out.suffix.lower():
        case ".csv":
            data = csv_bytes(flat.header, flat.rows)
        case ".xlsx":
            data = workbook_bytes(tables)
        case ".html":
            data = html_page(title, tables, lang=lang, lead=[lead])
        case _:
            import orjson

            data = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        out.write_bytes(data)
    except OSError as e:
        raise BackendError(f"{out} cannot be written: {e.strerror}") from e
    console().print(f"{escape(str(out))} written", highlight=False)
    return True


def _print_table(table: "Table") -> None:
    from engine.reports.tables import Painted

    shown = RichTable(title=table.caption, box=None, pad_edge=False, title_justify="left")
    for heading in table.header:
        shown.add_column(heading, overflow="fold")
    for row in table.rows:
        cells = []
        for cell in row:
            if isinstance(cell, Painted):
                cells.append(f"[{STYLES[cell.colour]}]{escape(cell.text)}[/{STYLES[cell.colour]}]")
            else:
                cells.append("" if cell is None else escape(str(cell)))
        shown.add_row(*cells)
    console(stderr=False).print(shown, soft_wrap=False)
