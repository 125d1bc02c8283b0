"""How does a text come to be published from a terminal? `kompetansegraf editor flow …`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import Data, Json, opened
from cli.output import console, print_json

if TYPE_CHECKING:
    from engine.review_flow import Flow

app = typer.Typer(help="Take texts from draft through review to readers.", no_args_is_help=True)

BY = "cli"

Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")]
By = Annotated[str, typer.Option("--by", help="Function that acts, never a person.")]


@app.command()
def waiting(data: Data = None, json: Json = False) -> None:
    """Show the texts that are in review."""
    from engine.review_flow import ReviewFlow

    with opened(data) as engine:
        found = ReviewFlow(engine).waiting()
        if json:
            print_json({"waiting": [{"id": r.id, "title": r.title, "edition": r.edition} for r in found]})
            return
        for resource in found:
            typer.echo(f"{resource.edition:<12} {resource.id:<16} {resource.title}")
        if not found:
            console().print("No text is in review.")


@app.command()
def show(resource: Id, data: Data = None, json: Json = False) -> None:
    """Show where a text stands, the steps it can take, and what was done and said."""
    from engine.review_flow import ReviewFlow

    with opened(data) as engine:
        flow = ReviewFlow(engine).of(resource)
        if json:
            print_json(
                {
                    "id": resource,
                    "state": flow.state,
                    "steps": flow.steps,
                    "basis": flow.basis,
                    "history": flow.history,
                }
            )
            return
        _told(flow)
        for remark in flow.history:
            said = f": {remark.text}" if remark.text else ""
            changed = " (on an earlier text)" * remark.text_changed
            typer.echo(
                f"  {remark.at:%Y-%m-%d %H:%M}  {remark.by}  {remark.step or 'comment'}{said}{changed}"
            )


@app.command()
def step(
    resource: Id,
    step: Annotated[
        str, typer.Argument(metavar="STEP", help="One of submit, return, publish, archive, reopen.")
    ],
    comment: Annotated[str, typer.Option(help="What is to be said; needed to return a text.")] = "",
    by: By = BY,
    data: Data = None,
) -> None:
    """Take a step; readers see the result at the next search."""
    from engine.review_flow import STEPS, ReviewFlow

    known = next((name for name in STEPS if name == step), None)
    if known is None:
        raise typer.BadParameter(f"one of {', '.join(STEPS)} is needed", param_hint="STEP")
    with opened(data) as engine:
        _told(ReviewFlow(engine).take(resource, known, by=by, comment=comment))


@app.command()
def comment(
    resource: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The comment, in quotes.")],
    by: By = BY,
    data: Data = None,
) -> None:
    """Say something of a text to those who work on it."""
    from engine.review_flow import ReviewFlow

    with opened(data) as engine:
        ReviewFlow(engine).comment(resource, text, by=by)


def _told(flow: "Flow") -> None:
    typer.echo(f"{flow.resource.id}: {flow.state}. Possible: {', '.join(flow.steps)}")
