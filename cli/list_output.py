"""How does a list for editors leave a terminal? As JSON, as a file by the name's ending, or as lines to read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from cli.output import console, print_json
from engine.errors import BackendError

if TYPE_CHECKING:
    from engine.reports.tables import Table

Csv = Annotated[Path | None, typer.Option("--csv", help="Write the list to this file as CSV.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help="Write the list to this file as a workbook.")]


def leave(
    document: dict[str, Any],
    table: "Callable[[], Table]",
    *,
    csv: Path | None,
    xlsx: Path | None,
    json: bool,
) -> bool:
    """Print or write what was asked for; tell whether that was all.

    Raises
    ------
    BackendError
        If a file cannot be written.
    """
    from engine.reports.tables import csv_bytes, workbook_bytes

    if json:
        print_json(document)
    for path in filter(None, (csv, xlsx)):
        made = table()
        data = csv_bytes(made.header, made.rows) if path is csv else workbook_bytes([made])
        try:
            path.write_bytes(data)
        except OSError as error:
            raise BackendError(f"{path} cannot be written: {error.strerror}") from error
        console().print(f"{escape(str(path))} written", highlight=False)
    return json or csv is not None or xlsx is not None


def line(parts: Sequence[object]) -> str:
    """Return facts as one line, empty ones left out."""
    return "  ".join(str(part) for part in parts if part not in {None, ""})
