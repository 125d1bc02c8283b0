"""How do plans come in and change from a terminal? `kompetansegraf plans …`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.harmonise import harmonise
from cli.opening import opened
from cli.output import console
from cli.status import language_of

app = typer.Typer(help="Roles, requirements and plans of one's own.", no_args_is_help=True)

BY = "cli"
app.command()(harmonise)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Language = Annotated[
    str, typer.Option("--lang", help="Language of problems, advice, labels and the summary: nb, nn or en.")
]


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

    with opened(data) as engine:
        report = import_plans(engine, location, by=BY, dry_run=dry_run, lang=lang, roles=role or ())
        print_plans_import(report, lang=language_of(lang), as_json=json)
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

    with opened(data) as engine:
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

    with opened(data) as engine:
        editor = PlanEditor(engine.catalogue, engine.now)
        if undo:
            editor.reinstate(plan, by=BY)
            console().print(f"{plan} is in use again.", highlight=False, markup=False)
            return
        if not reason.strip():
            raise typer.BadParameter("a reason is needed", param_hint="--reason")
        retired = editor.retire(plan, on.date() if on else engine.today(), reason, by=BY)
        console().print(f"{plan} is out of use from {retired.retired}.", highlight=False, markup=False)


@app.command()
def migrate(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Id of the plan of the old version.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Id of the plan of the new version.")],
    done: Annotated[
        Path | None,
        typer.Option(
            help="Done-list, JSON Lines: printed with the new requirements in the place of the old."
        ),
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Map the requirements of one version of a framework to another, and list those that have no place in it."""
    from cli.plans_output import print_done_list, print_migration
    from engine.errors import NotFound
    from engine.plan_data import read_plans
    from engine.plan_migration import migrate as migrated

    with opened(data) as engine:
        plans = {p.id: p for p in engine.catalogue.plans()}
        for name in (old, new):
            if name not in plans:
                raise NotFound(f"no plan has the id {name!r}")
        known = read_plans(engine.catalogue, engine.catalogue.plan_seq()).requirements
        found = migrated(plans[old], plans[new], known)
        if done is not None:
            print_done_list(done, found, known)
        else:
            print_migration(found, known, as_json=json)
