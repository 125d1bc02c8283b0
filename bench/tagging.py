"""How many megabytes of text are tagged in a second on one core, beside a bare Aho-Corasick pass over the same text?

    python -m bench.tagging                                     the sample bank
    python -m bench.tagging RESOURCES.jsonl --out tagging.md --out tagging.json

The baseline finds every label of the vocabulary, in lower case, as a string: no words, no inflections, no scores.
Vectors of passages are computed before and not timed; how long they take is told by `bench.embedding`.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ahocorasick
import numpy as np

from bench.report import deliver, machine, progress_bar, table
from bench.timing import Spread, ratio_of_medians
from engine.bootstrap import load_settings, open_engine
from engine.model import Resource, Vectors
from engine.passages import split_passages
from indexer.importing import import_sources
from indexer.sample import load_sample
from vocab.analysis import analyse
from vocab.label_overlap import LabelOverlap

PARTS = (
    "bare Aho-Corasick",
    "analysis",
    "analysis and label matcher",
    "tags by words",
    "tags by words and meaning",
)


def main() -> None:
    """Run the bench."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, progress_bar() as progress:
        engine = open_engine(load_settings(data=Path(folder)))
        resources = _resources(engine, options.file)
        text = [f"{r.title}\n{r.summary}\n{r.body}" for r in resources]
        megabytes = sum(len(t.encode()) for t in text) / 1e6
        tagger, schemes = engine.topics.tagger, engine.topics.schemes
        labels = LabelOverlap(engine.vocabulary, lambda c: c.split("/", 1)[0] in schemes)
        passages = [split_passages(r.body) for r in resources]
        vectors = _any_vectors(sum(map(len, passages)), engine.embedder.dim if engine.embedder else 384)
        automaton = _automaton(
            label for c, _, _, label in engine.vocabulary.labels() if c.split("/", 1)[0] in schemes
        )

        def with_meaning() -> None:
            at = 0
            for resource, cut in zip(resources, passages, strict=True):
                tagger.tags(resource, passages=cut, vectors=vectors[at : at + len(cut)])
                at += len(cut)

        runs: dict[str, Callable[[], object]] = {
            PARTS[0]: lambda: [sum(1 for _ in automaton.iter(t.lower())) for t in text],
            PARTS[1]: lambda: [analyse(t) for t in text],
            PARTS[2]: lambda: [labels.mentions(t, analyse(t)) for t in text],
            PARTS[3]: lambda: [tagger.tags(r) for r in resources],
            PARTS[4]: with_meaning,
        }
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        task = progress.add_task("tagging", total=(options.rounds + 1) * len(runs))
        for turn in range(options.rounds + 1):
            for name, run in runs.items():
                began = time.perf_counter()
                run()
                if turn:  # the first reads everything in
                    seconds[name].append(time.perf_counter() - began)
                progress.advance(task)
        engine.close()
    figures = {
        "machine": machine(),
        "resources": len(resources),
        "megabytes": round(megabytes, 3),
        "seconds": {name: asdict(Spread.of(values)) for name, values in seconds.items()},
        "ratios": {
            name: asdict(ratio_of_medians(values, seconds[PARTS[0]]))
            for name, values in seconds.items()
            if name != PARTS[0]
        },
    }
    deliver(_markdown(seconds, megabytes, len(resources)), figures, options.out)


def _markdown(seconds: dict[str, list[float]], megabytes: float, resources: int) -> str:
    medians = {name: Spread.of(values).p50 / 1000 for name, values in seconds.items()}
    rows = [
        [
            name,
            round(megabytes / medians[name], 2),
            round(resources / medians[name]),
            str(ratio_of_medians(values, seconds[PARTS[0]])) if name != PARTS[0] else "1",
        ]
        for name, values in seconds.items()
    ]
    share = medians[PARTS[2]] / medians[PARTS[3]]
    return (
        table(["", "MB/s", "resources/s", "time against Aho-Corasick"], rows)
        + f"\n\n{resources} resources, {megabytes:.2f} MB; analysis and label matcher are {share:.0%} of tagging by words."
    )


def _resources(engine: Any, file: Path | None) -> list[Resource]:
    if file is None:
        load_sample(engine)
    else:
        import_sources(engine, [str(file)], by="bench")
    return list(engine.catalogue.all(status="published"))


def _any_vectors(n: int, dim: int) -> Vectors:
    rows = np.random.default_rng(1).standard_normal((n, dim)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _automaton(labels: Any) -> Any:
    automaton = ahocorasick.Automaton()
    for label in {label.lower() for label in labels}:
        automaton.add_word(label, label)
    automaton.make_automaton()
    return automaton


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "file", nargs="?", type=Path, help="resources in the import form; default: the sample bank"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, action="append", default=[])
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
