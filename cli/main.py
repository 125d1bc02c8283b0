"""How is it asked from a terminal? The commands; results on stdout, progress and messages on stderr.

Exit codes: 0 fine, 1 the thing asked for failed, 2 wrong usage. ``--json`` prints one JSON document.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from cli import backup as backup_commands
from cli import demand as demand_commands
from cli import editor as editor_commands
from cli import evaluate as evaluate_commands
from cli import graph as graph_commands
from cli import model as model_commands
from cli import plans as plans_commands
from cli import reports as report_commands
from cli import roles as role_commands
from cli import status as status_commands
from cli import vocabulary as vocabulary_commands
from cli.output import console, fail, print_recommendations, print_search
from engine.errors import KompetansegrafError
from graph.errors import GraphError
from vocab.triples import VocabularyError

app = typer.Typer(
    name="kompetansegraf",
    help="Search, recommendations and competence plans for Norwegian health personnel.\n\n"
    "Start with [bold]kompetansegraf demo[/bold]; every command takes --data DIR (or KG_DATA).",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(plans_commands.app, name="plans")
app.add_typer(vocabulary_commands.app, name="vocab")
app.add_typer(editor_commands.app, name="editor")
app.add_typer(evaluate_commands.app, name="evaluate")
app.add_typer(graph_commands.app, name="graph")
app.add_typer(model_commands.app, name="model")
app.add_typer(role_commands.app, name="roles")
app.add_typer(report_commands.app, name="report")
app.add_typer(demand_commands.app, name="statistics")
app.command()(backup_commands.backup)
app.command()(backup_commands.restore)
app.command()(status_commands.status)
app.command()(status_commands.calendar)
app.command()(status_commands.remind)

if TYPE_CHECKING:
    from engine.progress import Progress
    from engine.service import Engine
    from graph.model import Level

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"kompetansegraf {version('kompetansegraf')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


@contextmanager
def opened(data: Path | None, *, host: str | None = None, port: int | None = None) -> Iterator["Engine"]:
    """Open the engine on a data folder, and close it whatever happens.

    A server's links begin with its own address unless ``KG_PUBLIC_URL`` says otherwise.
    """
    from engine.bootstrap import load_settings, open_engine

    own = f"http://{host}:{port}" if host and "KG_PUBLIC_URL" not in os.environ else None
    engine = open_engine(load_settings(data=data, public_url=own))
    try:
        yield engine
    finally:
        engine.close()


@app.command()
def demo(data: Data = None, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve a sample bank with roles and plans, ready to be searched, on http://127.0.0.1:8000."""
    from cli.serving import listening, port_of, serve_with_indexer
    from indexer.sample import load_sample

    with listening(host, port) as listeners, opened(data, host=host, port=port_of(listeners)) as engine:
        load_sample(engine, progress=console_progress())
        serve_with_indexer(engine, listeners, host)


@app.command()
def serve(
    data: Data = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Server processes; one for each core is the most that helps.")
    ] = 1,
) -> None:
    """Serve the API and the pages; changes written through the API are indexed in the background."""
    from cli.serving import listening, port_of, serve_with_indexer

    with (
        listening(host, port, workers) as listeners,
        opened(data, host=host, port=port_of(listeners)) as engine,
    ):
        serve_with_indexer(engine, listeners, host)


@app.command("import")
def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="JSONL or CSV file, https://…/sitemap.xml, or the address of an RSS or Atom feed."
        ),
    ],
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")] = False,
    json: Json = False,
) -> None:
    """Bring resources into the catalogue. A bad record is reported and the rest goes on."""
    from cli.output import print_import
    from indexer.importing import import_sources

    with opened(data) as engine:
        report = import_sources(engine, sources, by="cli", dry_run=dry_run, progress=console_progress())
        print_import(report, as_json=json)
        if report.problems and not report.added + report.updated + report.unchanged:
            raise typer.Exit(1)


@app.command()
def index(
    data: Data = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build everything anew, not only what changed.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the build before the current one.")
    ] = False,
    json: Json = False,
) -> None:
    """Enrich what changed, build the index beside the old one, verify it and swap."""
    from cli.output import print_index
    from indexer.pipeline import index as run_index
    from indexer.pipeline import rollback as rollback_index

    with opened(data) as engine:
        if rollback:
            info = rollback_index(engine)
            console().print(f"Current build is now {info.id} ({info.resources} resources).")
            return
        report = run_index(engine, rebuild=rebuild, progress=console_progress())
        print_index(report, as_json=json)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="What to look for; any text, in bokmål, nynorsk or English.")],
    data: Data = None,
    role: Annotated[
        str | None,
        typer.Option(help="Role id or code: each hit says how many of its requirements it covers."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(help="Plan: what hits cover of it, of the role's if one is named.")
    ] = None,
    diversify: Annotated[
        str | None,
        typer.Option(help="requirement: set the first hits so that each adds requirements to those before."),
    ] = None,
    facet: Annotated[
        list[str] | None, typer.Option(help="Filter, e.g. --facet resource_type=film; may be repeated.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Edition whose local content to show beside the common.")
    ] = None,
    mode: Annotated[str, typer.Option(help="hybrid, lexical or semantic.")] = "hybrid",
    sort: Annotated[str, typer.Option(help="relevance, updated, published or duration.")] = "relevance",
    k: Annotated[int, typer.Option("-k", help="Hits on the page.")] = 10,
    cursor: Annotated[
        str | None, typer.Option(help="Next page: the cursor printed with the last one.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the parts of each score.")] = False,
    lang: Annotated[str, typer.Option(help="Language of labels and reasons: nb, nn or en.")] = "nb",
    json: Json = False,
) -> None:
    """Search the index."""
    from engine.asked import asked_requirements
    from engine.model import SearchRequest
    from engine.service import requirement_ids, role_id

    if mode not in {"hybrid", "lexical", "semantic"}:
        raise typer.BadParameter(f"no mode is named {mode!r}", param_hint="--mode")
    if diversify not in {None, "requirement"}:
        raise typer.BadParameter(f"hits cannot be spread by {diversify!r}", param_hint="--diversify")
    filters: dict[str, tuple[str, ...]] = {}
    for pair in facet or []:
        name, sign, value = pair.partition("=")
        if not sign or not value:
            raise typer.BadParameter(f"{pair!r} is not of the form name=value", param_hint="--facet")
        filters[name] = (*filters.get(name, ()), value)
    with opened(data) as engine:
        named = [*filters.pop("requirement", ()), *filters.pop("krav", ())]
        if named:
            known = engine.requirements()
            filters["requirement"] = tuple(i for text in named for i in requirement_ids(text, known))
        rid = role_id(role, engine.roles()) if role else None
        asked = asked_requirements(engine, role=rid, plan=plan, edition=edition)
        result = engine.search(
            SearchRequest(
                text=text,
                mode=mode,  # type: ignore[arg-type]
                filters=filters,
                edition=edition,
                role=rid,
                plan=plan,
                diversify=diversify,  # type: ignore[arg-type]
                sort=sort,  # type: ignore[arg-type]
                k=k,
                cursor=cursor,
                ui_language=lang,
                explain=explain,
            )
        )
        print_search(result, as_json=json, explain=explain, asked=asked)


@app.command()
def recommend(
    role: Annotated[
        str | None, typer.Option("--role", help="Role id (hjemmesykepleier) or HPR code.")
    ] = None,
    data: Data = None,
    plan: Annotated[str | None, typer.Option(help="Only this plan of the role.")] = None,
    batch: Annotated[
        Path | None,
        typer.Option(help="Many at once: JSON Lines of pseudonym, role, plan, edition and done."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="With --batch: processes (default one for each core).")
    ] = None,
    done: Annotated[
        Path | None,
        typer.Option(help="Done-list, JSON Lines: requirement, state, achieved, expires, evidence."),
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, help="Time at hand: the set that covers most within it.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Edition whose local content to show beside the common.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to look at plans (default today).")
    ] = None,
    k: Annotated[int, typer.Option("-k", help="Length of the list.")] = 20,
    smallest: Annotated[
        bool, typer.Option("--smallest", help="The shortest set that covers all that can be covered.")
    ] = False,
    diversity: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="How much less what is served already counts; 0 is by score alone."),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="Your own level: what is more than one step below it is left out.", metavar="LEVEL"
        ),
    ] = None,
    path: Annotated[
        bool, typer.Option("--path", help="Show the list as steps: what comes first, minutes so far.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the list to FILE.csv or FILE.json, for a portal; with --batch the file of answers, "
            "and begun again it goes on where it was."
        ),
    ] = None,
    lang: Annotated[str, typer.Option(help="nb, nn or en.")] = "nb",
    json: Json = False,
) -> None:
    """Recommend resources for a role, with the reason of each. Nothing about the asker is stored."""
    from cli.done_list import read_done_list
    from cli.list_file import write_list
    from engine.learning_path import portal_link, steps_of
    from engine.recommend import RecommendationRequest
    from engine.service import role_id
    from graph.plans import narrower_roles_with_plans

    if (role is None) == (batch is None):
        raise typer.BadParameter("name either one role or a file of many", param_hint="--role or --batch")
    if batch is not None:
        from cli.batch import recommend_file

        with opened(data) as engine:
            recommend_file(
                engine, batch, out, on=_day(on), language=lang, workers=workers, progress=console_progress()
            )
        return
    assert role is not None
    if out is not None and out.suffix.lower() not in {".csv", ".json"}:
        raise typer.BadParameter(f"{out} ends neither in .csv nor in .json", param_hint="--out")
    with opened(data) as engine:
        roles = engine.roles()
        request = RecommendationRequest(
            role=role_id(role, roles),
            plan=plan,
            done=read_done_list(done, engine.requirements()) if done else (),
            minutes=minutes,
            edition=edition,
            language=lang,
            k=k,
            on=_day(on),
            smallest=smallest,
            diversity=diversity,
            level=_level(level),
        )
        result = engine.recommend(request)
        steps = steps_of(result.items, engine.requirements())
        link = portal_link(engine.settings.portal_url, result.items)
        if out is not None:
            write_list(out, request.role, steps, link, lang)
        narrower = narrower_roles_with_plans(
            request.role, roles, engine.plans().values(), on=request.on or engine.today(), edition=edition
        )
        print_recommendations(
            result,
            engine.requirements(),
            lang,
            [roles[name] for name in narrower],
            as_json=json,
            steps=steps,
            link=link,
            path=path,
        )


@app.command()
def doctor(data: Data = None, json: Json = False) -> None:
    """Tell what this installation is made of and whether its parts work."""
    from cli.doctor import examine, print_report

    report = examine(data)
    print_report(report, as_json=json)
    if not report.healthy:
        raise typer.Exit(1)


def console_progress() -> "Progress":
    """Return progress bars on stderr."""
    from cli.output import RichProgress

    return RichProgress()


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _level(text: str | None) -> "Level | None":
    from graph.model import Level

    known: tuple[Level, ...] = get_args(Level)
    found = next((level for level in known if level == text), None)
    if text is not None and found is None:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(known)}", param_hint="--level")
    return found


def main(argv: list[str] | None = None) -> int:
    """Run a command line; every error raised on purpose is one plain line on stderr and exit code 1."""
    run: Callable[..., Any] = typer.main.get_command(app)
    try:
        outcome = run(args=argv, prog_name="kompetansegraf", standalone_mode=False)
        return int(outcome) if isinstance(outcome, int) else 0
    except (KompetansegrafError, VocabularyError, GraphError) as e:
        fail(str(e))
        return 1
    except typer.Exit as e:
        return e.exit_code
    except typer.Abort:
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as e:
        show = getattr(e, "show", None)  # click's usage errors know how to show themselves
        if show is None:
            raise
        show()
        return int(getattr(e, "exit_code", 1))


if __name__ == "__main__":
    sys.exit(main())
