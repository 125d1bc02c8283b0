"""How does an editor see duplicates in a terminal? `kompetansegraf editor duplicates` and `not-duplicate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import RichProgress, console, print_json

if TYPE_CHECKING:
    from engine.duplicates import Comparison, Group
    from engine.model import Resource
    from engine.service import Engine

BY = "cli"
LANGUAGE = "en"

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Id = Annotated[str, typer.Argument(help="Id of a resource.")]


def duplicates(
    kind: Annotated[str, typer.Option("--class", help="Only groups of this class.")] = "",
    edition: Annotated[str, typer.Option(help="Only groups with a resource of this edition.")] = "",
    acts: Annotated[
        bool, typer.Option("--acts", help="List the laws and regulations that change one act, or each other.")
    ] = False,
    data: Data = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Show the resources that are one work, with evidence and what to do."""
    from engine.bootstrap import load_settings, open_engine
    from engine.pair_classes import CLASSES

    if kind and kind not in CLASSES:
        raise typer.BadParameter(f"one of {', '.join(CLASSES)} is needed", param_hint="--class")
    engine = open_engine(load_settings(data=data))
    try:
        if acts:
            _show_acts(engine, json)
            return
        found = engine.duplicates
        groups = [(g, found.members(g)) for g in found.groups(RichProgress()) if kind in {"", g.kind}]
        groups = [(g, m) for g, m in groups if not edition or edition in {r.edition for r in m}]
        if json:
            print_json({"groups": [_as_json(g, m, found.described(g)) for g, m in groups]})
            return
        for group, members in groups:
            for line in _lines(group, members, found.described(group)):
                typer.echo(line)
        console().print(f"{len(groups)} groups.", highlight=False)
    finally:
        engine.close()


def not_duplicate(
    a: Id,
    b: Id,
    reason: Annotated[str, typer.Option(help="Why; kept with the ruling.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the ruling back.")] = False,
    data: Data = None,
) -> None:
    """Say that two resources are no duplicates: they are not listed until a text has changed much."""
    from engine.bootstrap import load_settings, open_engine
    from engine.errors import NotFound

    engine = open_engine(load_settings(data=data))
    try:
        found = engine.duplicates.compare(a, b)
        rulings = engine.duplicates.rulings
        if undo:
            if not rulings.withdraw(a, b, by=BY, at=engine.now()):
                raise NotFound(f"nobody has said that {a!r} and {b!r} are no duplicates")
        else:
            rulings.rule(found.a, found.b, by=BY, at=engine.now(), reason=reason)
        said = "may be duplicates again" if undo else "are no duplicates"
        console().print(f"{a} and {b} {said}.", highlight=False, markup=False)
    finally:
        engine.close()


def _show_acts(engine: "Engine", json: bool) -> None:
    pairs = engine.duplicates.amendments()
    if json:
        print_json({"acts": pairs})
        return
    for pair in pairs:
        said = "change one act" if pair.relation == "sibling" else "the first changes the second"
        typer.echo(f"{pair.a}  {pair.b}  {said}: {pair.act}")


def _as_json(group: "Group", members: "list[Resource]", pairs: "list[Comparison]") -> dict[str, Any]:
    from engine.pair_reasons import reasons

    return {
        "class": group.kind,
        "action": group.action,
        "kept": group.kept,
        "members": [
            {"id": r.id, "title": r.title, "language": r.language, "edition": r.edition, "status": r.status}
            for r in members
        ],
        "pairs": [
            {
                "a": p.a.id,
                "b": p.b.id,
                "class": p.judgement.kind,
                "strength": p.judgement.strength,
                "action": p.action,
                "reasons": reasons(p.evidence, p.judgement.kind, LANGUAGE),
                "evidence": p.evidence,
            }
            for p in pairs
        ],
    }


def _lines(group: "Group", members: "list[Resource]", pairs: "list[Comparison]") -> list[str]:
    from engine.pair_reasons import action_name, class_name, reasons

    lines = [f"{class_name(group.kind, LANGUAGE)}: {action_name(group.action, LANGUAGE)}"]
    for r in members:
        kept = "  (keep)" if r.id == group.kept and group.action == "merge" else ""
        lines.append(f"  {r.id}  {r.edition}  {r.language}  {r.title}{kept}")
    for p in pairs:
        said = " ".join(reasons(p.evidence, p.judgement.kind, LANGUAGE))
        lines.append(f"    {p.a.id} – {p.b.id}: {class_name(p.judgement.kind, LANGUAGE)}. {said}")
    return lines
