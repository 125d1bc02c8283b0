"""How fast is the cluster beside the embedded engine, on the same bank, and does it answer the same?

    python -m bench.search_index --resources 5000                   a quick try
    python -m bench.search_index --out search.md --out search.json  100,000 resources

Both indices are filled one after the other and asked every query in turn, so that whatever else the machine does
hits both. The embedded engine is the baseline: a ratio of 2 says that the cluster takes twice as long.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rich.progress import Progress

from bench.agreement import Agreement, compared
from bench.bank import Bank
from bench.questions import KINDS, PLAIN_KINDS, SHARES, Asker, Question, filters_near
from bench.report import deliver, folder_bytes, machine, megabytes, progress_bar, resident_bytes, table
from bench.server import force_merge, server_at, server_figures
from bench.timing import Ratio, Spread, ratio_of_medians, timed
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_search_index import OpenSearchSearchIndex
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.ports import SearchIndex
from vocab.analysis import ANALYSIS_VERSION

Name = Literal["embedded", "cluster"]
NAMES: tuple[Name, Name] = ("embedded", "cluster")
CLIENTS = (1, 8)
ROUNDS = 3
LOADED = "hybrid, five facets"


@dataclass(slots=True)
class Measured:
    """Times [s] of one engine."""

    add: float = 0.0
    commit: float = 0.0
    merge: float | None = None
    disk: int = 0
    asked: dict[str, list[float]] = field(default_factory=dict)
    throughput: dict[int, list[float]] = field(default_factory=dict)


def main() -> None:
    """Run the bench."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="bench-search-") as temporary,
        progress_bar() as progress,
        server_at(options.url, Path(temporary) / "server", options.heap) as url,
    ):
        folder, index = Path(temporary) / "embedded", f"bench-search-{os.getpid()}"
        folder.mkdir()
        connection = OpenSearchConnection(url, timeout=120)
        try:
            figures = _run(options, connection, folder, index, progress)
        finally:
            connection.client.indices.delete(index=index, params={"ignore_unavailable": "true"})
            connection.close()
    deliver(markdown(figures), figures, options.out)


def _run(
    options: argparse.Namespace,
    connection: OpenSearchConnection,
    folder: Path,
    index: str,
    progress: Progress,
) -> dict[str, Any]:
    bank = Bank(options.resources, seed=options.seed, most_passages=options.passages)
    measured = {name: Measured() for name in NAMES}
    passages = fill(_open(connection, folder, index, create=True), bank, measured, progress)
    if options.merge:
        _, measured["cluster"].merge = timed(lambda: force_merge(connection.client, index))
    connection.client.indices.flush(index=index, request_timeout=600)
    indices = _open(connection, folder, index)
    try:
        askers = {name: Asker(indices[name], bank.size, bank.vocabulary) for name in NAMES}
        every = askers["embedded"].everything()
        questions = askers["embedded"].questions(bank, options.queries + options.warm_up)
        for asker in askers.values():
            asker.knows(bank.queries(options.queries + options.warm_up))
        for group in questions.values():  # the first ones pay for what is not compiled or read yet
            for question in group[options.queries :]:
                for name in NAMES:
                    askers[name].ask(question)
        agreements = {
            kind: ask_all(askers, kind, questions[kind][: options.queries], measured, progress)
            for kind in KINDS
        }
        for clients in CLIENTS:
            load(askers, questions[LOADED][: options.queries], clients, measured, progress)
        server = server_figures(connection.client, index)
        measured["embedded"].disk, measured["cluster"].disk = folder_bytes(folder), server["disk"]
    finally:
        for opened in indices.values():
            opened.close()
    return {
        "machine": machine(),
        "resources": bank.size,
        "passages": passages,
        "seed": bank.seed,
        "queries": options.queries,
        "server": server,
        "embedded_resident": resident_bytes(),
        "filters": {f"{share:.0%}": [asdict(f) for f in filters_near(every, share)] for share in SHARES},
        "index": {
            name: {
                "resources_a_second": bank.size / (m.add + m.commit),
                "add_seconds": m.add,
                "commit_seconds": m.commit,
                "merge_seconds": m.merge,
                "disk": m.disk,
            }
            for name, m in measured.items()
        },
        "questions": {kind: _figures(kind, measured, agreements[kind]) for kind in KINDS},
        "throughput": {
            str(clients): {name: measured[name].throughput[clients] for name in NAMES} for clients in CLIENTS
        },
    }


def _open(
    connection: OpenSearchConnection, folder: Path, index: str, *, create: bool = False
) -> dict[Name, SearchIndex]:
    return {
        "embedded": TantivySearchIndex(folder, analysis_version=ANALYSIS_VERSION, create=create),
        "cluster": OpenSearchSearchIndex(connection, index, analysis_version=ANALYSIS_VERSION, create=create),
    }


def fill(
    indices: dict[Name, SearchIndex], bank: Bank, measured: dict[Name, Measured], progress: Progress
) -> int:
    """Write the bank to both, one after the other. Returns how many passages.

    The entries are drawn before, and nothing else is done meanwhile: the cluster writes in the background.
    """
    task = progress.add_task("drawing the bank", total=bank.size)
    batches = []
    for batch in bank.batches():
        batches.append(batch)
        progress.update(task, advance=len(batch))
    for name in NAMES:
        task = progress.add_task(f"indexing, {name}", total=bank.size)
        for batch in batches:
            written, seconds = timed(partial(indices[name].add, batch))
            measured[name].add += seconds
            if written != len(batch):
                raise RuntimeError(f"{name} wrote {written} of {len(batch)}")
            progress.update(task, advance=len(batch))
        _, measured[name].commit = timed(indices[name].commit)
    passages = sum(len(entry.passages) for batch in batches for entry in batch)
    if indices["embedded"].ids() != indices["cluster"].ids():
        raise RuntimeError("the two indices do not hold the same resources")
    for index in indices.values():
        index.close()
    return passages


def ask_all(
    askers: dict[Name, Asker],
    kind: str,
    questions: Sequence[Question],
    measured: dict[Name, Measured],
    progress: Progress,
) -> Agreement:
    """Ask both everything of one kind, in turn; returns how far the answers agree."""
    pairs = []
    for name in NAMES:
        measured[name].asked[kind] = []
    for number, question in enumerate(progress.track(questions, description=kind)):
        answers = {}
        for name in _in_turn(number):
            answers[name], seconds = timed(partial(askers[name].ask, question))
            measured[name].asked[kind].append(seconds)
        pairs.append(compared(answers["embedded"], answers["cluster"]))
    return Agreement.of(pairs)


def load(
    askers: dict[Name, Asker],
    questions: Sequence[Question],
    clients: int,
    measured: dict[Name, Measured],
    progress: Progress,
) -> None:
    """Ask with so many clients at once, in rounds that take turns; keeps answers a second of each round."""
    task = progress.add_task(f"{clients} clients", total=2 * ROUNDS)
    for number in range(ROUNDS):
        for name in _in_turn(number):
            with ThreadPoolExecutor(clients) as pool:
                begun = time.perf_counter()
                answered = sum(1 for _ in pool.map(askers[name].ask, questions))
                rate = answered / (time.perf_counter() - begun)
            measured[name].throughput.setdefault(clients, []).append(rate)
            progress.advance(task)


def _in_turn(number: int) -> tuple[Name, Name]:
    return NAMES if number % 2 == 0 else (NAMES[1], NAMES[0])


def _figures(kind: str, measured: dict[Name, Measured], agreement: Agreement) -> dict[str, Any]:
    times = {name: measured[name].asked[kind] for name in NAMES}
    return {
        **{name: asdict(Spread.of(times[name])) for name in NAMES},
        "cluster_to_embedded": asdict(ratio_of_medians(times["cluster"], times["embedded"])),
        "agreement": asdict(agreement),
    }


def _about(figures: dict[str, Any]) -> str:
    server = figures["server"]
    return (
        f"{figures['machine']}; OpenSearch {server['version']} on Java {server['java']}, heap "
        f"{megabytes(server['heap_max'])}, one node on the same machine. {figures['passages']:,} passages; "
        f"{figures['queries']} queries of each kind; seed {figures['seed']}."
    )


def _about_filters(figures: dict[str, Any]) -> str:
    said = [
        f"{share}: " + ", ".join(f"{f['facet']} {f['value']} ({f['share']:.1%})" for f in filters)
        for share, filters in figures["filters"].items()
    ]
    return f"Filters: {'; '.join(said)}."


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    server, index, questions = figures["server"], figures["index"], figures["questions"]
    rates = {name: index[name]["resources_a_second"] for name in NAMES}
    merged = index["cluster"]["merge_seconds"]
    median = {
        clients: {name: sorted(rates_of[name])[ROUNDS // 2] for name in NAMES}
        for clients, rates_of in figures["throughput"].items()
    }
    return "\n".join(
        [
            f"# Cluster and embedded, {figures['resources']:,} resources",
            "",
            _about(figures),
            "",
            "## Indexing",
            "",
            table(
                ["", "embedded", "cluster", "cluster to embedded"],
                [
                    ["resources a second", *rates.values(), rates["cluster"] / rates["embedded"]],
                    ["of the time, commit [s]", *(index[name]["commit_seconds"] for name in NAMES), ""],
                    ["merge to one segment [s]", "–", "not done" if merged is None else merged, ""],
                    [
                        "on disk",
                        *(megabytes(index[name]["disk"]) for name in NAMES),
                        index["cluster"]["disk"] / max(1, index["embedded"]["disk"]),
                    ],
                    [
                        "memory (embedded: this process)",
                        megabytes(figures["embedded_resident"]),
                        megabytes(server["resident"]),
                        "",
                    ],
                    ["segments", "–", server["segments"], ""],
                ],
            ),
            "",
            "## Asking [ms]",
            "",
            table(
                [
                    "kind",
                    *(f"{name} {what}" for name in NAMES for what in ("p50", "p99", "mean")),
                    "p50, cluster to embedded",
                ],
                [
                    [
                        kind,
                        *(f"{q[name][what]:.1f}" for name in NAMES for what in ("p50", "p99", "mean")),
                        Ratio(**q["cluster_to_embedded"]),
                    ]
                    for kind, q in questions.items()
                ],
            ),
            "",
            _about_filters(figures),
            "",
            "## Answers",
            "",
            table(
                [
                    "kind",
                    "results, median",
                    "same ids",
                    "ids in common",
                    "same counts",
                    "same first ten",
                    "degraded",
                ],
                [
                    [
                        kind,
                        a["results"],
                        f"{a['same_ids']:.1%}",
                        f"{a['common_ids']:.2%}",
                        f"{a['same_counts']:.1%}" if kind not in PLAIN_KINDS else "–",
                        f"{a['same_top']:.1%}",
                        f"{a['degraded']:.1%}",
                    ]
                    for kind, a in ((kind, q["agreement"]) for kind, q in questions.items())
                ],
            ),
            "",
            f"## Answers a second ({LOADED})",
            "",
            table(
                ["clients", *NAMES, "cluster to embedded"],
                [
                    [clients, *(f"{rate[name]:.1f}" for name in NAMES), rate["cluster"] / rate["embedded"]]
                    for clients, rate in median.items()
                ],
            ),
        ]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.search_index", description=__doc__.splitlines()[0])
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--passages", type=int, default=4, help="of the longest body (default 4)")
    parser.add_argument("--queries", type=int, default=200, help="of each kind (default 200)")
    parser.add_argument("--warm-up", type=int, default=30, help="further queries of each kind, not counted")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--url", help="address of a server (default: start one)")
    parser.add_argument("--heap", default="2g", help="Java heap of a server that is started (default 2g)")
    parser.add_argument("--merge", action="store_true", help="merge the cluster's index to one segment")
    parser.add_argument(
        "--out", type=Path, action="append", default=[], help="FILE.md or FILE.json, repeatable"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
