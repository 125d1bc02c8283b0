"""What does a hybrid search with five facets cost beside the bare parts that it is made of, and over HTTP?

    python -m bench.search --resources 20000                       a quick try
    python -m bench.search --out search.md --out search.json       100,000 resources

Engine, bare Tantivy and bare vector comparing are asked every query in turn in one process; then the program's
server is started on the same bank and asked over one connection and over many.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from rich.progress import Progress

from bench.bank import Bank
from bench.bare import BareTantivy, scans
from bench.cloud import DIM
from bench.http_load import ask
from bench.questions import FIVE_FACETS, KnownTexts
from bench.report import deliver, folder_bytes, machine, megabytes, progress_bar, resident_bytes, table
from bench.serving import DATA, open_bank, save_queries
from bench.timing import Ratio, Spread, ratio_of_medians, timed
from engine.bootstrap import load_settings, open_engine
from engine.model import COMMON_EDITION, BuildInfo, LexicalQuery, SearchRequest, Vectors
from engine.query import parse
from engine.service import Engine
from graph.competence_graph import CompetenceGraph
from vocab.analysis import ANALYSIS_VERSION

CONNECTIONS = (1, 32)
WARM_UP = 20
ENGINE = "engine"
TANTIVY = {
    "Tantivy alone, any of the terms, ten best and five facets": False,
    "Tantivy alone, the engine's selection, ten best and five facets": True,
}


def main() -> None:
    """Run the bench."""
    options = _options()
    with progress_bar() as progress:
        figures: dict[str, Any] = {"machine": machine(), "queries": options.queries, "banks": []}
        for passages in options.passages:
            with bank_folder(options.folder, passages) as folder:
                figures["banks"].append(_measure(folder, options, passages, progress))
    deliver(markdown(figures), figures, options.out)


@contextmanager
def bank_folder(given: Path | None, passages: int) -> Iterator[Path]:
    """Yield the folder of a bank: under the one that is given and stays, or one that goes."""
    place = (
        nullcontext(str(given / f"passages-{passages}"))
        if given
        else tempfile.TemporaryDirectory(prefix="bench-")
    )
    with place as path:
        yield Path(path)


def _measure(folder: Path, options: argparse.Namespace, passages: int, progress: Progress) -> dict[str, Any]:
    bank = Bank(options.resources, seed=options.seed, most_passages=passages)
    bare = BareTantivy(folder / "bare", FIVE_FACETS)
    if not (folder / "queries.npz").exists():
        write(folder, bank, bare, options.queries + WARM_UP, progress)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    engine = open_bank(folder)
    try:
        figures = in_process(engine, bare, vectors, progress)
        figures["resident"] = resident_bytes()
    finally:
        engine.close()
    figures |= {
        "resources": bank.size,
        "most_passages": passages,
        "passages": len(vectors),
        "disk": folder_bytes(folder / DATA / "builds"),
        "vectors": vectors.nbytes,
    }
    del vectors
    with server(folder) as (address, process):
        paths = [
            "/v1/search?" + urlencode({"q": text}) for text in list(_known(folder).known)[: options.queries]
        ]
        ask(address, paths[:WARM_UP], 1)
        figures["http"] = {}
        for connections in CONNECTIONS:
            begun = _processor_seconds(process.pid)
            load = ask(address, paths * (1 if connections == 1 else options.rounds), connections)
            figures["http"][str(connections)] = {
                **asdict(Spread.of(load.seconds)),
                "a_second": load.rate,
                "failed": load.failed,
                "bytes": load.received / len(load.seconds),
                "processor": 1000 * (_processor_seconds(process.pid) - begun) / len(load.seconds),
            }
        figures["server_resident"] = resident_bytes(process.pid)
    return figures


def write(folder: Path, bank: Bank, bare: BareTantivy, queries: int, progress: Progress) -> None:
    """Write the bank as a build of the engine, to the bare index, and its vectors to a file."""
    (folder / DATA).mkdir(parents=True, exist_ok=True)
    engine = open_engine(load_settings(data=folder / DATA, embedder="none"))
    task = progress.add_task("writing the bank", total=bank.size)
    rows: list[Vectors] = []
    try:
        with engine.builds.stage() as staged:
            for batch in bank.batches():
                staged.index.add(batch)
                bare.add(batch)
                rows += [entry.vectors for entry in batch if entry.vectors is not None]
                progress.update(task, advance=len(batch))
            CompetenceGraph.build([], []).save(staged.folder / "graph.jsonl")
            info = BuildInfo(
                id=staged.id,
                created=datetime.now(UTC),
                resources=bank.size,
                passages=sum(map(len, rows)),
                vectors_missing=0,
                applied_seq=engine.catalogue.last_seq(),
                analysis_version=ANALYSIS_VERSION,
                model_id=KnownTexts().model_id,
                vocabulary_version=engine.vocabulary.version,
                dim=DIM,
            )
            engine.builds.publish(staged, info)
    finally:
        engine.close()
    bare.finish()
    np.save(folder / "vectors.npy", np.concatenate(rows))
    save_queries(folder, KnownTexts({query.topic: query.vector for query in bank.queries(queries)}))


def in_process(engine: Engine, bare: BareTantivy, vectors: Vectors, progress: Progress) -> dict[str, Any]:
    """Ask engine, Tantivy and vectors the same in turn."""
    texts = list(engine.embedder.known)  # type: ignore[union-attr]
    queries = [
        (
            {
                name: bare.query(_lexical(engine, text), COMMON_EDITION, selective=selective)
                for name, selective in TANTIVY.items()
            },
            text,
        )
        for text in texts
    ]
    ways = scans(np.ascontiguousarray(vectors))
    retrieval = _Retrieval(engine)
    times: dict[str, list[float]] = {name: [] for name in (ENGINE, *TANTIVY, *ways)}
    worked: dict[str, list[float]] = {name: [] for name in times}
    totals: list[int] = []
    for number, (alone, text) in enumerate(progress.track(queries, description="asking in process")):
        vector = engine.embedder.encode([text], "query")[0]  # type: ignore[union-attr]
        request = SearchRequest(text=text, facets=FIVE_FACETS)
        calls: list[tuple[str, Callable[[], Any]]] = [
            (ENGINE, lambda request=request: engine.search(request)),
            *((name, lambda query=query: bare.search(query)) for name, query in alone.items()),
            *((name, lambda way=way, vector=vector: way(vector)) for name, way in ways.items()),
        ]
        turn = number % len(calls)
        for name, call in calls[turn:] + calls[:turn]:
            begun = time.process_time()
            answer, seconds = timed(call)
            if number >= WARM_UP:
                times[name].append(seconds)
                worked[name].append(time.process_time() - begun)
                if name == ENGINE:
                    totals.append(answer.total)
        retrieval.note(number >= WARM_UP)
    times[_Retrieval.NAME], worked[_Retrieval.NAME] = retrieval.kept, retrieval.worked
    best = min(ways, key=lambda name: float(np.median(times[name])))
    words = min(TANTIVY, key=lambda name: float(np.median(times[name])))
    both = [a + b for a, b in zip(times[words], times[best], strict=True)]
    both_worked = [a + b for a, b in zip(worked[words], worked[best], strict=True)]
    ours = (ENGINE, _Retrieval.NAME)
    return {
        "times": {name: asdict(Spread.of(seconds)) for name, seconds in times.items()},
        "processor": {name: asdict(Spread.of(seconds)) for name, seconds in worked.items()},
        "best_scan": best,
        "best_words": words,
        "bare_sum": asdict(Spread.of(both)),
        "bare_sum_processor": asdict(Spread.of(both_worked)),
        "results": float(np.median(totals)),
        "ratio": {name: asdict(ratio_of_medians(times[name], both)) for name in ours},
        "ratio_processor": {name: asdict(ratio_of_medians(worked[name], both_worked)) for name in ours},
    }


class _Retrieval:
    """Times the index's part of each answer: both legs and all counts, without reading hits and marking words."""

    NAME = "of it: the index, both legs and five facets"

    def __init__(self, engine: Engine) -> None:
        engine.search(SearchRequest(text="", k=1))
        index = engine._current().index
        self._seconds, self._worked = 0.0, 0.0
        self.kept, self.worked = list[float](), list[float]()
        search = index.search

        def watched(query: Any) -> Any:
            begun = time.process_time()
            answer, seconds = timed(lambda: search(query))
            self._worked += time.process_time() - begun
            self._seconds += seconds
            return answer

        index.search = watched  # type: ignore[method-assign]

    def note(self, counted: bool) -> None:
        """End one query; keep its times if it counts."""
        if counted:
            self.kept.append(self._seconds)
            self.worked.append(self._worked)
        self._seconds = self._worked = 0.0


def _lexical(engine: Engine, text: str) -> LexicalQuery:
    snapshot = engine._current()
    lexical = parse(
        text,
        vocabulary=engine.vocabulary,
        matcher=engine.matcher,
        lexicon=snapshot.lexicon,
        frequencies=lambda terms: snapshot.index.document_frequency("terms", terms),
        size=snapshot.info.resources,
    ).lexical
    if lexical is None:
        raise ValueError(f"the query {text!r} has no words")
    return lexical


def _known(folder: Path) -> KnownTexts:
    with np.load(folder / "queries.npz") as saved:
        return KnownTexts(dict(zip(saved["texts"].tolist(), saved["vectors"], strict=True)))


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the program's server on a bank in a process of its own; yield its address and the process."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.serving", str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            for _ in range(600):
                try:
                    if not ask(address, ["/v1/search?q="], 1).failed:
                        break
                except OSError:
                    time.sleep(0.1)
            yield address, process
        finally:
            process.terminate()


def _processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used, 0 where that is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ratio(ratio: dict[str, float]) -> str:
    return str(Ratio(**ratio))


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    text = [f"{figures['machine']}; {figures['queries']} queries."]
    for bank in figures["banks"]:
        times = bank["times"] | {"Tantivy and best scan": bank["bare_sum"]}
        processor = bank["processor"] | {"Tantivy and best scan": bank["bare_sum_processor"]}
        rows = [
            [name, spread["p50"], spread["p99"], processor[name]["p50"]] for name, spread in times.items()
        ]
        ratios = "; ".join(
            f"{name} {_ratio(r)}, by processor time {_ratio(bank['ratio_processor'][name])}"
            for name, r in bank["ratio"].items()
        )
        http = [
            [n, f["p50"], f["p99"], f["a_second"], f["failed"], f["bytes"], f["processor"]]
            for n, f in bank["http"].items()
        ]
        text += [
            f"## {bank['resources']:,} resources, {bank['passages']:,} passages (1 to {bank['most_passages']})",
            (
                f"{bank['results']:.0f} results (median). Index {megabytes(bank['disk'])} on disk, of which "
                f"vectors {megabytes(bank['vectors'])}; server {megabytes(bank['server_resident'])} resident."
            ),
            table(["in process", "p50 [ms]", "p99", "p50 processor [ms]"], rows),
            f"To the sum of the cheaper Tantivy and the best scan ({bank['best_scan']}): {ratios}.",
            table(
                ["connections", "p50 [ms]", "p99", "answers a second", "failed", "bytes", "processor [ms]"],
                http,
            ),
        ]
    return "\n\n".join(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument(
        "--passages", type=int, nargs="*", default=[1, 4], help="most a resource; each is a bank"
    )
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5, help="how often many connections ask all queries")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep the banks here and use what is there")
    parser.add_argument("--out", type=Path, action="append", default=[], help=".json: figures; else Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    main()
