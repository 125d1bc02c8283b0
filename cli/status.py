"""How does one stand, and what is due when? `kompetansegraf status`, `calendar` and `remind`."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.opening import Data, Json, opened
from cli.output import console, print_json
from engine.errors import InvalidRequest

if TYPE_CHECKING:
    from graph.status import Language

Role = Annotated[str, typer.Option("--role", help="Role id (hjemmesykepleier) or HPR code.")]
Plan = Annotated[str | None, typer.Option(help="Only this plan of the role.")]
Edition = Annotated[str | None, typer.Option(help="Edition whose requirements count beside the common.")]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to look at (default today).")]
Lang = Annotated[str, typer.Option(help="nb, nn or en.")]

STYLES = {"red": "bold red", "yellow": "yellow", "green": "green", "grey": "dim"}


def status(
    role: Role,
    done: Annotated[
        Path | None,
        typer.Option(help="Done-list, JSON Lines: requirement, state, achieved, expires, evidence."),
    ] = None,
    data: Data = None,
    plan: Plan = None,
    edition: Edition = None,
    on: On = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Tell how somebody in a role stands: state, colour and word, due date, what fills each gap. Nothing is stored."""
    from cli.done_list import read_done_list
    from engine.reports.status import status_document, status_of
    from engine.service import role_id

    language = language_of(lang)
    with opened(data) as engine:
        rid = role_id(role, engine.roles())
        evidence = read_done_list(done, engine.requirements()) if done else ()
        found = status_of(engine, rid, plan=plan, edition=edition, done=evidence, on=day_of(on))
        document = status_document(
            engine, found, rid, lang=language, edition=edition, plan=plan, done=evidence
        )
    if json:
        print_json(document)
        return
    print_status(document)


def print_status(document: dict[str, Any]) -> None:
    """Print a status as a table; the colour's word stands beside the state's."""
    out = console(stderr=False)
    if not document["requirements"]:
        out.print("No plan in force asks anything of this role.", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Colour", "State", "Requirement", "Due", "Best resource"):
        table.add_column(heading, overflow="fold")
    for row in document["requirements"]:
        style = STYLES[row["colour"]]
        due = f"{row['due']}{' (overdue)' if row['overdue'] else ''}" if row["due"] else ""
        fills = row["fills"]["title"] if row["fills"] else ("none" if row["gap"] else "")
        table.add_row(
            f"[{style}]{escape(row['colour_word'])}[/{style}]",
            escape(row["state_word"]),
            escape(row["label"]),
            due,
            escape(fills),
        )
    out.print(table, soft_wrap=False)
    counted = ", ".join(f"{n} {colour}" for colour, n in document["colours"].items())
    out.print(f"\n{counted}; {document['overdue']} overdue on {document['on']}", highlight=False)


def language_of(text: str) -> "Language":
    """Return the language asked for; raises InvalidRequest for any but nb, nn and en."""
    match text:
        case "nb" | "nn" | "en":
            return text
    raise InvalidRequest(f"--lang: nb, nn or en is needed, got {text!r}")


def day_of(moment: datetime | None) -> date | None:
    """Return the day of an option."""
    return moment.date() if moment else None
