"""How does another program get the model that the vectors come from? As a folder."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import print_json

app = typer.Typer(help="The model that vectors come from.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Keep ``export`` a command of its own."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write, empty or not there yet; 480 MB.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Write the bundled model as a folder that sentence-transformers loads: the same vectors, the same index."""
    from engine.bootstrap import export_model

    model_id = export_model(folder)
    if as_json:
        print_json({"folder": str(folder), "model": model_id})
    else:
        typer.echo(f"{model_id} is in {folder}. Load it with SentenceTransformer({str(folder)!r}).")
