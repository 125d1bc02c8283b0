"""How does the graph leave, and what hangs on what? `kompetansegraf graph …`."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.output import console, fail, print_json

if TYPE_CHECKING:
    from graph.competence_graph import CompetenceGraph
    from vocab.sparql import GraphFormat, SolutionFormat
    from vocab.triples import RdfFormat

app = typer.Typer(
    help="The graph as linked data, questions to it, and what hangs on what.", no_args_is_help=True
)

ENDINGS: "Mapping[str, RdfFormat]" = {".ttl": "turtle", ".jsonld": "json-ld", ".nt": "nt"}
SOLUTIONS: "Mapping[str, SolutionFormat]" = {"csv": "csv", "json": "json", "tsv": "tsv", "xml": "xml"}
GRAPHS: "Mapping[str, GraphFormat]" = {"turtle": "turtle", "json-ld": "json-ld", "nt": "nt"}
KINDS = ("requirements", "uncovered", "plans", "roles", "resources")

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; .ttl, .jsonld or .nt tells the format.")],
    data: Data = None,
) -> None:
    """Write the whole graph as linked data, with who made each edge, when and how sure."""
    from engine.open_graph import open_graph

    format_ = ENDINGS.get(file.suffix.lower())
    if format_ is None:
        raise typer.BadParameter(f"the ending of {file.name!r} is none of {', '.join(ENDINGS)}")
    with opened(data) as engine:
        graph = open_graph(engine)
        try:
            handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".new")
        except OSError as error:
            fail(f"{file} cannot be written: {error.strerror}")
            raise typer.Exit(1) from None
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
                out.writelines(graph.text(format=format_))
            Path(name).chmod(0o644)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        console().print(
            f"{file}: {len(graph.graph)} nodes, {graph.graph.edge_count} edges.",
            highlight=False,
            markup=False,
        )


@app.command()
def query(
    file: Annotated[Path, typer.Argument(help="File with the query, or - for stdin.")],
    data: Data = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="csv, json, tsv or xml; of CONSTRUCT and DESCRIBE turtle, json-ld or nt."
        ),
    ] = "",
) -> None:
    """Ask in SPARQL: SELECT, ASK, CONSTRUCT or DESCRIBE, on a copy, within the time of KG_SPARQL_SECONDS."""
    from engine.open_graph import OpenQueries
    from vocab.sparql import QueryError, QueryStopped

    if format_ and format_ not in SOLUTIONS and format_ not in GRAPHS:
        raise typer.BadParameter(f"no format is named {format_!r}", param_hint="--format")
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}")
        raise typer.Exit(1) from None
    with opened(data) as engine:
        try:
            found = OpenQueries(engine).ask(
                text,
                solutions=SOLUTIONS.get(format_, "csv"),
                graphs=GRAPHS.get(format_, "turtle"),
                patient=True,
            )
        except (QueryError, QueryStopped) as error:
            fail(str(error))
            raise typer.Exit(1) from None
    sys.stdout.buffer.write(found.body)
    if not found.body.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


@app.command()
def impact(
    node: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="requirement:krav-fall, plan:…, role:…, concept:…; without a kind a resource."
        ),
    ],
    data: Data = None,
    lang: Annotated[str, typer.Option(help="nb, nn or en.")] = "nb",
    json: Json = False,
) -> None:
    """Tell what would be touched if a thing were withdrawn: requirements, plans, roles, editions, resources."""
    with opened(data) as engine:
        graph = engine.graph()
        found = graph.impact(node)
        plans = engine.plans()
        names = [p.partition(":")[2] for p in found.plans]
        editions = sorted({e for p in names if p in plans for e in plans[p].editions})
        touched = {kind: [_named(graph, i, lang) for i in getattr(found, kind)] for kind in KINDS}
        if json:
            print_json({**_named(graph, found.node, lang), **touched, "editions": editions})
            return
        typer.echo(f"{found.node}  {_named(graph, found.node, lang)['label']}")
        for kind, items in touched.items():
            typer.echo(f"{kind}: {len(items)}")
            for item in items:
                typer.echo(f"  {item['id']}  {item['label']}")
        typer.echo(f"editions: {', '.join(editions) or '-'}")


def _named(graph: "CompetenceGraph", node: str, lang: str) -> dict[str, str]:
    from graph.competence_graph import label_of

    return {"id": node, "label": label_of(graph.node(node), lang)}
