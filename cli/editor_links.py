"""How does an editor rule on links in a terminal? `kompetansegraf editor links …`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import Data, Json, opened
from cli.output import console, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from engine.link_editing import LinkRow, LinkVerdict

app = typer.Typer(help="Rule on links between resources and requirements.", no_args_is_help=True)

BY = "cli"

Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")]
Name = Annotated[str, typer.Argument(metavar="REQUIREMENT", help="Id or code of the requirement.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the ruling.")]
By = Annotated[
    str, typer.Option("--by", help="Function that rules, never a person; reasons name it to readers.")
]


@app.command("list")
def list_(
    resource: Annotated[
        str | None, typer.Argument(metavar="RESOURCE", help="Id of the resource.", show_default=False)
    ] = None,
    requirement: Annotated[
        str | None, typer.Option(help="Id or code: the resources of this requirement instead.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show stated, proposed and ruled links, and the concepts that speak for them."""
    from engine.link_editing import LinkEditor

    if (resource is None) == (requirement is None):
        raise typer.BadParameter("name a resource, or --requirement", param_hint="RESOURCE")
    with opened(data) as engine:
        editor = LinkEditor(engine)
        if resource is not None:
            named, rows = {"resource": resource}, editor.of_resource(resource)
        else:
            wanted = editor.requirement(requirement or "").id
            named, rows = {"requirement": wanted}, editor.of_requirement(wanted)
        if json:
            print_json({**named, "links": rows})
            return
        for row in rows:
            typer.echo(_line(row, of_resource=resource is not None))
        if not rows:
            console().print("No links.")


@app.command()
def accept(resource: Id, requirement: Name, reason: Reason = "", by: By = BY, data: Data = None) -> None:
    """Say that a resource teaches a requirement: seen in searches at once, in the graph from the next index run on."""
    _rule(resource, requirement, "accepted", reason, by, data)


@app.command()
def reject(resource: Id, requirement: Name, reason: Reason = "", by: By = BY, data: Data = None) -> None:
    """Keep a link away, stated or proposed, whatever the text becomes: seen as an accepted one is."""
    _rule(resource, requirement, "rejected", reason, by, data)


@app.command()
def undo(resource: Id, requirement: Name, by: By = BY, data: Data = None) -> None:
    """Take a ruling back; from the next index run on."""
    from engine.link_editing import LinkEditor

    with opened(data) as engine:
        LinkEditor(engine).withdraw(resource, requirement, by=by)
        said = f"No ruling on {requirement} for {resource} any more."
        console().print(said, highlight=False, markup=False)


def _rule(
    resource: str, requirement: str, verdict: "LinkVerdict", reason: str, by: str, data: "Path | None"
) -> None:
    from engine.link_editing import LinkEditor

    with opened(data) as engine:
        row = LinkEditor(engine).rule(resource, requirement, verdict, by=by, reason=reason)
        when = "" if row.in_graph else " The next index run takes it in."
        said = f"{row.requirement}: {verdict} for {resource}.{when}"
        console().print(said, highlight=False, markup=False)


def _line(row: "LinkRow", *, of_resource: bool) -> str:
    sure = "  – " if row.confidence is None else f"{row.confidence:.2f}"
    if of_resource:
        other, name = row.requirement, next(iter(row.labels.values()), "")
    else:
        other, name = row.resource, row.title
    said = [
        name,
        "" if of_resource else f"{row.edition}, {row.language}",
        ", ".join(filter(None, (row.by, row.at.isoformat() if row.at else ""))),
        f"shares {', '.join(shared.concept for shared in row.shared)}" if row.shared else "",
        row.ruling.reason if row.ruling else "",
        "the text has changed" if row.text_changed else "",
        "" if row.in_graph else "not indexed yet",
    ]
    return f"{row.state:<8}  {sure}  {other}  ({'; '.join(filter(None, said))})"
