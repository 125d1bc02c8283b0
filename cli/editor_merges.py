"""How does an editor merge and keep resources in a terminal? `kompetansegraf editor merge`, `unmerge`, `merges`, `keep`, `impact`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.status import Lang, language_of

if TYPE_CHECKING:
    from engine.reports.tables import Table

BY = "cli"

Old = Annotated[str, typer.Argument(metavar="OLD", help="Id that is to lead on.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="Id of the resource that is left.")]
Id = Annotated[str, typer.Argument(help="Id of a resource.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the ruling.")]
By = Annotated[str, typer.Option("--by", help="Function that rules, never a person.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="File to write the list to instead: .csv or .xlsx by its name.")
]


def merge(old: Old, new: New, reason: Reason = "", by: By = BY, data: Data = None) -> None:
    """Let NEW count for OLD at once: the old address leads on, links and tags count for the new one."""
    from engine.merging import ResourceMerger

    with opened(data) as engine:
        done = ResourceMerger(engine).merge(old, new, by=by, reason=reason)
        taken = f", with {', '.join(done.requirements)}" if done.requirements else ""
        said = f"{old} leads to {done.goes_to}{taken}. The next index run draws the graph anew."
        console().print(said, highlight=False, markup=False)


def unmerge(old: Old, by: By = BY, data: Data = None) -> None:
    """Take a merge back: OLD is what its source says again."""
    from engine.merging import ResourceMerger

    with opened(data) as engine:
        status = ResourceMerger(engine).undo(old, by=by).status
        console().print(f"{old} stands by itself again ({status}).", highlight=False, markup=False)


def merges(out: Out = None, lang: Lang = "nb", data: Data = None, json: Json = False) -> None:
    """Show the resources that have been merged, the newest first."""
    from engine.merging import ResourceMerger, merges_table

    language = language_of(lang)
    with opened(data) as engine:
        found = ResourceMerger(engine).merges()
        if out is not None:
            write_table(out, merges_table(found, language))
        elif json:
            print_json({"merges": found})
        else:
            for m in found:
                why = f"; {m.reason}" if m.reason else ""
                typer.echo(
                    f"{m.old} → {m.goes_to}  {m.old_title} → {m.new_title}  ({m.by}, {m.at.date()}{why})"
                )
            console().print(f"{len(found)} merged.", highlight=False)


def keep(
    a: Id,
    b: Id,
    verdict: Annotated[
        str, typer.Option("--as", help="supplement or translation; not needed with --undo.")
    ] = "",
    reason: Reason = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the ruling back.")] = False,
    by: By = BY,
    data: Data = None,
) -> None:
    """Keep two resources as a text with its supplement, or as translations: nothing is left to do about them."""
    from engine.errors import NotFound
    from engine.not_duplicates import STATED, Kept
    from engine.pair_reasons import class_name

    choices: dict[str, Kept] = {name: name for name in get_args(Kept)}
    if not undo and verdict not in choices:
        raise typer.BadParameter(f"one of {', '.join(choices)} is needed", param_hint="--as")
    with opened(data) as engine:
        found, rulings = engine.duplicates.compare(a, b), engine.duplicates.rulings
        if undo:
            if not rulings.withdraw(a, b, by=by, at=engine.now(), verdicts=tuple(STATED)):
                raise NotFound(f"nobody has said that {a!r} and {b!r} are kept")
            said = f"{a} and {b}: no ruling any more."
        else:
            rulings.keep(found.a, found.b, choices[verdict], by=by, at=engine.now(), reason=reason)
            said = f"{a} and {b}: {class_name(STATED[verdict], 'en')}."
        console().print(said, highlight=False, markup=False)


def impact(
    resource: Annotated[
        str, typer.Argument(metavar="[RESOURCE]", help="Id of the resource that would be withdrawn.")
    ] = "",
    merge_into: Annotated[str, typer.Option("--merge-into", help="It would be merged into this one.")] = "",
    move_to: Annotated[str, typer.Option("--move-to", help="It would be moved to this edition.")] = "",
    requirement: Annotated[
        str, typer.Option(help="A requirement that would be withdrawn instead: id or code.")
    ] = "",
    concept: Annotated[str, typer.Option(help="A concept that would be withdrawn instead.")] = "",
    out: Out = None,
    lang: Lang = "nb",
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell what would be lost, before it is done: requirements left without a resource, plans, roles, editions."""
    from engine.impact import Foresight
    from engine.impact_texts import lost_table, sentences

    language = language_of(lang)
    if sum(map(bool, (resource, requirement, concept))) != 1:
        raise typer.BadParameter("name a resource, --requirement or --concept", param_hint="RESOURCE")
    with opened(data) as engine:
        foresight = Foresight(engine)
        if resource:
            found = foresight.of_resource(resource, merge_into=merge_into, move_to=move_to)
        else:
            found = foresight.of_requirement(requirement) if requirement else foresight.of_concept(concept)
        table = lost_table(engine, found, language)
        if out is not None:
            write_table(out, table)
        elif json:
            print_json({**asdict(found), "sentences": sentences(engine, found, language)})
        else:
            for line in sentences(engine, found, language):
                typer.echo(line)
            for row in table.rows:
                typer.echo("  " + "  ".join(str(cell) for cell in row if cell))


def write_table(out: Path, table: "Table") -> None:
    """Write a list as the ending of the name says, whole or not at all.

    Raises
    ------
    InvalidRequest
        If the ending is neither .csv nor .xlsx.
    BackendError
        If the file cannot be written.
    """
    from engine.errors import BackendError, InvalidRequest
    from engine.reports.tables import csv_bytes, workbook_bytes

    match out.suffix.lower():
        case ".csv":
            made = csv_bytes(table.header, table.rows)
        case ".xlsx":
            made = workbook_bytes([table])
        case _:
            raise InvalidRequest(f"--out: a name that ends with .csv or .xlsx is needed, got {out.name!r}")
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_bytes(made)
        beside.replace(out)
    except OSError as e:
        raise BackendError(f"{out} cannot be written: {e.strerror}") from e
    console().print(f"{out} written", highlight=False, markup=False)
