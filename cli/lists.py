"""What is there? `kompetansegraf roles list`, `plans list` and `requirements list`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import Data, Json, opened
from cli.output import console
from cli.reports import check_name, written
from cli.status import Lang, language_of
from cli.tables import print_table

if TYPE_CHECKING:
    from engine.service import Engine
    from graph.status import Language

app = typer.Typer(help="Requirements that plans ask for.", no_args_is_help=True)

Out = Annotated[
    Path | None, typer.Option(help="File to write instead: .csv, .xlsx, .json or .html by its name.")
]


def roles(data: Data = None, out: Out = None, lang: Lang = "nb", json: Json = False) -> None:
    """List all roles: id, name, HPR code, broader role, plans in force and how many requirements they ask."""
    from engine.reports.listing import role_list

    _show(role_list, data, out, lang, json)


def plans(data: Data = None, out: Out = None, lang: Lang = "nb", json: Json = False) -> None:
    """List all plans, retired ones too: id, name, version, whether it is in force, roles and requirements."""
    from engine.reports.listing import plan_list

    _show(plan_list, data, out, lang, json)


@app.command("list")
def requirements(data: Data = None, out: Out = None, lang: Lang = "nb", json: Json = False) -> None:
    """List the requirements that count: id, name, code, plans in force, resources stated and proposed."""
    from engine.reports.listing import requirement_list

    _show(requirement_list, data, out, lang, json)


def _show(
    make: "Callable[[Engine, Language], dict[str, Any]]",
    data: Path | None,
    out: Path | None,
    lang: str,
    json: bool,
) -> None:
    from engine.reports.listing import list_table

    language = language_of(lang)
    check_name(out)
    with opened(data) as engine:
        document = make(engine, language)
    table = list_table(document, language)
    lead = f"{table.caption}: {len(table.rows)}"
    if written(out, document, table, (table,), table.caption, lead, language, json):
        return
    rows = [["" if cell is None else str(cell) for cell in row] for row in table.rows]
    print_table(console(stderr=False), table.header, rows)
    console(stderr=False).print(lead, highlight=False)
