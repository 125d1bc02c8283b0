"""What does one role ask beyond another? `kompetansegraf roles difference …`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.opening import opened
from cli.output import console, plain, print_json, recommendation_record
from cli.status import language_of
from cli.words import resources, words

if TYPE_CHECKING:
    from engine.role_difference import TaskSharing
    from engine.service import Engine
    from graph.difference import Change
    from graph.plans import Obligation
    from graph.status import Language

app = typer.Typer(help="Roles set beside each other.", no_args_is_help=True)

KINDS = ("added", "raised", "shared", "dropped")
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]


@app.command()
def difference(
    role: Annotated[str, typer.Argument(metavar="FROM", help="Role id or code: who takes over.")],
    to: Annotated[str, typer.Argument(metavar="TO", help="Role id or code: whose tasks.")],
    data: Data = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, help="Time at hand: the set that covers most within it.")
    ] = None,
    edition: Annotated[str | None, typer.Option(help="Edition whose plans and content count too.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to look at plans (default today).")
    ] = None,
    lang: Annotated[str, typer.Option(help="nb, nn or en.")] = "nb",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Tell what TO asks that FROM does not, and the shortest set of resources that covers it."""
    from engine.role_difference import role_difference
    from engine.service import role_id

    language = language_of(lang)
    with opened(data) as engine:
        roles = engine.roles()
        found = role_difference(
            engine,
            role_id(role, roles),
            role_id(to, roles),
            edition=edition,
            language=language,
            minutes=minutes,
            on=on.date() if on else None,
        )
        if json:
            print_json(_record(found))
        else:
            _print(found, engine, language, limited=minutes is not None)


def _record(found: "TaskSharing") -> dict[str, object]:
    def one(change: "Change") -> object:
        return {**plain(change), "to_learn": change.to_learn}  # type: ignore[dict-item]

    return {
        "role": found.role,
        "to": found.to,
        "on": found.on,
        **{kind: [one(c) for c in getattr(found.difference, kind)] for kind in KINDS},
        "resources": [recommendation_record(item) for item in found.resources.items],
        "minutes": found.resources.minutes,
        "covered": found.resources.covered,
        "uncovered": found.resources.uncovered,
        "why": found.resources.why,
    }


def _print(found: "TaskSharing", engine: "Engine", lang: "Language", *, limited: bool) -> None:
    out, said = console(stderr=False), words(lang)
    known = engine.requirements()

    def name(requirement: str) -> str:
        labels = known[requirement].labels if requirement in known else {}
        return next((labels[x] for x in (lang, "nb", "nn", "en") if x in labels), requirement)

    for kind in KINDS:
        changes: tuple[Change, ...] = getattr(found.difference, kind)
        out.print(f"[bold]{said[kind]}[/bold] ({len(changes)})", highlight=False)
        for c in changes:
            before, after = _asked(c.before, lang), _asked(c.after, lang)
            how = f"{before} -> {after}" if before and after and before != after else after or before
            lower = name(c.instead_of) if c.instead_of else ""
            more = ", ".join(said[f"raised_{r}"].format(name=lower) for r in c.raised)
            shown = f" [dim]({escape(more)})[/dim]" if more else ""
            out.print(f"   {escape(name(c.requirement))}: {how}{shown}", highlight=False)
    items = found.resources.items
    total = said["total"].format(count=resources(len(items), lang), minutes=found.resources.minutes)
    out.print(f"\n[bold]{said['most' if limited else 'shortest']}[/bold]: {total}", highlight=False)
    for item in items:
        out.print(
            f"{item.rank}. {escape(item.resource.title)} [dim]{item.minutes} min[/dim]", highlight=False
        )
    for why in dict.fromkeys(found.resources.why.values()):
        left = ", ".join(name(q) for q, reason in found.resources.why.items() if reason == why)
        out.print(escape(said["open"].format(why=said[why], names=left)), highlight=False)


def _asked(obligation: "Obligation | None", lang: "Language") -> str:
    from graph.status import rule_words
    from graph.validity import Validity

    if obligation is None:
        return ""
    often = " / ".join(rule_words(rule, lang) for rule in obligation.rules or (Validity(),))
    return f"{words(lang)[obligation.necessity]}, {often}"
