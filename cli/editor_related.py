"""What belongs beside a resource? `kompetansegraf editor related`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.status import Lang, language_of

if TYPE_CHECKING:
    from engine.link_editing import LinkVerdict

BY = "cli"


def related(
    resource: Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")],
    accept: Annotated[str, typer.Option(metavar="OTHER", help="Accept this one: readers see it first.")] = "",
    reject: Annotated[
        str, typer.Option(metavar="OTHER", help="Reject this one: it is never proposed there again.")
    ] = "",
    undo: Annotated[str, typer.Option(metavar="OTHER", help="Take the ruling on this one back.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the ruling.")] = "",
    by: Annotated[str, typer.Option("--by", help="Function that rules, never a person.")] = BY,
    limit: Annotated[int, typer.Option(min=1, max=50, help="Proposed ones to print.")] = 10,
    data: Data = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Show what is related to a resource and why; or accept or reject one."""
    from engine.related import RelatedEditor

    if sum(map(bool, (accept, reject, undo))) > 1:
        raise typer.BadParameter("one of --accept, --reject and --undo", param_hint="--accept")
    said = language_of(lang)
    with opened(data) as engine:
        editor = RelatedEditor(engine)
        if undo:
            editor.withdraw(resource, undo, by=by)
            console().print(f"No ruling on {undo} beside {resource}.", highlight=False, markup=False)
            return
        if accept or reject:
            verdict: LinkVerdict = "accepted" if accept else "rejected"
            editor.rule(resource, accept or reject, verdict, by=by, reason=reason)
            told = f"{accept or reject}: {verdict} beside {resource}."
            console().print(told, highlight=False, markup=False)
            return
        rows = [editor.document(row, said) for row in editor.rows(resource, k=limit)]
    if json:
        print_json({"resource": resource, "related": rows})
        return
    for row in rows:
        where = f"{row['edition_label']}, {row['language_label']}"
        typer.echo(f"{row['state_label']:<10}  {row['resource']}  {row['title']}  ({where})")
        for sentence in row["reasons"]:
            typer.echo(f"            {sentence}")
