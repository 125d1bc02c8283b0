"""How does an editor pin and hide results in a terminal? `kompetansegraf editor results …`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import Data, Json, opened
from cli.output import console, print_json

if TYPE_CHECKING:
    from engine.curation import CurationVerdict

app = typer.Typer(help="Pin and hide results of a query.", no_args_is_help=True)

BY = "cli"

Text = Annotated[str, typer.Argument(metavar="QUERY", help="The query, in quotes; casing does not matter.")]
Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")]
Edition = Annotated[str, typer.Option(help="In this edition only; default: everywhere.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the ruling.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; default: without end.")
]


@app.command("list")
def list_(
    query: Annotated[str | None, typer.Option(help="Of this query only.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what is pinned and hidden, by query, also what is over."""
    with opened(data) as engine:
        found = engine.result_editor().rulings(query)
        if json:
            print_json({"results": found})
            return
        for result in found:
            ended = result.until is not None and result.until < engine.today()
            notes = [
                f"in {result.edition}" if result.edition else "everywhere",
                f"{'ended' if ended else 'until'} {result.until}" if result.until else "",
                result.by,
                result.reason,
            ]
            typer.echo(
                f"{result.verdict:<6}  {result.query!r}  {result.resource}  ({'; '.join(filter(None, notes))})"
            )
        if not found:
            console().print("Nothing is pinned or hidden.")


@app.command()
def pin(
    query: Text,
    resource: Id,
    edition: Edition = "",
    until: Until = None,
    reason: Reason = "",
    data: Data = None,
) -> None:
    """Let a resource come first for a query."""
    _rule(query, resource, "pinned", edition, until, reason, data)


@app.command()
def hide(
    query: Text,
    resource: Id,
    edition: Edition = "",
    until: Until = None,
    reason: Reason = "",
    data: Data = None,
) -> None:
    """Leave a resource out of the answer to a query."""
    _rule(query, resource, "hidden", edition, until, reason, data)


@app.command()
def undo(query: Text, resource: Id, edition: Edition = "", data: Data = None) -> None:
    """Let the ranking decide again."""
    with opened(data) as engine:
        engine.result_editor().withdraw(query, resource, edition, by=BY)


def _rule(
    query: str,
    resource: str,
    verdict: "CurationVerdict",
    edition: str,
    until: datetime | None,
    reason: str,
    data: Data,
) -> None:
    from engine.curation import CuratedResult

    with opened(data) as engine:
        wanted = CuratedResult(query, resource, verdict, edition, reason, until.date() if until else None)
        engine.result_editor().rule(wanted, by=BY)
