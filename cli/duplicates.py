"""How does an editor see duplicates in a terminal? `kompetansegraf editor duplicates` and `not-duplicate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.editor_words import EDITOR_WORDS
from cli.output import RichProgress, console, print_json
from cli.status import language_of

if TYPE_CHECKING:
    from engine.duplicates import Comparison, Group
    from engine.model import Resource
    from engine.service import Engine
    from graph.status import Language

BY = "cli"
Lang = Annotated[str, typer.Option("--lang", help="nb, nn or en.")]

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
    lang: Lang = "en",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Show the resources that are one work, with evidence and what to do."""
    from engine.bootstrap import load_settings, open_engine
    from engine.pair_classes import CLASSES

    if kind and kind not in CLASSES:
        raise typer.BadParameter(f"one of {', '.join(CLASSES)} is needed", param_hint="--class")
    language = language_of(lang)
    engine = open_engine(load_settings(data=data))
    try:
        if acts:
            _show_acts(engine, json, language)
            return
        found = engine.duplicates
        groups = [(g, found.members(g)) for g in found.groups(RichProgress()) if kind in {"", g.kind}]
        groups = [(g, m) for g, m in groups if not edition or edition in {r.edition for r in m}]
        if json:
            print_json({"groups": [_as_json(g, m, found.described(g), language) for g, m in groups]})
            return
        for group, members in groups:
            for line in _lines(group, members, found.described(group), language):
                typer.echo(line)
        console().print(EDITOR_WORDS[language]["groups"].format(n=len(groups)), highlight=False)
    finally:
        engine.close()


def not_duplicate(
    a: Id,
    b: Id,
    reason: Annotated[str, typer.Option(help="Why; kept with the ruling.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the ruling back.")] = False,
    data: Data = None,
    lang: Lang = "en",
) -> None:
    """Say that two resources are no duplicates: they are not listed until a text has changed much."""
    from engine.bootstrap import load_settings, open_engine
    from engine.errors import NotFound

    language = language_of(lang)
    engine = open_engine(load_settings(data=data))
    try:
        found = engine.duplicates.compare(a, b)
        rulings = engine.duplicates.rulings
        if undo:
            if not rulings.withdraw(a, b, by=BY, at=engine.now()):
                raise NotFound(f"nobody has said that {a!r} and {b!r} are no duplicates")
        else:
            rulings.rule(found.a, found.b, by=BY, at=engine.now(), reason=reason)
        told = EDITOR_WORDS[language]["duplicates_again" if undo else "no_duplicates"].format(a=a, b=b)
        console().print(told, highlight=False, markup=False)
    finally:
        engine.close()


def _show_acts(engine: "Engine", json: bool, lang: "Language") -> None:
    pairs = engine.duplicates.amendments()
    if json:
        print_json({"acts": pairs})
        return
    for pair in pairs:
        said = EDITOR_WORDS[lang]["change_one_act" if pair.relation == "sibling" else "first_changes_second"]
        typer.echo(f"{pair.a}  {pair.b}  {said}: {pair.act}")


def _as_json(
    group: "Group", members: "list[Resource]", pairs: "list[Comparison]", lang: "Language"
) -> dict[str, Any]:
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
                "reasons": reasons(p.evidence, p.judgement.kind, lang),
                "evidence": p.evidence,
            }
            for p in pairs
        ],
    }


def _lines(
    group: "Group", members: "list[Resource]", pairs: "list[Comparison]", lang: "Language"
) -> list[str]:
    from engine.pair_reasons import action_name, class_name, reasons

    lines = [f"{class_name(group.kind, lang)}: {action_name(group.action, lang)}"]
    for r in members:
        kept = f"  ({EDITOR_WORDS[lang]['keep']})" if r.id == group.kept and group.action == "merge" else ""
        lines.append(f"  {r.id}  {r.edition}  {r.language}  {r.title}{kept}")
    for p in pairs:
        said = " ".join(reasons(p.evidence, p.judgement.kind, lang))
        lines.append(f"    {p.a.id} – {p.b.id}: {class_name(p.judgement.kind, lang)}. {said}")
    return lines
