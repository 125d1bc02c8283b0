"""How do plans come in and change from a terminal? `kompetansegraf plans …`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import console

if TYPE_CHECKING:
    from engine.service import Engine

app = typer.Typer(help="Roles, requirements and plans of one's own.", no_args_is_help=True)

BY = "cli"

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Language = Annotated[
    str, typer.Option("--lang", help="Language of problems, advice and labels: nb, nn or en.")
]


@contextmanager
def _opened(data: Path | None) -> Iterator["Engine"]:
    from engine.bootstrap import load_settings, open_engine

    engine = open_engine(load_settings(data=data))
    try:
        yield engine
    finally:
        engine.close()


@app.command("import")
def import_(
    location: Annotated[
        Path,
        typer.Argument(
            metavar="FILE_OR_FOLDER",
            help="Spreadsheet (.xlsx, .csv), framework (.json: CASE or Grep), roles.jsonl, requirements.jsonl or "
            "plans.jsonl, or a folder with one or more of these three.",
        ),
    ],
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")] = False,
    role: Annotated[
        list[str] | None,
        typer.Option(help="Role of the plans that name none: id, name or HPR code; may be repeated."),
    ] = None,
    lang: Language = "en",
    json: Json = False,
) -> None:
    """Bring roles, requirements and plans into the catalogue. What is at fault is reported and the rest goes on."""
    from cli.plans_output import print_plans_import
    from indexer.plans import import_plans

    with _opened(data) as engine:
        report = import_plans(engine, location, by=BY, dry_run=dry_run, lang=lang, roles=role or ())
        print_plans_import(report, as_json=json)
        if report.problems and not report.taken:
            raise typer.Exit(1)


@app.command()
def template(
    path: Annotated[
        Path, typer.Argument(metavar="FILE.xlsx", help="Workbook to write; never over another file.")
    ],
    lang: Annotated[str, typer.Option("--lang", help="Language of headings and notes: nb, nn or en.")] = "nb",
    data: Data = None,
) -> None:
    """Write an empty workbook for plans, with headings, notes, lists of the values that fit, and an example row."""
    from indexer.plan_files.template import write_template

    with _opened(data) as engine:
        write_template(engine, path, lang)
    console().print(f"Written: {path}", highlight=False, markup=False)


@app.command()
def retire(
    plan: Annotated[str, typer.Argument(help="Id of the plan.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day without it (default today).")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept with the plan.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the plan back into use.")] = False,
    data: Data = None,
) -> None:
    """Take a plan out of use from a day on: it asks nothing and recommends nothing any more."""
    from engine.plan_editing import PlanEditor

    with _opened(data) as engine:
        editor = PlanEditor(engine.catalogue, engine.now)
        if undo:
            editor.reinstate(plan, by=BY)
            console().print(f"{plan} is in use again.", highlight=False, markup=False)
            return
        if not reason.strip():
            raise typer.BadParameter("a reason is needed", param_hint="--reason")
        retired = editor.retire(plan, on.date() if on else engine.today(), reason, by=BY)
        console().print(f"{plan} is out of use from {retired.retired}.", highlight=False, markup=False)
