"""Is the vocabulary sound, and what is in it? `kompetansegraf vocab …`."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from cli import vocabulary_change
from cli.output import console, print_json

app = typer.Typer(help="Check, compare, replace and export the vocabulary (SKOS).", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


_SHOWN = 20
"""Findings of one rule that are shown in a terminal; a rule that everything breaks should not hide the others."""


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="SKOS files or folders; default: the vocabulary in use.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", help="The edition in use till now: what is lost is found."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", help="A language that all concepts have; default: nb, nn, en."),
    ] = None,
    reviewed: Annotated[
        Path | None, typer.Option("--reviewed", help="Table of labels that may belong to several concepts.")
    ] = None,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="Every concept needs a definition.")
    ] = False,
    data: vocabulary_change.Data = None,
    json: Json = False,
) -> None:
    """Check SKOS files by integrity rules; exit code 1 when a rule is broken."""
    from engine.bootstrap import load_settings, open_vocabulary_store
    from vocab.integrity import check_files

    findings, summary = check_files(
        files or open_vocabulary_store(load_settings(data=data)).files(),
        languages=tuple(language or ("nb", "nn", "en")),
        against=against,
        reviewed=reviewed,
        definitions=definitions,
    )
    if json:
        print_json({"findings": findings, "summary": summary})
    else:
        for code, same in groupby(findings, key=lambda f: f.code):
            alike = list(same)
            for f in alike[:_SHOWN]:
                where = ": ".join(part for part in (f.place, f.concept) if part)
                typer.echo(f"{f.severity}: {code}: {where}: {f.message}; {f.advice}")
            if len(alike) > _SHOWN:
                typer.echo(f"{alike[0].severity}: {code}: {len(alike) - _SHOWN} more, --json lists all")
        console().print(
            f"{summary.concepts} concepts in {summary.schemes} schemes, {len(findings)} findings",
            highlight=False,
        )
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(1)


@app.command()
def export(
    data: vocabulary_change.Data = None,
    format_: Annotated[str, typer.Option("--format", help="turtle, json-ld or xml.")] = "turtle",
) -> None:
    """Write the vocabulary in use to stdout."""
    from engine.bootstrap import load_settings, open_vocabulary_store
    from vocab.skos import write_skos

    if format_ not in {"turtle", "json-ld", "xml"}:
        raise typer.BadParameter(f"no format is named {format_!r}", param_hint="--format")
    typer.echo(write_skos(open_vocabulary_store(load_settings(data=data)).open(), format_))


app.command("import")(vocabulary_change.import_)
app.command("diff")(vocabulary_change.diff)
