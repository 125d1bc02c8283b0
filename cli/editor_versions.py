"""How does an editor see what has changed in a terminal? `kompetansegraf editor versions` and `difference`."""

from typing import Annotated, Any

import typer

from cli.opening import Data, Json, opened
from cli.output import print_json
from cli.status import Lang, language_of

Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")]


def versions(resource: Id, data: Data = None, json: Json = False) -> None:
    """Show all versions of a resource, drafts and archived ones too, oldest first."""
    from engine.version_difference import versions_of

    with opened(data) as engine:
        rows: list[dict[str, Any]] = [
            {
                "number": v.number,
                "recorded": v.recorded.isoformat(),
                "title": v.resource.title,
                "status": v.resource.status,
            }
            for v in versions_of(engine, resource)
        ]
        if json:
            print_json({"resource": resource, "versions": rows})
            return
        for row in rows:
            typer.echo(f"{row['number']:>4}  {row['recorded'][:16]}  {row['status']:<9}  {row['title']}")


def difference(
    resource: Id,
    before: Annotated[
        int | None, typer.Option("--from", min=1, help="Number of a version; default: the one before.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--to", min=1, help="Number of a version; default: the newest.")
    ] = None,
    lang: Lang = "nb",
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what differs between two versions: - what went, + what came, and other fields by name."""
    from engine.version_difference import FIELD_NAMES, version_difference

    language = language_of(lang)
    with opened(data) as engine:
        found = version_difference(engine, resource, before, after)
        stretches: list[dict[str, Any]] = [
            {"kind": s.kind, "a": found.a[slice(*s.a)], "b": found.b[slice(*s.b)]} for s in found.segments
        ]
        if json:
            numbers = {"from": found.before.number, "to": found.after.number}
            print_json({"resource": resource, **numbers, "fields": found.fields, "segments": stretches})
            return
        for change in found.fields:
            typer.echo(f"{FIELD_NAMES[change.name][language]}: {change.before} → {change.after}")
        for stretch in stretches:
            if stretch["kind"] != "same":
                typer.echo(
                    "".join(
                        f"{sign} {stretch[side]}\n"
                        for sign, side in (("-", "a"), ("+", "b"))
                        if stretch[side]
                    ).rstrip()
                )
