"""How does a command get at the data? The options that many commands share, and the opened engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.service import Engine

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


@contextmanager
def opened(data: Path | None) -> "Iterator[Engine]":
    """Open the engine on a data folder, and close it whatever happens."""
    from engine.bootstrap import load_settings, open_engine

    engine = open_engine(load_settings(data=data))
    try:
        yield engine
    finally:
        engine.close()
