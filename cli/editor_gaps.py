"""What has nobody made yet, and what could fill it? `kompetansegraf editor gaps` and `candidates`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.status import Lang, On, day_of, language_of
from engine.errors import BackendError

if TYPE_CHECKING:
    from engine.link_editing import LinkVerdict

BY = "cli"

Edition = Annotated[
    str | None, typer.Option(help="Edition; default the common one, alle is each that there is.")
]
Language = Annotated[str | None, typer.Option(help="Only in this language: nb, nn, en or se.")]
Kind = Annotated[str | None, typer.Option("--resource-type", help="Only of this resource type.")]
Name = Annotated[str, typer.Argument(metavar="REQUIREMENT", help="Id or code of the requirement.")]


def gaps(
    edition: Edition = None,
    language: Language = None,
    resource_type: Kind = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Only what is asked of this role; may be repeated.")
    ] = None,
    by: Annotated[
        Literal["requirement", "language", "type"],
        typer.Option(help="Whether any resource will do, or one in each language, or of each type."),
    ] = "requirement",
    sort: Annotated[
        Literal["plans", "roles", "due", "requirement"], typer.Option(help="What comes first.")
    ] = "plans",
    limit: Annotated[int, typer.Option(min=1, help="Gaps to print.")] = 20,
    csv: Annotated[Path | None, typer.Option("--csv", help="File to write all of them to, CSV.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="File to write all of them to, a workbook.")
    ] = None,
    on: On = None,
    data: Data = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """List requirements that plans ask for and nothing valid teaches, with who is affected and what is nearly there."""
    from engine.reports.gaps import gaps_document, gaps_of, gaps_table
    from engine.reports.tables import csv_bytes, workbook_bytes
    from engine.service import role_id

    said = language_of(lang)
    with opened(data) as engine:
        found = gaps_of(
            engine,
            on=day_of(on),
            edition=edition,
            by=by,
            languages=[language] if language else [],
            resource_types=[resource_type] if resource_type else [],
            roles=[role_id(text, engine.roles()) for text in role or ()],
            sort=sort,
        )
        document = gaps_document(engine, found, lang=said)
    if json:
        print_json(document)
    if csv is not None:
        table = gaps_table(document)
        _write(csv, csv_bytes(table.header, table.rows))
    if xlsx is not None:
        _write(xlsx, workbook_bytes([gaps_table(document, said)]))
    if json or csv or xlsx:
        return
    for row in document["gaps"][:limit]:
        typer.echo(f"{row['requirement']}  {row['edition']}  {row['state_label']}: {row['sentence']}")
    console().print(f"{min(limit, len(found))} / {len(found)}", highlight=False)


def candidates(
    requirement: Name,
    edition: Edition = None,
    language: Language = None,
    resource_type: Kind = None,
    accept: Annotated[
        str, typer.Option(metavar="RESOURCE", help="Accept this one: it teaches the requirement.")
    ] = "",
    reject: Annotated[
        str, typer.Option(metavar="RESOURCE", help="Reject this one: it is not offered again.")
    ] = "",
    undo: Annotated[str, typer.Option(metavar="RESOURCE", help="Take the ruling on this one back.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the ruling.")] = "",
    by: Annotated[str, typer.Option("--by", help="Function that rules, never a person.")] = BY,
    limit: Annotated[int, typer.Option(min=1, help="Candidates to print.")] = 20,
    data: Data = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Show the nearest existing resources for a requirement, with evidence and what each takes; or rule on one."""
    from engine.gap_filling import GapFiller
    from engine.gap_words import candidate_document

    if sum(map(bool, (accept, reject, undo))) > 1:
        raise typer.BadParameter("one of --accept, --reject and --undo", param_hint="--accept")
    said = language_of(lang)
    with opened(data) as engine:
        filler = GapFiller(engine)
        wanted = filler.requirement(requirement)
        if undo:
            filler.withdraw(wanted.id, undo, by=by)
            console().print(f"No ruling on {undo} for {wanted.id} any more.", highlight=False, markup=False)
            return
        if accept or reject:
            verdict: LinkVerdict = "accepted" if accept else "rejected"
            ruling = filler.rule(wanted.id, accept or reject, verdict, by=by, reason=reason)
            told = f"{ruling.subject}: {ruling.verdict} for {ruling.object}."
            console().print(told, highlight=False, markup=False)
            return
        found = filler.candidates(
            wanted.id, edition=edition or "felles", language=language, resource_type=resource_type
        )[:limit]
        rows = [candidate_document(engine, c, said) for c in found]
    if json:
        print_json({"requirement": wanted.id, "candidates": rows})
        return
    for row in rows:
        sure = "  – " if row["confidence"] is None else f"{row['confidence']:.2f}"
        steps = ", ".join(step["label"] for step in row["steps"])
        typer.echo(f"{sure}  {row['resource']}  [{steps}]  {row['sentence']}")
        if row["passage"]:
            typer.echo(f"      «{row['passage']['text']}»")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as e:
        raise BackendError(f"{path} cannot be written: {e.strerror}") from e
    console().print(f"{escape(str(path))} written", highlight=False)
