"""How long does a vocabulary of 50,000 concepts take to read, to open again, and to its first match?

    python -m bench.vocabulary --concepts 5000          a quick try
    python -m bench.vocabulary --out vocabulary.md      50,000 concepts with 300,000 labels, 500,000 triples

A made vocabulary (`bench.made_vocabulary`). Each row is a process of its own that begins with nothing at hand
but its imports; beside it the same file read by rdflib alone. Seconds of the processor stand beside wall seconds:
on a busy machine they say more.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.made_vocabulary import LABELS, n_triples, rdf_xml, said, turtle
from bench.report import deliver, machine, megabytes, progress_bar, table
from vocab.vocabulary import open_vocabulary

BASELINE = "rdflib alone, Turtle"
FILES = {"ttl": turtle, "rdf": rdf_xml, "nt": n_triples}
TEXT_LABELS = 200

Steps = Iterator[tuple[str, object]]


def _rdflib(folder: Path) -> Steps:
    from rdflib import Graph

    yield BASELINE, Graph().parse(folder / "made.ttl")


def _parsed(ending: str) -> Callable[[Path], Steps]:
    def parsed(folder: Path) -> Steps:
        from vocab.rdf import parse_file

        yield f"triples by subject, .{ending}", parse_file(folder / f"made.{ending}")

    return parsed


def _opened(name: str) -> Callable[[Path], Steps]:
    def opened(folder: Path) -> Steps:
        import vocab.skos  # noqa: F401
        from vocab.matcher import LabelMatcher

        yield "", None
        vocabulary = open_vocabulary([folder / "made.ttl"], cache_dir=folder / "cache")
        yield f"{name}: the concepts", vocabulary
        matcher = LabelMatcher(vocabulary)
        yield f"{name}: first match after it", matcher.matches("bare en første tekst om fall hos eldre")
        text = (folder / "text.txt").read_text(encoding="utf-8")
        yield f"{name}: {TEXT_LABELS} labels in a text after it", matcher.matches(text)
        yield f"{name}: first completion after it", matcher.complete("syke")

    return opened


RUNS: dict[str, Callable[[Path], Steps]] = {
    **{ending: _parsed(ending) for ending in FILES},
    "cold": _opened("read from Turtle"),
    "compiled": _opened("opened again"),
    "rdflib": _rdflib,
}


def main() -> None:
    options = _options()
    if options.run:
        _run(options.run, options.folder)
        return
    with TemporaryDirectory() as made:
        folder = Path(made)
        figures = measure(folder, options.concepts)
    deliver(markdown(figures), figures, options.out)


def measure(folder: Path, concepts: int) -> dict[str, Any]:
    """Make the files, and run each row in a process of its own."""
    triples = list(said(concepts, open_vocabulary()))
    for ending, write in FILES.items():
        (folder / f"made.{ending}").write_text(write(iter(triples)), encoding="utf-8")
    labels = [one.text for one in triples if one.predicate.endswith("prefLabel")]
    (folder / "text.txt").write_text(
        ". ".join(labels[:: max(1, len(labels) // TEXT_LABELS)]), encoding="utf-8"
    )
    rows = []
    with progress_bar() as bar:
        task = bar.add_task("runs", total=len(RUNS))
        for run in RUNS:
            command = [sys.executable, "-m", "bench.vocabulary", "--run", run, "--folder", str(folder)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
            rows += json.loads(answer)
            bar.advance(task)
    return {
        "machine": machine(),
        "concepts": concepts,
        "labels": concepts * LABELS,
        "triples": len(triples),
        "file": (folder / "made.ttl").stat().st_size,
        "kept": sum(file.stat().st_size for file in (folder / "cache").iterdir()),
        "rows": rows,
    }


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    baseline = next(row["processor"] for row in figures["rows"] if row["name"] == BASELINE)
    about = (
        f"{figures['machine']}; {figures['concepts']:,} concepts, {figures['labels']:,} labels,"
        f" {figures['triples']:,} triples, {megabytes(figures['file'])} of Turtle, {megabytes(figures['kept'])} kept."
    )
    rows = [
        [
            row["name"],
            f"{row['wall']:.2f}",
            f"{row['processor']:.2f}",
            f"{row['processor'] / baseline:.3f}",
            megabytes(row["peak"]),
        ]
        for row in figures["rows"]
    ]
    header = ["What", "wall s", "processor s", "to rdflib alone", "memory, most"]
    return "\n".join(["# Vocabulary", "", about, "", table(header, rows)])


def _run(run: str, folder: Path) -> None:
    rows = []
    steps = RUNS[run](folder)
    wall, processor = time.perf_counter(), time.process_time()
    for name, _ in steps:
        if name:
            took = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
            rows.append({"name": name, **took, "peak": _peak()})
        wall, processor = time.perf_counter(), time.process_time()
    sys.stdout.write(json.dumps(rows))


def _peak() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.vocabulary", description=__doc__.splitlines()[0])
    parser.add_argument("--concepts", type=int, default=50_000)
    parser.add_argument("--run", choices=list(RUNS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--out", type=Path, action="append", default=[], help="FILE.md or FILE.json, repeatable"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
