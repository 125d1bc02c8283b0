"""How does an editor steer the tags from a terminal? `kompetansegraf editor tags …`."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import demand as demand_commands
from cli import duplicates as duplicate_commands
from cli import (
    editor_gaps,
    editor_links,
    editor_merges,
    editor_preview,
    editor_reviews,
    editor_versions,
)
from cli.opening import opened
from cli.output import console, print_json

if TYPE_CHECKING:
    from engine.editing import TagVerdict
    from engine.steering import Block

app = typer.Typer(help="What editors rule.", no_args_is_help=True)
tags_app = typer.Typer(help="Steer the tags of resources, and block concepts.", no_args_is_help=True)
app.add_typer(tags_app, name="tags")
app.add_typer(editor_links.app, name="links")
app.command()(demand_commands.demand)
app.command()(demand_commands.wishes)
app.command()(demand_commands.handled)
app.add_typer(editor_reviews.authority_app, name="authority")
app.command()(editor_reviews.stale)
app.command()(editor_reviews.reviewed)
app.command()(editor_reviews.queue)
app.command()(editor_reviews.dashboard)
app.command()(duplicate_commands.duplicates)
app.command()(duplicate_commands.not_duplicate)
app.command()(editor_preview.preview)
for command in (
    editor_merges.merge,
    editor_merges.unmerge,
    editor_merges.merges,
    editor_merges.keep,
    editor_merges.impact,
    editor_versions.versions,
    editor_versions.difference,
):
    app.command()(command)
app.command()(editor_gaps.gaps)
app.command()(editor_gaps.candidates)

BY = "cli"

Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")]
Concept = Annotated[str, typer.Argument(metavar="CONCEPT", help="Concept, such as tema/fallforebygging.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the ruling.")]
Edition = Annotated[str, typer.Option(help="In this edition only.")]
Kind = Annotated[str, typer.Option("--resource-type", help="For this resource type only.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


@tags_app.command("list")
def list_(resource: Id, data: Data = None, json: Json = False) -> None:
    """Show what a resource is tagged with, and what was ruled."""
    with opened(data) as engine:
        rows = engine.tag_editor().tags(resource)
        if json:
            print_json({"id": resource, "tags": rows})
            return
        for row in rows:
            marks = ["proposed again"] * row.tag.again + ["the text has changed"] * row.text_changed
            notes = [row.tag.label, row.ruling.reason if row.ruling else "", *marks]
            said = "; ".join(filter(None, notes))
            typer.echo(
                f"{row.state:<9} {row.tag.score:.2f}  {row.tag.concept}{f'  ({said})' if said else ''}"
            )


@tags_app.command()
def accept(resource: Id, concept: Concept, reason: Reason = "", data: Data = None) -> None:
    """Let a concept be a tag of a resource, whatever the text becomes."""
    _rule(resource, concept, "accepted", reason, data)


@tags_app.command()
def reject(resource: Id, concept: Concept, reason: Reason = "", data: Data = None) -> None:
    """Keep a concept away as long as the text is the same but for white space and casing."""
    _rule(resource, concept, "rejected", reason, data)


@tags_app.command()
def pin(resource: Id, concept: Concept, reason: Reason = "", data: Data = None) -> None:
    """Let a concept be the first tag of a resource, whatever the text becomes."""
    _rule(resource, concept, "pinned", reason, data)


@tags_app.command()
def undo(resource: Id, concept: Concept, data: Data = None) -> None:
    """Take a ruling back."""
    with opened(data) as engine:
        engine.tag_editor().withdraw(resource, concept, by=BY)
        console().print(f"No ruling on {concept} for {resource} any more.", highlight=False, markup=False)


@tags_app.command()
def block(
    concept: Concept,
    edition: Edition = "",
    resource_type: Kind = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of it; default: no end.")
    ] = None,
    reason: Reason = "",
    data: Data = None,
) -> None:
    """Let a concept not be proposed any more, everywhere or in one place."""
    with opened(data) as engine:
        wanted = _block(concept, edition, resource_type, reason, until.date() if until else None)
        done = engine.tag_editor().block(wanted, by=BY)
        console().print(f"{done.concept} is blocked ({done.where}).", highlight=False, markup=False)


@tags_app.command()
def unblock(concept: Concept, edition: Edition = "", resource_type: Kind = "", data: Data = None) -> None:
    """Take a concept off the block list; resources get it with the next index run."""
    with opened(data) as engine:
        engine.tag_editor().unblock(_block(concept, edition, resource_type), by=BY)
        console().print(f"{concept} is not blocked there any more.", highlight=False, markup=False)


@tags_app.command()
def blocked(data: Data = None, json: Json = False) -> None:
    """Show the block list."""
    with opened(data) as engine:
        blocks = engine.tag_editor().blocks()
        if json:
            print_json({"blocked": blocks})
            return
        for found in blocks:
            end = f" until {found.until}" if found.until else ""
            typer.echo(f"{found.concept}  {found.where}{end}  {found.reason}".rstrip())


def _rule(resource: str, concept: str, verdict: "TagVerdict", reason: str, data: Path | None) -> None:
    with opened(data) as engine:
        ruling = engine.tag_editor().rule(resource, concept, verdict, by=BY, reason=reason)
        console().print(f"{ruling.object}: {verdict} for {resource}.", highlight=False, markup=False)


def _block(
    concept: str, edition: str, resource_type: str, reason: str = "", until: date | None = None
) -> "Block":
    from engine.steering import Block
    from vocab.concept import ConceptId

    return Block(ConceptId(concept), edition, resource_type, reason=reason, until=until)
