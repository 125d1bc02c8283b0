"""What does one role ask beyond another? `kompetansegraf roles difference …`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.output import console, plain, print_json, recommendation_record

if TYPE_CHECKING:
    from engine.role_difference import TaskSharing
    from engine.service import Engine
    from graph.difference import Change
    from graph.plans import Obligation

app = typer.Typer(help="Roles set beside each other.", no_args_is_help=True)

KINDS = {"added": "New", "raised": "Stricter", "shared": "Shared", "dropped": "Falls away"}
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]


@contextmanager
def _opened(data: Path | None) -> Iterator["Engine"]:
    from engine.bootstrap import load_settings, open_engine

    engine = open_engine(load_settings(data=data))
    try:
        yield engine
    finally:
        engine.close()


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

    with _opened(data) as engine:
        roles = engine.roles()
        found = role_difference(
            engine,
            role_id(role, roles),
            role_id(to, roles),
            edition=edition,
            language=lang,
            minutes=minutes,
            on=on.date() if on else None,
        )
        if json:
            print_json(_record(found))
        else:
            _print(found, engine, lang)


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


def _print(found: "TaskSharing", engine: "Engine", lang: str) -> None:
    out = console(stderr=False)
    known = engine.requirements()

    def name(requirement: str) -> str:
        labels = known[requirement].labels if requirement in known else {}
        return next((labels[x] for x in (lang, "nb", "nn", "en") if x in labels), requirement)  # type: ignore[index]

    for kind, title in KINDS.items():
        changes: tuple[Change, ...] = getattr(found.difference, kind)
        out.print(f"[bold]{title}[/bold] ({len(changes)})", highlight=False)
        for c in changes:
            more = f" [dim]{', '.join(c.raised)}[/dim]" if c.raised else ""
            beyond = f" [dim]beyond {escape(name(c.instead_of))}[/dim]" if c.instead_of else ""
            how = (
                f"{_asked(c.before)} -> {_asked(c.after)}"
                if c.before and c.after
                else _asked(c.after or c.before)
            )
            out.print(f"   {escape(name(c.requirement))}: {how}{more}{beyond}", highlight=False)
    items = found.resources.items
    out.print(
        f"\n[bold]Shortest set[/bold]: {len(items)} resources, {found.resources.minutes} minutes",
        highlight=False,
    )
    for item in items:
        out.print(
            f"{item.rank}. {escape(item.resource.title)} [dim]{item.minutes} min[/dim]", highlight=False
        )
    for requirement, why in found.resources.why.items():
        out.print(f"Not covered: {escape(name(requirement))} ({why.replace('_', ' ')})", highlight=False)


def _asked(obligation: "Obligation | None") -> str:
    if obligation is None:
        return "not asked"
    return f"{obligation.necessity}, {f'{obligation.validity} months' if obligation.validity else 'once'}"
