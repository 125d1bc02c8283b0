"""What is searched for, in a terminal? `kompetansegraf editor demand|wishes|handled` and `kompetansegraf statistics …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.status import Lang, language_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.reports.tables import Table
    from engine.service import Engine

BY = "cli"

app = typer.Typer(help="Counts of searches: nobody is in them.", no_args_is_help=True)

Csv = Annotated[bool, typer.Option("--csv", help="Print CSV on stdout.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help="Write a workbook to this file.")]
Edition = Annotated[str | None, typer.Option(help="Only searches of this edition's readers.")]
Limit = Annotated[int, typer.Option(min=1, help="Queries at most.")]


def demand(
    show: Annotated[
        str,
        typer.Option(
            help="gaps: what lacks hits, a resource or a language; popular: all; zero: without hits."
        ),
    ] = "gaps",
    edition: Edition = None,
    limit: Limit = 50,
    lang: Lang = "nb",
    csv: Csv = False,
    xlsx: Xlsx = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what people look for that the bank lacks, with requirements and plans; counts of 5 and up."""
    if show not in {"gaps", "popular", "zero"}:
        raise typer.BadParameter(f"{show!r} is none of gaps, popular, zero", param_hint="--show")
    with opened(data) as engine:
        document = _document(engine, show, edition, limit, lang)
        _give(document, csv=csv, xlsx=xlsx, json=json)


def wishes(
    new: Annotated[bool, typer.Option("--new", help="Only those that nobody has handled.")] = False,
    edition: Edition = None,
    lang: Lang = "nb",
    csv: Csv = False,
    xlsx: Xlsx = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what readers say that they looked for, the newest day first."""
    from engine.wishes import Wishes, wish_document, wish_table

    language = language_of(lang)
    with opened(data) as engine:
        found = Wishes(engine).wishes(state="new" if new else None, edition=edition)
    if _written(wish_table(found, language), csv=csv, xlsx=xlsx):
        return
    rows = [wish_document(wish, language) for wish in found]
    if json:
        print_json({"total": len(rows), "wishes": rows})
        return
    for row in rows:
        tied = f"  («{row['query']}»)" if row["query"] else ""
        typer.echo(f"{row['id']}  {row['day']}  {row['edition']}  {row['state_label']}  {row['text']}{tied}")
    if not rows:
        console().print("No wishes.")


def handled(
    wish: Annotated[str, typer.Argument(metavar="WISH", help="Id of the wish.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
    by: Annotated[str, typer.Option("--by", help="Function that says so, never a person.")] = BY,
    data: Data = None,
) -> None:
    """Say that a wish has been handled."""
    from engine.wishes import Wishes

    with opened(data) as engine:
        found = Wishes(engine).settle(wish, "new" if undo else "handled", by=by)
    console().print(f"{found.id} is {found.state}.", highlight=False, markup=False)


@app.command()
def show(limit: Limit = 50, lang: Lang = "nb", data: Data = None, json: Json = False) -> None:
    """Show what is searched for most; counts of 5 and up."""
    with opened(data) as engine:
        document = _document(engine, "popular", None, limit, lang)
        _give(document, csv=False, xlsx=None, json=json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write: .csv, .xlsx or .json by its name.")],
    lang: Lang = "nb",
    data: Data = None,
) -> None:
    """Write all that may be shown to a file; what is below 5 is not in it either."""
    if file.suffix.lower() not in {".csv", ".xlsx", ".json"}:
        raise typer.BadParameter(f"{file} ends neither in .csv, .xlsx nor .json", param_hint="FILE")
    with opened(data) as engine:
        document = _document(engine, "popular", None, None, lang)
    _write(file, document)
    console().print(f"{file} written", highlight=False, markup=False)


@app.command()
def prune(data: Data = None, json: Json = False) -> None:
    """Remove counts, clicks and wishes older than KG_QUERY_STATISTICS_DAYS; a server does so by itself every day."""
    from engine.query_statistics import first_day

    with opened(data) as engine:
        if engine.statistics is None:
            return
        before = first_day(engine.today(), engine.settings.query_statistics_days)
        removed = engine.statistics.prune(before=before)
    if json:
        print_json({"before": before, "removed": removed})
        return
    said = f"{removed.searches} counts, {removed.clicks} clicks and {removed.wishes} wishes before {before}"
    console().print(f"Removed {said}.", highlight=False, markup=False)


@app.command()
def erase(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it nothing is removed.")] = False,
    data: Data = None,
) -> None:
    """Remove all counts, clicks and wishes."""
    if not yes:
        raise typer.BadParameter("say --yes to remove everything", param_hint="--yes")
    with opened(data) as engine:
        if engine.statistics is not None:
            engine.statistics.erase()
    console().print("Nothing is counted any more before now.")


def _document(
    engine: "Engine", show: str, edition: str | None, limit: int | None, lang: str
) -> dict[str, Any]:
    from engine.demand import DemandReport
    from engine.demand_words import demand_document

    found = DemandReport(engine).demand(show=show, edition=edition, limit=limit)  # type: ignore[arg-type]
    return demand_document(found, engine, language_of(lang))


def _give(document: "Mapping[str, Any]", *, csv: bool, xlsx: Path | None, json: bool) -> None:
    from engine.demand_words import demand_table

    if _written(demand_table(document), csv=csv, xlsx=xlsx):
        return
    if json:
        print_json(document)
        return
    for row in document["queries"]:
        typer.echo(row["sentence"])
    console().print(document["lead"], highlight=False, markup=False)


def _written(table: "Table", *, csv: bool, xlsx: Path | None) -> bool:
    """Print or write a table, if that is wanted; tell whether it was."""
    from engine.reports.tables import csv_bytes, workbook_bytes

    if csv:
        typer.echo(csv_bytes(table.header, table.rows).decode(), nl=False)
    if xlsx is not None:
        _to_file(xlsx, workbook_bytes([table]))
    return csv or xlsx is not None


def _write(file: Path, document: "Mapping[str, Any]") -> None:
    import orjson

    from engine.demand_words import demand_table
    from engine.reports.tables import csv_bytes, workbook_bytes

    table = demand_table(document)
    match file.suffix.lower():
        case ".csv":
            _to_file(file, csv_bytes(table.header, table.rows))
        case ".xlsx":
            _to_file(file, workbook_bytes([table]))
        case _:
            _to_file(file, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _to_file(file: Path, data: bytes) -> None:
    from engine.errors import BackendError

    try:
        file.write_bytes(data)
    except OSError as e:
        raise BackendError(f"{file} cannot be written: {e.strerror}") from e
