"""How good is it? Test collections through the production path: `kompetansegraf evaluate …`."""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.collection import read_beir
from cli.output import RichProgress, console, print_json

app = typer.Typer(
    help="Measure quality on a test collection, with the settings and code that people get.",
    no_args_is_help=True,
)

MODES = ("hybrid", "lexical", "semantic")


@app.callback()
def _group() -> None:
    """Keep `search` a sub-command while it is the only one."""


@app.command()
def search(
    folder: Annotated[
        Path, typer.Argument(help="BEIR layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv.")
    ],
    split: Annotated[
        str | None, typer.Option(help="Name of the qrels file; default: test, else dev, else the only one.")
    ] = None,
    mode: Annotated[str, typer.Option(help="hybrid, lexical or semantic.")] = "hybrid",
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep catalogue, index and vectors here; default: a temporary folder."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Import, index and search a BEIR collection; print nDCG@10, MRR@10 and Recall@100."""
    if mode not in MODES:
        raise typer.BadParameter(f"no mode is named {mode!r}", param_hint="--mode")
    collection = read_beir(folder, split)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kompetansegraf-") as temporary:
        from cli.evaluation import evaluate_search

        result = evaluate_search(collection, data or Path(temporary), mode=mode, progress=RichProgress())
    seconds = time.perf_counter() - began
    document = {
        "metrics": result.metrics,
        "queries": len(result.per_query),
        "seconds": round(seconds, 1),
        "intervals": result.intervals,
        "split": collection.split,
        "mode": mode,
        "documents": len(collection.documents),
    }
    if json:
        print_json(document)
        return
    out = console(stderr=False)
    for name, value in result.metrics.items():
        low, high = result.intervals[name]
        out.print(f"{name:12} {value:.4f}  [{low:.4f}, {high:.4f}]", highlight=False, markup=False)
    out.print(
        f"{len(result.per_query)} queries, {len(collection.documents)} documents, {seconds:.0f} s",
        highlight=False,
    )
